"""A quota that is too small for all the pods that a workload wants: by the manifests alone, whatever else counts into it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from remediation.findings.finding import found
from remediation.findings.refusal import CreationRefused
from remediation.footprint import asks, pod_total, rollout
from remediation.observed import Object, Observed, place_of
from remediation.quantities import format_cpu, format_memory, parse
from remediation.terms import Finding, Json, ObjectRef

_SIDES = {"cpu": "requests.cpu", "memory": "requests.memory", "ephemeral-storage": "requests.ephemeral-storage"}


def beyond_quotas(thing: Object, root: ObjectRef, ranges: Sequence[Object], observed: Observed) -> Iterator[Finding]:
    """One finding for each quota without a status that the wanted replicas overstep; none where pods or their refusal are shown."""
    if thing.get("status") or observed.pods_of(root) or thing.get("kind") == "Pod":
        return
    for quota in observed.all("ResourceQuota", root.namespace):
        spec = quota.get("spec") or {}
        if quota.get("status") or spec.get("scopes") or spec.get("scopeSelector"):
            continue  # the server's own count says more; a scope may leave these pods out
        for name, hard in (spec.get("hard") or {}).items():
            if (amounts := _beyond(thing, ranges, str(name), hard)) is not None:
                yield _finding(thing, quota, (str(name), str(hard)), amounts, observed)
                break


def _beyond(thing: Object, ranges: Sequence[Object], name: str, hard: Json) -> tuple[Decimal, int] | None:
    """What one pod asks of it and how many pods there should be, where that is more than there is; None where it fits or is no number."""
    try:
        pods, most = rollout(thing, thing).wanted, parse(hard)
        side, _, resource = _SIDES.get(name, name).partition(".")
        one = Decimal(1) if name in ("pods", "count/pods") else Decimal(0)
        if side in ("requests", "limits") and "." not in resource:
            one = pod_total(thing, asks(thing, ranges), side, resource)
    except ValueError:
        return None
    return (one, pods) if one * pods > most else None


def _finding(thing: Object, quota: Object, bound: tuple[str, str], amounts: tuple[Decimal, int], observed: Observed) -> Finding:
    """bound: what is counted, and how much of it the quota holds.  amounts: what one pod asks, and how many pods there should be."""
    (name, hard), (one, pods), root = bound, amounts, observed.root(thing)
    each = format_cpu(one) if name.endswith("cpu") else format_memory(one, like=hard)
    facts = CreationRefused(
        cause="overasked" if one > parse(hard) else "quota",
        quota=place_of(quota)[2],
        resource=name,
        requested=f"{name}={each}",
        used="",
        limited=f"{name}={hard}",
        side="",
        account="",
        webhook="",
        message="",
        reported=False,
    )
    ask = f"each of its {pods} pods counts {each}" if pods > 1 else f"its pod counts {each}"
    holds = f"ResourceQuota {facts.quota} allows {name} {hard} in all"
    text = f"not all pods of {root.name} can be created: {holds}, and {ask} (quota exceeded)"
    return found("creation_refused", str(root), facts, text, observed.cites(thing, quota))
