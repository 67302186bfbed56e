"""What a NetworkPolicy alone shows: that it shuts everything for the symptom's workload, or lets in pods that there are none of."""

import re
from collections.abc import Iterator, Sequence

from remediation.findings.denials import policies_of, rules_of, sides_of
from remediation.findings.ends import end_of, pod_labels, services_of
from remediation.findings.finding import found
from remediation.findings.network_complaints import Complaint
from remediation.findings.network_facts import NetworkBlocked
from remediation.findings.network_words import peers_in_words
from remediation.graph import picks, workloads
from remediation.observed import Object, Observed, Place, place_of
from remediation.terms import Finding, Target

_ALIKE = 6  # letters with which two words begin


def shut(said: Sequence[Complaint], observed: Observed, target: Target) -> Iterator[tuple[Place, Finding]]:
    """Each policy that does so, with its place, for the first workload of which it does."""
    for thing in workloads(observed):
        for policy in policies_of(end_of(thing, observed), observed):
            if (finding := _of(policy, thing, said, observed, target)) is not None:
                yield place_of(policy), finding


def _of(policy: Object, thing: Object, said: Sequence[Complaint], observed: Observed, target: Target) -> Finding | None:
    own, sides = observed.root(thing), sides_of(policy)
    meant = own.namespace == target.namespace and target.name in (own.name, *services_of(thing, observed))
    if "egress" in sides and rules_of(policy, "egress") == [] and meant and own.name == target.name:
        return _finding(policy, thing, "egress", None, observed)
    rules = rules_of(policy, "ingress")
    if "ingress" not in sides or rules is None or _lets_in_anyone(policy, thing, observed):
        return None
    others = [one for one in said if one.late and str(one.by) != str(own)]
    if rules:
        return _finding(policy, thing, "ingress", next(iter(others), None), observed)
    if _is_opened(policy, thing, observed):
        return None
    late = _late_for(thing, others, observed)
    return _finding(policy, thing, "ingress", late, observed) if meant or late is not None else None


def _is_opened(policy: Object, thing: Object, observed: Observed) -> bool:
    """Whether another policy lets somebody in to a workload that this one shuts."""
    others = (other for other in policies_of(end_of(thing, observed), observed) if other is not policy)
    return any(rules_of(other, "ingress") != [] for other in others)


def _lets_in_anyone(policy: Object, thing: Object, observed: Observed) -> bool:
    """Whether any known pod is let in by a rule that names pods of the same namespace; a rule of another kind counts as letting in."""
    here = workloads(observed, place_of(thing)[1])
    others = [labels for w in here if place_of(w) != place_of(thing) and (labels := pod_labels(w, observed))]
    for rule in rules_of(policy, "ingress") or ():
        peers = rule.get("from") or ()
        if not peers or not others or any("podSelector" not in p or "namespaceSelector" in p or "ipBlock" in p for p in peers):
            return True
        if any(picks(p["podSelector"] or {}, labels) for p in peers for labels in others):
            return True
    return False


def _late_for(thing: Object, others: Sequence[Complaint], observed: Observed) -> Complaint | None:
    """A complaint of the namespace about what answers nothing in time, where its line names no place but has a word like the workload's."""
    name = observed.root(thing).name
    for said in (one for one in others if not one.host and one.by.namespace == place_of(thing)[1]):
        words = re.findall(rf"[a-z]{{{_ALIKE},40}}", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", said.line).lower())
        if any(word[:_ALIKE] == name[:_ALIKE] for word in words):
            return said
    return None


def _finding(policy: Object, thing: Object, side: str, said: Complaint | None, observed: Observed) -> Finding:
    (_, namespace, name), own = place_of(policy), end_of(thing, observed)
    rules = rules_of(policy, side) or []
    symptom = said.line[:300] if said is not None else ""
    inward = side == "ingress"
    caller, callee = ("other pods", own.name) if inward else (own.name, "others")
    facts = NetworkBlocked(policy=name, side=side, everything=not rules, dns=not inward, refused="", symptom=symptom, caller=caller,
                           callee=callee)  # fmt: skip
    peers = [peer for rule in rules for peer in rule.get("from") or ()]
    what = f"all {side}" if not rules else f"all ingress but from {peers_in_words(peers)}, that there are none of,"
    quoted = f', and a log says "{symptom}"' if symptom else ""
    text = f"NetworkPolicy {name} in {namespace} blocks {what}{', DNS included' if facts.dns else ''} of {own.name}{quoted}"
    cites = dict.fromkeys([*observed.cites(policy), *([said.item] if said and said.item else ()), *observed.cites(thing)])
    return found("network_blocked", f"NetworkPolicy/{namespace}/{name}", facts, text, tuple(cites))
