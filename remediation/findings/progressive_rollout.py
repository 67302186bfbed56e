"""Argo's Rollouts: stuck, refused, sent back by their own analysis, or waiting at a step, as their status and events say."""

import re
from collections.abc import Iterator, Mapping, Sequence

from remediation.findings.finding import found
from remediation.findings.rollout_stuck import RolloutStuck
from remediation.observed import Object, Observed, Place, about, event_text, place_of
from remediation.pauses import pause_of
from remediation.terms import Finding, Json, Target

_CAUSES: Sequence[tuple[str, str]] = (  # by what is said, the more telling first
    ("invalid", r"InvalidSpec|is invalid: "),
    ("analysis_error", r"assessed (?:Error|Inconclusive)|InconclusiveAnalysis"),
    ("analysis", r"assessed Failed|[Aa]nalysis ?[Rr]un\b[^\n]{0,200}[Ff]ailed"),
    ("deadline", r"ProgressDeadlineExceeded|timed out progressing"),
    ("aborted", r"[Aa]borted"),
)
_WORDS: Mapping[str, str] = {
    "invalid": "is refused by its controller as invalid",
    "analysis_error": "was sent back, for its analysis could not tell how the new version does",
    "analysis": "was sent back, for the analysis of the new version failed",
    "deadline": "did not finish before its deadline (ProgressDeadlineExceeded)",
    "aborted": "was aborted",
    "at_step": "waits at a step until somebody promotes it",
    "paused": "is paused",
}
_REASONS = ("RolloutAborted", "ProgressDeadlineExceeded", "InvalidSpec", "AnalysisRunFailed", "AnalysisRunError")
_WELL = ("Healthy", "Progressing")
_SET = re.compile(r"ReplicaSet \"?(?P<name>[\w.-]+?)\"? has")


def progressive_rollout(observed: Observed, _target: Target) -> Iterator[Finding]:
    """At most one finding for each Rollout, and for each that only events tell of."""
    told: dict[Place, list[Object]] = {}
    for event in observed.events_about("Rollout"):
        if event.get("reason") in _REASONS:
            told.setdefault(about(event), []).append(event)
    for thing in observed.all("Rollout"):
        events = told.pop(place_of(thing), [])
        phase = (thing.get("status") or {}).get("phase")
        said = "" if phase in _WELL else _said(thing) or (_longest(events) if not phase else "")
        cause = _cause(said) or ("" if phase in _WELL else _pause(thing))
        if cause:
            yield _finding(place_of(thing), cause, said, thing, observed.cites(thing, *events[:1]))
    for place, events in told.items():
        if cause := _cause(_longest(events)):
            yield _finding(place, cause, _longest(events), {}, observed.cites(*events[:2]))


def _said(thing: Object) -> str:
    """What its status says against it: the message of its phase, else of a condition."""
    status = thing.get("status") or {}
    bad = (f"{c.get('reason')}: {c.get('message')}" for c in _conditions(status) if (c.get("type"), str(c.get("status"))) in _BAD)
    return str(status.get("message") or "") or max(bad, key=len, default="")


_BAD = (("Progressing", "False"), ("InvalidSpec", "True"), ("Paused", "True"))


def _conditions(status: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
    return [one for one in status.get("conditions") or () if isinstance(one, Mapping)]


def _longest(events: Sequence[Object]) -> str:
    return max((f"{event.get('reason')}: {event_text(event).strip()}" for event in events), key=len, default="")


def _cause(said: str) -> str:
    return next((cause for cause, words in _CAUSES if re.search(words, said)), "")


def _pause(thing: Object) -> str:
    """How it is paused; empty where it is not, or goes on by itself after a while."""
    pause = pause_of(thing)
    if pause is None or not pause.command:
        return ""
    return "paused" if (thing.get("spec") or {}).get("paused") else "at_step"


def _finding(place: Place, cause: str, said: str, thing: Object, cites: tuple[str, ...]) -> Finding:
    spec, status = thing.get("spec") or {}, thing.get("status") or {}
    named = _SET.search(said)
    facts = RolloutStuck(
        cause=cause, replica_set=named["name"] if named else "", wanted=int(spec.get("replicas") or 0),
        available=int(status.get("availableReplicas") or status.get("readyReplicas") or 0), message=said[:500],
    )  # fmt: skip
    kind, namespace, name = place
    serve = f"; {facts.available} of its pods serve" if facts.available else ""
    quoted = f'; "{said}"' if said else ""
    text = f"{kind} {name} in {namespace} {_WORDS[cause]}{serve}{quoted}"
    return found("rollout_stuck", f"{kind}/{namespace}/{name}", facts, text, cites)
