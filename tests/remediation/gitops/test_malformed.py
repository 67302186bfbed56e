"""A tree in which one value of a tool's file is of another type than it should be."""

from contextlib import closing, suppress
from copy import deepcopy

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from remediation.errors import Refused
from remediation.gitops.checkout import checkout
from remediation.gitops.narrowing import Narrowing
from remediation.gitops.solution import found_in, settle
from remediation.gitops.trace import Tracer
from remediation.gitops.wishes import edits_of, wish
from remediation.terms import ObjectRef
from tests.remediation.reading.test_malformed import ODD, places

DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec:\n  replicas: 1\n"
API = ObjectRef(group="apps", kind="Deployment", namespace="shop", name="api")
FILES = {
    "other/application.yaml": """
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: shop, namespace: argocd}
spec:
  source:
    repoURL: https://git.example.com/shop.git
    path: app
    kustomize: {images: ["web=api:1"], namePrefix: p-, components: [../more], patches: [{patch: "a: b"}], replicas: [{name: api, count: 2}]}
    helm: {valueFiles: [v.yaml], parameters: [{name: a, value: b}], values: "a: 1"}
    directory: {recurse: true, include: "*"}
  destination: {server: here, namespace: shop}
""",
    "other/set.yaml": """
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: shops, namespace: argocd}
spec:
  goTemplate: true
  generators:
  - list: {elements: [{env: a}]}
  - git: {repoURL: https://git.example.com/shop.git, directories: [{path: "app/*"}], files: [{path: f.json}]}
  - matrix: {generators: [{list: {elements: [{b: c}]}}, {clusters: {selector: {matchLabels: {a: b}}}}]}
  template:
    metadata: {name: "{{.env}}"}
    spec: {source: {repoURL: https://git.example.com/shop.git, path: app}, destination: {namespace: shop}}
""",
    "other/flux.yaml": """
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: shop, namespace: flux-system}
spec:
  path: ./app
  targetNamespace: shop
  postBuild: {substitute: {a: b}, substituteFrom: [{kind: ConfigMap, name: x}]}
  patches: [{patch: "a: b", target: {kind: Deployment}}]
  images: [{name: x, newTag: "1"}]
  components: [../more]
  sourceRef: {kind: GitRepository, name: x}
""",
    "other/release.yaml": """
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop, namespace: shop}
spec:
  chart: {spec: {chart: ./chart, sourceRef: {kind: GitRepository, name: x}, valuesFiles: [v.yaml]}}
  values: {a: 1}
  valuesFrom: [{kind: ConfigMap, name: x}]
  postRenderers: [{kustomize: {patches: [{patch: "a: b"}], images: [{name: x, newTag: "1"}]}}]
""",
    "other/Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies: [{name: db, version: 1.0.0, repository: file://../db, alias: d}]\n",
    "other/kustomization.yaml": """
resources: [more.yaml]
patches: [{path: patch.yaml, target: {kind: Deployment, name: api}}, {patch: "- op: replace"}]
images: [{name: x, newTag: "1"}]
replicas: [{name: api, count: 2}]
configMapGenerator: [{name: a, files: [a=b], literals: [a=b], envs: [e]}]
components: [../more]
replacements: [{source: {kind: ConfigMap, name: a, fieldPath: data.x}, targets: [{select: {kind: Deployment}, fieldPaths: [spec.x]}]}]
helmCharts: [{name: c, repo: https://charts.example.com, version: "1", valuesInline: {a: b}, additionalValuesFiles: [v.yaml]}]
commonLabels: {a: b}
labels: [{pairs: {a: b}}]
""",
}


@st.composite
def mutated(draw):
    """The path of a tool's file, and its text with one value replaced."""
    path = draw(st.sampled_from(sorted(FILES)))
    document = yaml.safe_load(FILES[path])
    holder, key = draw(st.sampled_from(list(places(document))))
    holder[key] = deepcopy(draw(st.sampled_from(ODD)))
    return path, yaml.safe_dump(document)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(change=mutated())
def test_locate_answers_or_refuses_beside_a_file_of_an_unheard_of_shape(change, tmp_path_factory):
    """What a tool's file may not hold is its own trouble: it stops no change of another app, or a refusal says why."""
    folder = tmp_path_factory.mktemp("tree")
    for path, text in (("app/deployment.yaml", DEPLOYMENT), change):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    with closing(Tracer(checkout(folder))) as tracer, suppress(Refused):
        candidate = found_in(tracer, API, Narrowing())
        settled = settle(tracer, API, candidate, lambda now: edits_of([wish("spec.replicas=2")], None, now), {}, around=[])
        assert [each.path for each in settled.changes] == ["app/deployment.yaml"]
