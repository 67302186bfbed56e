"""`suture check` as people run it: every system at once, a line each, and an exit code for programs."""

import asyncio
import json
from collections.abc import Callable

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from bot.checks import gitlab
from bot.checks.everything import try_all
from bot.commands import check as command
from bot.sandbox.environment import environment, write_files
from bot.settings import Settings
from bot.wiring import outside
from tests.bot.sandbox.conftest import port, world

__all__ = ["port", "world"]


@pytest.fixture
def run(monkeypatch, world, port, tmp_path) -> Callable[..., Result]:
    """Run `suture check` in the sandbox's environment, with some variables otherwise."""
    write_files(port)
    monkeypatch.chdir(tmp_path)
    for name in (*Settings.model_fields, "suture_config"):
        monkeypatch.delenv(name.upper(), raising=False)
    app = Typer()
    app.command()(command.check)

    async def ran(*arguments: str, **others: str) -> Result:
        for name, value in {**environment(port), **others}.items():
            monkeypatch.setenv(name, value)
        return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))

    return ran


async def test_the_sandbox_is_fine(run):
    """Every system that the sandbox stands for, and exit 0."""
    result = await run()

    assert result.exit_code == 0, result.output
    assert "✗" not in result.output
    for system in (
        "database",
        "Slack",
        "GitLab platform/shop main",
        "Kubernetes sandbox",
        "Datadog",
        "models",
        "policy",
        "remedies",
        "production",
    ):
        assert any(line.startswith(f"✓ {system}") for line in result.output.splitlines()), system


async def test_a_program_reads_json(run):
    """One object, nothing else on standard output."""
    result = await run("--json", GITLAB_TOKEN="wrong")
    document = json.loads(result.stdout)

    assert (result.exit_code, document["ok"]) == (1, False)
    assert [line["system"] for line in document["checks"] if line["state"] == "wrong"] == ["GitLab"]
    assert all(line["what_to_do"] for line in document["checks"] if line["state"] == "wrong")


async def test_everything_that_is_wrong_is_said_at_once_and_no_secret_with_it(run):
    """One wrong token must not hide the next."""
    wrong = {"SLACK_BOT_TOKEN": "xoxb-hunter2", "GITLAB_TOKEN": "hunter2", "DD_API_KEY": "hunter2", "SUTURE_ACTOR": "ollama/hunter3"}
    result = await run(**wrong, KUBECONFIG="/nowhere/kubeconfig")

    assert result.exit_code == 1
    assert [line.split()[1] for line in result.output.splitlines() if line.startswith("✗")] == [
        "settings",
        "Slack",
        "GitLab",
        "Kubernetes",
        "Datadog",
        "models",
    ]
    assert "hunter2" not in result.output


async def test_systems_that_do_not_answer_are_named(run):
    """Each within its own limit."""
    nobody = "http://127.0.0.1:1"
    result = await run(SLACK_API_URL=f"{nobody}/api/", GITLAB_URL=nobody, DD_API_URL=nobody)

    assert result.exit_code == 1
    assert [line.split()[1] for line in result.output.splitlines() if line.startswith("✗")] == ["Slack", "GitLab", "Datadog"]


async def test_a_system_that_is_late_does_not_hold_up_the_others(settings, monkeypatch):
    """The limit is ours, not the system's."""

    async def never(*_args: object) -> list:
        await asyncio.sleep(60)
        return []

    monkeypatch.setattr(gitlab, "tried", never)
    clients = outside(settings)
    try:
        lines = await try_all(settings, clients, seconds=3)
    finally:
        await clients.aclose()

    assert [(line.system, line.what) for line in lines if line.state == "wrong"] == [("GitLab", "It did not answer in 3 s.")]


@pytest.fixture
def settings(run, monkeypatch, port) -> Settings:
    """The sandbox's settings, as the command reads them."""
    for name, value in environment(port).items():
        monkeypatch.setenv(name, value)
    return command.settings.read()


async def test_what_is_not_configured_is_said_with_what_is_lost(run):
    """No mistake: exit 0."""
    nothing = dict.fromkeys(("GITLAB_TOKEN", "DD_API_KEY", "DATADOG_WEBHOOK_TOKEN", "KUBECONFIG"), "")
    result = await run(**nothing)

    assert result.exit_code == 0, result.output
    for lost in ("no fix is proposed", "no alert is taken", "no monitor, log or metric", "no evidence"):
        assert lost in result.output


async def test_what_serve_would_refuse_is_said_here_too(run):
    """By the same names."""
    result = await run(SUTURE_SOAK_MINUTE="1")

    assert result.exit_code == 1
    assert "✗ settings" in result.output
    assert "SUTURE_SOAK_MINUTE: there is no such setting; did you mean SUTURE_SOAK_MINUTES?" in result.output


async def test_a_mistake_in_the_settings_is_an_answer_too(run):
    """By name, as `serve` would say it, and as JSON where that is asked."""
    result = await run("--json", SUTURE_SOAK_MINUTES="soon")

    assert result.exit_code == 1
    assert "SUTURE_SOAK_MINUTES" in json.loads(result.stdout)["checks"][0]["what"]
