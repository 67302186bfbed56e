"""The last word where nothing was found: that what is asked about, and all else that is shown, says itself that it is well."""

import re
from collections.abc import Iterator, Sequence

from remediation.findings.complaint import is_well
from remediation.findings.finding import found
from remediation.findings.not_broken import NotBroken
from remediation.findings.whole import whole
from remediation.graph import root_place, workloads
from remediation.kinds import KINDS
from remediation.observed import Object, Observed, place_of
from remediation.reading.logs import lines_of
from remediation.terms import Finding, Target

_BEHAVES = re.compile(  # what a symptom complains of that no readiness shows
    r"slow|laten|error|\b5\d\d\b|time.?outs?|unreachable|can(?:no|')t|refus|reject|wrong|lost|loses|lack|no (?:mail|data|back)|writes no|"
    r"fails? (?:since|to|with)|does not (?:work|come|start|sync|answer)|unavailable|(?<!replicas)(?<!replicas )drop|"
    r"skew|throttl|leak|usable|denied|missing",
    re.IGNORECASE,
)
_UNSCRAPED = re.compile(r"[Tt]arget (?:has )?disappeared|disappeared from Prometheus|target discovery|\babsent\(up\b")  # for which it looks
_RELEASES = ("HelmRelease", "Kustomization", "Application", "GitRepository", "OCIRepository", "HelmRepository")
_SHOWN = ("Node", "PersistentVolumeClaim", "HorizontalPodAutoscaler")
_MOST_NAMED = 6


def all_well(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding where everything that the evidence shows says that it is as it should be, and no log, metric or symptom says else."""
    if any(item.series or item.failed or item.absent or _complains(item.kind, item.title, item.text) for item in observed.evidence):
        return
    if any(line.bad for item in observed.evidence if item.kind == "logs" for line in lines_of(item)):
        return
    if any(event.get("type") == "Warning" for event in observed.all("Event")):
        return
    shown = _shown(observed)
    if not shown or not all(_well(thing, observed) for thing in shown):
        return
    about = observed.get(target.object_kind, target.namespace, target.name) if target.name else None
    leading = about if about is not None and about in shown else shown[0]
    kind, namespace, name = place_of(leading)
    names = ", ".join(dict.fromkeys(place_of(thing)[2] for thing in (leading, *shown)[:_MOST_NAMED]))
    facts = NotBroken(cause="well", old="", new="", ready=0, wanted=0)
    unscraped = any(item.kind == "alert" and _UNSCRAPED.search(item.text) for item in observed.evidence)
    why = "Prometheus finds no target to scrape there, which is no outage of what it would scrape: " if unscraped else ""
    text = f"{why}nothing is found to be broken: {names} {'are' if ', ' in names else 'is'} as it should be by what the evidence shows"
    yield found("not_broken", f"{kind.partition('.')[0]}/{namespace}/{name}", facts, text, observed.cites(*shown))


def _complains(kind: str, title: str, text: str) -> bool:
    """Whether an alert or a question is about what something does, not how it stands."""
    return kind == "alert" and _BEHAVES.search(f"{title}\n{text}") is not None


def _shown(observed: Observed) -> Sequence[Object]:
    """What tells how it stands: custom resources, workloads, nodes, claims and autoscalers."""
    core = [thing for kind in (*_RELEASES, *_SHOWN) for thing in observed.all(kind)]
    customs = [thing for thing in observed.customs() if thing.get("status")]
    return [*customs, *core, *(thing for thing in workloads(observed) if thing.get("kind") != "ReplicaSet")]


def _well(thing: Object, observed: Observed) -> bool:
    if thing.get("kind") not in KINDS or thing["kind"] in _RELEASES:
        return is_well(thing)
    return bool(whole(root_place(thing, observed), observed))
