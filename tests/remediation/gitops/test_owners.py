"""What live objects and tools' objects say of origins: read as it is meant, and never a crash, whatever strangers wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.gitops.owners.claims import Tracking, claims_of, maker_of, origin_of, release_of
from remediation.gitops.owners.inventory import disowned
from remediation.gitops.owners.origins import of_application, of_flux_source, sha_in
from remediation.terms import ObjectRef

SHA = "0123456789012345678901234567890123456789"
API = ObjectRef(group="apps", kind="Deployment", namespace="shop", name="api")
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8,
)  # fmt: skip
KEYS = st.sampled_from(
    ["labels", "annotations", "ownerReferences", "source", "sources", "sourceHydrator", "ref", "artifact", "resources", "inventory", "history",
     "operationState", "argocd.argoproj.io/tracking-id", "app.kubernetes.io/instance", "kustomize.toolkit.fluxcd.io/name", "config.kubernetes.io/origin"]
)  # fmt: skip
HOSTILE = st.dictionaries(KEYS, JUNK | st.dictionaries(KEYS, JUNK, max_size=4), max_size=6)


@given(metadata=HOSTILE | JUNK, spec=HOSTILE | JUNK, status=HOSTILE | JUNK)
def test_whatever_an_object_says_it_is_read(metadata, spec, status):
    """Labels that are lists, sources that are numbers, inventories of nothing."""
    thing = {"apiVersion": "apps/v1", "kind": "Application", "metadata": metadata, "spec": spec, "status": status}
    claims_of(thing, Tracking())
    maker_of(thing)
    origin_of(thing)
    release_of(thing)
    of_application(thing)
    of_flux_source(thing)
    disowned(API, thing)


@pytest.mark.parametrize(
    ("revision", "sha"),
    [(f"main@sha1:{SHA}", SHA), (f"main/{SHA}", SHA), (SHA, SHA), ("sha256:abc", ""), ("main", ""), ("", "")],
)
def test_the_applied_commit_is_read_of_every_way_to_write_it(revision, sha):
    """Flux wrote it in two ways."""
    assert sha_in(revision) == sha


@pytest.mark.parametrize(
    ("reference", "revision", "fixed"),
    [
        ({}, "", False), ({"branch": "main"}, "main", False), ({"name": "refs/heads/prod"}, "prod", False),
        ({"tag": "v1", "branch": "main"}, "v1", True), ({"semver": ">=1", "tag": "v1"}, ">=1", True), ({"commit": SHA, "branch": "main"}, SHA, True),
        ({"name": "refs/tags/v1"}, "refs/tags/v1", True),
    ],
)  # fmt: skip
def test_a_git_repository_follows_the_strongest_of_its_references(reference, revision, fixed):
    """A commit, a name, a range, a tag, a branch."""
    origin = of_flux_source({"kind": "GitRepository", "spec": {"url": "https://x/a/b", "ref": reference}})
    assert (origin.revision, bool(origin.fixed)) == (revision, fixed)


def test_the_commits_of_several_sources_are_told_apart():
    """The last sync's result, one commit a source."""
    spec = {"sources": [{"repoURL": "https://x/a/b", "path": "p"}, {"repoURL": "https://x/c/d", "ref": "v"}]}
    status = {"operationState": {"syncResult": {"revisions": ["a" * 40, "b" * 40]}}, "sync": {"revision": "c" * 40}}
    assert [origin.applied for origin in of_application({"spec": spec, "status": status})] == ["a" * 40, "b" * 40]
