"""`suture sandbox`: Slack, GitLab, Kubernetes, Datadog and Ollama of a small world, on this machine alone."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from bot.sandbox import environment

DEFAULT_PORT = 8765


def sandbox(
    port: Annotated[int, typer.Option(help="Where to listen, on loopback.", min=1, max=65535)] = DEFAULT_PORT,
    bot: Annotated[str | None, typer.Option(help="The bot's address: where presses, hooks and alerts go.")] = None,
    folder: Annotated[Path | None, typer.Option("--folder", "--state", help="Keep the world here, and go on with it next time.")] = None,
    print_env: Annotated[bool, typer.Option("--print-env", help="Print what points `suture serve` here, and exit.")] = False,
) -> None:
    """Serve a small world that Suture can mend: five systems over HTTP, and a page that shows them to a person."""
    if print_env:
        environment.write_files(port)
        typer.echo(environment.export_lines(port), nl=False)
        return
    from bot.sandbox.app import serve  # noqa: PLC0415 - the faces are heavy, and --print-env needs none of them

    def ready(address: str) -> None:
        typer.echo(f"The sandbox is at {address}", err=True)
        if bot is None:
            typer.echo("It knows no bot yet: give --bot URL, or POST /control/bot.", err=True)

    try:
        asyncio.run(serve(port, folder, bot, ready))
    except OSError as problem:
        typer.echo(f"Cannot listen on port {port}: {problem.strerror}. Choose another with --port.", err=True)
        raise typer.Exit(1) from None
