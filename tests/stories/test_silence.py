"""Systems that hang or answer 500 while an incident needs them: it waits, says so once, and goes on when they are back."""

import asyncio
import re

import pytest

from remediation import durable
from tests.stage import Json, Stage, staged
from tests.stories.checker import check
from tests.stories.test_deliveries import delivered

DOWN = "did not answer"


async def outage(stage: Stage, system: str, how: str) -> None:
    """The system is down from now on; an empty `how` ends it."""
    (await stage.sandbox.post("/control/outage", json={"system": system, "how": how})).raise_for_status()


async def told(stage: Stage, document: Json, words: str) -> list[str]:
    """The messages of the thread, below its head, that hold these words."""
    return [m["text"] for m in (await stage.thread(document))[1:] if words in m["text"]]


@pytest.fixture
async def patient(tmp_path, monkeypatch):
    """A stage on which a silent system is asked again after half a second."""
    async with staged(tmp_path, monkeypatch, SUTURE_SILENCE_MINUTES="0.01") as stage:
        yield stage
        await check(stage, tmp_path)


async def waiting(stage: Stage, how: str, system: str = "kubernetes") -> Json:
    """The oom story, begun while a system is down."""
    await outage(stage, system, how)
    await stage.play("oom")
    incident_id = await stage.opened()
    return await stage.until(incident_id, lambda d: any(DOWN in line["what"] for line in d["timeline"]))


@pytest.mark.parametrize(
    ("how", "why"),
    [("hang", r"\(timed out after 1 s, \d+ reads\)"), ("500", r"\(answered 500: etcdserver: request timed out, \d+ reads\)")],
)
async def test_an_incident_waits_for_a_cluster_that_does_not_answer(tmp_path, monkeypatch, how, why):
    """Not inconclusive: it is looked at again, the thread says so once, and the incident goes on as if nothing had been."""
    async with staged(tmp_path, monkeypatch, SUTURE_SILENCE_MINUTES="0.01", SUTURE_SOURCE_SECONDS="2") as stage:
        document = await waiting(stage, how)
        assert document["outcome"] is None
        state = await stage.sandbox_until(lambda s: any(DOWN in m["text"] for m in s["slack"]["messages"]))
        assert state["gitlab"]["merge_requests"] == []

        await outage(stage, "kubernetes", "")
        document = await stage.until(document["incident_id"], lambda d: d["status"] == "awaiting_approval")
        said = await told(stage, document, DOWN)
        assert len(said) == 1
        assert re.search(rf"Answered again at \d\d:\d\d UTC\.\* Before that: Kubernetes did not answer {why}", said[0])
        await check(stage, tmp_path)


async def test_what_stays_silent_is_handed_over_with_one_sentence(tmp_path, monkeypatch):
    """After the last look: which system, why and how many reads, and how often it was asked; not a list of reads."""
    async with staged(tmp_path, monkeypatch, SUTURE_SILENCE_LOOKS="2") as stage:
        incident_id = (await waiting(stage, "500"))["incident_id"]
        document = await stage.ended(incident_id)

        assert document["outcome"] == "inconclusive"
        assert document["outcome_reason"].startswith("Kubernetes did not answer (answered 500: etcdserver: request timed out, ")
        assert "Suture asked 3 times in" in document["outcome_reason"]
        assert document["outcome_reason"].count(DOWN) == 1
        await check(stage, tmp_path)


async def test_a_recovery_ends_the_wait(patient):
    """There is nothing left to look for: healed by itself, although the cluster still says nothing."""
    await outage(patient, "kubernetes", "500")
    await delivered(patient, "Triggered", 1_790_000_000)
    incident_id = await patient.opened()
    await patient.until(incident_id, lambda d: any(DOWN in line["what"] for line in d["timeline"]))
    await delivered(patient, "Recovered", 1_790_000_900)

    assert (await patient.ended(incident_id))["outcome"] == "self_healed"


async def test_a_person_takes_over_what_waits_and_a_stranger_does_not(patient):
    """The button stands on the message that tells of the silence; who may is asked as for any decision."""
    incident_id = (await waiting(patient, "500"))["incident_id"]
    assert await patient.press(incident_id, "escalate", user="U_STRANGER") == 200
    await patient.sandbox_until(lambda s: any(m.get("ephemeral_to") == "U_STRANGER" for m in s["slack"]["messages"]))
    assert await patient.press(incident_id, "escalate", user="U_BOB") == 200
    document = await patient.ended(incident_id)

    assert document["outcome"] == "handed_over"
    assert document["outcome_reason"].startswith("Escalated to people: Kubernetes did not answer (")
    (page,) = await told(patient, document, "S_ONCALL")
    assert "<@U_BOB> escalated." in page
    assert "takes it from here" in page
    wait = (await told(patient, document, "does not ask any more"))[0]
    assert "People took it over" in wait


async def test_a_source_that_the_finding_does_not_need_stays_an_item(patient):
    """Datadog is silent, the cluster shows the cause: nobody waits, and the evidence says in one item what is missing."""
    await outage(patient, "datadog", "500")
    await patient.play("oom")
    document = await patient.until(await patient.opened(), lambda d: d["status"] == "awaiting_approval")

    assert not any("it is asked again" in line["what"] for line in document["timeline"])
    evidence = next(m for m in await patient.thread(document) if "items of evidence" in m["text"])
    missing = r"1 could not be read: E\d+ Datadog did not answer \(answered 500[^,]*, \d reads\)"
    assert re.search(missing, evidence["blocks"][0]["text"]["text"])


async def test_systems_that_fail_from_the_approval_on_hold_the_incident_until_they_are_back(patient, monkeypatch):
    """The approved change is proven again, which takes the cluster: its phase is begun anew until it answers, and then goes to its end."""
    monkeypatch.setattr(durable.Retries, "seconds", 0.02)
    await patient.play("oom")
    incident_id = await patient.opened()
    await patient.until(incident_id, lambda d: d["status"] == "awaiting_approval")
    for system in ("kubernetes", "datadog"):
        await outage(patient, system, "500")
    await patient.press(incident_id, "approve")
    await patient.until(incident_id, lambda d: d["status"] == "mitigating")
    asked = (await patient.state())["kubernetes"]["calls"]
    await patient.sandbox_until(lambda s: sum(s["kubernetes"]["calls"].values()) > sum(asked.values()) + 20)
    assert (await patient.state())["gitlab"]["merge_requests"] == []

    await outage(patient, "kubernetes", "")
    document = await patient.until(incident_id, lambda d: d["gitlab_mr"])
    await outage(patient, "kubernetes", "500")
    await patient.merge(document["gitlab_mr"]["iid"])
    await patient.until(incident_id, lambda d: d["status"] == "verifying")
    await asyncio.sleep(1)
    await outage(patient, "kubernetes", "")

    assert (await patient.ended(incident_id))["outcome"] == "fixed"
