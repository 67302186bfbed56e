"""Another version of Suture starts on the files of the one before, in the middle of an incident."""

import os

import httpx
import pytest

from bot.sandbox.app import serving
from bot.sandbox.environment import Credentials
from bot.sandbox.pace import Pace
from bot.sandbox.world import World
from remediation import reconcile
from tests.stage import Stage, bot_running, free_port, surroundings
from tests.stories.checker import check

TOUCHED = ("SUTURE_", "SLACK_", "GITLAB_", "DD_", "DATADOG_")


@pytest.mark.parametrize("status", ["awaiting_approval", "mitigating"])
async def test_an_incident_outlives_an_upgrade(tmp_path, monkeypatch, status):
    """Its phase is begun anew from the record by the new version: nothing is asked, posted or opened twice, and it ends as it should."""
    sandbox_port, bot_port = free_port(), free_port()
    for name in [name for name in os.environ if name.startswith(TOUCHED)]:
        monkeypatch.delenv(name)
    for name, value in surroundings(sandbox_port, tmp_path, {}).items():
        monkeypatch.setenv(name, value)
    origin, bot_url = f"http://127.0.0.1:{sandbox_port}", f"http://127.0.0.1:{bot_port}"
    world = World.load(tmp_path / "world", origin=origin, credentials=Credentials.of(sandbox_port), pace=Pace.quick(), bot_url=bot_url)
    async with serving(world, sandbox_port) as sandbox:
        stage = Stage(world, sandbox, bot_url, os.environ["SUTURE_API_TOKEN"])
        async with bot_running(bot_port):
            await stage.play("oom")
            incident_id = await stage.opened()
            await stage.until(incident_id, lambda d: d["status"] == "awaiting_approval")
            if status == "mitigating":
                await stage.press(incident_id, "approve")
                await stage.until(incident_id, lambda d: d["gitlab_mr"])
        await stage.bot.aclose()
        stage.bot = httpx.AsyncClient(base_url=bot_url, timeout=30, trust_env=False, headers=stage.bot.headers)
        monkeypatch.setattr(reconcile, "version", lambda *_values: "another version")
        async with bot_running(bot_port):
            if status == "awaiting_approval":
                await stage.press(incident_id, "approve")
            fix = await stage.until(incident_id, lambda d: d["gitlab_mr"])
            await stage.merge(fix["gitlab_mr"]["iid"])
            document = await stage.ended(incident_id)
            await check(stage, tmp_path)
        await stage.sandbox.aclose()
        await stage.bot.aclose()

    assert document["outcome"] == "fixed"
    assert len(document["attempts"]) == 1
