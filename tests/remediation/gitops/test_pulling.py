"""Images that a change brings: known by what ran here, or by a registry; else the proof says that nobody was asked."""

import pytest

from remediation.errors import Refused
from remediation.gitops.pulling import check_images
from remediation.terms import Move, ObjectRef
from tests.remediation.gitops.systems import MemoryCluster

API = ObjectRef(group="apps", kind="Deployment", namespace="shop", name="api")
MOVES = [Move(object=API, path="spec.template.spec.containers[name=api].image", old="api:1", new="api:2")]


class Registry:
    def __init__(self, answer):
        self.answer = answer

    async def knows(self, image):
        return self.answer


def pod(image="api:2", pulled=True):
    status = {"containerStatuses": [{"name": "api", "imageID": "sha256:a" if pulled else ""}]}
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "shop"}, "status": status,
        "spec": {"containers": [{"name": "api", "image": image}]},
    }  # fmt: skip


def replica_set(replicas, ready):
    spec = {"replicas": replicas, "template": {"spec": {"containers": [{"name": "api", "image": "api:2"}]}}}
    metadata = {"name": "r", "namespace": "shop"}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec, "status": {"readyReplicas": ready}}


@pytest.mark.parametrize(
    ("ran", "known"),
    [([pod()], True), ([pod(pulled=False)], False), ([pod("api:3")], False), ([replica_set(0, 0)], True), ([replica_set(2, 2)], True), ([replica_set(2, 0)], False)],
)  # fmt: skip
async def test_what_ran_here_exists(ran, known):
    """A pod that waits for an image proves nothing of it, nor does a ReplicaSet that never became ready."""
    unknown = await check_images(MOVES, API, MemoryCluster(*ran), None)
    assert (unknown == []) is known
    assert known or "api:2 exists was not asked" in unknown[0]


async def test_an_image_that_ran_beyond_those_that_were_read_is_not_said_to_have_never_run():
    """The namespace has more pods than a list gives."""
    crowd = MemoryCluster(*[pod("api:1") for _ in range(3)], cap=2)
    assert (await check_images(MOVES, API, crowd, None))[1:] == ["Only the first 2 Pod objects were read: there are more."]
    assert await check_images(MOVES, API, MemoryCluster(*[pod() for _ in range(3)], cap=2), None) == []


async def test_a_registry_is_asked_where_one_is_configured():
    """It knows it, it does not, or it does not tell."""
    assert await check_images(MOVES, API, None, Registry(True)) == []
    assert len(await check_images(MOVES, API, None, Registry(None))) == 1
    with pytest.raises(Refused, match="does not know api:2") as caught:
        await check_images(MOVES, API, MemoryCluster(), Registry(False))
    assert caught.value.kind == "infeasible"


async def test_a_change_without_images_asks_nobody():
    """Replicas."""
    assert await check_images([Move(object=API, path="spec.replicas", old=1, new=2)], API, None, Registry(False)) == []
