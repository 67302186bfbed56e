"""Work that survives the death of the process: the one importer of dbos.

A phase is a workflow, whatever asks the world is a step, and `once` finds before it makes, because a step may run twice.
"""

import asyncio
import fcntl
import gc
import logging
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, ParamSpec, TypeVar

import sqlalchemy as sa

from remediation import serializer
from remediation.clients.lazily import named_only, postpone
from remediation.errors import RemediationError, Unreachable
from remediation.ports import Effects

postpone("psycopg", "psycopg.errors")  # dbos imports its PostgreSQL driver on SQLite too: 9 MB and 70 ms

with named_only("sqlalchemy.ext.asyncio"), named_only("croniter"):  # for data sources and schedules, of which we have none: 2 MB
    from dbos import DBOS, DBOSConfig, Serializer, SetWorkflowID, StepOptions, _workflow_commands, error

P = ParamSpec("P")
R = TypeVar("R")

_OLDEST_SQLITE = (3, 35)
_FORGETS_EVERY = 60.0  # seconds
_LIVE = ("PENDING", "ENQUEUED", "DELAYED")
_SELDOM = 30.0  # seconds between looks at the engine's queue, through which nothing goes but what is recovered


class _Recorded(str):
    """A step's result as the serializer wrote it: stored as it is, and read back on the first run as on a replay."""

    __slots__ = ()


class _TaggedJson(Serializer):
    """Our serializer in the engine's clothes; it never reads nor writes a pickle."""

    def serialize(self, data: Any) -> str:
        return str(data) if isinstance(data, _Recorded) else serializer.dumps(data)

    def deserialize(self, serialized_data: str) -> Any:
        return serializer.loads(serialized_data)

    def name(self) -> str:
        return "suture_json"


def may_help(failure: BaseException) -> bool:
    """Whether asking again may help."""
    return isinstance(failure, RemediationError) and failure.retryable


class Retries:
    """How often and how fast a step asks again; tests make it quick. seconds: before the second try, doubled each time."""

    tries = 5
    seconds = 1.0


async def durably(step: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a step and record its result, which is what a replay would read back; retry only an error that says retrying may help.

    Raises what the step raises, and Unreachable where the engine cannot keep it.
    """

    async def recorded() -> _Recorded:
        return _Recorded(serializer.dumps(await step(*args, **kwargs)))

    how = StepOptions(
        name=getattr(step, "__name__", type(step).__name__),
        retries_allowed=True,
        max_attempts=Retries.tries,
        interval_seconds=Retries.seconds,
        should_retry=may_help,
    )
    try:
        result: Any = await DBOS.run_step_async(how, recorded)
    except error.DBOSMaxStepRetriesExceeded as tired:
        raise tired.errors[-1] from None  # the reader wants the cause
    except sa.exc.DBAPIError as full:
        raise _not_kept(full) from full
    return serializer.loads(result) if isinstance(result, _Recorded) else result  # type: ignore[no-any-return]


async def patiently(step: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs) -> R:
    """The same without recording: for what is kept elsewhere already, under a key that a replay finds again."""
    seconds = Retries.seconds
    for left in reversed(range(Retries.tries)):
        try:
            return await step(*args, **kwargs)
        except RemediationError as failure:
            if not (left and may_help(failure)):
                raise
        await asyncio.sleep(seconds)
        seconds *= 2
    raise AssertionError("The last try answers or raises.")


async def once(effects: Effects, key: str, find: Callable[[], Awaitable[str | None]], make: Callable[[], Awaitable[str]]) -> str:
    """The id of what stands under `key` in the world: made at most once, however often this runs.

    An earlier try may have died between making and noting it, so the world is asked before a second try makes.
    """
    effect = await effects.intend(key)
    if effect.made is not None:
        return effect.made
    external_id = None if effect.fresh else await find()
    if external_id is None:
        external_id = await make()
    await effects.made(key, external_id)
    return external_id


RunPhase = Callable[[str, str, int], Coroutine[Any, Any, None]]  # (incident_id, phase, run)


class Engine:
    """The workflows of one process. `run(incident_id, phase, run)` is the one workflow; it never raises but for a bug of its own.

    path: the engine's SQLite file; it is disposable, for every open incident is begun again from the record.
    version: of the code of the phases: what another version left behind is cancelled, and begun anew by the reconciler.
    """

    def __init__(self, path: Path, version: str, run: RunPhase) -> None:
        self._path = path
        self._version = version

        async def phase_of_incident(incident_id: str, phase: str, number: int) -> None:  # dbos wants a function, not a method
            with self._counted():
                await run(incident_id, phase, number)

        self._run = DBOS.workflow(name="phase")(phase_of_incident)
        self._lock: IO[str] | None = None
        self._connections: list[sqlite3.Connection] = []
        self._running: set[asyncio.Task[Any]] = set()
        self._ended = True  # something may have ended that is not forgotten: a life before may have left it
        self._forgets_at = 0.0  # by the monotonic clock
        self.closing = False

    def claim(self) -> None:
        """Keep every other process off the engine's file. Raises RemediationError when one is there already."""
        if self._lock is None:
            self._lock = _exclusive(self._path.with_suffix(".lock"))

    async def launch(self) -> None:
        """Start; interrupted workflows of this version go on. Raises RemediationError when another process holds the file."""
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise RemediationError(f"SQLite {sqlite3.sqlite_version} is too old.", "Suture needs 3.35 or newer; use a newer Python.")
        self.claim()
        logging.getLogger("dbos").setLevel(logging.WARNING)
        config: DBOSConfig = {
            "name": "suture",
            "system_database_url": f"sqlite:///{self._path}",
            "system_database_engine": _sqlite(self._path, self._connections),
            "serializer": _TaggedJson(),
            "application_version": self._version,
            "executor_id": "local",
            "log_level": "WARNING",
            "notification_listener_polling_interval_sec": 1.0,
            "scheduler_polling_interval_sec": 3600.0,  # nothing is scheduled, and each look costs
        }
        _workflow_commands._BACKGROUND_JOBS_INTERVAL_SEC = 3600.0  # noqa: SLF001 - no setting: delays and deadlines, which we give to none
        self._dbos = DBOS(config=config)
        DBOS.launch()
        for polled in ("list_queues", "list_schedules"):  # each second, no setting; we have none
            setattr(self._dbos._sys_db, polled, lambda **_: [])  # noqa: SLF001
        if not await self._cancel_other_versions():
            self._look_seldom()

    async def begin(self, incident_id: str, phase: str, run: int) -> None:
        """Start this phase's workflow; one that stands already under this id is left as it is. Raises Unreachable."""
        try:
            with SetWorkflowID(workflow_id(incident_id, phase, run)):
                await DBOS.start_workflow_async(self._run, incident_id, phase, run)
        except sa.exc.DBAPIError as full:
            raise _not_kept(full) from full

    async def live(self) -> set[str]:
        """Ids of the workflows that run, or will be recovered."""
        return {w.workflow_id for w in await DBOS.list_workflows_async(status=list(_LIVE), load_input=False, load_output=False)}

    async def forget_ended(self) -> None:
        """Delete ended workflows, once a minute: what they did stands in the record. So go the rings of objects that they leave."""
        now = time.monotonic()
        if not self._ended or now < self._forgets_at:
            return
        self._ended, self._forgets_at = False, now + _FORGETS_EVERY
        ended = await DBOS.list_workflows_async(status=["SUCCESS", "ERROR", "CANCELLED"], load_input=False, load_output=False)
        if ended:
            await DBOS.delete_workflows_async([w.workflow_id for w in ended])
        gc.collect(0)  # here it is ten milliseconds of nobody's time; else it falls into the middle of an incident
        if len(await self.live()) <= len(self._running):  # what was recovered has begun
            self._look_seldom()

    async def close(self) -> None:
        """Stop; what runs goes on from its last step at the next launch."""
        self.closing = True
        logging.getLogger("dbos").setLevel(logging.ERROR)  # it warns of every task that is cancelled now
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)
        DBOS.destroy(destroy_registry=True)
        while self._connections:  # one that a thread held meanwhile went back to a pool that is gone
            self._connections.pop().close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _look_seldom(self) -> None:
        """At the engine's queue, where nothing waits: each look costs some milliseconds, and there is one a second."""
        self._dbos._registry.get_internal_queue()._polling_interval_sec = _SELDOM  # noqa: SLF001 - no setting

    @contextmanager
    def _counted(self) -> Iterator[None]:
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._end)
        yield

    def _end(self, task: "asyncio.Task[Any]") -> None:
        self._running.discard(task)
        self._ended = True

    async def _cancel_other_versions(self) -> int:
        """How many of this version are left, to be recovered."""
        alive = await DBOS.list_workflows_async(status=list(_LIVE), load_input=False, load_output=False)
        strange = [w.workflow_id for w in alive if w.app_version != self._version]
        if strange:
            await DBOS.cancel_workflows_async(strange)
        return len(alive) - len(strange)


def _not_kept(failure: sa.exc.DBAPIError) -> Unreachable:
    """A disk that is full or gone says nothing of the incident: its phase is begun anew."""
    return Unreachable(f"The engine's file does not answer: {failure.orig}.", "Check the disk beside the file of DATABASE_URL.")


def workflow_id(incident_id: str, phase: str, run: int) -> str:
    """`INCIDENT/phase/run`."""
    return f"{incident_id}/{phase}/{run}"


def _exclusive(path: Path) -> IO[str]:
    """An open file that no other process holds: two engines on one SQLite file would run every workflow twice."""
    lock = path.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as taken:
        lock.seek(0)
        holder = lock.read(20).strip()
        lock.close()
        what = f"Another Suture runs on {path.parent.resolve()}: {f'process {holder}' if holder else 'it'} holds {path.name}."
        raise RemediationError(what, "Stop it, or give this one its own DATABASE_URL.") from taken
    lock.truncate(0)
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def _sqlite(path: Path, opened: list[sqlite3.Connection]) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        # SQLite before 3.42 knows no unixepoch('subsec'), which dbos uses on Python 3.12 and newer. Given an engine, dbos sets no pragma.
        opened.append(connection)
        connection.create_function("unixepoch", -1, lambda *_: time.time(), deterministic=False)
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    return engine
