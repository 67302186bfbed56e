"""What admission would say of a workload's pods: request against limit, LimitRanges, ResourceQuotas.

A server-side dry-run of a Deployment does not reach them (its pods are made later), so they are computed from the objects at hand.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from remediation.footprint import COUNTED, ContainerAsk, Rollout, asks, pod_total, rollout
from remediation.quantities import format_cpu, format_memory, parse
from remediation.terms import Json
from remediation.workloads import pod_spec

_ALIASES = {"cpu": "requests.cpu", "memory": "requests.memory", "ephemeral-storage": "requests.ephemeral-storage", "count/pods": "pods"}


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """refusals: why pods would not be made, a sentence each.  unknown: what could not be judged.  room: how much stays free, for people."""

    refusals: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    room: tuple[str, ...] = ()


def requests_over_limits(workload: Mapping[str, Json]) -> tuple[str, ...]:
    """Each request that is greater than its limit: the server refuses such a pod."""
    return tuple(
        f"container {ask.name}: {resource} request {amount(resource, ask.requests[resource])} is above its limit {amount(resource, limit)}"
        for ask in asks(workload)
        for resource, limit in ask.limits.items()
        if resource in ask.requests and ask.requests[resource] > limit
    )


def outside_limit_ranges(workload: Mapping[str, Json], limit_ranges: Sequence[Mapping[str, Json]]) -> tuple[str, ...]:
    """Each amount that a LimitRange of the namespace does not let through."""
    all_asks = asks(workload, limit_ranges)
    return tuple(
        f"LimitRange {limits['metadata']['name']}: {sentence}"
        for limits in limit_ranges
        for item in limits.get("spec", {}).get("limits", ())
        for sentence in _outside(item, workload, all_asks)
    )


def _outside(item: Mapping[str, Json], workload: Mapping[str, Json], all_asks: Sequence[ContainerAsk]) -> Iterator[str]:
    """What of one entry (type Container or Pod) is not kept."""
    if item.get("type") == "Pod":
        limits = {r: pod_total(workload, all_asks, "limits", r) for r in COUNTED if any(r in ask.limits for ask in all_asks)}
        requests = {r: pod_total(workload, all_asks, "requests", r) for r in COUNTED if any(r in ask.requests for ask in all_asks)}
        yield from _compared("a pod", item, requests, limits)
    if item.get("type") == "Container":
        for ask in all_asks:
            yield from _compared(f"container {ask.name}", item, ask.requests, ask.limits)


def _compared(who: str, item: Mapping[str, Json], requests: Mapping[str, Decimal], limits: Mapping[str, Decimal]) -> Iterator[str]:
    for resource, most in (item.get("max") or {}).items():
        if resource not in limits:
            yield f"{who} has no {resource} limit, at most {most} is required"
        elif limits[resource] > parse(most):
            yield f"{who}'s {resource} limit {amount(resource, limits[resource])} is above {most}"
    for resource, least in (item.get("min") or {}).items():
        if resource in requests and requests[resource] < parse(least):
            yield f"{who}'s {resource} request {amount(resource, requests[resource])} is below {least}"
    for resource, ratio in (item.get("maxLimitRequestRatio") or {}).items():
        if requests.get(resource) and resource in limits and limits[resource] / requests[resource] > parse(ratio):
            yield f"{who}'s {resource} limit is more than {ratio} times its request"


def over_quota(
    live: Mapping[str, Json], head: Mapping[str, Json], quotas: Sequence[Mapping[str, Json]], limit_ranges: Sequence[Mapping[str, Json]]
) -> Opinion:
    """Whether the namespace's quotas have room for `head` × its replicas and the pods beside them while it rolls out.

    A quota that the workload would exceed as it is now, too, is not this change's doing and is not held against it.
    """
    refusals, unknown, room = [], [], []
    pods, now, then = rollout(live, head), asks(live, limit_ranges), asks(head, limit_ranges)
    for quota in quotas:
        name = f"ResourceQuota {quota['metadata']['name']}"
        applies = _applies(quota, head, then)
        if applies is None:
            unknown.append(f"{name}: its scope could not be judged")
        if not applies:
            continue
        status = quota.get("status") or {}
        for key, hard in (status.get("hard") or quota.get("spec", {}).get("hard") or {}).items():
            side, _, resource = _ALIASES.get(key, key).partition(".")
            if side != "pods" and (side not in ("requests", "limits") or resource not in COUNTED):
                continue
            lacking = [a.name for a in then if side != "pods" and resource not in getattr(a, side)]
            if lacking:
                refusals.append(f"{name}: container {lacking[0]} must state its {_ALIASES.get(key, key)}")
                continue
            if key not in (status.get("used") or {}):
                unknown.append(f"{name}: how much {key} is used is not known")
                continue
            old = pod_total(live, now, side, resource) if resource else Decimal(1)
            new = pod_total(head, then, side, resource) if resource else Decimal(1)
            before, after = _at_worst(parse(status["used"][key]), pods, old, new)
            sentence = f"{name}: {key} would reach {amount(resource, after)} of {hard} ({_pods(pods)})"
            (refusals if after > parse(hard) and after > before else room).append(sentence)
    return Opinion(refusals=tuple(refusals), unknown=tuple(unknown), room=tuple(room))


def _at_worst(used: Decimal, pods: Rollout, old: Decimal, new: Decimal) -> tuple[Decimal, Decimal]:
    """The most that would be used while rolling out: the same pods as now, and the new ones. While they mix, the larger fill the wanted places."""
    others = max(Decimal(0), used - pods.running * old)
    before = others + (pods.wanted + pods.surge) * old
    after = others + pods.wanted * max(old, new) + pods.surge * min(old, new)
    return before, after


def _pods(pods: Rollout) -> str:
    beside = f" and {pods.surge} more while rolling out" if pods.surge else ""
    return f"{pods.wanted} pods{beside}"


def _applies(quota: Mapping[str, Json], workload: Mapping[str, Json], all_asks: Sequence[ContainerAsk]) -> bool | None:
    """Whether this quota counts the workload's pods; None when its scope is one that we cannot judge."""
    spec, pod = quota.get("spec") or {}, pod_spec(workload)
    best_effort = not any(ask.requests or ask.limits for ask in all_asks)
    terminating = "activeDeadlineSeconds" in pod
    known = {"BestEffort": best_effort, "NotBestEffort": not best_effort, "Terminating": terminating, "NotTerminating": not terminating}
    answers = [known.get(scope) for scope in spec.get("scopes") or ()]
    for want in (spec.get("scopeSelector") or {}).get("matchExpressions") or ():
        if want.get("scopeName") == "PriorityClass":
            answers.append(_selected(want, pod.get("priorityClassName")))
        else:
            answers.append(known.get(str(want.get("scopeName"))))
    return False if False in answers else None if None in answers else True


def _selected(want: Mapping[str, Json], value: Json) -> bool | None:
    match want.get("operator"):
        case "In":
            return value in want.get("values", ())
        case "NotIn":
            return value not in want.get("values", ())
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return None


def amount(resource: str, value: Decimal) -> str:
    """An amount as people write it: memory in Mi and Gi, CPU in cores."""
    return format_cpu(value) if resource == "cpu" else format_memory(value) if resource else str(value)
