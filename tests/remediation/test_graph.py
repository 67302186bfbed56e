"""Who depends on whom in a namespace."""

from collections.abc import Sequence
from datetime import UTC, datetime

from remediation.graph import distances
from remediation.observed import Object, Observed
from remediation.terms import Evidence, ObjectRef


def test_a_namespace_in_which_everything_calls_everything_is_walked_once():
    """Each object is looked at once, however many ways lead to it: a walk of every way would not end."""
    things = []
    for number in range(40):
        labels, called = {"app": f"s{number}"}, [{"name": f"V{n}", "value": f"http://s{n}:80"} for n in range(40)]
        template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "env": called}]}}
        metadata = {"name": f"s{number}", "namespace": "n"}
        things.append({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": template}})
        things.append({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"selector": labels}})
    shown = Evidence(
        kind="objects", source="k", title="o", at=datetime(2026, 11, 20, tzinfo=UTC), text="", item="E1", objects=tuple(things)
    )

    steps = distances([("Deployment", "n", "s0")], Observed([shown]))

    assert (len(steps), steps["Service", "n", "s7"], steps["Deployment", "n", "s7"]) == (80, 1, 2)


class Counted(Observed):
    """Evidence that counts how often it is asked for a workload's pods."""

    asked = 0

    def pods_of(self, workload: ObjectRef) -> Sequence[Object]:
        """As the evidence has it."""
        self.asked += 1
        return super().pods_of(workload)


def test_many_walks_through_one_object_ask_what_it_needs_once():
    """Thousands of findings each have their way: what an object stands on is read from its variables once, not for each of them."""
    observed = Counted([])
    start = [("Deployment", "n", "api")]

    walks = [distances(start, observed) for _ in range(9)]

    assert (observed.asked, walks) == (1, [{start[0]: 0}] * 9)
