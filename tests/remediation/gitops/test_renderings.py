"""What a folder without a kustomization comes to, as Flux generates one."""

import pytest

from remediation.errors import Refused
from remediation.gitops.index import blob_of
from remediation.gitops.render import render
from remediation.gitops.renderings import Rendering
from remediation.gitops.workspace import Workspace

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: lamps}\n"


@pytest.fixture
def workspace():
    """A private copy that is taken away."""
    made = Workspace()
    yield made
    made.close()


def test_the_whole_repository_may_be_one_folder_without_a_kustomization(workspace):
    """Flux generates one there as anywhere."""
    tree = {"lamps.yaml": blob_of(MAP.encode())}

    rendered = render(workspace, tree, Rendering(kind="kustomize", path=".", overlay='{"namespace": "hall"}'))

    assert "namespace: hall" in rendered.texts[0]


def test_a_base_from_elsewhere_within_a_generated_kustomization_is_named(workspace):
    """What is refused is the address that people wrote, not a place of the private copy."""
    tree = {"base/kustomization.yaml": blob_of(b"resources: [https://git.example.com/lamps//deploy?ref=v1]\n")}

    with pytest.raises(Refused, match=r"git\.example\.com/lamps//deploy\?ref=v1, which is not in the repository") as refused:
        render(workspace, tree, Rendering(kind="kustomize", path=".", overlay='{"namespace": "hall"}'))

    assert refused.value.kind == "unpinned"
