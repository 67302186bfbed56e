"""Images that cannot be pulled: why, and which one ran before."""

import pytest

from remediation.findings.image_pull_failed import cause_of
from tests.remediation.findings.made import container, event, findings, fine, pod, replica_set, waiting

GOOD, BAD = "r.example/api:1.0", "r.example/api:1.1"
MISSING = f'failed to pull and unpack image "{BAD}": failed to resolve reference "{BAD}": {BAD}: not found'


def bad_pod(reason="ImagePullBackOff", message=""):
    return pod("api-2-x", waiting(reason, message), owner="api-2", containers=[container(image=BAD)])


def good_pod():
    return pod("api-1-x", fine(), owner="api-1", containers=[container(image=GOOD)], ready=True)


def test_the_image_that_ready_pods_run_is_the_last_good_one():
    """A rolling update keeps them."""
    (finding,) = findings(
        replica_set("api-1", 1, GOOD, ready=1, replicas=1), replica_set("api-2", 2, BAD, replicas=1), bad_pod(message=MISSING), good_pod()
    )
    facts = finding.facts
    assert (finding.kind, finding.subject) == ("image_pull_failed", "Deployment/shop/api/api")
    assert (facts["image"], facts["cause"], facts["last_good_image"], facts["last_good_proof"]) == (BAD, "tag_missing", GOOD, "ready_pods")
    assert finding.cites == ("E3", "E4")


def test_an_older_revision_is_taken_where_no_pod_is_left():
    """Marked as the weaker proof; the newest revision below the failing one."""
    sets = [replica_set("api-0", 1, "r.example/api:0.9"), replica_set("api-1", 2, GOOD), replica_set("api-2", 3, BAD, replicas=1)]
    (finding,) = findings(*sets, bad_pod(message=MISSING))
    assert (finding.facts["last_good_image"], finding.facts["last_good_proof"]) == (GOOD, "earlier_revision")


def test_an_older_revision_that_cannot_be_pulled_either_is_not_good():
    """Two bad pushes in a row."""
    other = "r.example/api:1.05"
    sets = [replica_set("api-0", 1, GOOD), replica_set("api-1", 2, other, replicas=1), replica_set("api-2", 3, BAD, replicas=1)]
    also = pod("api-1-x", waiting("ErrImagePull"), owner="api-1", containers=[container(image=other)])
    found = findings(*sets, bad_pod(), also)
    assert {finding.facts["last_good_image"] for finding in found} == {GOOD}


def test_without_an_earlier_image_it_says_so():
    """A first rollout has none; the same image elsewhere is none."""
    same = pod("api-2-y", fine(), owner="api-2", containers=[container(image=BAD)])
    for others in ((), (same,), (replica_set("api-2", 1, BAD, ready=1, replicas=1),)):
        (finding,) = findings(bad_pod(), *others)
        assert (finding.facts["last_good_image"], finding.facts["last_good_proof"]) == ("", "")
        assert "nothing shows an image that it ran before" in finding.text


def test_a_back_off_takes_its_reason_from_the_events():
    """The kubelet's back-off alone says nothing."""
    (finding,) = findings(
        bad_pod(message=f'Back-off pulling image "{BAD}"'), event("api-2-x", "Failed", f'Failed to pull image "{BAD}": {MISSING}')
    )
    assert finding.facts["cause"] == "tag_missing"
    assert finding.cites == ("E1", "E2")


def test_a_pod_without_a_workload_is_its_own_subject():
    """A bare pod."""
    (finding,) = findings(pod("lonely", waiting("ErrImagePull"), owner=""))
    assert finding.subject == "Pod/shop/lonely/api"


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (MISSING, "tag_missing"),
        ("manifest for nginx:9.9 not found: manifest unknown: manifest unknown", "tag_missing"),
        (
            "pull access denied for foo, repository does not exist or may require 'docker login': denied: requested access",
            "repository_missing",
        ),
        ("failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized", "unauthorized"),
        ("Error response from daemon: Get https://r/v2/: no basic auth credentials", "unauthorized"),
        ("dial tcp: lookup r.example on 10.96.0.10:53: no such host", "dns"),
        ("dial tcp 10.0.0.1:443: i/o timeout", "unreachable"),
        ("dial tcp 10.0.0.1:5000: connect: connection refused", "unreachable"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority", "certificate"),
        ("429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit", "rate_limited"),
        ("no match for platform in manifest: not found", "wrong_platform"),
        ("InvalidImageName couldn't parse image name", "invalid_name"),
        ('ErrImageNeverPull Container image "x" is not present with pull policy of Never', "never_pulled"),
        ('failed to resolve reference "r/x:1": proxyconnect tcp: EOF', "unreachable"),
        ('failed to resolve reference "r/x:1": unexpected status: 401', "unauthorized"),
        ('failed to resolve reference "r/x:1"', "unknown"),
        ("write /var/lib/containerd/x: no space left on device", "node_fault"),
        ("", "unknown"),
    ],
)
def test_the_registrys_words_name_the_cause(said, cause):
    """As containerd, Docker and CRI-O say it."""
    assert cause_of(said) == cause


def test_an_image_that_runs_in_a_sibling_is_a_nodes_fault():
    """Another tag would not cure a full disk."""
    same = pod("api-2-y", fine(), owner="api-2", containers=[container(image=BAD)])
    (finding,) = findings(bad_pod(message=MISSING), same, good_pod())
    assert finding.facts["cause"] == "node_fault"


def test_an_earlier_revision_proves_no_run():
    """It is only named; one that could not be pulled is not even that."""
    sets = [replica_set("api-1", 1, GOOD), replica_set("api-2", 2, BAD, replicas=1)]
    (finding,) = findings(*sets, bad_pod(message=MISSING))
    assert f"an earlier revision names {GOOD}" in finding.text
    failed = event("api-1-x", "Failed", f'Failed to pull image "{GOOD}": not found')
    assert all(finding.facts["last_good_image"] == "" for finding in findings(*sets, bad_pod(message=MISSING), failed))


@pytest.mark.parametrize("earlier", ["r.example/api:latest", "r.example/api", "r.example/other:1.0"])
def test_what_names_no_one_build_of_this_repository_is_nothing_to_go_back_to(earlier):
    """`latest` may be the very image that fails, and another repository is another program."""
    ran = pod("api-1-x", fine(), owner="api-1", containers=[container(image=earlier)], ready=True)
    (finding,) = findings(replica_set("api-1", 1, earlier, ready=1), replica_set("api-2", 2, BAD), bad_pod(message=MISSING), ran)

    assert finding.facts["last_good_image"] == ""


def test_what_the_registry_said_is_told_and_a_pull_secret_that_does_not_exist():
    """Without the names that the kubelet puts before it."""
    said = f'Failed to pull image "{BAD}": rpc error: code = Unknown desc = failed to resolve reference "{BAD}": 401 Unauthorized'
    missing = event("api-2-x", "FailedToRetrieveImagePullSecret", "Unable to retrieve some image pull secrets (regcred); …")
    (finding,) = findings(bad_pod(), event("api-2-x", "Failed", said), missing)

    assert '"401 Unauthorized"' in finding.text
    assert finding.facts["missing_secret"] == "regcred"


@pytest.mark.parametrize(
    ("reason", "message", "also", "told"),
    [
        ("Failed", f'Failed to pull image "{BAD}": no match for platform in manifest', (), "Failed"),
        ("Failed", f'Failed to pull image "{BAD}": {MISSING}', ("Failed", "Error: ErrImagePull"), "ErrImagePull"),
        ("Failed", f'Failed to pull image "{BAD}": {MISSING}', ("Failed", "Error: ImagePullBackOff"), "ImagePullBackOff"),
        ("BackOff", f'Back-off pulling image "{BAD}"', (), "ImagePullBackOff"),
    ],
)
def test_events_alone_give_no_word_that_none_of_them_says(reason, message, also, told):
    """That a pull failed is not yet that the kubelet backs off."""
    others = [event("api-2-x", *also) | {"metadata": {"name": "another", "namespace": "shop"}}] if also else []
    (finding,) = findings(event("api-2-x", reason, message), *others)

    assert finding.facts["reason"] == told
    assert f"cannot be pulled ({told}, " in finding.text
