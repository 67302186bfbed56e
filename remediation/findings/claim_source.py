"""What a claim's volume is to be restored or cloned from, and whether that is there and ready."""

import re

from remediation.observed import Object, Observed, place_of

_NOT_READY = re.compile(
    r"(?:snapshot|dataSource|data source|clone|restor|populat)[^\n]{0,400}"
    r"(?:not (?:yet )?(?:ready|bound|available)|failed|error|unable|cannot)|"
    r"(?:failed|error|unable)[^\n]{0,200}(?:snapshot|dataSource|data source|clone|restor|populat)",
    re.IGNORECASE,
)
_MISSING = re.compile(r"not found|does not exist|no such", re.IGNORECASE)


def source_of(claim: Object) -> str:
    """`VolumeSnapshot/name`, empty for a claim whose volume begins empty."""
    spec = claim.get("spec") or {}
    source = spec.get("dataSourceRef") or spec.get("dataSource") or {}
    return f"{source.get('kind')}/{source['name']}" if source.get("name") else ""


def cause_of_source(claim: Object, message: str, observed: Observed) -> str:
    """source_missing or source_not_ready, as the source itself or the provisioner's message says; empty where neither does."""
    kind, _, name = source_of(claim).partition("/")
    if not name:
        return ""
    thing = observed.get(kind, place_of(claim)[1], name)
    status = (thing or {}).get("status") or {}
    if status.get("readyToUse") is False or status.get("error"):
        return "source_not_ready"
    others = list(observed.all(kind, place_of(claim)[1]))
    if thing is None and ((others and kind != "PersistentVolumeClaim") or observed.lists_none(kind)):
        return "source_missing"
    if thing is None and _NOT_READY.search(message) and _MISSING.search(message):
        return "source_missing"
    return "source_not_ready" if _NOT_READY.search(message) else ""
