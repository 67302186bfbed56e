"""Words that somebody asks for, found in the logs; and resource types that somebody asks about, which the cluster does not have."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Observed, place_of
from remediation.reading.drain import clustered
from remediation.reading.logs import lines_of
from remediation.terms import Finding, Target
from remediation.workloads import scales

_QUOTED = re.compile(r"['\"“`]([^'\"”`\n]{3,60})['\"”`]")
_NO_TYPE = re.compile(r"the server doesn't have a resource type \"(?P<type>[\w.-]+)\"")
_OWNERS = {"scaledobject": "KEDA", "scaledjob": "KEDA", "virtualservice": "Istio", "servicemonitor": "the Prometheus Operator",
           "certificate": "cert-manager", "application": "Argo CD", "verticalpodautoscaler": "the Vertical Pod Autoscaler",
           "rollout": "Argo Rollouts",
           "kustomization": "Flux", "helmrelease": "Flux"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class WordsFound:
    """words: that were asked for.  said: the line.  count: lines of that template."""

    words: str
    said: str
    count: int


@dataclass(frozen=True, kw_only=True)
class TypeMissing:
    """type: that the server does not have.  owner: what would bring it.  instead: an autoscaler that is there, empty for none."""

    type: str
    owner: str
    instead: str


def words_found(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each quoted phrase of the question that stands in a log."""
    for item in (item for item in observed.evidence if item.kind == "alert"):
        for words in dict.fromkeys(_QUOTED.findall(item.text)):
            if words.upper() in ("ERROR", "WARN", "WARNING", "FATAL", "INFO") or words == target.name:
                continue
            for log in (log for log in observed.evidence if log.kind == "logs" and words.lower() in log.text.lower()):
                lines = clustered(line for line in lines_of(log) if words.lower() in line.text.lower())
                if lines:
                    subject = f"{target.object_kind}/{target.namespace}/{target.name}" if target.name else f"Pod//{lines[0].pod}"
                    facts = WordsFound(words=words, said=lines[0].text[:300], count=lines[0].count)
                    name = target.name or lines[0].pod
                    text = f"the log of {name} shows a '{words}' problem: \"{lines[0].text[:300]}\" ({lines[0].count} times)"
                    yield found("words_found", subject, facts, text, (log.item, item.item))
                    break


def type_missing(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each resource type that a command asked for in vain."""
    for item in observed.evidence:
        match = _NO_TYPE.search(item.text) if item.text and not item.objects else None
        if match is None:
            continue
        kind = match["type"].split(".")[0].rstrip("s").lower()
        owner = _OWNERS.get(kind, f"what brings {match['type']}")
        scalers = [
            s for s in observed.all("HorizontalPodAutoscaler") if any(scales(s, observed.root(d)) for d in observed.all("Deployment"))
        ]
        instead = place_of(scalers[0])[2] if scalers else ""
        facts = TypeMissing(type=match["type"], owner=owner, instead=instead)
        plain = ((scalers[0].get("spec") or {}).get("scaleTargetRef") or {}) if scalers else {}
        other = f"; a plain HorizontalPodAutoscaler (HPA) {instead} scales {plain.get('kind')} {plain.get('name')}" if scalers else ""
        subject = f"{target.object_kind}/{target.namespace}/{target.name}" if target.name else f"CustomResourceDefinition//{match['type']}"
        text = f"{owner} is not installed: the cluster has no resource type {match['type']}{other}"
        yield found("type_missing", subject, facts, text, (item.item, *observed.cites(*scalers[:1])))
