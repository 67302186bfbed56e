"""Which NetworkPolicy keeps workloads apart, all that pick the callee taken together: a guess, while no log tells of a timeout."""

from collections.abc import Iterator, Mapping, Sequence

from remediation.findings.finding import found
from remediation.findings.network_blocked import NetworkBlocked
from remediation.findings.network_rules import types_of
from remediation.graph import labels_of, picks
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Json
from remediation.workloads import containers

_OWN_NAME = "kubernetes.io/metadata.name"  # a label that every namespace has


def shut_out(thing: Object, callers: Sequence[Object], observed: Observed) -> Iterator[Finding]:
    """The policy of a workload that would admit some and not the first of these callers that none of its policies admits."""
    namespace = place_of(thing)[1]
    chosen = [p for p in observed.all("NetworkPolicy", namespace) if _picks(p, thing)]
    policies = sorted(chosen, key=lambda policy: not _rules(policy))  # one that admits somebody is more telling than one that shuts
    if not policies:
        return
    ports = [port for _, container in containers(thing) for port in container.get("ports") or ()]
    open_ports = {str(port[key]) for port in ports for key in ("containerPort", "name") if port.get(key)}
    for caller in callers or (None,):
        reasons = [(policy, _why_not(rule, namespace, caller, open_ports, observed)) for policy in policies for rule in _rules(policy)]
        if any(not why for _, why in reasons):
            continue
        policy, why = next(((policy, why) for policy, why in reasons if "port" in why), (reasons or [(policies[0], "admits nobody")])[0])
        yield _finding(policy, thing, caller, why, observed)
        return


def _picks(policy: Object, thing: Object) -> bool:
    spec = policy.get("spec") or {}
    return "Ingress" in types_of(spec) and picks(spec.get("podSelector") or {}, labels_of(thing))


def _rules(policy: Object) -> Sequence[Mapping[str, Json]]:
    return [rule or {} for rule in (policy.get("spec") or {}).get("ingress") or ()]


def _why_not(rule: Mapping[str, Json], namespace: str, caller: Object | None, open_ports: set[str], observed: Observed) -> str:
    """Why a rule does not let a caller in, in words; empty where it does. caller: None for nobody who is known."""
    peers = rule.get("from") or ()
    if peers and not any(_is_meant(peer, namespace, caller, observed) for peer in peers):
        return f"admits only {_words(peers, caller)}"
    ports = [str(port["port"]) for port in rule.get("ports") or () if port.get("port") is not None]
    if ports and open_ports and not open_ports & {*ports}:
        return f"admits port {', '.join(ports)}, while it listens on {', '.join(sorted(open_ports))}"
    return ""


def _is_meant(peer: Mapping[str, Json], namespace: str, caller: Object | None, observed: Observed) -> bool:
    if caller is None or "ipBlock" in peer:
        return "ipBlock" in peer
    home = place_of(caller)[1]
    if "namespaceSelector" not in peer:
        return home == namespace and picks(peer.get("podSelector") or {}, labels_of(caller))
    known = observed.get("Namespace", "", home) or {}
    labels = {**((known.get("metadata") or {}).get("labels") or {}), _OWN_NAME: home}
    return picks(peer["namespaceSelector"] or {}, labels) and picks(peer.get("podSelector") or {}, labels_of(caller))


def _words(peers: Sequence[Mapping[str, Json]], caller: Object | None) -> str:
    """The labels that it asks for, and what the caller has in their stead."""
    asked = [(part, key, str(value)) for peer in peers for part, word in (("namespaces", "namespaceSelector"), ("pods", "podSelector"))
             for key, value in ((peer.get(word) or {}).get("matchLabels") or {}).items()]  # fmt: skip
    said = ", ".join(f"{part} with {key}={value}" for part, key, value in asked) or "others"
    own = labels_of(caller) if caller is not None else {}
    near = [f"{key}={own[key]}" for part, key, _ in asked if part == "pods" and key in own]
    have = f"; {place_of(caller)[2]} has {', '.join(near)}" if caller is not None and near else ""
    lacks = f"; {place_of(caller)[2]} in {place_of(caller)[1]} is none of them" if caller is not None and not near else ""
    return f"{said}{have}{lacks}"


def _finding(policy: Object, thing: Object, caller: Object | None, why: str, observed: Observed) -> Finding:
    _, namespace, name = place_of(policy)
    facts = NetworkBlocked(policy=name, side="ingress", everything=not _rules(policy), dns=False,
                           refused=place_of(caller)[2] if caller is not None else "", symptom="")  # fmt: skip
    text = f"NetworkPolicy {name} in {namespace} picks the pods of {place_of(thing)[2]} and {why}"
    return found("network_blocked", f"NetworkPolicy/{namespace}/{name}", facts, text, observed.cites(policy, *([caller] if caller else ())))
