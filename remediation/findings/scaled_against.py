"""An autoscaler and somebody else who write the replicas of one workload against each other, so that its pods come and go."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Object, Observed, event_text, event_time, place_of
from remediation.terms import Finding, Target

_SCALED = re.compile(r"Scaled (?P<way>up|down) replica set (?P<set>[\w.-]{1,253}) (?:from \d{1,6} )?to (?P<to>\d{1,6})")
_RESCALED = re.compile(r"New size: (?P<to>\d{1,6})")
_OWN = ("horizontal-pod-autoscaler", "kube-controller-manager", "hpa-controller")
_TURNS = 2  # up, down and up again: a rollout does not


@dataclass(frozen=True, kw_only=True)
class ScaledAgainst:
    """target: `Kind/name`.  writers: who else writes its replicas, empty where nothing shows it.  sizes: that it was scaled to in turn."""

    target: str
    writers: str
    sizes: str


def scaled_against(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each autoscaler whose workload is scaled up and down in turn to sizes that it did not ask for."""
    yield from _twice(observed)
    for scaler in observed.all("HorizontalPodAutoscaler"):
        _, namespace, name = place_of(scaler)
        target = (scaler.get("spec") or {}).get("scaleTargetRef") or {}
        thing = observed.get(str(target.get("kind")), namespace, str(target.get("name")))
        if thing is None:
            continue
        asked = [(event, match["to"]) for event in observed.events_of(scaler) if (match := _RESCALED.search(event_text(event)))]
        turns, others = _in_turn(thing, {size for _, size in asked}, observed)
        if not asked or not others:
            continue
        writers = ", ".join(_writers(thing))
        sizes = ", ".join(dict.fromkeys([*(size for _, size in asked), *others]))
        facts = ScaledAgainst(target=f"{target.get('kind')}/{target.get('name')}", writers=writers, sizes=sizes)
        text = (
            f"HorizontalPodAutoscaler {name} (HPA) and somebody else write the replicas of {facts.target} in {namespace} against "
            f"each other: it is scaled to {sizes} in turn, and the HPA asked only for {', '.join(dict.fromkeys(size for _, size in asked))}"
            f"{f'; its replicas are written by {writers} too' if writers else ''}"
        )
        cites = observed.cites(scaler, thing, *turns[:2], *(event for event, _ in asked[:1]))
        yield found("scaled_against", f"HorizontalPodAutoscaler/{namespace}/{name}", facts, text, cites)


def _twice(observed: Observed) -> Iterator[Finding]:
    """Autoscalers that scale the same workload: each undoes what the other does."""
    by_target: dict[tuple[str, str, str], list[Object]] = {}
    for scaler in observed.all("HorizontalPodAutoscaler"):
        target = (scaler.get("spec") or {}).get("scaleTargetRef") or {}
        if target.get("name"):
            by_target.setdefault((place_of(scaler)[1], str(target.get("kind")), str(target["name"])), []).append(scaler)
    for (namespace, kind, name), scalers in by_target.items():
        names = sorted(place_of(scaler)[2] for scaler in scalers)
        if len(names) > 1:
            facts = ScaledAgainst(target=f"{kind}/{name}", writers=", ".join(names[1:]), sizes="")
            text = f"HorizontalPodAutoscalers {' and '.join(names)} (HPA) scale the same {facts.target} in {namespace}, against each other"
            yield found("scaled_against", f"HorizontalPodAutoscaler/{namespace}/{names[0]}", facts, text, observed.cites(*scalers))


def _in_turn(thing: Object, asked: set[str], observed: Observed) -> tuple[Sequence[Object], Sequence[str]]:
    """The events of one ReplicaSet that is scaled up and down in turn, and the sizes among them that nobody asked for; empty else."""
    by_set: dict[str, list[tuple[Object, str, str]]] = {}
    for event in sorted(observed.events_of(thing), key=event_time):
        if (match := _SCALED.search(event_text(event))) and event_time(event):
            by_set.setdefault(match["set"], []).append((event, match["way"], match["to"]))
    for scaled in by_set.values():
        ways = [way for _, way, _ in scaled]
        turns = sum(way != before for way, before in zip(ways[1:], ways, strict=False))
        others = [to for _, _, to in scaled if to not in asked and to != "0"]
        if turns >= _TURNS and others:
            return [event for event, _, _ in scaled], others
    return (), ()


def _writers(thing: Object) -> Sequence[str]:
    """Who writes its replicas besides autoscalers, the latest first."""
    fields = [one for one in (thing.get("metadata") or {}).get("managedFields") or () if isinstance(one, dict)]
    writing = [one for one in fields if "f:replicas" in ((one.get("fieldsV1") or {}).get("f:spec") or {})]
    latest = sorted(writing, key=lambda one: str(one.get("time") or ""), reverse=True)
    return list(dict.fromkeys(str(one.get("manager")) for one in latest if one.get("manager") not in _OWN))
