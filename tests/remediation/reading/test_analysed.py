"""What k8sgpt and Popeye found."""

import json
from datetime import UTC, datetime

from remediation.reading.text import read

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _objects(document):
    return {(thing["kind"], (thing.get("involvedObject") or thing["metadata"])["name"]): thing
            for part in read(json.dumps(document), "analysis.json", NOW) for _, thing in part.readings}  # fmt: skip


def test_what_k8sgpt_says_is_the_event_or_the_object_that_shows_it():
    """An image, an end, endpoints that are missing; a complaint of which nothing follows stays text."""
    results = [{"kind": kind, "name": name, "error": [{"Text": text}]} for kind, name, text in (
        ("Pod", "farm/oven-1", 'Back-off pulling image "oven:9"'),
        ("Pod", "farm/mill-1", "the last termination reason is OOMKilled container=stone pod=mill-1"),
        ("Service", "farm/shop", "Service has no endpoints, expected label app=shops"),
        ("ConfigMap", "farm/unused", "ConfigMap unused is not used by any pods"),
    )]  # fmt: skip

    found = _objects({"provider": "", "results": results})

    assert found["Event", "oven-1"]["reason"] == "BackOff"
    assert found["Pod", "mill-1"]["status"]["containerStatuses"][0]["lastState"]["terminated"]["reason"] == "OOMKilled"
    assert found["Pod", "mill-1"]["spec"]["containers"] == []  # its limit is not known, which is not to say that it has none
    assert found["Service", "shop"]["spec"]["selector"] == {"app": "shops"}
    assert found["Endpoints", "shop"]["subsets"] == []
    assert len(found) == 4


def test_what_popeye_says_is_the_state_of_objects():
    """Of workloads, pods and Services."""
    sections = [{"linter": linter, "issues": {place: [{"level": 3, "message": message}]}} for linter, place, message in (
        ("deployments", "farm/mill", "[POP-501] Unhealthy 2 desired but have 0 available"),
        ("deployments", "farm/oven", "[POP-500] Zero scale detected"),
        ("pods", "farm/mill-1", "[POP-207] Pod is in an unhappy phase (Pending)"),
        ("services", "farm/shop", "[POP-1105] No associated endpoints found"),
    )]  # fmt: skip

    found = _objects({"popeye": {"score": 50, "sections": sections}})

    assert found["Deployment", "mill"]["spec"]["replicas"] == 2
    assert found["Deployment", "mill"]["status"]["availableReplicas"] == 0
    assert found["Deployment", "oven"]["spec"]["replicas"] == 0
    assert found["Pod", "mill-1"]["status"]["phase"] == "Pending"
    assert found["Endpoints", "shop"]["subsets"] == []
