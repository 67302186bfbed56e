"""`suture serve`: the bot."""

import os
from typing import Annotated

import typer

from bot import logs, references, settings
from remediation.clients.lazily import absent, named_only


def serve(
    port: Annotated[int, typer.Option(help="Where to listen.", min=1, max=65535)] = 8080,
    host: Annotated[str, typer.Option(help="On which address; 0.0.0.0 in a container.")] = "127.0.0.1",
) -> None:
    """Take alerts, talk in Slack, open merge requests: run the bot until it is stopped."""
    with named_only("aiohttp.web"), named_only("slack_sdk.web.client"):  # for a server of slack_bolt's own and for apps in threads: 3 MB
        from bot.wiring import absences, assemble  # noqa: PLC0415 - every other command starts without the web and the engine
    from webhooks import server  # noqa: PLC0415

    logs.configure()
    known = settings.read(settings.SERVE_NEEDS)
    references.check(known)
    os.umask(0o077)  # what it writes holds logs and evidence
    with server.bound(host, port) as listener, absent("pydantic.v1"):  # FastAPI asks of all whether they are its models; none is: 2 MB
        app = assemble(known)
        for line in (*absences(known), *references.unknown(os.environ)):
            typer.echo(line, err=True)
        server.run(app, listener, lambda: typer.echo(f"Suture listens at http://{host}:{port}", err=True))
