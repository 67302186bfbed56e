"""Patches as a kube-apiserver applies them, and who owns a field afterwards."""

import pytest

from bot.sandbox import fields
from bot.sandbox.patching import json_patch, merge_patch, server_side_apply, strategic_merge
from bot.sandbox.refusals import ApiRefusal


def deployment(**container):
    """A small object with two containers, applied by argocd-controller."""
    spec = {"replicas": 2, "template": {"spec": {"containers": [{"name": "api", "image": "a:1", **container}, {"name": "side", "image": "s:1"}]}}}
    made = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "shop"}, "spec": spec}
    fields.record(made, "argocd-controller", "Apply", {path for path, _ in fields.leaves(made)}, at="2026-11-20T12:00:00Z")
    return made


def applied(**container):
    """What somebody applies: one container only."""
    spec = {"template": {"spec": {"containers": [{"name": "api", **container}]}}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "shop"}, "spec": spec}


def test_containers_are_merged_by_name():
    """Strategic merge and server-side apply leave the sidecar alone; a merge patch replaces the list."""
    live, patch = deployment(), applied(image="a:2")
    for merged in (strategic_merge(live, patch), server_side_apply(live, patch, "me", force=True)[0]):
        assert [c["image"] for c in merged["spec"]["template"]["spec"]["containers"]] == ["a:2", "s:1"]
    assert merge_patch(live, patch)["spec"]["template"]["spec"]["containers"] == [{"name": "api", "image": "a:2"}]


def test_a_field_of_another_manager_is_a_conflict_that_names_both():
    """In the apiserver's own words; the same value is no conflict."""
    with pytest.raises(ApiRefusal) as refusal:
        server_side_apply(deployment(), applied(image="a:2"), "suture", force=False)
    text = 'Apply failed with 1 conflict: conflict with "argocd-controller": .spec.template.spec.containers[name="api"].image'
    assert (refusal.value.code, refusal.value.reason, refusal.value.message) == (409, "Conflict", text)
    server_side_apply(deployment(), applied(image="a:1"), "suture", force=False)


def test_who_applies_no_more_gives_the_field_up():
    """And only who owned it alone."""
    live, owned = server_side_apply(deployment(), applied(env=[{"name": "A", "value": "1"}]), "suture", force=False)
    fields.record(live, "suture", "Apply", owned, at="2026-11-20T12:00:01Z")
    merged, _ = server_side_apply(live, applied(image="a:1"), "suture", force=False)
    container = merged["spec"]["template"]["spec"]["containers"][0]
    assert "env" not in container
    assert container["image"] == "a:1"


def test_an_update_takes_the_field_from_its_owner():
    """`kubectl edit` owns what it changed, so that drift can be told by name."""
    live = deployment()
    path = next(p for p, _ in fields.leaves(live) if p[-1] == "f:replicas")
    fields.record(live, "kubectl-edit", "Update", {path}, at="2026-11-20T12:00:01Z")
    assert path in fields.owned_by(live, "kubectl-edit", "Update")
    assert path not in fields.owned_by(live, "argocd-controller", "Apply")


def test_a_strategic_delete_removes_one_item():
    """`$patch: delete`."""
    merged = strategic_merge(deployment(), applied(**{"$patch": "delete"}))
    assert [c["name"] for c in merged["spec"]["template"]["spec"]["containers"]] == ["side"]


def test_a_json_patch_is_done_whole_or_refused():
    """A failing test changes nothing."""
    live = deployment()
    changed = json_patch(live, [{"op": "replace", "path": "/spec/replicas", "value": 3}, {"op": "add", "path": "/metadata/labels", "value": {"a~b": "c"}}])
    assert (changed["spec"]["replicas"], live["spec"]["replicas"]) == (3, 2)
    for operation in ({"op": "test", "path": "/spec/replicas", "value": 9}, {"op": "remove", "path": "/spec/nothing"}, {"op": "fly", "path": "/a"}):
        with pytest.raises(ApiRefusal) as refusal:
            json_patch(live, [operation])
        assert refusal.value.code == 422


def test_fields_are_written_as_managed_fields_and_read_again():
    """The tree of `fieldsV1`."""
    owned = {path for path, _ in fields.leaves(deployment())}
    assert fields.paths(fields.tree(owned)) == owned
