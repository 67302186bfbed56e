"""Suture's own account on the real server, as deploy/kubernetes makes it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.real.administrator import Administrator, Refusal
from tests.real.apiserver import kubeconfig

DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "kubernetes"
_IN_FORCE_WITHIN = 30.0  # seconds: the server reads a new policy when it gets to it
PROBE = {
    "apiVersion": "v1",
    "kind": "ResourceQuota",
    "metadata": {"name": "policy-probe", "namespace": "suture"},
    "spec": {"hard": {"pods": "9999"}},
}


@pytest.fixture(scope="session")
def account(administrator: Administrator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of Suture's service account, once the policy that binds it is in force."""
    objects = [thing for name in ("rehearsal-only", "access") for thing in yaml.safe_load_all((DEPLOY / f"{name}.yaml").read_text())]
    administrator.apply(*objects, PROBE)
    token = administrator.token("suture", "suture")
    path = kubeconfig(tmp_path_factory.mktemp("account") / "config", administrator.host, administrator.authority, token)
    _until_in_force(path)
    yield path
    administrator.delete([PROBE, *(thing for thing in reversed(objects) if thing["kind"] != "Namespace")])  # it may have others in it


def _until_in_force(account: Path) -> None:
    suture = Administrator(account)
    until = time.monotonic() + _IN_FORCE_WITHIN
    try:
        while "may only rehearse" not in _said_to(suture):
            assert time.monotonic() < until, "the policy of rehearsal-only.yaml is not in force"
            time.sleep(0.2)
    finally:
        suture.close()


def _said_to(suture: Administrator) -> str:
    """What a real write is answered, of something that may be written without harm while the policy does not hold yet."""
    try:
        suture.apply({**PROBE, "spec": {"hard": {"pods": "9998"}}})
    except Refusal as refusal:
        return refusal.message
    return ""
