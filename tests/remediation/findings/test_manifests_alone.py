"""Guesses from manifests: only where nothing else is shown, marked so, and never a plan."""

import pytest

from remediation.explaining import explain
from remediation.remedies import catalogue

CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ledger, namespace: books}
spec: {accessModes: [ReadWriteOnce], storageClassName: nvme-tier, resources: {requests: {storage: 20Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ledger, namespace: books}
spec:
  replicas: 1
  selector: {matchLabels: {app: ledger}}
  template:
    metadata: {labels: {app: ledger}}
    spec:
      containers: [{name: ledger, image: "books/ledger:3.1"}]
      volumes: [{name: data, persistentVolumeClaim: {claimName: ledger}}]
"""
RUNS = """
---
apiVersion: v1
kind: Pod
metadata: {name: other, namespace: books}
spec: {containers: [{name: other, image: "a:1"}]}
status: {phase: Running, conditions: [{type: Ready, status: "True"}], containerStatuses: [{name: other, ready: true, state: {running: {}}}]}
"""
SCRIPT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: watcher, namespace: ops}
spec:
  replicas: 1
  selector: {matchLabels: {app: watcher}}
  template:
    metadata: {labels: {app: watcher}}
    spec:
      serviceAccountName: watcher
      containers: [{name: watcher, image: "tools/kubectl:1", command: [sh, -c, "%s"]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: %sBinding
metadata: {name: watcher%s}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: %s, name: watcher}
subjects: [{kind: ServiceAccount, name: watcher, namespace: ops}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: %s
metadata: {name: watcher%s}
rules: [{apiGroups: [""], resources: [pods, pods/log], verbs: [get]}]
"""


async def explained(tmp_path, text: str, question: str) -> dict:
    file = tmp_path / "all.yaml"
    file.write_text(text)
    return (await explain([file], question, catalogue())).document()


async def test_a_guess_says_that_it_is_one_and_has_no_plan(tmp_path):
    """Little confidence, and nothing that a person could approve."""
    document = await explained(tmp_path, CLAIM, "why does ledger not start?")
    (finding,) = document["findings"]
    assert finding["facts"]["guessed"] is True
    assert document["fix_kind"] == "change_storage_class"
    assert document["plans"] == []
    assert document["confidence"] <= 0.6


@pytest.mark.parametrize(
    ("text", "question"), [(CLAIM + RUNS, "why does ledger not start?"), (CLAIM, "is there enough room in books?"), (CLAIM, "")]
)
async def test_nothing_is_guessed_where_pods_are_shown_or_no_workload_is_complained_of(tmp_path, text, question):
    """Of a cluster that is shown, silence tells more than a guess; and who complains of nothing is told nothing."""
    document = await explained(tmp_path, text, question)
    assert not any(finding["facts"].get("guessed") for finding in document["findings"])


@pytest.mark.parametrize(
    ("command", "kind", "lacks"),
    [
        ("kubectl get pods", "Role", "list pods"),
        ("kubectl get pod web-0 -o yaml", "Role", ""),
        ("kubectl -n ops logs web-0", "Role", ""),
        ("kubectl logs web-0 --namespace=lab", "Role", ""),
        ("kubectl get pod web-0 -n lab", "ClusterRole", ""),
        ("kubectl get pods -A", "ClusterRole", "list pods"),
        ("kubectl scale deploy/web --replicas=2", "Role", "patch deployments/scale"),
        ("kubectl delete pod/web-0 > out", "Role", "delete pods"),
    ],
)
async def test_what_a_script_asks_of_the_api_server_is_compared_with_what_its_account_may(tmp_path, command, kind, lacks):
    """The verbs of kubectl's commands, in the namespace that they name; a binding that is not shown proves nothing."""
    place = ", namespace: ops" if kind == "Role" else ""
    document = await explained(tmp_path, SCRIPT % (command, kind, place, kind, kind, place), "watcher fails")
    said = [finding["text"] for finding in document["findings"] if finding["kind"] == "rbac_forbidden"]
    assert bool(said) == bool(lacks)
    assert all(f"may not {lacks} (RBAC)" in text for text in said)
