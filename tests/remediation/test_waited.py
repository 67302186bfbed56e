"""What waits for what, by the words of GitOps tools."""

from remediation.terms import Finding
from remediation.waited import waited_for


def _waits(subject, message):
    return Finding(finding_id="", kind="sync_failed", subject=subject, text=message, cites=(), facts={"cause": "waits", "message": message})


def test_a_chain_is_followed_to_its_end():
    """A Kustomization waits for a release, which waits for a workload; rings end."""
    release = _waits("HelmRelease/farm/bread", "timeout waiting for: [Deployment/farm/oven status: 'InProgress']")
    ring = _waits("Deployment/farm/oven", "waits for HelmRelease/farm/bread")
    top = _waits("Kustomization/flux/apps", "stalled resources: [HelmRelease/farm/bread status: 'Failed']")

    found = waited_for([release, ring, top], [("Kustomization", "flux", "apps")])

    assert found == [("HelmRelease", "farm", "bread"), ("Deployment", "farm", "oven")]


def test_what_is_named_elsewhere_is_not_waited_for():
    """Only from where the symptom is."""
    assert waited_for([_waits("Kustomization/flux/others", "[Deployment/farm/oven]")], [("Kustomization", "flux", "apps")]) == []
