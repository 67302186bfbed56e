"""How the web application is served: one process, one loop, many small requests."""

import gc

import uvicorn
from starlette.types import ASGIApp

_YOUNG = 50_000  # objects made before the collector looks: a request leaves no cycles, so looking after every 700 is time for nothing


def run(app: ASGIApp, host: str, port: int) -> None:
    """Serve until it is stopped. The log is the caller's; what a proxy says of the caller, nobody here asks for but the guard."""
    gc.set_threshold(_YOUNG, 20, 20)
    uvicorn.run(
        app, host=host, port=port, loop="uvloop", http="httptools", proxy_headers=False,
        log_config=None, access_log=False, server_header=False,
    )  # fmt: skip
