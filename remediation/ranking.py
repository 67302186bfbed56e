"""Findings in the order in which they are the cause: by how near to the source each is, and how it stands to what the symptom names."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from remediation.asked_for import answers
from remediation.consequences import OUTWARD, consequences, place_of_finding, says_little, serves_gpus
from remediation.graph import distances
from remediation.mending import mend_of
from remediation.observed import Observed, Place, event_time, moment
from remediation.pointing import pointed_at
from remediation.terms import Finding, Target
from remediation.waited import waited_for

_STEP = 3.0  # for each step that a finding lies below the symptom
_SAME_NAMESPACE, _ELSEWHERE, _NO_NAMESPACE = 24.0, 48.0, 20.0
_UNRELATED = 36.0  # more, where the symptom's own surroundings explain it already
_OVER, _ASIDE, _DECLARED, _CRASHING = 45.0, 30.0, 8.0, 7.0
_LEVELS = {"fatal": 2.0, "error": 1.0, "warning": -3.0, "info": -6.0}  # of the line that tells
_RECENT, _UNCALLED = 2.0, 30.0
_NAMES_OTHERS = ("sync_failed", "network_blocked", "claim_unbound", "volume_trouble", "creation_refused", "disruption_blocked")


def ranked(findings: Iterable[Finding], observed: Observed, target: Target) -> list[Finding]:
    """The likeliest cause first."""
    every = list(findings)
    start: list[Place] = [(target.object_kind, target.namespace, target.name)] if target.name else []
    pointed = pointed_at(every, start, observed)
    partners = list(dict.fromkeys([*(place for places in pointed.values() for place in places), *waited_for(every, start)]))
    steps = distances([*start, *partners], observed)
    less = consequences(every, _behind(pointed, start, observed), _below(every, observed))
    fresh = {place: _freshness(place, observed) for place in set(map(place_of_finding, every))}
    scores = {id(f): _score(f, steps, start, target, observed) + fresh[place_of_finding(f)] - less(f) for f in every}
    scores |= {id(f): scores[id(f)] - _UNCALLED for f in _uncalled(every, steps)}
    near = [f for f in every if start and (place_of_finding(f) in steps or _about(f, target))]
    if any(not says_little(f) and not f.facts.get("over") for f in near):
        kept = set(map(id, near))
        scores |= {id(f): scores[id(f)] - _UNRELATED for f in every if id(f) not in kept and mend_of(f).fix_kind != "none"}
    return sorted(every, key=lambda f: -scores[id(f)])


def _behind(pointed: Mapping[int, Sequence[Place]], start: Sequence[Place], observed: Observed) -> Mapping[int, AbstractSet[Place]]:
    """By the id() of a finding, whom it points at and what those stand on; those who point at the same are given the same set."""
    whom = {finding: tuple(places) for finding, places in pointed.items() if places}
    reached = {places: set(distances(places, observed)).difference(start) for places in set(whom.values())}
    return {finding: reached[places] for finding, places in whom.items()}


def _uncalled(findings: Sequence[Finding], steps: Mapping[Place, int]) -> Sequence[Finding]:
    """Workloads at zero that nobody is seen to call, where somebody who is called does not answer."""
    said = [str(f.facts.get("said")) for f in findings if f.kind in OUTWARD and not f.facts.get("over") and not f.facts.get("aside")]
    idle = [f for f in findings if f.kind == "scaled_to_zero" and not f.facts["services"] and place_of_finding(f) not in steps]
    return [f for f in idle if said and not any(place_of_finding(f)[2] in words for words in said)]


def _below(findings: Sequence[Finding], observed: Observed) -> Mapping[int, AbstractSet[Place]]:
    """By the id() of a finding that an application answers badly, what that application stands on."""
    badly = [f for f in findings if f.kind == "probe_failing" and f.facts.get("cause") == "application"]
    return {id(f): set(distances([place_of_finding(f)], observed)) - {place_of_finding(f)} for f in badly}


def _score(finding: Finding, steps: Mapping[Place, int], start: Sequence[Place], target: Target, observed: Observed) -> float:
    facts = finding.facts
    score = float(mend_of(finding).depth)
    score -= _OVER if facts.get("over") else 0.0
    score -= _ASIDE if facts.get("aside") else 0.0
    score += _LEVELS.get(str(facts.get("level")), 0.0)
    score -= _DECLARED if facts.get("reported") is False else 0.0
    score += _CRASHING if facts.get("crashing") else 0.0
    score += answers(str(facts.get("said") or ""), observed)
    return score - _distance(finding, steps, start, target)


def _distance(finding: Finding, steps: Mapping[Place, int], start: Sequence[Place], target: Target) -> float:
    place = place_of_finding(finding)
    if finding.facts.get("cause") == "always_fires":
        return 0.0
    if not start:
        if finding.facts.get("cause") == "answers_wrongly":
            return _STEP  # everybody asks the cluster's DNS
        return 0.0 if target.namespace in ("", place[1]) or not place[1] else _SAME_NAMESPACE
    if place in steps or _about(finding, target):
        return _STEP * steps.get(place, 1)
    if not place[1]:
        return _NO_NAMESPACE
    return _SAME_NAMESPACE if place[1] == target.namespace else _ELSEWHERE


def _about(finding: Finding, target: Target) -> bool:
    """Whether a finding on another object names the symptom's: an autoscaler's target, a Service's workload; or is everybody's."""
    if finding.kind == "component_down" or serves_gpus(finding):
        return True
    named = (finding.facts.get("target"), finding.facts.get("workload"))
    if f"{target.object_kind}/{target.name}" in named and place_of_finding(finding)[1] in ("", target.namespace):
        return True
    return finding.kind in _NAMES_OTHERS and target.name in finding.text


def _freshness(place: Place, observed: Observed) -> float:
    """A little more for what changed last, where times tell."""
    thing = observed.get(*place)
    times: list[datetime] = [at for e in (observed.events_of(thing) if thing else ()) if (at := moment(event_time(e)))]
    now = max((item.at for item in observed.evidence), default=None)
    if not times or now is None:
        return 0.0
    age = (now - max(times)).total_seconds()
    return _RECENT if 0 <= age < 3600 else 0.0  # noqa: PLR2004 - within the hour
