"""A new object in Git: where its file stands, how it is listed, and what is refused."""

import pytest

from remediation.errors import Refused
from remediation.gitops.beside import Beside
from remediation.gitops.creation import manifest_beside, with_new_objects
from remediation.gitops.index import blob_of
from remediation.gitops.narrowing import Narrowing
from remediation.gitops.solution import found_in, settle, taken_back
from remediation.gitops.trace import Tracer
from remediation.terms import FieldEdit, FileChange, NewObject, ObjectRef
from tests.remediation.gitops.test_tasks import needs

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 3
  template:
    spec:
      containers:
      - name: api
        image: shop/api:1
"""
LISTS = "resources:\n- deployment.yaml\n"
OVER = "resources:\n- ../../base\nnamespace: {place}\nnamePrefix: {place}-\n"
REMOVED = FieldEdit(path="spec.replicas", op="remove", expect=3, value=None)


def hpa(name="api", namespace=""):
    """The autoscaler as the cluster will have it."""
    place = {"namespace": namespace} if namespace else {}
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    value = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name, **place},
             "spec": {"scaleTargetRef": target, "minReplicas": 3, "maxReplicas": 6}}  # fmt: skip
    ref = ObjectRef(group="autoscaling", kind="HorizontalPodAutoscaler", namespace=namespace, name=name)
    return NewObject(object=ref, value=value)


@pytest.fixture
def solved():
    """The whole way for files: the tracer, the candidate and the solution with the autoscaler."""
    made = []

    def solve(files, name="api", namespace="", glob=""):
        tracer = Tracer({path: blob_of(text.encode()) for path, text in files.items()})
        made.append(tracer)
        ref = ObjectRef(group="apps", kind="Deployment", namespace=namespace, name=name)
        candidate = found_in(tracer, ref, Narrowing(glob=glob))
        manifest_beside(tracer, candidate)
        solution = settle(tracer, ref, candidate, lambda _: [REMOVED], {})
        return tracer, candidate, with_new_objects(tracer, candidate, [REMOVED], solution, [hpa(name, namespace)])

    yield solve
    for tracer in made:
        tracer.close()


def changes(solution):
    return {change.path: change.after.decode() for change in solution.changes}


def test_beside_a_plain_manifest_stands_a_file_named_after_it(solved):
    """Nobody lists it, and a person hears that nobody is known to apply it."""
    _, _, solution = solved({"apps/api.yaml": DEPLOYMENT})

    assert set(changes(solution)) == {"apps/api.yaml", "apps/api-hpa.yaml"}
    assert changes(solution)["apps/api.yaml"] == DEPLOYMENT.replace("  replicas: 3\n", "")
    assert changes(solution)["apps/api-hpa.yaml"] == (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: api\nspec:\n  scaleTargetRef:\n"
        "    apiVersion: apps/v1\n    kind: Deployment\n    name: api\n  minReplicas: 3\n  maxReplicas: 6\n"
    )
    assert ("spec.replicas", 3, None) in [(move.path, move.old, move.new) for move in solution.moves]
    assert ("spec.maxReplicas", None, 6) in [(move.path, move.old, move.new) for move in solution.moves]
    assert "Nothing says who applies apps" in solution.unknown[0]


def test_a_name_that_is_taken_is_left_alone_and_the_namespace_is_written_where_the_manifest_has_it(solved):
    """What stands there is somebody's."""
    manifest = DEPLOYMENT.replace("  name: api\n", "  name: api\n  namespace: shop\n", 1)
    _, _, solution = solved(
        {"api.yml": manifest, "api-hpa.yml": "kind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\n"}, namespace="shop"
    )

    assert "  namespace: shop\n" in changes(solution)["api-hpa-2.yml"]


def test_a_kustomization_names_the_new_file(solved):
    """One entry more, in its own layout."""
    needs("kustomize")
    _, _, solution = solved({"app/deployment.yaml": DEPLOYMENT, "app/kustomization.yaml": LISTS})

    assert set(changes(solution)) == {"app/deployment.yaml", "app/api-hpa.yaml", "app/kustomization.yaml"}
    assert changes(solution)["app/kustomization.yaml"] == LISTS + "- api-hpa.yaml\n"
    assert solution.unknown == ()


def test_of_a_shared_base_only_one_overlay_gets_it(solved):
    """By the name that the base has; the prefix and the namespace come as they come for the workload. Staging keeps what it has."""
    needs("kustomize")
    files = {"base/deployment.yaml": DEPLOYMENT, "base/kustomization.yaml": LISTS}
    files |= {f"overlays/{place}/kustomization.yaml": OVER.format(place=place) for place in ("production", "staging")}
    _, _, solution = solved(files, name="production-api", namespace="production")

    assert all(path.startswith("overlays/production/") for path in changes(solution))
    assert "    name: api\n" in changes(solution)["overlays/production/api-hpa.yaml"]
    assert "- api-hpa.yaml\n" in changes(solution)["overlays/production/kustomization.yaml"]
    assert {str(move.object) for move in solution.moves} == {
        "Deployment/production/production-api", "HorizontalPodAutoscaler/production/production-api",
    }  # fmt: skip


def test_in_a_chart_it_is_refused(solved):
    """A new template is nobody's to guess."""
    needs("helm")
    chart = {"Chart.yaml": "apiVersion: v2\nname: api\nversion: 0.1.0\n", "values.yaml": "replicas: 3\n",
             "templates/deployment.yaml": DEPLOYMENT.replace("name: api", "name: {{ .Release.Name }}", 1)}  # fmt: skip
    with pytest.raises(Refused, match="new template of the chart") as refused:
        solved({f"api/{path}": text for path, text in chart.items()})

    assert refused.value.kind == "templated"


def test_an_application_that_chooses_its_files_by_name_is_refused(solved):
    """The new file might not be among them."""
    source = {"repoURL": "https://git/x", "path": "apps", "directory": "{include: api.yaml}"}
    lines = "".join(f"    {key}: {value}\n" for key, value in source.items())
    application = f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: shop}}\nspec:\n  source:\n{lines}  destination: {{namespace: shop}}\n"

    with pytest.raises(Refused, match="applies only some files"):
        solved({"apps/api.yaml": DEPLOYMENT, "argocd/shop.yaml": application}, namespace="shop")


@pytest.mark.parametrize("layout", ["plain", "kustomize"])
def test_it_is_taken_back_whole(solved, layout):
    """The file goes, its entry with it, and the number of pods stands there again; not where somebody changed one of them."""
    needs("kustomize")
    files = {"app/deployment.yaml": DEPLOYMENT} | ({"app/kustomization.yaml": LISTS} if layout == "kustomize" else {})
    _, candidate, solution = solved(files)
    after = {**{path: blob_of(text.encode()) for path, text in files.items()}, **{c.path: blob_of(c.after) for c in solution.changes}}
    past = [
        FileChange(path=c.path, line=1, blob=blob_of(c.after).id, content=c.before or b"", gone=c.before is None) for c in solution.changes
    ]
    tracer = Tracer(after)
    try:
        candidate = found_in(tracer, candidate.obj.ref, Narrowing())
        back = FieldEdit(path="spec.replicas", op="add", expect=None, value=3)
        beside = Beside(removed=(hpa().object,))
        undone = taken_back(tracer, candidate, [back], past, beside)
        assert undone is not None
        assert {c.path: c.after.decode() for c in undone.changes if not c.gone} == {p: files[p] for p in files if p in changes(solution)}
        assert [c.path for c in undone.changes if c.gone] == ["app/api-hpa.yaml"]
        assert taken_back(tracer, candidate, [back], past, Beside(removed=(hpa("other").object,))) is None
    finally:
        tracer.close()
