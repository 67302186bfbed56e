"""Who made what, by names alone."""

import pytest

from remediation.observed import Observed
from remediation.ownership import owner_told
from remediation.terms import Evidence, ObjectRef
from tests.remediation.made import NOW

LONG = "import" + "-controller" * 4 + "s"  # with a hash and five letters more than a pod may be called


@pytest.mark.parametrize(
    ("place", "names", "owner"),
    [
        (("Pod", "shop", "db-0"), {"StatefulSet": [("shop", "db")]}, ("StatefulSet", "db")),
        (("Pod", "shop", "db-0"), {"StatefulSet": [("other", "db")]}, None),
        (("Pod", "shop", "agent-x2k4p"), {"DaemonSet": [("shop", "agent")]}, ("DaemonSet", "agent")),
        (("Pod", "shop", "web-7d9c8b6f54-2kxlp"), {}, ("ReplicaSet", "web-7d9c8b6f54")),
        (("Pod", "shop", "my-first-pod"), {}, None),
        (("Pod", "shop", "api-gateway-0"), {"Deployment": [("shop", "api")]}, None),
        (("Pod", "shop", "api-6c8d-001"), {"Deployment": [("shop", "api")]}, ("ReplicaSet", "api-6c8d")),
        (("Pod", "shop", f"{LONG}-7f4bf5l9ln9"), {"Deployment": [("shop", LONG), ("shop", "import")]}, ("ReplicaSet", f"{LONG}-7f4bf5")),
        (("ReplicaSet", "shop", "web-7d9c8b6f54"), {}, ("Deployment", "web")),
        (("ReplicaSet", "shop", "web-frontend"), {}, None),
    ],
)
def test_names_tell_owners(place, names, owner):
    """A name that Kubernetes made says by whom; one that a person chose does not."""
    assert owner_told(place, names) == owner


def test_an_event_of_creation_names_the_owner_of_a_pod_that_no_item_shows():
    """The pod may be gone: the event is what is left of it."""
    event = {"kind": "Event", "metadata": {"name": "e", "namespace": "shop"}, "reason": "SuccessfulCreate", "message": "Created pod: odd-name",
             "involvedObject": {"kind": "ReplicaSet", "namespace": "shop", "name": "web-7d9c8b6f54"}}  # fmt: skip
    item = Evidence(item="E1", kind="objects", source="files", title="events", at=NOW, text="", objects=(event,))

    assert Observed([item]).root_of(("Pod", "shop", "odd-name")) == ObjectRef(group="apps", kind="Deployment", namespace="shop", name="web")
