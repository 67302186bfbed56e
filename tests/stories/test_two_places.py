"""An object that two projects give: the thread names both places with their reasons, and nothing is opened without a person's word."""

import copy

from bot.sandbox import environment
from bot.sandbox.repositories import KUSTOMIZE_SHOP
from bot.sandbox.stories import oom
from bot.sandbox.stories.play import shop_file
from tests.stage import staged
from tests.stories.checker import check

COPY = "from-the-shop/api.yaml"


async def test_two_places_are_shown_and_nothing_is_opened(tmp_path, monkeypatch):
    """A copy that somebody began to move: settings name both projects for it, and no owner says which is applied."""
    settings = copy.deepcopy(environment.SETTINGS)
    settings["gitops"][1]["targets"] = ["shop/Deployment/api"]
    monkeypatch.setattr(environment, "SETTINGS", settings)
    async with staged(tmp_path, monkeypatch) as stage:
        stage.world.developer_pushes("bob", "api: moved here one day", {COPY: shop_file(oom.MANIFEST)}, project=KUSTOMIZE_SHOP.id)
        await stage.play("oom")
        incident_id = await stage.opened()

        def told(state):
            said = "\n".join(f"{message['text']} {message['blocks']}" for message in state["slack"]["messages"])
            return all(place in said for place in (oom.MANIFEST, COPY, "platform/shop", "platform/kustomize-shop"))

        state = await stage.sandbox_until(told)
        assert state["gitlab"]["merge_requests"] == []
        document = await stage.incident(incident_id)
        assert not any(attempt["rehearsal"] for attempt in document["attempts"])

        await take(stage, state, "platform/shop")
        document = await stage.until(incident_id, lambda d: d["status"] == "awaiting_approval" and d["attempts"][-1]["rehearsal"])
        assert document["attempts"][-1]["rehearsal"]["project"] == "platform/shop"
        assert document["gitlab_mrs"] == []
        await check(stage, tmp_path)


async def take(stage, state, project):
    """Alice presses the button of the project's place: they stand in the order in which the card names them."""
    message = next(m for m in state["slack"]["messages"] if "Take 1" in str(m["blocks"]))
    said = str(message["blocks"])
    first = said.index(f"{project}:") == min(said.index(f"{each}:") for each in ("platform/shop", "platform/kustomize-shop"))
    row = next(block for block in message["blocks"] if "Take 1" in str(block))
    button = row["elements"][0 if first else 1]
    press = {"ts": message["ts"], "block_id": row["block_id"], "action_id": button["action_id"], "user": "U_ALICE"}
    (await stage.sandbox.post("/page/press", json=press)).raise_for_status()
