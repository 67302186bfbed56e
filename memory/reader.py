"""Reads the record beside the writer: each read sees one committed state, whole, and waits for nobody."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from remediation.errors import Unreachable

T = TypeVar("T")
_THREADS = 4


class Reader:
    """A few read-only connections, each used by one thread at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._own = threading.local()
        self._connections: list[Connection] = []
        self._threads = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="record-reader")

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What `work` reads in one transaction. Raises Unreachable when the file cannot be read, and what `work` raises.

        A read of a few rows by their key is quicker than the way to a thread and back: `read_now` is for those.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.read_now, work)

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """The same in the caller's thread, be it the loop's."""
        try:
            connection = self._connection()
            with connection.begin():
                return work(connection)
        except DBAPIError as error:
            raise Unreachable(f"The record could not be read: {error.orig}.", "Check the file of DATABASE_URL and its disk.") from error

    def close(self) -> None:
        """Waits for reads that run, then lets go of the file."""
        self._threads.shutdown()
        while self._connections:
            self._connections.pop().close()
        self._own = threading.local()
        self._engine.dispose()

    def _connection(self) -> Connection:
        """This thread's own: to take one from the pool and give it back costs more than most reads."""
        mine: Connection | None = getattr(self._own, "connection", None)
        if mine is None:
            mine = self._own.connection = self._engine.connect()
            self._connections.append(mine)
        return mine
