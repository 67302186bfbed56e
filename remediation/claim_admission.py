"""What admission would say of a larger PersistentVolumeClaim: the namespace's quotas of storage, and its LimitRanges."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from remediation.quantities import format_memory, parse
from remediation.terms import Json

_OF_CLASS = ".storageclass.storage.k8s.io/requests.storage"


def is_claim(thing: Mapping[str, Json]) -> bool:
    """Whether it is a claim, and makes no pods."""
    return thing.get("kind") == "PersistentVolumeClaim"


def claim_outside(claim: Mapping[str, Json], limit_ranges: Sequence[Mapping[str, Json]]) -> tuple[str, ...]:
    """Each LimitRange whose bounds for claims this one does not keep to, a sentence each."""
    size = _size(claim)
    return tuple(
        f"LimitRange {limits['metadata']['name']}: a claim's storage {format_memory(size)} is {side} {item[bound]['storage']}"
        for limits in limit_ranges
        for item in limits.get("spec", {}).get("limits", ())
        for side, sign, bound in (("above", 1, "max"), ("below", -1, "min"))
        if item.get("type") == "PersistentVolumeClaim" and "storage" in (item.get(bound) or {})
        if (size - parse(item[bound]["storage"])) * sign > 0
    )


def claim_over_quota(
    live: Mapping[str, Json], head: Mapping[str, Json], quotas: Sequence[Mapping[str, Json]]
) -> Iterator[tuple[bool | None, str]]:
    """For each line of a quota that counts its storage: whether it has room for the claim's growth, None where that is not known."""
    storage_class = str((head.get("spec") or {}).get("storageClassName") or "")
    grown = _size(head) - _size(live)
    for quota in quotas:
        status, name = quota.get("status") or {}, f"ResourceQuota {quota['metadata']['name']}"
        hard = status.get("hard") or (quota.get("spec") or {}).get("hard") or {}
        for key in ("requests.storage", f"{storage_class}{_OF_CLASS}"):
            used = (status.get("used") or {}).get(key)
            if key not in hard:
                continue
            if used is None:
                yield None, f"{name}: how much of {key} is used is not known"
            else:
                after = parse(used) + grown
                yield grown <= 0 or after <= parse(hard[key]), f"{name}: {key} would reach {format_memory(after)} of {hard[key]}"


def _size(claim: Mapping[str, Json]) -> Decimal:
    return parse((((claim.get("spec") or {}).get("resources") or {}).get("requests") or {}).get("storage") or 0)
