"""What the process says of itself: one line an event, JSON unless a person watches, and no secret in any of them."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

from remediation.clients.lazily import absent
from remediation.masking import mask, mask_object

with absent("rich"):  # it would draw tracebacks that we never draw, for 4 MB and 60 ms
    import structlog

Event = MutableMapping[str, Any]
_JSON = (str, int, float, dict, list, tuple, type(None))


def configure() -> None:
    """Our loggers and the libraries' alike, to standard error. Tracebacks come without local variables, which hold what nobody may read."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _masked,
    ]
    watched = sys.stderr.isatty()
    renderer: Any = structlog.dev.ConsoleRenderer() if watched else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_said, *shared], processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for chatty in ("httpx", "httpcore", "aiohttp.access", "uvicorn.error", "alembic", "dbos"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    engine = logging.getLogger("dbos")  # it brings a handler of its own where it finds none
    engine.handlers[:], engine.propagate = [handler], False


def _said(_logger: Any, _method: str, event: Event) -> Event:
    """Of what a library warns about, a step that is tried again say, the error's sentence; a traceback is kept for what is an error."""
    record, raised = event["_record"], event.get("exc_info")
    if raised and raised[1] is not None and record.levelno <= logging.WARNING:
        del event["exc_info"]
        event["error"] = str(raised[1]) or type(raised[1]).__name__
    return event


def _masked(_logger: Any, _method: str, event: Event) -> Event:
    """Whatever was logged, to its depths; what is neither text nor JSON is masked as it would be written."""
    for name, value in event.items():
        if not name.startswith("_"):  # structlog's own
            event[name] = mask_object(value) if isinstance(value, _JSON) else mask(repr(value))
    return event
