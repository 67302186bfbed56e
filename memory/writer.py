"""The one writer: a thread that commits what many wait for in one transaction, so that one fsync serves them all."""

import asyncio
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from memory.bulk import Rows, Values
from memory.chain import Ends
from remediation.errors import RemediationError, Unreachable

T = TypeVar("T")
_REMEMBERED = 60.0  # seconds that a failure counts: whoever sends us nothing because of it must not keep it standing
_BATCH = 1_000  # jobs in one transaction: larger ones make the first wait longer without saving an fsync worth it
_COMPANY = 0.004  # seconds that rows wait for others on an idle disk: a commit costs as much as twenty of them
_ENOUGH = 64  # rows that wait for no others
_LATER = 0.5  # seconds that what has time waits for a commit to go with


class Full(RemediationError):
    """More is waiting to be written than we promise to keep. Asking again may help."""

    retryable = True


@dataclass(kw_only=True, eq=False, slots=True)
class _Job:
    future: "asyncio.Future[Any] | None" = None  # who waits, if anybody does
    weight: int = 1
    work: Callable[[Connection], Any] | None = None
    into: Rows | None = None
    rows: Sequence[Values] = ()
    result: Any = None
    error: BaseException | None = field(default=None)

    def settle(self) -> None:
        """Tell whoever waits; they may have gone."""
        if self.future is None or self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class Writer:
    """Takes work from any number of tasks; each returns when its work is on disk.

    limit: how many rows or pieces of work may wait; beyond it `Full` is raised at once.
    """

    def __init__(self, engine: Engine, *, limit: int = 20_000) -> None:
        self.ends = Ends()  # of the chains that it writes
        self._engine = engine
        self._limit = limit
        self._jobs: deque[_Job] = deque()
        self._later: list[_Job] = []  # what has time
        self._turn = threading.Lock()
        self._woken = threading.Semaphore(0)
        self._idle = False
        self._due = False  # whether what waits is to be committed now
        self._gathered = 0  # rows and pieces of work that are in no batch yet
        self._waiting = 0
        self._closed = False
        self.commits = 0  # how many there were: where it has not grown, what was read before is so still
        self.inserted = 0  # rows of `insert` that were committed
        self._failed: tuple[str, float] = ("", 0.0)  # why, and when by the monotonic clock
        self._thread = threading.Thread(target=self._run, name="record-writer", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, once it is committed. Its failure undoes its own statements only.

        It runs in the writer's thread, beside the work of others: keep it short. Raises Full, Unreachable, and what `work` raises.
        """
        result: T = await self._submit(_Job(work=work))
        return result

    async def insert(self, into: Rows, rows: Sequence[Values]) -> None:
        """Rows that may stand already, once they are committed; those of many callers go in one statement. Raises Full, Unreachable.

        They wait some milliseconds for others, who then share their commit.
        """
        await self._submit(_Job(into=into, rows=rows, weight=len(rows)))

    def write_later(self, work: Callable[[Connection], object]) -> None:
        """With the next commit, or soon: for what a death may take, since it can be found out again. It is done before all that follows.

        Nobody hears of its failure but `failure`. Raises Full, Unreachable.
        """
        job = _Job(work=work)
        with self._turn:
            self._admit(job)
            self._later.append(job)
            alone = len(self._later) == 1
        if alone:
            asyncio.get_running_loop().call_later(_LATER, self._no_longer)

    @property
    def waiting(self) -> int:
        """How many rows and pieces of work are not committed yet."""
        return self._waiting

    @property
    def failure(self) -> str:
        """Why the last commit failed, such as a full disk; empty once one succeeds, or nothing was tried for a minute."""
        why, at = self._failed
        return why if time.monotonic() - at < _REMEMBERED else ""

    def close(self) -> None:
        """Commits what was handed in, then lets go of the file. Nothing is taken afterwards."""
        with self._turn:
            self._closed = True
            self._wake()
        self._thread.join()
        self._engine.dispose()

    def _submit(self, job: _Job) -> "asyncio.Future[Any]":
        job.future = future = asyncio.get_running_loop().create_future()
        with self._turn:
            self._admit(job)
            self._gathered += job.weight
            self._jobs.append(job)
            self._due = self._due or job.work is not None or self._gathered >= _ENOUGH
            if self._due or len(self._jobs) == 1:
                self._wake()
        return future

    def _admit(self, job: _Job) -> None:
        if self._closed:
            raise Unreachable("The record is closed.", "Suture is stopping; try again when it runs.")
        if self._waiting + job.weight > self._limit and self._waiting:
            raise Full(f"{self._waiting} writes wait for the disk.", "Send it again in a few seconds.")
        self._waiting += job.weight

    def _no_longer(self) -> None:
        """What has time has waited long enough."""
        with self._turn:
            if self._later:
                self._due = True
                self._wake()

    def _wake(self) -> None:
        """Only who sleeps is woken: a busy writer finds what came meanwhile, and each needless wake-up costs a switch of threads."""
        if self._idle:
            self._idle = False
            self._woken.release()

    def _run(self) -> None:
        with self._engine.connect() as connection:
            while batch := self._next_batch():
                self._commit(connection, batch)
                with self._turn:
                    self._waiting -= sum(job.weight for job in batch)
                _settle(batch)

    def _next_batch(self) -> list[_Job]:
        """What is due, at least one job; empty when there will be none."""
        while True:
            with self._turn:
                if self._due or self._closed:
                    return self._take()
                self._idle = True
                patience = _COMPANY if self._jobs else None
            if not self._woken.acquire(timeout=patience):
                with self._turn:
                    self._due = bool(self._jobs)

    def _take(self) -> list[_Job]:
        self._idle = False
        batch = [self._jobs.popleft() for _ in range(min(_BATCH, len(self._jobs)))]
        self._gathered -= sum(job.weight for job in batch)
        self._due = bool(self._jobs)
        batch[:0] = self._later
        self._later = []
        return batch

    def _do_apart(self, connection: Connection, batch: Sequence[_Job]) -> None:
        """The same, and what fails is left out. A savepoint costs as much as the work in it, so it is for a batch that failed once."""
        with connection.begin():
            _insert_all(connection, batch)
            for job in batch:
                if job.work is not None:
                    self._attempt(connection, job, job.work)

    def _attempt(self, connection: Connection, job: _Job, work: Callable[[Connection], object]) -> None:
        """Its failure undoes its own statements only."""
        try:
            with connection.begin_nested():
                job.result = work(connection)
        except OperationalError:
            raise  # a full or failing disk may have undone the whole transaction: nobody's work stands
        except Exception as error:  # noqa: BLE001 - the edge of the thread: whoever waits for this job gets it
            self.ends.forget()
            job.error = error

    def _commit(self, connection: Connection, batch: Sequence[_Job]) -> None:
        try:
            try:
                _do(connection, batch)
            except OperationalError:
                raise  # a full or failing disk: nobody's work stands
            except Exception:  # the edge of the thread: one of many failed, and undoes its own statements only
                if len(batch) == 1:
                    raise
                self.ends.forget()
                self._do_apart(connection, batch)
            self.ends.stand()
            self.commits += 1
            self.inserted += sum(len(job.rows) for job in batch)
            self._failed = ("", 0.0)
        except Exception as error:  # noqa: BLE001 - the edge of the thread: everyone in the batch gets it, and the next batch is tried
            self.ends.forget()
            explained = _explained(error)
            if isinstance(explained, Unreachable):
                self._failed = (str(explained), time.monotonic())
            for job in batch:
                job.error = job.error or explained


def _explained(error: Exception) -> Exception:
    if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
        return Unreachable(f"The record could not be written: {error.orig}.", "Check the disk of DATABASE_URL; then try again.")
    return error


def _insert_all(connection: Connection, batch: Sequence[_Job]) -> None:
    rows: defaultdict[Rows, list[Values]] = defaultdict(list)
    for job in batch:
        if job.into is not None:
            rows[job.into].extend(job.rows)
    for into, of_all in rows.items():
        into.insert(connection, of_all)


def _do(connection: Connection, batch: Sequence[_Job]) -> None:
    """All of it in one transaction; where anything fails, nothing stands."""
    with connection.begin():
        _insert_all(connection, batch)
        for job in batch:
            if job.work is not None:
                job.result = job.work(connection)


def _settle(batch: Sequence[_Job]) -> None:
    """One wake-up for each loop, not for each job."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[_Job]] = defaultdict(list)
    for job in batch:
        if job.future is not None:
            by_loop[job.future.get_loop()].append(job)
    for loop, jobs in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle_here, jobs)
        except RuntimeError:  # the loop is closed: nobody waits any more
            continue


def _settle_here(jobs: Sequence[_Job]) -> None:
    for job in jobs:
        job.settle()
