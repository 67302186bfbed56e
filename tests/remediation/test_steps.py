"""What a step proves before it reaches out: a merge by policy is one of exactly what was rehearsed and judged."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from remediation import questions, steps
from remediation.entries import Attempted, Decided, Delivered, Looked, Progressed, Proposed, Verified
from remediation.errors import Conflict, Forbidden, NotFound, Refused, Unreachable, Unusable
from remediation.incident import verify_cure
from remediation.policy import load_policy
from remediation.remedies import catalogue
from remediation.terms import Closed, Decision, Health, History, Outcome, Progress
from tests.remediation.made import (
    NOW,
    a_finding,
    a_plan,
    a_proposal,
    a_receipt,
    a_rehearsal,
    a_verdict,
    an_act,
    an_incident,
    investigated,
    up_to_the_merge,
)

ACT = replace(an_act(), parameters={"container": "api", "memory_limit": "512Mi", "memory_request": "256Mi"})
HEALED = Outcome(name="self_healed", reason="The alert recovered before Suture changed anything.")
FOUND = replace(a_finding(), facts={"container": "api", "cause": "limit"})


def rehearsed(**fields):
    return a_rehearsal(act=ACT, **fields)


class Executor:
    """A merge request that waits, and a world that may have moved since."""

    def __init__(self, now=None, state="waiting"):
        self.now = now or rehearsed()
        self.state = state
        self.merged = []

    async def rehearse(self, _act, like=None):
        assert like is not None
        return self.now

    async def progress(self, _receipt):
        return Progress(state=self.state, ready=True)

    async def finish(self, receipt, _reason):
        self.merged.append(receipt.sha)
        return Progress(state="applied")


def world_of(executor):
    async def history(_incident_id, _subject):
        return History()

    record = SimpleNamespace(history=history)
    return SimpleNamespace(executors={"git": executor}, record=record, policy=load_policy(), catalogue=catalogue(), now=lambda: NOW)


def delivered(gate="one_person", **progress):
    """Approved and delivered; its merge request is ready, or as is given."""
    decision = Decision(digest="d" * 64, answer="approved", by="policy", reason="", at=NOW)
    attempted = Attempted(plan=a_plan(), act=ACT, rehearsal=rehearsed(), verdict=a_verdict(gate))
    so_far = (
        replace(investigated(), findings=(FOUND,)),
        Proposed(proposal=a_proposal()),
        attempted,
        Decided(decision=decision),
        Delivered(receipt=a_receipt()),
    )
    return an_incident(*so_far, Progressed(progress=Progress(**{"state": "waiting", "ready": True, **progress})))


async def test_what_is_the_very_same_is_merged_at_its_commit():
    """Proven once more, at the end of the pipeline."""
    executor = Executor()

    assert (await steps.finish(delivered(), world_of(executor))).state == "applied"
    assert executor.merged == [a_receipt().sha]


@pytest.mark.parametrize(
    ("now", "gate", "error", "words"),
    [
        (rehearsed(digest="e" * 64), "one_person", Conflict, "the change is another one now"),
        (rehearsed(), "automatic", Conflict, "More people are needed"),
        (rehearsed(closed=Closed(url="u", by="bob", reason="", at=NOW)), "one_person", Refused, "bob closed this fix"),
    ],
)
async def test_what_was_not_rehearsed_or_is_not_allowed_any_more_is_not_merged(now, gate, error, words):
    """The base moved, the gate became tighter, a person said no: all of it while the pipeline ran."""
    executor = Executor(now)

    with pytest.raises(error, match=words):
        await steps.finish(delivered(gate), world_of(executor))
    assert executor.merged == []


async def test_what_is_merged_already_is_told_and_not_judged_again():
    """The step may run twice: the process died between the merge and its entry."""
    executor = Executor(rehearsed(digest="e" * 64), state="applied")

    assert (await steps.finish(delivered(), world_of(executor))).state == "applied"


@pytest.mark.parametrize(
    ("gate", "progress", "why"),
    [
        ("automatic", {"ready": False, "pipeline": "running"}, ""),
        ("automatic", {"ready": False, "pipeline": "failed"}, "its pipeline is failed"),
        (
            "automatic",
            {"ready": False, "pipeline": "success", "blocked": "discussions_not_resolved"},
            "GitLab says discussions not resolved",
        ),
        ("one_person", {"ready": False, "pipeline": "failed"}, ""),
        ("automatic", {"state": "applied", "pipeline": "failed"}, ""),
        ("one_person", {"ready": False, "blocked": "conflict"}, "cannot be merged: GitLab says conflict"),
        ("one_person", {"ready": False, "blocked": "not_approved"}, ""),
    ],
)
def test_people_are_told_why_it_does_not_merge_by_itself(gate, progress, why):
    """A merge request that nobody has to press on must not wait in silence."""
    said = questions.held_up(delivered(gate, **progress))

    assert (why in said) if why else not said


@pytest.mark.parametrize("error", [Unreachable, Forbidden, NotFound, Unusable, Conflict])
async def test_a_world_that_cannot_be_asked_now_changes_no_ending(error):
    """Who healed it, and the last look of a soak, are asked for more truth; without an answer stands what was seen before."""

    class Silent:
        async def rehearse(self, _act):
            raise error("It says no.")

        async def health(self, _rehearsal):
            raise error("It says no.")

    well = Health(applied=True, settled=True)
    incident = delivered().after(Looked(health=well), NOW)

    assert await steps.by_whose_hand(incident, HEALED, SimpleNamespace(executors={"git": Silent()})) == HEALED
    assert await steps.look_again(incident, SimpleNamespace(watcher=Silent())) == well


async def test_a_revert_that_is_refused_ends_as_not_fixed():
    """Policy closed, or somebody pushed to its branch: a person reads why, and no bug is told."""

    class Refusing:
        world = None
        incident = an_incident(
            *up_to_the_merge(),
            Verified(cured=False, reason="The alert still fires."),
            Attempted(
                plan=a_plan(), act=an_act(undoes="INC-1/1"), rehearsal=a_rehearsal(act=an_act(undoes="INC-1/1")), verdict=a_verdict()
            ),
        )

        async def try_to(self, step, *_):
            assert step is steps.deliver
            raise Refused("Someone pushed to suture/f.", "Look at what was pushed.")

    ended = await verify_cure(Refusing())

    assert ended.name == "not_fixed"
    assert ended.reason == "The alert still fires; it could not be reverted: Someone pushed to suture/f. Look at what was pushed."


UNDO = Attempted(plan=a_plan(), act=an_act(undoes="INC-1/1"), rehearsal=a_rehearsal(act=an_act(undoes="INC-1/1")), verdict=a_verdict())


class Undoing:
    """What was delivered can be taken back, or cannot; remembers what it was asked to take back."""

    def __init__(self, refusal=""):
        self.refusal = refusal
        self.asked = []

    async def undo(self, rehearsal, receipt):
        self.asked.append((rehearsal.act.undoes, receipt.key))
        return an_act(undoes=receipt.key)

    async def rehearse(self, act):
        if self.refusal:
            raise Refused(self.refusal, "Decide by hand.")
        return a_rehearsal(act=act, digest="e" * 64)


class Moved:
    """An incident with a revert that was rehearsed, and whose base moved before it was opened: the first delivery conflicts."""

    def __init__(self, executor):
        self.world = world_of(executor)
        self.incident = an_incident(*up_to_the_merge(), Verified(cured=False, reason="The alert still fires."), UNDO)
        self.delivered = []

    async def try_to(self, step, *_):
        assert step is steps.deliver
        self.delivered.append(self.incident.the_attempt.rehearsal.digest)
        if len(self.delivered) > 1:
            raise EOFError
        raise Conflict("The base moved: the change is another one now.", "Look at the new card.")

    async def put(self, entry):
        self.incident = self.incident.after(entry, NOW)


@pytest.fixture
def at_once(monkeypatch):
    """Without an engine: a step is just done."""

    async def done(step, *args):
        return await step(*args)

    monkeypatch.setattr("remediation.incident.durably", done)


async def test_a_revert_whose_base_moved_is_rehearsed_again_and_opened(at_once):
    """What is taken back is the fix that was delivered, not the revert that never was."""
    executor = Undoing()
    course = Moved(executor)
    with pytest.raises(EOFError):
        await verify_cure(course)

    assert executor.asked == [("", "INC-1/1")]
    assert course.delivered == ["d" * 64, "e" * 64]
    assert [tried.is_revert for tried in course.incident.attempts] == [False, True, True]


async def test_a_revert_that_cannot_be_rehearsed_again_ends_as_not_fixed(at_once):
    """Somebody changed the very line: people read which, and no bug is told."""
    ended = await verify_cure(Moved(Undoing("api.yaml was changed in Git since the fix.")))

    assert ended.name == "not_fixed"
    assert ended.reason.startswith("The alert still fires; it could not be reverted: api.yaml was changed in Git since the fix.")
