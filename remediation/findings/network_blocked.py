"""A NetworkPolicy that keeps a workload from speaking, or from being spoken to, where something says that it cannot."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.addressed import place_in
from remediation.findings.finding import found
from remediation.findings.network_rules import (
    Complaint,
    allows_dns,
    anyone,
    is_closed,
    lets_in,
    lets_out,
    pod_labels,
    services_of,
    types_of,
)
from remediation.findings.said import meaning
from remediation.findings.writers import writer_of
from remediation.graph import picks, workloads
from remediation.observed import Object, Observed, place_of
from remediation.reading.drain import clustered
from remediation.reading.logs import lines_of
from remediation.terms import Evidence, Finding, Target

_NETWORK = ("dns_failure", "dependency_unreachable")
_TIMES_OUT = re.compile(r"time|timed|deadline|resol|EAI_AGAIN|i/o|Try again|unreachable|connect", re.IGNORECASE)
_ONLY_TIMES_OUT = re.compile(r"time[d ]?-?\s?out|ETIMEDOUT|i/o timeout|deadline exceeded", re.IGNORECASE)
_ALIKE = 6  # letters with which two words begin
_DROPPED = re.compile(
    r"(?<![a-z0-9-])(?P<from>[a-z0-9-]{1,63})/(?P<by>[\w.-]{1,253}?)(?::\d{1,5})? (?:\([^)\n]{0,80}\) )?(?:<>|->) "
    r"(?P<namespace>[a-z0-9-]{1,63})/(?P<pod>[\w.-]{1,253}?)(?::\d{1,5})? [^\n]{0,200}?[Pp]olicy denied[^\n]{0,200}?DROPPED[^\n]*"
)


@dataclass(frozen=True, kw_only=True)
class NetworkBlocked:
    """policy: its name.  side: egress or ingress.  everything: whether it allows nothing on that side.  dns: whether port 53 is shut.

    refused: the workload that it lets not in, or the place that it lets nobody out to, empty for none in particular.
    symptom: the line of a log that shows it, empty where only the manifests do.
    """

    policy: str
    side: str
    everything: bool
    dns: bool
    refused: str
    symptom: str


def network_blocked(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each policy that shuts what a log says cannot be reached, or that shuts everything for the symptom's workload."""
    yield from _dropped(observed)
    policies = list(observed.all("NetworkPolicy"))
    complaints = list(_complaints(observed, target)) if policies else []
    for policy in policies:
        spec, namespace = policy.get("spec") or {}, place_of(policy)[1]
        if not ("policyTypes" in spec or "egress" in spec or "ingress" in spec):
            continue
        for thing in workloads(observed, namespace):
            if not picks(spec.get("podSelector") or {}, pod_labels(thing, observed)):
                continue
            if (finding := _of(policy, thing, complaints, target, observed)) is not None:
                yield finding
                break


def _dropped(observed: Observed) -> Iterator[Finding]:
    """Packets that a policy denied, as Cilium's Hubble prints them."""
    told: set[tuple[str, str]] = set()
    for item in observed.evidence:
        for match in _DROPPED.finditer(item.text) if "DROPPED" in item.text else ():
            root = observed.root_of(("Pod", match["namespace"], match["pod"]))
            caller = observed.root_of(("Pod", match["from"], match["by"]))
            if (str(root), str(caller)) in told:
                continue
            told.add((str(root), str(caller)))
            facts = NetworkBlocked(
                policy="", side="ingress", everything=False, dns=False, refused=caller.name, symptom=match[0].strip()[:300]
            )
            text = f'a network policy denies what {caller.name} sends to {root.name}: "{facts.symptom}"'
            yield found("network_blocked", str(root), facts, text, (item.item,))


def _complaints(observed: Observed, target: Target) -> Iterator[Complaint]:
    for item in observed.evidence:
        late = (line for line in lines_of(item) if line.bad and _TIMES_OUT.search(line.text)) if item.kind == "logs" else ()
        for line in clustered(late):
            said = meaning(line.text)
            if said is not None and said.kind in _NETWORK:
                shown = f"{line.pod}: {line.text}" if line.pod else line.text
                place = next(place_in(line.text), None) or _only_place(item) or ("", 0)
                host = said.groups.get("host", "") or place[0]
                yield Complaint(by=writer_of(line, observed, target), host=host, port=int(place[1] or 0), line=shown, item=line.item)
                break


def _only_place(item: Evidence) -> tuple[str, int] | None:
    """The one `host:port` that a whole log names; None where there are several."""
    places = set(place_in(item.text))
    return next(iter(places)) if len(places) == 1 else None


def _of(policy: Object, thing: Object, complaints: Sequence[Complaint], target: Target, observed: Observed) -> Finding | None:
    """What a policy shuts for one of the workloads that it selects; None where nothing says that it does."""
    own = [said for said in complaints if not said.by.name or str(said.by) == str(observed.root(thing))]
    others = [said for said in complaints if said not in own]
    return (
        _outward(policy, thing, own, observed)
        or _inward(policy, thing, others, observed)
        or _declared(policy, thing, others, target, observed)
    )


def _outward(policy: Object, thing: Object, own: Sequence[Complaint], observed: Observed) -> Finding | None:
    """What the workload itself says that it cannot reach."""
    spec = policy.get("spec") or {}
    if "Egress" not in types_of(spec) or not own:
        return None
    dns = not allows_dns(spec)
    if dns or not spec.get("egress"):
        return _finding(policy, thing, _facts(policy, "egress", everything=not spec.get("egress"), dns=dns, said=own[0]), own[0], observed)
    late = next((said for said in own if _ONLY_TIMES_OUT.search(said.line) and not lets_out(spec, said)), None)
    facts = _facts(policy, "egress", everything=False, said=late, refused=f"{late.host}:{late.port}" if late else "")
    return _finding(policy, thing, facts, late, observed) if late is not None else None


def _inward(policy: Object, thing: Object, others: Sequence[Complaint], observed: Observed) -> Finding | None:
    """What others say that they cannot reach, where it is this workload."""
    spec = policy.get("spec") or {}
    meant = (said for said in others if _means(said, thing, observed) and not lets_in(spec, said, policy, observed))
    said = next(meant, None) if "Ingress" in types_of(spec) else None
    if said is None:
        return None
    facts = _facts(policy, "ingress", everything=not spec.get("ingress"), said=said, refused=said.by.name)
    return _finding(policy, thing, facts, said, observed)


def _declared(policy: Object, thing: Object, others: Sequence[Complaint], target: Target, observed: Observed) -> Finding | None:
    """What the policy alone shows: that it shuts everything for the symptom's workload, or lets in pods that there are none of."""
    spec, own = policy.get("spec") or {}, observed.root(thing)
    types, here = types_of(spec), own.namespace == target.namespace
    if here and own.name == target.name and "Egress" in types and not spec.get("egress"):
        return _finding(policy, thing, _facts(policy, "egress", everything=True, dns=not allows_dns(spec)), None, observed)
    if "Ingress" not in types or anyone(spec, thing, observed):
        return None
    if not spec.get("ingress"):
        meant = here and target.name in (own.name, *services_of(thing, observed))
        meant = meant and not _admitted_by_another(policy, thing, observed)
        late = _late_for(thing, others, observed) if is_closed(thing, observed) else None
        facts = _facts(policy, "ingress", everything=True, said=late)
        return _finding(policy, thing, facts, late, observed) if meant or late is not None else None
    late = next((said for said in others if _ONLY_TIMES_OUT.search(said.line)), None)
    return _finding(policy, thing, _facts(policy, "ingress", everything=False, said=late), late, observed)


def _admitted_by_another(policy: Object, thing: Object, observed: Observed) -> bool:
    """Whether another policy lets somebody in to a workload that this one shuts: policies add up, and who is let in decides there."""
    specs = [other.get("spec") or {} for other in observed.all("NetworkPolicy", place_of(thing)[1]) if other is not policy]
    return any(spec.get("ingress") and picks(spec.get("podSelector") or {}, pod_labels(thing, observed)) for spec in specs)


def _late_for(thing: Object, others: Sequence[Complaint], observed: Observed) -> Complaint | None:
    """A complaint of the namespace about what answers nothing in time, where its line names no place but has a word like the workload's."""
    name = observed.root(thing).name
    late = (said for said in others if not said.host and _ONLY_TIMES_OUT.search(said.line) and said.by.namespace == place_of(thing)[1])
    for said in late:
        words = re.findall(rf"[a-z]{{{_ALIKE},40}}", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", said.line).lower())
        if any(word[:_ALIKE] == name[:_ALIKE] for word in words):
            return said
    return None


def _facts(
    policy: Object, side: str, *, everything: bool, dns: bool = False, said: Complaint | None = None, refused: str = ""
) -> NetworkBlocked:
    return NetworkBlocked(policy=place_of(policy)[2], side=side, everything=everything, dns=dns, refused=refused,
                          symptom=said.line[:300] if said else "")  # fmt: skip


def _means(said: Complaint, thing: Object, observed: Observed) -> bool:
    """Whether what somebody cannot reach in time is this workload: by its name, its Service's, or that Service's address."""
    names = {observed.root(thing).name, *services_of(thing, observed)}
    addresses = {
        str((s.get("spec") or {}).get("clusterIP")) for s in observed.all("Service", place_of(thing)[1]) if place_of(s)[2] in names
    }
    spoken = (
        said.host.split(".")[0] in names
        or said.host in addresses
        or any(n in said.line and re.search(rf"(?<![\w-]){re.escape(n)}(?![\w-])", said.line) for n in names)
    )
    return bool(_ONLY_TIMES_OUT.search(said.line)) and spoken


def _finding(policy: Object, thing: Object, facts: NetworkBlocked, said: Complaint | None, observed: Observed) -> Finding:
    _, namespace, name = place_of(policy)
    what = _shut(facts, _admitted(policy)) + (", DNS included" if facts.dns else "")
    quoted = f', and a log says "{facts.symptom}"' if facts.symptom else ""
    text = f"NetworkPolicy {name} in {namespace} blocks {what} of {observed.root(thing).name}{quoted}"
    cites = dict.fromkeys([*observed.cites(policy), *([said.item] if said and said.item else ()), *observed.cites(thing)])
    return found("network_blocked", f"NetworkPolicy/{namespace}/{name}", facts, text, tuple(cites))


def _admitted(policy: Object) -> str:
    """The labels of the pods that it lets in, as it writes them; empty where it names none."""
    peers = [peer for rule in (policy.get("spec") or {}).get("ingress") or () for peer in (rule or {}).get("from") or ()]
    labels = [f"{k}={v}" for peer in peers for k, v in ((peer.get("podSelector") or {}).get("matchLabels") or {}).items()]
    return f" with {', '.join(dict.fromkeys(labels))}" if labels else ""


def _shut(facts: NetworkBlocked, admitted: str) -> str:
    if facts.everything:
        return f"all {facts.side}"
    if facts.side == "egress":
        return f"the egress to {facts.refused}, which none of its rules lets out," if facts.refused else "egress to port 53"
    return (
        f"the ingress of {facts.refused}, which none of its rules lets in,"
        if facts.refused
        else f"all ingress but from pods{admitted}, that there are none of,"
    )
