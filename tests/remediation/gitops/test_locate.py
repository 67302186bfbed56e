"""Which file owns an object, and each reason why none does."""

import pytest

from remediation.errors import Refused
from remediation.gitops.index import Index, blob_of
from remediation.gitops.locate import locate
from remediation.gitops.narrowing import Narrowing
from remediation.gitops.resolve import resolve
from remediation.gitops.trace import Tracer
from remediation.terms import FieldEdit, ObjectRef
from tests.shared import corpus

API = ObjectRef(group="apps", kind="Deployment", namespace="shop", name="api")
MANIFEST = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n  namespace: shop\nspec:\n  replicas: 2\n"
EDIT = FieldEdit(path="spec.replicas", op="replace", expect=2, value=3)


def index_of(files):
    return Index({path: blob_of(text.encode()) for path, text in files.items()})


def found(files, ref=API, under="", edit=EDIT):
    return locate(index_of(files), ref, [edit], under).found


def refusal(files, **how):
    with pytest.raises(Refused) as caught:
        found(files, **how)
    return caught.value


def test_a_plain_manifest_is_found_by_group_kind_namespace_and_name():
    """Among others, in any document, in a List, in JSON."""
    other = MANIFEST.replace("name: api", "name: other")
    assert found({"a.yaml": other, "b/c.yml": f"# c\n{other}---\n{MANIFEST}"}).document == 1
    listed = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: api, namespace: shop}\n  spec: {replicas: 2}\n"
    assert found({"l.yaml": listed}).within == ("items", 0)
    json_text = '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"api"},"spec":{"replicas":2}}'
    assert found({"j.json": json_text}).path == "j.json"


UNQUOTED = MANIFEST.replace("replicas: 2", "replicas: {{ replicas }}")
LATIN_1 = ("# für alle\n" + MANIFEST).encode("latin-1")


@pytest.mark.parametrize(("content", "told"), [(UNQUOTED.encode(), "line 7 is not text"), (LATIN_1, "not UTF-8")])
def test_a_file_that_cannot_be_read_is_named(content, told):
    """An unquoted template and another encoding: neither is a bug, nor an object that is nowhere."""
    tree = {"a/d.yaml": blob_of(content)}
    for look in (lambda: locate(Index(tree), API, [EDIT]), lambda: resolve(Tracer(tree, {}), API, Narrowing())):
        with pytest.raises(Refused) as caught:
            look()
        assert caught.value.kind == "templated"
        assert "a/d.yaml" in caught.value.what
        assert told in caught.value.what


def test_a_file_that_cannot_be_read_does_not_hide_another():
    """The plain manifest beside it is found."""
    assert found({"a.yaml": UNQUOTED.replace("name: api", "name: other"), "b.yaml": MANIFEST}).path == "b.yaml"


def test_a_manifest_without_a_namespace_matches_any():
    """Whoever applies it names the namespace; another namespace is another object."""
    assert found({"a.yaml": MANIFEST.replace("  namespace: shop\n", "")}).path == "a.yaml"
    assert refusal({"a.yaml": MANIFEST.replace("shop", "else")}).kind == "not_found"
    assert refusal({"a.yaml": MANIFEST.replace("apps/v1", "other/v1")}).kind == "not_found"


RULE = ObjectRef(group="", kind="ConfigMap", namespace="", name="rule")


@pytest.mark.parametrize(
    ("now", "new", "kept"),
    [
        ("{{ $labels.pod }} waits ${WAIT}", "${WAIT} and {{ $labels.pod }} wait", True),
        ("{{ $labels.pod }} waits", "it waits", False),
        ("${A} ${A}", "${A}", False),
        ("${A}", 7, False),
    ],
)
def test_a_text_that_keeps_its_placeholders_may_change(now, new, kept):
    """Rules of alerts and scripts have them for good; and where something fills them in, it still does."""
    files = {"rule.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: rule}}\ndata:\n  text: '{now}'\n"}
    edit = FieldEdit(path="data.text", op="replace", expect=now, value=new)
    if kept:
        assert found(files, RULE, edit=edit).path == "rule.yaml"
    else:
        assert refusal(files, ref=RULE, edit=edit).kind == "templated"


def test_two_places_are_ambiguous_and_a_folder_narrows():
    """Both are named."""
    files = {"x/a.yaml": MANIFEST, "y/a.yaml": MANIFEST}
    told = refusal(files)
    assert (told.kind, "x/a.yaml" in told.what, "y/a.yaml" in told.what) == ("ambiguous", True, True)
    assert found(files, under="y").path == "y/a.yaml"
    assert found(files, under="./x/").path == "x/a.yaml"


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"README.yaml": "a: 1\n"}, "not_found"),
        ({"c/Chart.yaml": "name: c\n", "c/templates/d.yaml": MANIFEST}, "templated"),
        ({"c/Chart.yaml": "name: c\n", "c/templates/d.yaml": "kind: Deployment\nmetadata:\n  name: {{ .Name }}\n"}, "templated"),
        ({"d.yaml": MANIFEST.replace("spec:", "{{- if .x }}\nspec:")}, "templated"),
        ({"d.yaml": MANIFEST.replace("replicas: 2", "replicas: ${REPLICAS}")}, "templated"),
        ({"d.yaml": MANIFEST.replace("replicas: 2", 'replicas: "{{ .replicas }}"')}, "templated"),
        ({"d.yaml": MANIFEST + "sops:\n  mac: x\n"}, "encrypted"),
        ({"d.yaml": "# Code generated by x. DO NOT EDIT.\n" + MANIFEST}, "generated"),
        ({"d.yaml": "a: 1\n---\n# auto-generated\n" + MANIFEST}, "generated"),
        ({"d.yaml": "# THIS FILE IS AUTOMATICALLY GENERATED BY render.sh\n" + MANIFEST}, "generated"),
        ({"d.yaml": "# This file is generated from the jsonnet in ../lib.\n" + MANIFEST}, "generated"),
        ({"d.yaml": "# Made by tanka: changes made here will be lost.\n" + MANIFEST}, "generated"),
        ({"d.yaml": "# This is an auto-generated file. DO NOT EDIT\na: 1\n---\n" + MANIFEST}, "generated"),
        ({"d.yaml": MANIFEST, "kustomization.yaml": "resources: [d.yaml]\nimages: [{name: x, newTag: y}]\n"}, "templated"),
        ({"b/d.yaml": MANIFEST, "b/kustomization.yaml": "resources: [d.yaml]\n", "o/kustomization.yaml": "resources: [../b]\nnamePrefix: x-\n"}, "templated"),
        ({"d.yaml": MANIFEST, "kustomization.yaml": "patches: [{path: d.yaml}]\n"}, "templated"),
        ({"d.yaml": MANIFEST, "kustomization.yaml": "resources: [d.yaml]\n- broken"}, "not_found"),
        (
            {"b/d.yaml": MANIFEST, "b/kustomization.yaml": "resources: [d.yaml]\n", "o1/kustomization.yaml": "resources: [../b]\n", "o2/kustomization.yaml": "resources: [../b]\n"},
            "shared",
        ),
    ],
)
def test_what_is_not_a_plain_manifest_is_refused_with_its_reason(files, kind):
    """Each names the file and what to do."""
    if "- broken" in files.get("kustomization.yaml", ""):
        assert found(files).path == "d.yaml"  # a kustomization that does not load builds nothing
        return
    told = refusal(files)
    assert told.kind == kind
    assert told.what_to_do


def test_a_kustomization_that_only_lists_leaves_files_as_they_are():
    """Then the manifest is still the one place."""
    files = {"b/d.yaml": MANIFEST, "b/kustomization.yaml": "namespace: shop\nresources: [d.yaml]\n", "kustomization.yaml": "resources: [b]\n"}
    assert found(files).path == "b/d.yaml"


def test_a_comment_that_only_mentions_generation_is_no_refusal():
    """And one further down says nothing of the file."""
    assert found({"d.yaml": "# metrics generated by the api\n" + MANIFEST}).path == "d.yaml"
    assert found({"d.yaml": MANIFEST + "# do not edit below\n"}).path == "d.yaml"


def test_every_file_of_the_corpus_is_indexed_or_remembered_as_broken():
    """Nothing is fatal, nothing is lost."""
    root = corpus("gitops_repos")
    tree = {str(path.relative_to(root)): blob_of(path.read_bytes()) for path in sorted(root.rglob("*")) if path.is_file()}
    index = Index(tree)
    assert len(list(index.objects())) > 400
    assert any("templates/" in broken.path for broken in index.broken)
    assert all(broken.reason for broken in index.broken)
