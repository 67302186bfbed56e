"""What a real control plane says of each scene, explained as expected: the cases of tests/cases/real-* are such recordings."""

import asyncio

import pytest

from remediation.evaluation import play
from remediation.remedies import catalogue
from tests.real.controlplane import whole
from tests.real.recorded import Stage, write
from tests.real.scenes import all_scenes

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def stage():
    """A control plane of its own: controllers, a scheduler, and nodes that come and go."""
    with whole() as kubeconfig:
        yield Stage(kubeconfig)


@pytest.mark.parametrize("scene", all_scenes(), ids=lambda scene: scene.name)
def test_a_scene_is_explained_as_it_is_meant(scene, stage, tmp_path):
    """Whatever this version of Kubernetes says of it."""
    write(scene, stage.play(scene), tmp_path)
    judged = asyncio.run(play(tmp_path / scene.name, catalogue()))

    assert judged.missing == ()
    assert judged.fix_kind_right, f"{judged.fix_kind} where {judged.expected_fix_kind} was expected"
    assert judged.object_right in (True, None)
