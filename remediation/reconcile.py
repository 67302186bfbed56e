"""The loops beside the workflows.

Alerts without an incident, incidents without a workflow, merges nobody told us about, words Slack did not take.

It is the only place that starts workflows and the only one that polls. Whatever it finds becomes a row, then rings a bell.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from remediation.attention import Attention, Brief
from remediation.correlate import Correlator
from remediation.course import Bells, Course, key_of_run
from remediation.durable import Engine, may_help, workflow_id
from remediation.entries import Called, Ended, Entry, Incident, PhaseBegan
from remediation.errors import RemediationError
from remediation.following import Follower
from remediation.incident import PHASES, follow
from remediation.setbacks import Setback, Setbacks
from remediation.telling import Teller
from remediation.terms import Outcome, Phase
from remediation.world import World

log = structlog.get_logger(__name__)

_STUMBLES = 5  # runs of one incident that may end in a bug which could not even be handed over, before that is done from here
_AT_ONCE = 8  # questions to the systems outside
_BETWEEN_HINTS = 1.0  # seconds


def version(*values: object) -> str:
    """Of all that a replay must find unchanged: our code, and values that are read between steps. Where it differs, phases begin anew."""
    digest = hashlib.sha256(repr(values).encode())
    for module in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()[:16]


class Reconciler:
    """Brings what is and what should be together, again and again. `wake`, `heard` and `look` may be called from anywhere on the loop."""

    def __init__(self, world: World, correlator: Correlator, bells: Bells, engine_path: Path, poll_seconds: float) -> None:
        self.engine = Engine(engine_path, version(world.patience), self._run_phase)
        self.teller = Teller(world.record, world.effects, world.thread)
        self._world = world
        self._correlator = correlator
        self._bells = bells
        self._poll_seconds = poll_seconds
        self._woken = asyncio.Event()
        self._hinted = asyncio.Event()
        self._hints: set[tuple[str, int | None]] = set()
        self._attention = Attention(world.record)
        self._follower = Follower(world, self.heard)
        self._knows_begun = False  # what an earlier life left running is asked of the engine
        self._begun: set[str] = set()  # a list of incidents that was read a moment ago must not begin a phase twice
        self._entered: dict[str, tuple[str, int]] = {}  # incident → the run whose entry the phase before it wrote, and the entries then
        self._setbacks = Setbacks(poll_seconds)

    def wake(self) -> None:
        """There is an alert to place, or a phase to begin."""
        self._woken.set()

    def heard(self, incident_id: str) -> None:
        """A signal of this incident is committed: whoever waits for it hears it now, and a phase that pauses is begun to hear it."""
        self._bells.ring(incident_id)
        if self._setbacks.hurry(incident_id, self._clock()):
            self.wake()

    def look(self, project: str, iid: int | None) -> None:
        """A webhook says that this merge request moved, or something else in its project (iid None): fetch the truth now."""
        self._hints.add((project, iid))
        self._hinted.set()

    async def run(self) -> None:
        """For ever, each loop by itself. A pass that fails is told in the log and done again."""
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._repeat(self.place_and_begin, self._woken))
            loops.create_task(self._repeat(self.look_around, asyncio.Event()))
            loops.create_task(self._repeat(self.look_where_told, self._hinted))
            loops.create_task(self._repeat(self.tell, asyncio.Event()))

    async def place_and_begin(self) -> None:
        """Alerts find their incident; open incidents find their workflow. In a storm a beat at a time, so that none waits for its end."""
        clock = asyncio.get_running_loop().time
        began = clock()
        touched, more = await self._correlator.place_some()
        placed = clock()
        for incident_id in touched:
            self.heard(incident_id)
        if not self._knows_begun:
            self._begun |= await self.engine.live()
            self._knows_begun = True
        briefs = await self._attention.briefs()
        self._forget_all_but(briefs)
        for one in briefs:
            await self._alone(one, self._begin)
        if more:  # half of the time is left to those who take it in, and to the incidents that are open
            await asyncio.sleep(placed - began)
            self.wake()

    async def look_around(self) -> None:
        """Ask about all that is under way: merge requests and rollouts. Then clear up after what has ended."""
        await self._all([one for one in await self._attention.briefs() if one.followed], self._look_at)
        await self.engine.forget_ended()

    async def look_where_told(self) -> None:
        """Ask about what webhooks named since the last time. Where a project is busy, no more than once a second."""
        hints, self._hints = self._hints, set()
        if not hints:
            return
        briefs = await self._attention.briefs()
        await self._all([one for one in briefs if any(one.is_about(*hint) for hint in hints)], self._look_at)
        await asyncio.sleep(min(_BETWEEN_HINTS, self._poll_seconds))

    async def tell(self) -> None:
        """Bring the threads that are behind up to date. A Slack that is slow keeps nobody waiting but those."""
        briefs = await self._attention.briefs()
        await self._all([one for one in briefs if not self.teller.is_level(one.incident_id, one.entries)], self._catch_up)

    def _forget_all_but(self, briefs: Sequence[Brief]) -> None:
        """What ended needs no memory."""
        self._begun &= {workflow_id(one.incident_id, one.phase, one.run) for one in briefs}
        incidents = {one.incident_id for one in briefs}
        self._entered = {incident_id: run for incident_id, run in self._entered.items() if incident_id in incidents}
        self._setbacks.forget_all_but(incidents)

    async def _alone(self, one: Brief, work: Callable[[Brief], Awaitable[None]]) -> None:
        """What one incident stumbles over is no reason to leave the others alone."""
        try:
            await work(one)
        except RemediationError as failure:
            log.warning("not now", incident=one.incident_id, work=work.__name__, reason=str(failure))
        except Exception:  # the outer edge of everything that is not a workflow
            log.exception("incident passed over", incident=one.incident_id, work=work.__name__)

    async def _all(self, briefs: Sequence[Brief], work: Callable[[Brief], Awaitable[None]]) -> None:
        """The work for each, a few at once: one that waits for an answer is no reason for the others to wait."""
        few = asyncio.Semaphore(_AT_ONCE)

        async def one_of_few(one: Brief) -> None:
            async with few:
                await self._alone(one, work)

        await asyncio.gather(*map(one_of_few, briefs))

    async def _repeat(self, work: Callable[[], Awaitable[None]], bell: asyncio.Event) -> None:
        while True:
            bell.clear()
            try:
                await work()
            except Exception:  # the outer edge of everything that is not a workflow
                log.exception("a pass failed; it is done again", work=work.__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(bell.wait(), self._poll_seconds)

    async def _begin(self, one: Brief) -> None:
        """Begin the phase that nobody runs, unless it failed a moment ago."""
        if one.run and workflow_id(one.incident_id, one.phase, one.run) in self._begun:
            return
        setback, now = self._setbacks.of(one.incident_id), self._clock()
        if setback is not None and setback.bugs >= _STUMBLES:
            await self._give_up(one, setback)
            return
        if setback is not None and setback.calls(now):
            await self._call(one, setback)
        if setback is None or now >= setback.due:
            await self._begin_run(one, await self._numbered(one))

    async def _numbered(self, one: Brief) -> int:
        """Each run has a number of its own, because the record keeps what an earlier one wrote; and an entry after all that it knows.

        A phase is entered under the number of its first run, which serves where nothing was written since.
        """
        if self._entered.pop(one.incident_id, None) == (workflow_id(one.incident_id, one.phase, one.run), one.entries):
            return one.run
        begins = PhaseBegan(phase=one.phase, run=one.runs + 1)
        self.teller.pass_over(await self._world.record.write(one.incident_id, key_of_run(begins.run), begins))
        return begins.run

    async def _begin_run(self, one: Brief, run: int) -> None:
        try:
            await self.engine.begin(one.incident_id, one.phase, run)
        except RemediationError as failure:
            self._setbacks.note(one.incident_id, run, failure, began=self._clock(), now=self._clock())
            raise
        self._begun.add(workflow_id(one.incident_id, one.phase, run))

    async def _run_phase(self, incident_id: str, phase: str, run: int) -> None:
        """One phase, whole. What may pass is waited for, and a bug is not silence: it ends before a person, in the thread."""
        began = self._clock()
        try:
            course = await self._course_of(incident_id, run)
            try:
                await self._enter(course, await follow(course, await PHASES[phase](course)))
            except Exception as failure:  # the outer edge of a workflow
                if self.engine.closing or may_help(failure):
                    raise
                log.exception("phase failed", incident=incident_id, phase=phase, run=run)
                await self._hand_over(course, phase, failure)
        except Exception as failure:  # its outermost edge: the phase is begun anew from the record
            if not self.engine.closing:
                self._setbacks.note(incident_id, run, failure, began=began, now=self._clock())
                log.warning("phase is begun anew", incident=incident_id, phase=phase, run=run, reason=str(failure))
                self._begun.discard(workflow_id(incident_id, phase, run))
                self.wake()  # the next one may be due now: somebody pressed while this one failed
            raise
        self._setbacks.overcome(incident_id)
        self.wake()

    async def _course_of(self, incident_id: str, run: int) -> Course:
        """Where this run began, which is where a replay begins, too. Nobody else holds the incident: a course drops what it can."""
        begun = await self._world.record.under(incident_id, key_of_run(run))
        incident = await self._world.record.incident(incident_id)
        replays = begun is None or begun.seq < incident.entries
        if begun is not None and replays:
            incident = await self._world.record.incident(incident_id, begun.seq)
        return Course(incident, self._world, self.teller, self._bells, replays=replays)

    async def _enter(self, course: Course, following: Phase) -> None:
        entries = await course.enter(following)
        incident = course.incident
        self._entered[incident.incident_id] = (workflow_id(incident.incident_id, incident.phase, incident.run), entries)

    async def _hand_over(self, course: Course, phase: str, bug: Exception) -> None:
        said = str(bug) if isinstance(bug, RemediationError) else f"A bug ({type(bug).__name__})."
        for entry in _last_words(course.incident, phase, said):
            await course.put(entry)

    async def _call(self, one: Brief, setback: Setback) -> None:
        """Once for all the runs that failed in a row. No workflow runs now, so none misses what is written."""
        await self._world.record.write(one.incident_id, f"unanswered/{setback.run}", Called(reason=setback.reason))
        self._setbacks.called(one.incident_id)

    async def _give_up(self, one: Brief, setback: Setback) -> None:
        """Its workflows cannot even hand it over: that is done here, without the engine."""
        log.error("incident is handed over", incident=one.incident_id, phase=one.phase, reason=setback.said)
        incident = await self._world.record.incident(one.incident_id)
        for number, entry in enumerate(_last_words(incident, one.phase, setback.said)):
            await self._world.record.write(one.incident_id, f"given up/{one.phase}/{number}", entry)
        self._setbacks.overcome(one.incident_id)
        self.wake()

    async def _look_at(self, brief: Brief) -> None:
        await self._follower.look_at(brief.incident_id)

    async def _catch_up(self, brief: Brief) -> None:
        await self.teller.catch_up(await self._world.record.incident(brief.incident_id))

    def _clock(self) -> float:
        return asyncio.get_running_loop().time()


def _last_words(incident: Incident, phase: str, said: str) -> Iterator[Entry]:
    """How an incident ends that Suture itself stumbled over. What cannot even be remembered is done."""
    reason = f"Suture could not go on in {phase}. {said} Search the log for phase failed and {incident.incident_id}."
    if incident.outcome is None:
        yield Ended(outcome=Outcome(name="handed_over", reason=reason))
    following: Phase = "done" if phase in ("remember", "close") else "remember"
    yield PhaseBegan(phase=following)
