"""More than one place gives the object: the thread shows each, a person's press is a row, and the next attempt goes where it says."""

from dataclasses import replace

import pytest

from bot.slack.blocks import entry_message
from remediation import incident as phases
from remediation import questions
from remediation.entries import Attempted, Critiqued, Proposed
from remediation.errors import Ambiguous, Refused
from remediation.executors.git import GitExecutor
from remediation.gitops.projects import Project
from remediation.questions import digest_of, place_of
from remediation.terms import Critique, DryRun, FieldEdit, Heard, Signal
from tests.bot.test_located import DEPLOYMENT, live
from tests.remediation.gitops.systems import MemoryCluster, MemoryGitLab
from tests.remediation.made import NOW, a_plan, a_proposal, an_act, an_incident, investigated

PLACES = ("platform/shop: deploy/api.yaml", "platform/other: copy/api.yaml")


def ambiguous():
    word = Critique(plan_id="P1", cause="", decision="APPROVED", checks={}, confidence=1.0, reason="", by="rulebook")
    refused = Attempted(plan=a_plan(), refused="It comes from 2 places.", refused_kind="ambiguous", places=PLACES)
    return an_incident(investigated(), Proposed(proposal=a_proposal(a_plan())), Critiqued(critique=word), refused), refused


DIGEST = digest_of(PLACES)


def press(action="choose_1", digest=DIGEST, user="U_ALICE"):
    return Signal(seq=1, incident_id="I", kind="press", body={"action": action, "digest": digest, "user": user}, at=NOW)


def test_settling_waits_for_a_person():
    """No other plan is tried meanwhile: it would change the same object."""
    incident, _ = ambiguous()
    assert questions.settled(incident) is None
    assert questions.to_attempt(incident) is None


@pytest.mark.parametrize(
    ("pressed", "place"),
    [
        (press(), PLACES[1]), (press("choose_0"), PLACES[0]), (press("choose_2"), ""), (press("choose_x"), ""), (press("approve"), ""),
        (press(digest="other"), ""),
    ],
)  # fmt: skip
def test_a_press_chooses_of_exactly_the_places_that_stand_there(pressed, place):
    """A button of an older message chooses nothing."""
    assert place_of(ambiguous()[0], pressed) == place


def test_the_thread_shows_each_place_with_a_button():
    """By its number; the button carries the digest of all."""
    incident, entry = ambiguous()
    blocks = entry_message(incident, entry).blocks
    assert any("2. platform/other: copy/api.yaml" in str(block) for block in blocks)
    row = next(block for block in blocks if block["type"] == "actions" and "choose_0" in str(block))
    assert [(each["action_id"], each["value"]) for each in row["elements"]] == [("choose_0", digest_of(PLACES)), ("choose_1", digest_of(PLACES))]


class GitLabWithoutMergeRequests(MemoryGitLab):
    async def merge_requests(self, project, source_branch, target_branch):
        return ()


class RehearsingCluster(MemoryCluster):
    async def dry_run(self, obj):
        return DryRun(state="passed")


def executor():
    files = {"platform/shop": {"main": {"deploy/api.yaml": DEPLOYMENT}}, "platform/other": {"main": {"copy/api.yaml": DEPLOYMENT}}}
    projects = [Project(project=name) for name in files]
    cluster = RehearsingCluster(live())
    return GitExecutor(GitLabWithoutMergeRequests(files), {"sandbox": cluster}, projects, now=lambda: NOW)


async def test_the_next_attempt_goes_where_the_person_said():
    """First both are named, then one is taken; a place that is gone is refused."""
    act = replace(an_act(), edits=(FieldEdit(path="spec.replicas", op="replace", expect=2, value=5),))
    with pytest.raises(Ambiguous) as caught:
        await executor().rehearse(act)
    assert caught.value.places == PLACES
    rehearsal = await executor().rehearse(replace(act, place=PLACES[1]))
    assert (rehearsal.project, [file.path for file in rehearsal.files]) == ("platform/other", ["copy/api.yaml"])
    with pytest.raises(Refused):
        await executor().rehearse(replace(act, place="platform/other: gone.yaml"))


class CourseOf:
    """An incident's course without an engine: entries are applied, signals come from a list."""

    def __init__(self, incident, signals, attempted):
        self.incident, self.signals, self.attempted = incident, signals, attempted
        self.world = self
        self.whispered, self.asked = [], []

    def why_not(self, user, incident, action):
        return "" if user == "U_ALICE" else "Not you."

    async def put(self, entry):
        self.incident = self.incident.after(entry, NOW)

    async def next_signal(self, until):
        return Heard(signal=self.signals.pop(0), at=NOW)

    async def whisper(self, user, reason):
        self.whispered.append((user, reason))

    async def do(self, step, *args):
        self.asked.append((step.__name__, args[-1]))
        await self.put(self.attempted)


async def test_people_are_called_and_only_who_may_decides():
    """Somebody else is told so alone; after the press the plan is attempted there."""
    course = CourseOf(ambiguous()[0], [press(user="U_EVE"), press("approve"), press()], Attempted(plan=a_plan(), refused="No."))
    following = await phases.settle(course)
    assert course.whispered == [("U_EVE", "Not you.")]
    assert course.asked == [("attempt", PLACES[1])]
    assert course.incident.called == (questions.WHERE,)
    assert following.name == "handed_over"
