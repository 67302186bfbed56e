"""What stands around an object: read whole, or said not to be; a part of a list refuses nothing."""

import pytest

from remediation.errors import Refused
from remediation.gitops.around import around, bearing_on
from remediation.gitops.feasibility import check_feasible
from remediation.terms import FieldEdit
from tests.remediation.gitops.systems import MemoryCluster
from tests.remediation.gitops.test_feasibility import API, deployment, thing

SSD = {"nodeSelector": {"disk": "ssd"}}


def nodes(count):
    """The last alone has an SSD."""
    status = {"allocatable": {"memory": "8Gi", "cpu": "4"}}
    made = [{"kind": "Node", "metadata": {"name": f"n{number:04}"}, "spec": {}, "status": status} for number in range(count)]
    made[-1]["metadata"]["labels"] = {"disk": "ssd"}
    return made


async def test_nodes_beyond_those_that_a_list_gives_refuse_nothing():
    """The one that fits is the last of six hundred."""
    near, unknown = await around(MemoryCluster(*nodes(600)), API, ("Node", "Pod"))
    check_feasible(deployment(**SSD), deployment(request="300Mi", **SSD), near, {})
    assert unknown == ["Only the first 500 Node objects were read: there are more."]


async def test_as_many_nodes_as_a_list_gives_are_all_of_them():
    """They decide, and nothing is unknown."""
    near, unknown = await around(MemoryCluster(*nodes(500)[::-1]), API, ("Node", "Pod"))
    assert unknown == []
    with pytest.raises(Refused, match="no schedulable node"):
        check_feasible(deployment(), deployment(request="300Mi", nodeSelector={"disk": "tape"}), near, {})


async def test_a_part_of_the_pods_is_not_counted_and_a_part_of_the_budgets_still_holds():
    """What some pods request says little of a node; each budget says enough by itself."""
    pods = [thing("Pod", f"p{number}") for number in range(3)]
    budgets = [thing("PodDisruptionBudget", f"b{number}") for number in range(3)]
    near, unknown = await around(MemoryCluster(*pods, *budgets, cap=2), API, ("Pod", "PodDisruptionBudget"))
    assert [each["metadata"]["name"] for each in near] == ["b0", "b1"]
    assert [sentence.partition(" objects")[0] for sentence in unknown] == ["Only the first 2 Pod", "Only the first 2 PodDisruptionBudget"]


async def test_a_priority_beyond_those_that_were_read_may_be_there():
    """It is not refused."""
    classes = [{"kind": "PriorityClass", "metadata": {"name": name}} for name in ("a", "b", "high")]
    near, unknown = await around(MemoryCluster(*classes, cap=2), API, ("PriorityClass",))
    check_feasible(deployment(), deployment(priorityClassName="high"), near, {})
    assert len(unknown) == 1


@pytest.mark.parametrize(
    ("path", "value", "kinds"),
    [
        ("spec.template.spec.containers[name=api].resources.limits.memory", "1Gi", ("VerticalPodAutoscaler", "Node", "Pod")),
        ("spec.template.spec.containers[name=api].image", "shop/api:2", ()),
        ("spec.replicas", 3, ("PodDisruptionBudget",)),
        ("spec.template.metadata.labels.app", "api", ("PodDisruptionBudget",)),
        ("spec.template.spec.priorityClassName", "high", ("PriorityClass",)),
        ("spec.template", {"metadata": {"labels": {}}, "spec": {"priorityClassName": "high"}}, ("PodDisruptionBudget", "PriorityClass")),
    ],
)
def test_only_what_may_object_to_an_edit_is_asked_for(path, value, kinds):
    """By the fields that it touches, or brings along."""
    assert bearing_on([FieldEdit(path=path, op="replace", expect=None, value=value)]) == kinds


async def test_with_no_kind_that_bears_on_it_nothing_is_asked():
    """Which is not the same as not to say which."""
    cluster = MemoryCluster(thing("PodDisruptionBudget", "b"), forbidden=("PriorityClass",))
    assert await around(cluster, API, ()) == ([], [])
    near, unknown = await around(cluster, API)
    assert (len(near), len(unknown)) == (1, 1)
