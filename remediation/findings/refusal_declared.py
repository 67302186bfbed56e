"""What a namespace's quotas and limits would refuse, by the manifests alone."""

from collections.abc import Iterator, Mapping, Sequence

from remediation.findings.finding import found
from remediation.findings.quota_declared import beyond_quotas
from remediation.findings.refusal import CreationRefused, words_of
from remediation.footprint import default_limits, default_requests
from remediation.observed import Object, Observed, place_of
from remediation.quantities import parse
from remediation.terms import Finding, Json, ObjectRef
from remediation.workloads import containers


def declared(thing: Object, root: ObjectRef, observed: Observed) -> Iterator[Finding]:
    """What a quota demands of every container and one does not set, and a LimitRange that one does not keep to; by manifests alone."""
    ranges = list(observed.all("LimitRange", root.namespace))
    for quota in observed.all("ResourceQuota", root.namespace):
        hard = (quota.get("spec") or {}).get("hard") or {}
        lacking = [(name, c) for name in hard for _, c in containers(thing) if _lacks(c, name) and not _defaulted(name, ranges)]
        if lacking and not _has_pods(root, observed):
            names = ", ".join(dict.fromkeys(name for name, _ in lacking))
            facts = CreationRefused(
                cause="must_specify",
                quota=place_of(quota)[2],
                resource=names,
                requested="",
                used="",
                limited=str(hard[lacking[0][0]]),
                side="",
                account="",
                webhook="",
                message="",
                reported=False,
            )
            who = ", ".join(dict.fromkeys(str(c.get("name")) for _, c in lacking))
            text = f"pods of {root.name} cannot be created: ResourceQuota {facts.quota} requires {names} and container {who} sets none"
            yield found("creation_refused", str(root), facts, text, observed.cites(thing, quota))
    yield from beyond_quotas(thing, root, ranges, observed)
    for item in (i for r in ranges for i in (r.get("spec") or {}).get("limits") or () if i.get("type") == "Container"):
        yield from _outside(thing, root, item, ranges, observed)


def _has_pods(root: ObjectRef, observed: Observed) -> bool:
    return bool(observed.pods_of(root))


def _lacks(container: Mapping[str, Json], name: str) -> bool:
    """Whether a container does not set what a quota of this name counts; a limit stands for the request too."""
    side, _, resource = name.partition(".")
    if side not in ("limits", "requests"):
        side, resource = ("requests", name) if name in ("cpu", "memory") else ("", "")
    resources = container.get("resources") or {}
    if resource not in ("cpu", "memory"):
        return False
    return resource not in (resources.get(side) or {}) and not (side == "requests" and resource in (resources.get("limits") or {}))


def _defaulted(name: str, ranges: Sequence[Object]) -> bool:
    side, _, resource = name.rpartition(".")
    given = default_limits if side == "limits" else default_requests
    items = (item for one in ranges for item in (one.get("spec") or {}).get("limits") or () if item.get("type", "Container") == "Container")
    return any(resource in given(item) for item in items)


def _outside(thing: Object, root: ObjectRef, item: Mapping[str, Json], ranges: Sequence[Object], observed: Observed) -> Iterator[Finding]:
    for _, container in containers(thing):
        for side, field, sign in (("maximum", "max", 1), ("minimum", "min", -1)):
            for resource, bound in (item.get(field) or {}).items():
                own = (container.get("resources") or {}).get("limits" if sign > 0 else "requests") or {}
                if resource in own and _beyond(own[resource], bound, sign) and not _has_pods(root, observed):
                    facts = CreationRefused(
                        cause="limit_range",
                        quota="",
                        resource=resource,
                        requested=str(own[resource]),
                        used="",
                        limited=str(bound),
                        side=side,
                        account="",
                        webhook="",
                        message="",
                        reported=False,
                    )
                    text = f"pods of {root.name} cannot be created: {words_of(facts)} in container {container.get('name')}"
                    yield found("creation_refused", str(root), facts, text, observed.cites(thing, *ranges))


def _beyond(value: Json, bound: Json, sign: int) -> bool:
    try:
        return (parse(value) - parse(bound)) * sign > 0
    except ValueError:
        return False
