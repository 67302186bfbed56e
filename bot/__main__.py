"""The `suture` command."""

import sys
from collections.abc import Callable
from importlib import import_module

import typer

from remediation.errors import RemediationError

COMMANDS = ("demo", "serve", "check", "sandbox", "incidents", "show", "remedies", "migrate")

app = typer.Typer(
    name="suture",
    help="Closes incidents with thread: an alert becomes a Slack thread, the fix becomes a small GitLab merge request.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _name in COMMANDS:
    _command: Callable[..., None] = getattr(import_module(f"bot.commands.{_name}"), _name)
    app.command(_name)(_command)


def main() -> None:
    """Run a command; what went wrong is one sentence that says what to do, not a traceback."""
    try:
        app()
    except RemediationError as failure:
        typer.echo(str(failure), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
