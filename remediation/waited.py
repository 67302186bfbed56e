"""What the objects that a GitOps tool applies wait for, one behind the other: a Kustomization for a release, the release for a workload."""

import re
from collections.abc import Iterable, Sequence

from remediation.consequences import place_of_finding
from remediation.observed import Place
from remediation.terms import Finding

_NAMED = re.compile(r"\b(?P<kind>[A-Z][A-Za-z]{2,62})/(?P<namespace>[a-z0-9][a-z0-9-]{0,62})/(?P<name>[a-z0-9][\w.-]{0,252})")
_FURTHEST = 5  # steps


def waited_for(findings: Iterable[Finding], start: Sequence[Place]) -> Sequence[Place]:
    """Everything that one of these waits for, by the words of what failed to become ready, the nearest first."""
    said = {place_of_finding(one): str(one.facts.get("message") or "") for one in findings if one.kind == "sync_failed"}
    reached, frontier = list[Place](), list(start)
    for _ in range(_FURTHEST):
        named = [match for place in frontier for match in _NAMED.finditer(said.get(place, ""))]
        frontier = [place for match in named if (place := (match["kind"], match["namespace"], match["name"])) not in (*start, *reached)]
        reached += dict.fromkeys(frontier)
    return reached
