"""Git against the cluster: drift, other owners, defaults."""

import pytest

from remediation.errors import Refused
from remediation.gitops.fieldpath import parse
from remediation.gitops.live import check_drift, check_expected, equal, for_git, managers, mutators, with_mutators
from remediation.terms import FieldEdit

MEMORY = "spec.containers[name=api].resources.limits.memory"


def obj(memory="256Mi", fields=None):
    container = {"name": "api", "resources": {"limits": {"memory": memory}}}
    managed = [{"manager": "argocd-controller", "fieldsV1": fields}] if fields is not None else []
    return {"metadata": {"managedFields": managed}, "spec": {"replicas": 1, "containers": [container]}}


def edit(value="512Mi", expect="256Mi", path=MEMORY, op="replace"):
    return FieldEdit(path=path, op=op, expect=expect, value=value)


OWNED = {"f:spec": {"f:containers": {'k:{"name":"api"}': {".": {}, "f:resources": {"f:limits": {"f:memory": {}}}}}}}


def test_quantities_are_compared_by_what_they_mean_and_only_where_they_stand():
    """A label 1 is not a label 1.0."""
    assert equal("256Mi", 268435456, parse(MEMORY))
    assert equal(1, "1000m", parse("spec.resources.requests.cpu"))
    assert not equal("1", "1.0", parse("metadata.labels.a"))
    check_drift(obj("256Mi"), obj("268435456", OWNED), [edit()])


def test_drift_names_both_values_and_the_manager():
    """A person must decide which is right."""
    with pytest.raises(Refused) as caught:
        check_drift(obj("256Mi"), obj("300Mi", OWNED), [edit()])
    assert caught.value.kind == "drift"
    assert all(word in caught.value.what for word in ("256Mi", "300Mi", "argocd-controller", MEMORY))


def test_an_autoscaler_that_owns_the_field_is_named():
    """Git would lose against it."""
    live = {**obj(), "metadata": {"managedFields": [{"manager": "kube-controller-manager", "fieldsV1": {"f:spec": {"f:replicas": {}}}}]}}
    with pytest.raises(Refused, match="kube-controller-manager") as caught:
        check_drift(obj(), live, [edit(3, 1, "spec.replicas")])
    assert caught.value.kind == "other_owner"


def test_what_the_server_filled_in_by_default_is_no_drift():
    """Then the field is added to Git; any other value that Git lacks is drift."""
    bare = {"spec": {"containers": obj()["spec"]["containers"]}}
    replicas = edit(3, 1, "spec.replicas")
    check_drift(bare, obj(), [replicas])
    assert for_git(bare, [replicas]) == (FieldEdit(path="spec.replicas", op="add", expect=None, value=3),)
    assert for_git(bare, [edit(None, 1, "spec.replicas", "remove")]) == ()
    with pytest.raises(Refused, match="nothing"):
        check_drift({"spec": {}}, obj(), [edit()])


def test_an_act_planned_against_other_values_is_refused():
    """Someone was faster."""
    check_expected(obj(), obj(), [edit()])
    with pytest.raises(Refused, match="planned"):
        check_expected(obj(), obj("400Mi"), [edit()])
    with pytest.raises(Refused, match="Git says"):
        check_expected(obj("400Mi"), {}, [edit()])


def test_managers_are_found_through_lists_and_atomic_values():
    """`k:{…}` names items by their fields."""
    assert list(managers(obj(fields=OWNED), parse(MEMORY))) == ["argocd-controller"]
    assert list(managers(obj(fields={"f:spec": {}}), parse(MEMORY))) == ["argocd-controller"]
    assert list(managers(obj(fields={"f:status": {}}), parse(MEMORY))) == []


@pytest.mark.parametrize(
    ("manager", "stops"),
    [("argocd-controller", False), ("kustomize-controller", False), ("helm-controller", False), ("kubectl-client-side-apply", False),
     ("kubectl-edit", True), ("payments-operator", True)],
)  # fmt: skip
def test_a_field_that_somebody_else_owns_is_left_alone_though_both_say_the_same(manager, stops):
    """Git would be a second owner; who it is, is told."""
    live = obj()
    live["metadata"]["managedFields"] = [{"manager": manager, "fieldsV1": OWNED}]
    if not stops:
        check_drift(obj(), live, [edit()])
        return
    with pytest.raises(Refused, match=manager) as caught:
        check_drift(obj(), live, [edit()])
    assert caught.value.kind == "other_owner"


def test_an_autoscaler_that_moved_the_field_is_told_with_both_values():
    """No drift: nothing is to be reconciled."""
    scaled = {"manager": "kube-controller-manager", "subresource": "scale", "fieldsV1": {"f:spec": {"f:replicas": {}}}}
    live = {**obj(), "metadata": {"managedFields": [scaled]}, "spec": {"replicas": 7}}
    with pytest.raises(Refused, match="Git says 1, the cluster says 7") as caught:
        check_drift(obj(), live, [edit(3, 1, "spec.replicas")])
    assert caught.value.kind == "other_owner"


def webhook(name, **rule):
    rules = [{"apiGroups": ["apps"], "resources": ["deployments"], "operations": ["UPDATE"], **rule}]
    return {"metadata": {"name": name}, "webhooks": [{"name": "w", "rules": rules}]}


def test_a_webhook_that_changed_the_object_at_admission_is_named():
    """Live differs from what Git renders, and nobody but the GitOps tool owns the field."""
    configurations = [webhook("sidecars"), webhook("pods", apiGroups=[""], resources=["pods"]), webhook("all", apiGroups=["*"], resources=["*"])]
    live = {"apiVersion": "apps/v1", "kind": "Deployment", **obj("300Mi", OWNED)}
    named = mutators(live, [*configurations, webhook("deleted", operations=["DELETE"])])
    assert named == ["sidecars/w", "all/w"]
    drift = Refused("Git says a.", "Sync.", kind="drift")
    assert "sidecars/w, all/w may do that" in with_mutators(drift, live, [edit()], named).what
    live["metadata"]["managedFields"][0]["manager"] = "kubectl-edit"
    assert with_mutators(drift, live, [edit()], named) is drift
