"""The tables that people read say what the entries say."""

from dataclasses import replace

from sqlalchemy import select

from memory.tables import ConfigHistoryRow, HealingActionRow, IncidentRow
from remediation.entries import Attempted, Decided, Delivered, Ended, Opened, PhaseBegan, Progressed, Verified
from remediation.terms import Decision, Outcome, Progress
from tests.remediation.made import (
    NOW,
    STANDING,
    TARGET,
    a_plan,
    a_receipt,
    a_rehearsal,
    a_verdict,
    an_act,
    an_alert,
    investigated,
    later,
    up_to_the_merge,
)


async def tell(memory, *entries, incident_id="INC-1"):
    alert = replace(an_alert(), metric="m", value=0.97, threshold=0.9)
    told = [Opened(target=TARGET, standing=STANDING, alert=alert), *entries]
    for number, entry in enumerate(told):
        await memory.record.write(incident_id, f"{number}", entry)


async def rows(memory, table) -> list:
    return await memory.database.reader.read(lambda c: [row._mapping for row in c.execute(select(table.__table__)).all()])


def decided(answer="approved", reason="") -> Decided:
    return Decided(decision=Decision(digest="d" * 64, answer=answer, by="U_ALICE", reason=reason, at=NOW))


ATTEMPTED = Attempted(plan=a_plan(), act=an_act(), rehearsal=a_rehearsal(), verdict=a_verdict())


async def test_an_incident_row_follows_its_incident(memory):
    """From OPEN over MITIGATING to RESOLVED, with the time it took."""
    await tell(memory)
    (row,) = await rows(memory, IncidentRow)
    assert (row["status"], row["type"], row["resolved_at"], row["detected_at"]) == ("OPEN", "unknown", None, NOW)
    assert row["metrics_snapshot"] == {"metric": "m", "value": 0.97, "threshold": 0.9, "query": ""}

    for number, entry in enumerate((*up_to_the_merge(), PhaseBegan(phase="verify")), start=1):
        await memory.record.write("INC-1", str(number), entry)
    (row,) = await rows(memory, IncidentRow)
    assert (row["status"], row["detailed_status"], row["type"], row["severity"]) == ("MITIGATING", "verifying", "oom_killed", "high")

    memory.clock.at = later(12)
    await memory.record.write("INC-1", "end", Ended(outcome=Outcome(name="fixed", reason="")))
    (row,) = await rows(memory, IncidentRow)
    assert (row["status"], row["outcome"], row["mttr_seconds"], row["resolved_at"]) == ("RESOLVED", "fixed", 720.0, later(12))


async def test_what_was_handed_over_stays_open(memory):
    """Until a person closes it; what failed says so."""
    await tell(memory, Ended(outcome=Outcome(name="handed_over", reason="")))
    await tell(memory, Ended(outcome=Outcome(name="not_fixed", reason="")), incident_id="INC-2")

    assert [(row["status"], row["mttr_seconds"]) for row in await rows(memory, IncidentRow)] == [("OPEN", None), ("FAILED", None)]


async def test_an_attempt_is_one_row_from_proposal_to_result(memory):
    """Proposed, approved, executed, successful."""
    await tell(memory, investigated(), ATTEMPTED)
    (row,) = await rows(memory, HealingActionRow)
    assert (row["action_id"], row["agl_decision"], row["approved_action"], row["executed_at"]) == ("INC-1/1", "APPROVED", None, None)
    assert row["proposed_action"]["plan"]["remedy"] == "raise_memory_limit"

    for number, entry in enumerate((decided(), Delivered(receipt=a_receipt()), Verified(cured=True, reason="silent"))):
        await memory.record.write("INC-1", f"more/{number}", entry)
    (row,) = await rows(memory, HealingActionRow)
    assert row["approved_action"]["parameters"] == {"memory_limit": "512Mi"}
    assert (row["executed_at"], row["result"], row["past"], row["reason"]) == (NOW, "SUCCESS", "merged", "silent")


async def test_a_plan_that_could_not_be_rehearsed_was_denied(memory):
    """With the reason."""
    await tell(memory, investigated(), Attempted(plan=a_plan(), refused="the manifest is a template"))

    (row,) = await rows(memory, HealingActionRow)
    assert (row["agl_decision"], row["result"], row["reason"]) == ("DENIED", None, "the manifest is a template")


async def test_a_merged_change_is_kept_with_who_and_why(memory):
    """Once, however often GitLab tells of it."""
    merged = Progressed(progress=Progress(state="applied", by="gitlab:alice"))
    await tell(memory, investigated(), ATTEMPTED, decided(reason="looks right"), Delivered(receipt=a_receipt()), merged, merged)

    (row,) = await rows(memory, ConfigHistoryRow)
    assert (row["changed_by"], row["reason"]) == ("gitlab:alice", "OOMKilled at 256Mi looks right")
    assert row["changes"]["approved_by"] == ["U_ALICE"]
    assert (row["changes"]["files"], row["changes"]["merge_request"]["iid"]) == (["api.yaml"], 7)


async def test_history_tells_what_became_of_earlier_fixes(memory):
    """Newest first, each with its result and reason; what is under way is none."""
    closed = Progressed(progress=Progress(state="refused", by="bob", reason="not on a Friday"))
    delivered = (ATTEMPTED, decided(), Delivered(receipt=a_receipt()))
    applied = Progressed(progress=Progress(state="applied", by="alice"))
    stories = [
        (ATTEMPTED, decided("rejected", "too much")),
        (*delivered, closed),
        (*delivered, applied, Verified(cured=True, reason="silent")),
        (*delivered, applied, Verified(cured=False, reason="fired again")),
        (*delivered,),
    ]
    for number, story in enumerate(stories):
        memory.clock.at = later(number)
        await tell(memory, investigated(), *story, incident_id=f"INC-{number}")

    history = await memory.record.history("INC-0", "Deployment/shop/api/api")

    assert [(fix.incident_id, fix.result, fix.reason) for fix in history.fixes] == [
        ("INC-3", "failed", "fired again"),
        ("INC-2", "merged", "silent"),
        ("INC-1", "closed", "not on a Friday"),
        ("INC-0", "rejected", "too much"),
    ]
    assert history.fixes[0].fingerprint == "f" * 16
    assert (await memory.record.history("INC-0", "Deployment/shop/web")).fixes == ()


async def test_what_was_withdrawn_because_it_healed_was_refused_by_nobody(memory):
    """The merge request was closed by us."""
    withdrawn = Progressed(progress=Progress(state="refused"))
    healed = Ended(outcome=Outcome(name="self_healed", reason="recovered"))
    await tell(memory, investigated(), ATTEMPTED, decided(), Delivered(receipt=a_receipt()), withdrawn, healed)

    assert (await memory.record.history("INC-1", "Deployment/shop/api")).fixes == ()
    (row,) = await rows(memory, HealingActionRow)
    assert (row["result"], row["past"]) == (None, None)
