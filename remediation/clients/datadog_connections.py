"""The connections under Datadog's SDK: one serves again only after a whole answer was read from it.

Imported with the SDK, at the first call.
"""

from aiosonic import TCPConnector
from aiosonic.connection import Connection
from aiosonic.pools import PoolConfig

_IDLE_MS = 4_000  # servers close what is idle after five seconds or more


def connector() -> TCPConnector:
    """Connections that do not lie idle: the other side has closed those, and each would cost a question in vain."""
    return TCPConnector(pool_configs={":default": PoolConfig(max_conn_idle_ms=_IDLE_MS)}, connection_cls=_OneAnswerEach)


class _OneAnswerEach(Connection):  # type: ignore[misc]  # the SDK has no types
    """Whoever is cut off while an answer is awaited would leave it to the next question: aiosonic keeps what was kept before."""

    async def __aenter__(self) -> Connection:
        self.keep = False  # until this request's own answer says otherwise; what is not kept is closed when it is given back
        return await super().__aenter__()
