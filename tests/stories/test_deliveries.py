"""Alerts as senders really deliver them: out of order, late, again."""

import os

SHOP = "env:production,kube_namespace:shop,kube_deployment:api,kube_cluster_name:sandbox"


async def delivered(stage, transition, at, cycle="9001"):
    """One notification as the recommended template sends it; `at`: epoch seconds."""
    body = {
        "title": f"[{transition}] api is slow", "alert_transition": transition, "alert_cycle_key": cycle, "date": str(at * 1000),
        "alert_id": "4711", "tags": SHOP,
    }  # fmt: skip
    answer = await stage.bot.post("/webhooks/datadog", json=body, headers={"X-Suture-Token": os.environ["DATADOG_WEBHOOK_TOKEN"]})
    assert (answer.status_code, answer.json()) == (202, {"alerts": 1})


async def test_a_recovery_that_overtakes_its_trigger_ends_the_incident_as_healed(stage):
    """Whatever the order of the two, the record tells the same; nobody is asked anything about what is over."""
    await delivered(stage, "Recovered", 1_790_000_300)
    await delivered(stage, "Triggered", 1_790_000_000)
    document = await stage.ended(await stage.opened())

    assert (document["outcome"], document["attempts"], document["critiques"]) == ("self_healed", [], [])
    assert (await stage.state())["gitlab"]["merge_requests"] == []


async def test_a_trigger_that_is_delivered_again_late_opens_nothing(stage):
    """The sender's retry comes after its incident ended."""
    await delivered(stage, "Triggered", 1_790_000_000)
    first = await stage.opened()
    await delivered(stage, "Recovered", 1_790_000_300)
    await stage.ended(first)
    await delivered(stage, "Re-Triggered", 1_790_000_100)
    await delivered(stage, "Triggered", 1_790_000_900, cycle="9002")
    second = await stage.opened(known=1)
    await stage.until(second, lambda d: (d["slack_notification"] or {}).get("message_ts"))

    assert [one["incident_id"] for one in await stage.incidents()] == [second, first]
