"""The `suture` command."""

import gc
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

import typer

from remediation.errors import RemediationError

COMMANDS = ("demo", "serve", "check", "sandbox", "incidents", "show", "explain", "eval", "locate", "remedies", "migrate")

_YOUNG = 10_000  # objects made before the collector looks: what is imported stays, so looking after every 700 is a seventh of the start

app = typer.Typer(
    name="suture",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def suture() -> None:
    """Closes incidents with thread: an alert becomes a Slack thread, the fix becomes a small GitLab merge request."""


def _listed(asked: Sequence[str]) -> Sequence[str]:
    """The commands to load: the one that is asked for, or all of them for the help. A bot need not import the demo."""
    return asked[:1] if asked and asked[0] in COMMANDS else COMMANDS


def main() -> None:
    """Run a command; what went wrong is one sentence that says what to do, not a traceback."""
    gc.set_threshold(_YOUNG, 10, 10)
    if sys.argv[1:2] in (["explain"], ["serve"]):
        gc.disable()  # what is made of evidence, or until the bot stands, is kept: looking for rings in it, again and again, is in vain
    for name in _listed(sys.argv[1:]):
        command: Callable[..., None] = getattr(import_module(f"bot.commands.{name}"), name)
        app.command(name)(command)
    try:
        app()
    except RemediationError as failure:
        typer.echo(str(failure), err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
