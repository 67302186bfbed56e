"""Addresses of bases from elsewhere, as Kustomize takes them."""

import pytest

from remediation.errors import Refused
from remediation.gitops.index import blob_of
from remediation.gitops.inputs import check_inputs
from remediation.gitops.remotes import base_of, is_remote, root_of, there

SHA = "0123456789012345678901234567890123456789"


@pytest.mark.parametrize(
    "entry",
    [
        f"https://github.com/acme/bases//web/prod?ref={SHA}",
        f"https://github.com/acme/bases/web/prod?ref={SHA}",
        f"https://github.com/acme/bases.git/web/prod?ref={SHA}",
        f"github.com/acme/bases//web/prod?ref={SHA}&timeout=30s",
        f"git::https://github.com/acme/bases//web/prod?version={SHA}",
        f"git@github.com:acme/bases.git//web/prod?ref={SHA}",
        f"ssh://git@github.com/acme/bases.git//web/prod?ref={SHA}",
    ],
)
def test_every_way_to_write_a_base_is_the_same_one(entry):
    """Repository, folder and commit."""
    base = base_of(entry)
    assert is_remote(entry)
    assert (base.url, base.path, base.commit) == ("https://github.com/acme/bases", "web/prod", SHA)
    assert there("overlays/prod", entry) == f"{root_of(entry)}/web/prod"


@pytest.mark.parametrize("ref", ["", "?ref=main", "?ref=v1.2.3", "?ref=0123456"])
def test_a_branch_a_tag_and_a_short_commit_pin_nothing(ref):
    """They may move, or mean two."""
    assert base_of(f"https://github.com/acme/bases//web{ref}").commit == ""


def test_what_is_a_path_stays_one():
    """Also with dots, and where it climbs."""
    assert not is_remote("../base")
    assert there("overlays/prod", "../base") == "overlays/base"


@pytest.mark.parametrize("entry", ["https://github.com/acme", "https:///a/b", "https://[h/x", f"https://github.com/acme/bases//../x?ref={SHA}"])
def test_what_names_no_repository_is_refused(entry):
    """And stands nowhere in the tree."""
    with pytest.raises(Refused) as caught:
        base_of(entry)
    assert caught.value.kind == "unpinned"
    assert there(".", entry) == root_of(entry)


def test_a_refusal_of_an_address_tells_no_password():
    """It reaches threads."""
    entry = "https://bot:hunter2@[h/x"
    tree = {"kustomization.yaml": blob_of(f"resources: ['{entry}']\n".encode())}
    for asking in (lambda: base_of(entry), lambda: check_inputs(tree, ".")):
        with pytest.raises(Refused) as caught:
            asking()
        assert "hunter2" not in str(caught.value)
