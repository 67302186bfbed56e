"""The whole way in repositories whose owners stand in them: what is found, and that its owner is no obstacle."""

import pytest

from remediation.gitops.index import blob_of
from remediation.gitops.narrowing import Narrowing
from remediation.gitops.solution import found_in, settle
from remediation.gitops.trace import Tracer
from remediation.gitops.wishes import edits_of, wish
from remediation.terms import ObjectRef

FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: lamp, namespace: flux-system}
spec:
  path: ./apps
  components: [../parts/claim]
  targetNamespace: hall
  postBuild: {substitute: {APP: lamp, REGISTRY: r.example.com}}
  sourceRef: {kind: GitRepository, name: flux-system}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: "${APP}"}
spec:
  template:
    spec:
      containers:
      - name: main
        image: "${REGISTRY}/lamp:1.2"
"""
MAIN = "spec.template.spec.containers[name=main]"
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: "${CLAIM:-${APP}}"}
spec: {resources: {requests: {storage: "${CAPACITY:-5Gi}"}}}
"""
HOME = {
    "flux/lamp.yaml": FLUX,
    "apps/hall/kustomization.yaml": "namespace: hall\ncomponents: [../../parts/common]\nresources: [lamp.yaml]\n",
    "apps/hall/lamp.yaml": DEPLOYMENT,
    "parts/common/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [namespace.yaml]\n",
    "parts/common/namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: whatever, labels: {quiet: maybe}}\n",
    "parts/claim/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [claim.yaml]\n",
    "parts/claim/claim.yaml": CLAIM,
}
PATCHED = {
    "flux/lamp.yaml": FLUX.replace(
        "  components: [../parts/claim]\n",
        """\
  patches:
  - patch: '[{"op": "add", "path": "/metadata/annotations", "value": {"team": "light"}}]'
    target: {kind: Deployment}
""",
    ).replace("./apps", "./hall"),
    "hall/kustomization.yaml": "resources: [../base]\n",
    "base/kustomization.yaml": "resources: [lamp.yaml]\n",
    "base/lamp.yaml": DEPLOYMENT.replace("${APP}", "lamp") + '        env: [{name: MODE, value: "${MODE:=dim}"}]\n',
}
SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: lamps, namespace: argocd}
spec:
  generators: [{list: {elements: [{room: hall}, {room: attic}]}}]
  template:
    metadata: {name: 'lamp-{{room}}'}
    spec:
      source: {repoURL: https://git.example.com/lamps.git, path: 'rooms/{{room}}'}
      destination: {namespace: '{{room}}'}
"""
LAMP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lamp}\n"
ROOMS = {
    "set.yaml": SET,
    **{f"rooms/{room}/kustomization.yaml": "resources: [lamp.yaml]\n" for room in ("hall", "attic")},
    **{f"rooms/{room}/lamp.yaml": LAMP for room in ("hall", "attic")},
}

APPS = {
    "apps/Chart.yaml": "apiVersion: v2\nname: apps\nversion: 1.0.0\n",
    "apps/values.yaml": "url: https://git.example.com/lamps.git\n",
    "apps/templates/hall.yaml": """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: hall, namespace: argocd}
spec:
  source:
    repoURL: {{ .Values.url }}
    path: rooms/hall
    kustomize:
      images:
      - r.example.com/lamp:1.2
  destination: {namespace: hall}
""",
    "rooms/hall/kustomization.yaml": "resources: [lamp.yaml]\n",
    "rooms/hall/lamp.yaml": DEPLOYMENT.replace("${APP}", "lamp").replace("${REGISTRY}", "r.example.com"),
}


@pytest.mark.parametrize(
    ("files", "ref", "wished", "path", "said"),
    [
        (
            HOME, ObjectRef(group="apps", kind="Deployment", namespace="hall", name="lamp"),
            "spec.template.spec.containers[name=main].image=r.example.com/lamp:1.3", "apps/hall/lamp.yaml", '"${REGISTRY}/lamp:1.3"',
        ),
        (
            HOME, ObjectRef(group="", kind="PersistentVolumeClaim", namespace="hall", name="lamp"),
            "spec.resources.requests.storage=8Gi", "flux/lamp.yaml", "CAPACITY: 8Gi",
        ),
        (
            PATCHED, ObjectRef(group="apps", kind="Deployment", namespace="hall", name="lamp"),
            "spec.template.spec.containers[name=main].env[name=MODE].value=bright", "flux/lamp.yaml", "MODE: bright",
        ),
        (
            HOME, ObjectRef(group="", kind="Namespace", namespace="", name="hall"),
            "metadata.labels.quiet=surely", "parts/common/namespace.yaml", "quiet: surely",
        ),
        (
            ROOMS, ObjectRef(group="argoproj.io", kind="ApplicationSet", namespace="argocd", name="lamps"),
            "metadata.annotations.note=bright", "set.yaml", "note: bright",
        ),
        (
            APPS, ObjectRef(group="apps", kind="Deployment", namespace="hall", name="lamp"),
            "spec.template.spec.containers[name=main].image=r.example.com/lamp:1.3", "apps/templates/hall.yaml", "lamp:1.3",
        ),
        (
            APPS, ObjectRef(group="apps", kind="Deployment", namespace="hall", name="lamp"),
            "spec.template.spec.terminationGracePeriodSeconds=9", "rooms/hall/lamp.yaml", "terminationGracePeriodSeconds: 9",
        ),
    ],
    ids=["beside a placeholder", "in a default", "in a default of what is patched", "a namespace that is named anew", "an owner of several", "an owner's template", "beside it"],
)  # fmt: skip
def test_one_line_of_one_file_changes(files, ref, wished, path, said):
    """Where a person would change it."""
    tracer = Tracer({name: blob_of(text.encode()) for name, text in files.items()})

    (change,) = settle(tracer, ref, found_in(tracer, ref, Narrowing()), lambda now: edits_of([wish(wished)], None, now), {}).changes

    assert (change.path, said in change.after.decode()) == (path, True)
    tracer.close()


def test_of_a_list_only_the_items_that_change_are_shown():
    """A list is written whole; a person looks for what is another one."""
    job = DEPLOYMENT.replace("${APP}", "lamp").replace("${REGISTRY}/", "") + "        args: [get, bulb, on]\n"
    tracer = Tracer({"lamp.yaml": blob_of(job.encode())})
    ref, wished = ObjectRef(group="apps", kind="Deployment", namespace="", name="lamp"), wish(f"{MAIN}.args=[get, tube, on]")

    places = settle(tracer, ref, found_in(tracer, ref, Narrowing()), lambda now: edits_of([wished], None, now), {}).places

    assert [(place.before, place.after) for _, place in places] == [("bulb", "tube")]
    tracer.close()
