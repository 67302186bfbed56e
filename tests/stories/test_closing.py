"""What was handed to people: open until its alert recovers, or one of them says that it is over."""

from tests.stories.test_deliveries import delivered
from tests.stories.test_people import pressable, whispered


async def with_people(stage):
    """An alert that nothing in the cluster explains."""
    await delivered(stage, "Triggered", 1_790_000_000)
    document = await stage.ended(await stage.opened())
    assert (document["status"], document["phase"]) == ("escalated", "close")
    return document


async def head_of(stage, document):
    return (await stage.thread(document))[0]


async def test_a_person_closes_what_was_handed_over(stage):
    """The button stands on the head while it counts; who may is read from settings; the thread says who did."""
    document = await with_people(stage)
    incident_id = document["incident_id"]
    assert pressable(await head_of(stage, document)) == ["close"]

    assert await stage.press(incident_id, "close", user="U_STRANGER") == 200
    assert "may close this" in await whispered(stage, "U_STRANGER")
    assert await stage.press(incident_id, "close", user="U_ALICE") == 200
    document = await stage.until(incident_id, lambda d: d["phase"] == "done")

    assert document["status"] == "resolved"
    assert document["outcome"] == "inconclusive"
    assert pressable(await head_of(stage, document)) == []
    assert any("Closed" in message["text"] and "U_ALICE" in message["text"] for message in await stage.thread(document))


async def test_a_command_closes_it_with_a_reason(stage):
    """Typed again, and typed of what is not there, it says so."""
    incident_id = (await with_people(stage))["incident_id"]

    await stage.sandbox.post("/control/command", json={"text": f"close {incident_id} The node was replaced."})
    document = await stage.until(incident_id, lambda d: d["phase"] == "done")
    assert document["timeline"][-1]["what"] == "Closed by U_ALICE: The node was replaced."

    await stage.sandbox.post("/control/command", json={"text": f"close {incident_id}", "user": "U_BOB"})
    assert "was closed by" in await whispered(stage, "U_BOB")
    await stage.sandbox.post("/control/command", json={"text": "close INC-TYPO", "user": "U_CAROL"})
    assert "There is no incident" in await whispered(stage, "U_CAROL")


async def test_the_recovery_of_its_alert_closes_it(stage):
    """People mended it without a word to us; a press after that changes nothing."""
    incident_id = (await with_people(stage))["incident_id"]
    await delivered(stage, "Recovered", 1_790_000_900)
    document = await stage.until(incident_id, lambda d: d["phase"] == "done")

    assert document["status"] == "resolved"
    assert document["timeline"][-1]["what"] == "Closed: The alert recovered."
    assert any("recovered" in message["text"] for message in await stage.thread(document))


async def test_what_fires_after_the_end_is_a_new_incident(stage):
    """The same fire told again is not: a person said that it is over."""
    first = (await with_people(stage))["incident_id"]
    await stage.press(first, "close")
    await stage.until(first, lambda d: d["phase"] == "done")

    await delivered(stage, "Renotify", 1_790_003_600)
    await delivered(stage, "Re-Triggered", 1_790_007_200)
    second = (await stage.ended(await stage.opened(known=1)))["incident_id"]

    assert [one["incident_id"] for one in await stage.incidents()] == [second, first]
    assert len((await stage.incident(second))["context_bundle"]["alerts"]) == 1
