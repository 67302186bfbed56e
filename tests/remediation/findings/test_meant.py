"""What somebody meant is told of the workload's own pods."""

from tests.remediation.findings.made import deployment, event, findings, fine, pod


def test_pods_of_a_workload_whose_name_begins_alike_are_not_counted():
    """`api-gateway` is no part of `api`."""
    scaled = event("api", "ScalingReplicaSet", "Scaled down replica set api-5d59d67564 to 1 from 3", kind="Deployment")
    mine = pod("api-5d59d67564-aaaaa", fine(), owner="api-5d59d67564", ready=True)
    other = pod("api-gateway-6c5d8f7b9-bbbbb", fine(), owner="api-gateway-6c5d8f7b9", ready=True)

    (finding,) = (finding for finding in findings(deployment(), scaled, mine, other) if finding.facts.get("cause") == "scaled_down")

    assert (finding.subject, finding.facts["ready"]) == ("Deployment/shop/api", 1)
