"""What Argo CD and Flux apply, on a real server under their own definitions: found and explained as in the sandbox, by the bot's own account."""

import asyncio
import json

import pytest
import typer
from typer.testing import CliRunner

from bot.commands.explain import explain
from bot.commands.locate import locate
from bot.sandbox.environment import environment
from bot.sandbox.repositories import REPOSITORIES
from tests.real.copied import copy
from tests.real.definitions import define
from tests.remediation.gitops.test_tasks import needs
from tests.remediation.sandboxed import Sandbox, sandboxed

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

# deployment, namespace, field and value: by Argo CD with Kustomize and with Helm, by Flux with Kustomize and with Helm, and by a mapping
WISHES = [
    ("checkout", "storefront", "checkout", "512Mi"),
    ("recommendations", "storefront", "recommendations", "1Gi"),
    ("payments-ledger", "payments", "ledger", "1Gi"),
    ("payments-gateway", "payments-staging", "gateway", "300Mi"),
    ("mailer", "notifications", "mailer", "300Mi"),
    ("sms-worker", "notifications", "worker", "300Mi"),
    ("api", "shop", "api", "512Mi"),
]


@pytest.fixture(scope="module")
def definitions(administrator):
    """Argo CD's and Flux's, served."""
    define(administrator)


async def delivered(sandbox: Sandbox) -> None:
    """Every project of the sandbox runs in its cluster, and the api of the shop is out of memory."""
    for repository in REPOSITORIES.values():
        needs(*repository.tools)
        await sandbox.world._deliver(repository)
    await sandbox.world.begin("oom")
    async with asyncio.timeout(30):
        while not any("OOMKilled" in repr(pod) for pod in sandbox.world.cluster.all("Pod", "shop")):
            await asyncio.sleep(0.05)


async def test_a_real_cluster_is_read_as_the_sandbox_is(administrator, account, definitions, monkeypatch, tmp_path):
    """Every object is taken by the real server as it stands in the sandbox; locate and explain then say the same of both."""
    monkeypatch.chdir(tmp_path)
    async with sandboxed() as sandbox:
        await delivered(sandbox)
        copy(sandbox.world.cluster, administrator)
        port = int(sandbox.world.origin.rpartition(":")[2])
        for name, value in environment(port).items():
            monkeypatch.setenv(name, value)
        in_sandbox = await _said()
        monkeypatch.setenv("KUBECONFIG", str(account))
        monkeypatch.setenv("CLUSTERS", json.dumps({"sandbox": {"context": "real"}}))
        on_the_server = await _said()
    for wish, (code, said) in in_sandbox["located"].items():
        assert (code, said["refused"]) == (0, None), wish
        assert on_the_server["located"][wish] == (code, said), wish
    assert on_the_server["explained"] == in_sandbox["explained"]
    assert in_sandbox["explained"][0] == ("oom_killed", "Deployment/shop/api/api", "raise_memory_limit")


async def _said() -> dict:
    return {"located": {wish[:2]: await _located(*wish) for wish in WISHES}, "explained": await _explained()}


async def _located(name: str, namespace: str, container: str, memory: str):
    field = f"spec.template.spec.containers[name={container}].resources.limits.memory={memory}"
    return await _run(locate, f"deployment/{name}", "-n", namespace, "--set", field, "--json")


async def _explained():
    """Of the workload, and of a namespace in which all is well: whether that is said or nothing is depends on what else a server shows."""
    found = []
    for what in (("deployment/api", "-n", "shop"), ("-n", "storefront")):
        _, said = await _run(explain, *what, "--json")
        cause = said["cause"]
        found.append((cause["kind"], cause["subject"], said["fix_kind"]) if cause and cause["kind"] != "not_broken" else None)
    return found


async def _run(command, *arguments: str):
    app = typer.Typer()
    app.command()(command)
    result = await asyncio.to_thread(CliRunner().invoke, app, list(arguments))
    assert result.stdout, result
    return result.exit_code, json.loads(result.stdout)
