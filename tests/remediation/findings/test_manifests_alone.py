"""Guesses from manifests: only where nothing else is shown, marked so, and never a plan."""

import pytest
import yaml

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
    file.write_text(yaml.safe_dump_all(yaml.safe_load_all(text)))
    return (await explain([file], question, catalogue())).document()


async def test_a_guess_says_that_it_is_one_and_has_no_plan(tmp_path):
    """Little confidence, and nothing that a person could approve."""
    document = await explained(tmp_path, CLAIM, "why does ledger not start?")
    (finding,) = document["findings"]
    assert finding["facts"]["guessed"] is True
    assert document["fix_kind"] == "change_storage_class"
    assert document["plans"] == []
    assert document["confidence"] < 0.7


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


def workload(spec: str, kind: str = "Deployment", replicas: int = 1, version: str = "apps/v1") -> str:
    """A workload of this pod specification, in flow style."""
    return (
        f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: app, namespace: team}}, spec: {{replicas: {replicas}, "
        f"selector: {{matchLabels: {{app: app}}}}, template: {{metadata: {{labels: {{app: app}}}}, spec: {spec}}}}}}}\n---\n"
    )


def container(**fields: str) -> str:
    """A pod specification of one container."""
    inner = ", ".join(f"{name}: {value}" for name, value in {"name": "c", "image": '"team/app:1"', **fields}.items())
    return f"{{containers: [{{{inner}}}]}}"


NODE = '{apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {taints: [{key: gpu, value: "yes", effect: NoSchedule}]}}\n---\n'
VOLUME = (
    "{apiVersion: v1, kind: PersistentVolume, metadata: {name: v}, spec: {capacity: {storage: 1Gi}, accessModes: [%s], storageClassName: "
    "manual}}\n---\n{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: d, namespace: team}, spec: {accessModes: "
    "[ReadWriteMany], storageClassName: manual, resources: {requests: {storage: 1Gi}}}}\n---\n"
)
CLAIMS = '{containers: [{name: c, image: "team/app:1"}], volumes: [{name: d, persistentVolumeClaim: {claimName: %s}}]}'
TINY = (
    "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: d, namespace: team}, spec: {accessModes: [ReadWriteOnce], resources: "
    "{requests: {storage: %s}}}}\n"
)
CRON = (
    "{apiVersion: batch/v1, kind: CronJob, metadata: {name: app, namespace: team}, spec: {schedule: '%s', jobTemplate: {spec: "
    "{template: {spec: {containers: [{name: c, image: a}]}}}}}}"
)
SOUND = workload(container(ports="[{containerPort: 80}]", command="[serve]", resources="{requests: {cpu: 100m}, limits: {memory: 64Mi}}"))


@pytest.mark.parametrize(
    ("manifests", "fix_kind", "twin"),
    [
        (workload(container(), version="extensions/v1beta1"), "fix_manifest", workload(container())),
        (SOUND.replace("labels: {app: app}", "labels: {app: apps}"), "fix_selector", SOUND),
        (workload(container(volumeMounts="[{name: d, mountPath: /d}]")), "fix_volume_mount", SOUND),
        (workload(container(resources="{requests: {memory: 2Gi}, limits: {memory: 1Gi}}")), "change_resource_request", SOUND),
        (workload("{dnsPolicy: None, containers: [{name: c, image: a}]}"), "fix_manifest", SOUND),
        (workload("{priorityClassName: first, containers: [{name: c, image: a}]}"), "fix_priority_class", SOUND),
        (workload(container(securityContext="{runAsNonRoot: true, runAsUser: 0}")), "fix_security_context",
         workload(container(securityContext="{runAsNonRoot: true, runAsUser: 10}"))),
        (workload(container(imagePullPolicy="Never")), "fix_image_reference", workload(container(imagePullPolicy="Always"))),
        (workload(container(image="ngnix")), "fix_image_reference", workload(container(image="nginx-extra"))),
        (workload(container(image='"nginx:latst"')), "fix_image_reference", workload(container(image='"nginx:1.27"'))),
        (workload(container(image='"Team/Lamp:1"')), "fix_image_reference", workload(container(image='"registry.team.example:5000/lamp:V1"'))),
        (workload(container(image='"team/app:${TAG}"')), "fix_image_reference", SOUND),
        (workload(container(image='"your-registry.example/app:1"')), "fix_image_reference", workload(container(image='"registry.team.example/my:1"'))),
        (workload(CLAIMS % "d") + TINY % "100Mi", "increase_pvc_size", workload(CLAIMS % "d") + TINY % "10Gi"),
        (workload(container(image='"postgres:16"')), "add_env_var",
         workload(container(image='"postgres:16"', envFrom="[{configMapRef: {name: x, optional: true}}]"))),
        (workload(container(image='"busybox:1"')), "fix_command", workload(container(image='"busybox:1"', command="[sleep, infinity]"))),
        (workload(container(command='[sh, -c, "echo a; exit 3"]')), "fix_command", workload(container(command='[sh, -c, "test -f a || exit 3; exec b"]'))),
        (workload(container(command='[sh, -c, "date"]')), "fix_command", workload(container(command='[sh, -c, "while sleep 5; do date; done"]'))),
        (workload(container(command='[sh, -c, "until nslookup base; do sleep 1; done; exec b"]')), "fix_dependency_address",
         workload(container(command='[sh, -c, "until nslookup base; do sleep 1; done; exec b"]'))
         + "{apiVersion: v1, kind: Service, metadata: {name: base, namespace: team}, spec: {ports: [{port: 1}]}}\n"),
        (workload(container(env="[{name: JAVA_OPTS, value: -Xmx2g}]", resources="{limits: {memory: 1Gi}}")), "raise_memory_limit",
         workload(container(env="[{name: JAVA_OPTS, value: -Xmx512m}]", resources="{limits: {memory: 1Gi}}"))),
        (workload(container(args="[--max-old-space-size=900]", resources="{limits: {memory: 512Mi}}")), "raise_memory_limit", SOUND),
        (workload("{containers: [{name: a, image: a, ports: [{containerPort: 80}]}, {name: b, image: b, ports: [{containerPort: 80}]}]}"),
         "fix_port", SOUND),
        (workload(container(ports="[{containerPort: 80, hostPort: 80}]"), replicas=3), "fix_port",
         workload(container(ports="[{containerPort: 80, hostPort: 80}]"))),
        (NODE + SOUND, "add_toleration", NODE + workload("{tolerations: [{operator: Exists}], containers: [{name: c, image: a}]}")),
        (VOLUME % "ReadWriteOnce" + workload(CLAIMS % "d"), "change_access_mode", VOLUME % "ReadWriteMany" + workload(CLAIMS % "d")),
        (workload(CLAIMS % "d"), "fix_pvc", VOLUME % "ReadWriteMany" + workload(CLAIMS % "d")),
        (CRON % "61 * * * *", "fix_schedule", CRON % "6 * * * *"),
    ],
)  # fmt: skip
async def test_what_a_manifest_makes_likely_is_guessed_and_its_sound_twin_is_not_blamed(tmp_path, manifests, fix_kind, twin):
    """One line of difference decides."""
    document = await explained(tmp_path, manifests, "why is app in namespace team not working?")
    assert (document["fix_kind"], document["plans"]) == (fix_kind, [])
    assert (await explained(tmp_path, twin, "why is app in namespace team not working?"))["fix_kind"] == "none_or_clarify"
