"""One incident as one document: what programs and people read."""

import json

import pytest

from memory.document import Documents, incident_document, incident_list
from remediation.entries import (
    Called,
    Critiqued,
    Ended,
    Looked,
    Opened,
    PhaseBegan,
    Progressed,
    Remembered,
    ThreadOpened,
    Turned,
    Verified,
)
from remediation.errors import NotFound
from remediation.terms import Critique, Health, Outcome, Progress, ThreadRef
from tests.remediation.made import STANDING, TARGET, an_alert, up_to_the_merge

CHECKS = dict.fromkeys(("whitelist_valid", "diagnostic_justified", "no_collateral_risk", "action_coherent"), True)
CRITIQUE = Critique(plan_id="P1", cause="memory", decision="APPROVED", checks=CHECKS, confidence=0.9, reason="It holds.", by="rulebook")
WHOLE = (
    PhaseBegan(phase="investigate", run=1),
    ThreadOpened(thread=ThreadRef(channel="C1", ts="17.1")),
    *up_to_the_merge()[:2],
    Critiqued(critique=CRITIQUE),
    PhaseBegan(phase="settle"),
    *up_to_the_merge()[2:3],
    Turned(user="U_STRANGER", action="approve", reason="You may not decide here."),
    Called(reason="Nobody answered for 30 minutes."),
    *up_to_the_merge()[3:],
    Looked(health=Health(applied=True, settled=True)),
    Verified(cured=True, reason="Healthy, and the alert stayed silent"),
    Ended(outcome=Outcome(name="fixed", reason="silent", cause_confirmed="yes")),
    Remembered(where="record"),
)


async def told(memory, *entries):
    await memory.record.write("INC-1", "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))
    for number, entry in enumerate(entries):
        memory.clock.move(seconds=1)
        await memory.record.write("INC-1", str(number), entry)
    return await incident_document(memory.database.reader, "INC-1")


async def test_a_whole_incident_has_every_promised_field(memory):
    """The names are contracts."""
    document = await told(memory, *WHOLE)

    assert (document["incident_id"], document["status"], document["outcome"]) == ("INC-1", "resolved", "fixed")
    assert document["timestamp"] == "2026-11-21T03:00:00Z"
    assert set(document["context_bundle"]) >= {"alert", "monitor", "k8s_context", "logs", "metrics", "similar_incidents"}
    assert document["ai_analysis"]["root_cause"] == "memory"
    assert document["recommended_action"]["remedy"] == "raise_memory_limit"
    assert document["alternative_actions"] == []
    assert document["safety_checks"]["status"] == "APPROVED"
    assert document["safety_checks"]["rulings"][0]["rule"] == "gate"
    assert document["safety_checks"]["critic"] == {"decision": "APPROVED", "checks": CHECKS}
    assert document["gitlab_mr"] | {"url": "http://x/7", "branch": "suture/f", "state": "merged", "iid": 7} == document["gitlab_mr"]
    assert document["slack_notification"] == {"channel": "C1", "message_ts": "17.1"}
    assert document["learning"] == {"similar_incidents_found": 0, "confidence_score": 0.8, "vector_db_stored": True}
    assert json.loads(json.dumps(document, allow_nan=False)) == document  # plain JSON through and through


async def test_the_alert_is_enriched_with_what_it_was_read_to_mean(memory):
    """The owner that evidence gave stands where the alert named none."""
    document = await told(memory)

    enriched = document["context_bundle"]["alert"]["enriched_alert"]
    assert enriched == {
        "namespace": "shop", "pod": None, "deployment": "api", "container": None, "metric": None, "value": None, "threshold": None,
    }  # fmt: skip


async def test_an_incident_that_has_just_begun_has_them_too(memory):
    """Null or empty, never missing."""
    whole = set(await told(memory, *WHOLE))
    await memory.record.write("INC-2", "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))

    document = await incident_document(memory.database.reader, "INC-2")

    assert set(document) == whole
    empty = ("outcome", "ai_analysis", "recommended_action", "gitlab_mr", "slack_notification", "ended_at")
    assert [document[name] for name in empty] == [None] * len(empty)
    assert document["status"] == "detected"


async def test_the_timeline_tells_the_story_in_sentences(memory):
    """Oldest first, bookkeeping left out."""
    document = await told(memory, *WHOLE, PhaseBegan(phase="remember", run=4), PhaseBegan(phase="done"))

    assert [line["what"] for line in document["timeline"]] == [
        "Opened by datadog: OOM in api",
        "A thread was opened in Slack.",
        "1 piece of evidence: E1: OOMKilled",
        "rulebook named the cause: api needs more memory than its limit",
        "rulebook reviewed P1: APPROVED. It holds.",
        "Began to settle.",
        "Raise the memory limit of api was rehearsed; policy: APPROVED.",
        "U_STRANGER pressed approve in vain: You may not decide here.",
        "People were called: Nobody answered for 30 minutes.",
        "U_ALICE approved it.",
        "Merge request !7 was opened: http://x/7",
        "The merge request was merged by alice.",
        "Looked at the cluster: its rollout is complete and healthy.",
        "Cured: Healthy, and the alert stayed silent.",
        "Fixed: silent.",
        "Remembered for the next time.",
    ]
    assert [line["at"] for line in document["timeline"]] == sorted(line["at"] for line in document["timeline"])


@pytest.mark.parametrize(
    ("state", "shown"),
    [("waiting", "opened"), ("applied", "merged"), ("refused", "closed"), ("lost", "lost")],
)
async def test_the_merge_request_is_shown_as_gitlab_calls_it(memory, state, shown):
    """Its state follows what was fetched last."""
    document = await told(memory, *up_to_the_merge()[:-1], Progressed(progress=Progress(state=state, pipeline="running")))

    assert document["gitlab_mr"]["state"] == shown


async def test_the_bytes_of_files_stay_out_of_the_document(memory):
    """The diff is enough."""
    document = await told(memory, *up_to_the_merge())

    (attempt,) = document["attempts"]
    assert attempt["rehearsal"]["files"] == [{"path": "api.yaml", "line": 20}]
    assert "head" not in attempt["rehearsal"]


async def test_the_list_is_newest_first(memory):
    """A few words each; both doors answer the same."""
    for incident_id in ("INC-1", "INC-2"):
        await memory.record.write(incident_id, "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))
        memory.clock.move(minutes=1)

    listed = await incident_list(memory.database.reader)

    assert [one["incident_id"] for one in listed["incidents"]] == ["INC-2", "INC-1"]
    assert listed["incidents"][0] | {"status": "detected", "title": "OOM in api", "environment": "production"} == listed["incidents"][0]
    documents = Documents(memory.database.reader)
    assert await documents.all() == listed
    assert (await documents.one("INC-1"))["incident_id"] == "INC-1"


async def test_the_list_holds_every_open_incident_and_says_how_many_ended_ones_it_leaves_out(memory):
    """The oldest open one is the one that waits longest."""
    for number in range(6):
        await memory.record.write(f"INC-{number}", "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))
        memory.clock.move(minutes=1)
    for number in (1, 2, 4):
        await memory.record.write(f"INC-{number}", "done", PhaseBegan(phase="done"))

    listed = await incident_list(memory.database.reader, ended=1)

    assert [one["incident_id"] for one in listed["incidents"]] == ["INC-5", "INC-4", "INC-3", "INC-0"]
    assert listed["more"] == 2


async def test_an_unknown_incident_is_not_found(memory):
    """With how to find the known ones."""
    with pytest.raises(NotFound, match="INC-9"):
        await incident_document(memory.database.reader, "INC-9")
