"""A NetworkPolicy that keeps a workload from speaking, or from being spoken to, where something says that it cannot."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.findings.said import meaning
from remediation.graph import labels_of, picks, workloads
from remediation.observed import Object, Observed, place_of
from remediation.reading.logs import lines_of
from remediation.terms import Finding, Json, Target

Said = tuple[str, str, str]  # line, item, meaning
_NETWORK = ("dns_failure", "dependency_unreachable")
_TIMES_OUT = re.compile(r"time|timed|resol|EAI_AGAIN|i/o|Try again|unreachable|connect", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class NetworkBlocked:
    """policy: its name.  side: egress or ingress.  everything: whether it allows nothing at all on that side.  dns: whether port 53 is shut.

    symptom: the line of a log that shows it, empty where only the manifests do.
    """

    policy: str
    side: str
    everything: bool
    dns: bool
    symptom: str


def network_blocked(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each policy that shuts what a log says cannot be reached, or that shuts everything for the symptom's workload."""
    said = _complaints(observed)
    for policy in observed.all("NetworkPolicy"):
        spec, namespace = policy.get("spec") or {}, place_of(policy)[1]
        if not _known(spec):
            continue
        for thing in workloads(observed, namespace):
            own = [line for name, line in said if name.startswith(place_of(thing)[2]) or not name]
            others = [line for name, line in said if not name.startswith(place_of(thing)[2]) and "tim" in line[0].lower()]
            if not picks(spec.get("podSelector") or {}, labels_of(thing)):
                continue
            if (finding := _of(policy, thing, (own, others), target, observed)) is not None:
                yield finding
                break


def _known(spec: Json) -> bool:
    return "policyTypes" in spec or "egress" in spec or "ingress" in spec


def _complaints(observed: Observed) -> list[tuple[str, tuple[str, str, str]]]:
    """Who says that something cannot be reached: the title's pod, and (line, item, meaning)."""
    found_ = []
    for item in observed.evidence:
        if item.kind == "logs":
            for line in lines_of(item):
                said = meaning(line.text) if line.bad else None
                if said is not None and said.kind in _NETWORK and _TIMES_OUT.search(line.text):
                    found_.append((line.pod, (f"{line.pod}: {line.text}" if line.pod else line.text, line.item, said.kind)))
                    break
    return found_


def _of(policy: Object, thing: Object, lines: tuple[list[Said], list[Said]], target: Target, observed: Observed) -> Finding | None:
    said, others = lines
    spec = policy.get("spec") or {}
    types = spec.get("policyTypes") or (["Ingress", "Egress"] if "egress" in spec else ["Ingress"])
    out, into = "Egress" in types and not spec.get("egress"), "Ingress" in types and not spec.get("ingress")
    dns = "Egress" in types and not _allows_dns(spec)
    name = place_of(thing)[2]
    if said and "Egress" in types and (out or dns):
        return _finding(policy, thing, NetworkBlocked(policy=place_of(policy)[2], side="egress", everything=out, dns=dns, symptom=said[0][0][:300]),
                        said[0][1], observed)  # fmt: skip
    if name == target.name and out:
        return _finding(
            policy, thing, NetworkBlocked(policy=place_of(policy)[2], side="egress", everything=True, dns=dns, symptom=""), "", observed
        )
    if into and (name == target.name or target.name in _served(thing, observed)):
        return _finding(
            policy, thing, NetworkBlocked(policy=place_of(policy)[2], side="ingress", everything=True, dns=False, symptom=""), "", observed
        )
    if "Ingress" in types and spec.get("ingress") and not _anyone(spec, thing, observed):
        return _finding(policy, thing, NetworkBlocked(policy=place_of(policy)[2], side="ingress", everything=False, dns=False,
                                                       symptom=others[0][0][:300] if others else ""), others[0][1] if others else "", observed)  # fmt: skip
    return None


def _served(thing: Object, observed: Observed) -> list[str]:
    namespace = place_of(thing)[1]
    return [place_of(s)[2] for s in observed.all("Service", namespace)
            if all(labels_of(thing).get(k) == v for k, v in ((s.get("spec") or {}).get("selector") or {"": ""}).items())]  # fmt: skip


def _anyone(spec: Json, thing: Object, observed: Observed) -> bool:
    """Whether any known pod is let in by a rule that names pods of the same namespace; a rule of another kind counts as letting in."""
    namespace = place_of(thing)[1]
    others = [labels_of(w) for w in workloads(observed, namespace) if place_of(w) != place_of(thing)]
    for rule in spec.get("ingress") or ():
        peers = rule.get("from") or ()
        if not peers or not others or any("podSelector" not in p or "namespaceSelector" in p or "ipBlock" in p for p in peers):
            return True
        if any(picks(p["podSelector"], labels) for p in peers for labels in others):
            return True
    return False


def _allows_dns(spec: Json) -> bool:
    """Whether a rule lets out to port 53, or to every port."""
    for rule in spec.get("egress") or ():
        ports = rule.get("ports") or ()
        if not ports or any(str(p.get("port")) in ("53", "dns") for p in ports):
            return True
    return False


def _finding(policy: Object, thing: Object, facts: NetworkBlocked, item: str, observed: Observed) -> Finding:
    _, namespace, name = place_of(policy)
    what = (
        f"all {facts.side}"
        if facts.everything
        else "all ingress but from pods that there are none of"
        if facts.side == "ingress"
        else "egress to port 53"
    )
    dns = ", DNS included" if facts.dns else ""
    said = f', and a log says "{facts.symptom}"' if facts.symptom else ""
    text = f"NetworkPolicy {name} in {namespace} blocks {what}{dns} of {place_of(thing)[2]}{said}"
    cites = dict.fromkeys([*observed.cites(policy), *([item] if item else ()), *observed.cites(thing)])
    return found("network_blocked", f"NetworkPolicy/{namespace}/{name}", facts, text, tuple(cites))
