"""What admission would say of a workload's pods, or of a larger claim: request against limit, LimitRanges, ResourceQuotas.

A server-side dry-run of a Deployment does not reach them (its pods are made later), so they are computed from the objects at hand.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from remediation.claim_admission import claim_outside, claim_over_quota, is_claim
from remediation.footprint import COUNTED, ContainerAsk, Rollout, asks, pod_total, rollout
from remediation.quantities import format_cpu, format_memory, parse
from remediation.terms import Json, NewObject
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
    """Each amount of a workload's pods, or of a claim, that a LimitRange of the namespace does not let through."""
    if is_claim(workload):
        return claim_outside(workload, limit_ranges)
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
    if is_claim(head):
        return _claim_opinion(live, head, quotas)
    change = _Change(live=live, head=head, limit_ranges=limit_ranges)
    return _joined(_quota_opinion(quota, change) for quota in quotas)


def _claim_opinion(live: Mapping[str, Json], head: Mapping[str, Json], quotas: Sequence[Mapping[str, Json]]) -> Opinion:
    said = list(claim_over_quota(live, head, quotas))
    refusals, unknown, room = (tuple(sentence for fits, sentence in said if fits is answer) for answer in (False, None, True))
    return Opinion(refusals=refusals, unknown=unknown, room=room)


def with_most_pods(head: Mapping[str, Json], created: Iterable[NewObject]) -> Mapping[str, Json]:
    """The workload at its largest, where an autoscaler is made for it."""
    most = [new.value["spec"]["maxReplicas"] for new in created if new.object.kind == "HorizontalPodAutoscaler"]
    return {**head, "spec": {**head["spec"], "replicas": max(most)}} if most else head


class _Change:
    """The workload before and after, its asks counted once."""

    def __init__(self, live: Mapping[str, Json], head: Mapping[str, Json], limit_ranges: Sequence[Mapping[str, Json]]) -> None:
        self.live, self.head = live, head
        self.now, self.then = asks(live, limit_ranges), asks(head, limit_ranges)
        self.pods, self.pods_now = rollout(live, head), rollout(live, live)

    def at_worst(self, used: Decimal, side: str, resource: str) -> tuple[Decimal, Decimal]:
        """The most of a resource that is used during a rollout of what is there now, and of what is to come."""
        if side == "pods":
            return self._at_worst(used, Decimal(1), Decimal(1))
        old = pod_total(self.live, self.now, side, resource)
        return self._at_worst(used, old, pod_total(self.head, self.then, side, resource))

    def _at_worst(self, used: Decimal, old: Decimal, new: Decimal) -> tuple[Decimal, Decimal]:
        """While both run, the larger fill the wanted places."""
        pods, now = self.pods, self.pods_now
        others = max(Decimal(0), used - pods.running * old)
        after = others + pods.wanted * max(old, new) + pods.surge * min(old, new)
        return others + (now.wanted + now.surge) * old, after


def _quota_opinion(quota: Mapping[str, Json], change: _Change) -> Opinion:
    """What one quota says."""
    name = f"ResourceQuota {quota['metadata']['name']}"
    applies = _applies(quota, change.head, change.then)
    if applies is None:
        return Opinion(unknown=(f"{name}: its scope could not be judged",))
    status = quota.get("status") or {}
    hard = (status.get("hard") or quota.get("spec", {}).get("hard") or {}) if applies else {}
    return _joined(_key_opinion(name, key, str(most), (status.get("used") or {}).get(key), change) for key, most in hard.items())


def _key_opinion(name: str, key: str, hard: str, used: Json, change: _Change) -> Opinion:
    """What one line of a quota says; nothing where it counts no pods."""
    side, _, resource = _ALIASES.get(key, key).partition(".")
    if side != "pods" and (side not in ("requests", "limits") or resource not in COUNTED):
        return Opinion()
    lacking = [ask.name for ask in change.then if side != "pods" and resource not in getattr(ask, side)]
    if lacking:
        return Opinion(refusals=(f"{name}: container {lacking[0]} must state its {side}.{resource}",))
    if used is None:
        return Opinion(unknown=(f"{name}: how much of {key} is used is not known",))
    before, after = change.at_worst(parse(used), side, resource)
    sentence = f"{name}: {key} would reach {amount(resource, after)} of {hard} ({_pods(change.pods)})"
    return Opinion(refusals=(sentence,)) if after > parse(hard) and after > before else Opinion(room=(sentence,))


def _joined(opinions: Iterable[Opinion]) -> Opinion:
    opinions = tuple(opinions)
    return Opinion(
        refusals=tuple(sentence for opinion in opinions for sentence in opinion.refusals),
        unknown=tuple(sentence for opinion in opinions for sentence in opinion.unknown),
        room=tuple(sentence for opinion in opinions for sentence in opinion.room),
    )


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
