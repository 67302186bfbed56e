"""Which NetworkPolicy keeps two ends apart: all that pick an end add up, one rule that lets through is enough."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from operator import itemgetter

from remediation.findings.ends import End
from remediation.findings.network_words import held_against, ports_in_words
from remediation.graph import picks
from remediation.observed import Object, Observed, created
from remediation.terms import Json

_OWN_NAME = "kubernetes.io/metadata.name"  # a label that every namespace has
_Rule = Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class Call:
    """Who asks whom, on which ports of the pods that are asked; none where that is not known.

    deduced: whether no words name whom, only the caller's environment does.
    """

    caller: End
    callee: End
    ports: Sequence[int] = ()
    protocol: str = "TCP"
    deduced: bool = False


@dataclass(frozen=True, kw_only=True)
class Denial:
    """policy: the one that is nearest to letting through.  side: ingress or egress.  why: what it lets through instead, in words.

    everything: whether it lets nothing through on that side.
    """

    policy: Object
    side: str
    why: str
    everything: bool


def denial(call: Call, observed: Observed, *, doubts: bool = False) -> Denial | None:
    """What denies a call; None where nothing does. doubts: whether a rule of which that cannot be told counts as none that lets through."""
    sides = (("egress", call.caller, call.callee), ("ingress", call.callee, call.caller))
    return next((found for side, at, other in sides if (found := _denied(side, at, other, call, observed, doubts=doubts))), None)


def _denied(side: str, at: End, other: End, call: Call, observed: Observed, *, doubts: bool) -> Denial | None:
    refused: list[tuple[tuple[int, str], Denial]] = []
    for policy in policies_of(at, observed):
        if side not in sides_of(policy):
            continue
        rules = rules_of(policy, side)
        if rules is None:
            return None
        answers = [_lets(rule, at, other, call, observed) for rule in rules]
        if any(answers) or (None in answers and not doubts):
            return None
        near, why = _why(rules, side, at, other, call)
        refused.append(((near, created(policy)), Denial(policy=policy, side=side, why=why, everything=not rules)))
    return max(refused, key=itemgetter(0))[1] if refused else None


def policies_of(end: End, observed: Observed) -> Iterator[Object]:
    """The policies that pick an end."""
    if end.inside:
        yield from (policy for policy in observed.all("NetworkPolicy", end.namespace) if _is_picked(policy, end))


def _is_picked(policy: Object, end: End) -> bool:
    """Whether a policy picks an end; where nothing shows its labels, one whose label says its name."""
    selector = (policy.get("spec") or {}).get("podSelector") or {}
    if end.labels is not None:
        return picks(selector, end.labels)
    values = (selector.get("matchLabels") or {}).values()
    return not selector or (bool(end.name) and not selector.get("matchExpressions") and all(value == end.name for value in values))


def sides_of(policy: Object) -> Sequence[str]:
    """What a policy is about, ingress or egress, also where it does not say."""
    spec = policy.get("spec") or {}
    said = spec.get("policyTypes") or (["Ingress", "Egress"] if "egress" in spec else ["Ingress"])
    return [str(side).lower() for side in said]


def rules_of(policy: Object, side: str) -> Sequence[_Rule] | None:
    """The rules of one side, none where it shuts that; None where the policy was printed without its rules."""
    spec = policy.get("spec") or {}
    if not {"policyTypes", "ingress", "egress"} & set(spec):
        return None
    return [rule or {} for rule in spec.get(side) or ()]


def _lets(rule: _Rule, at: End, other: End, call: Call, observed: Observed) -> bool | None:
    """Whether a rule lets a call through; None where that cannot be told."""
    if not _admits_port(rule, call):
        return False
    peers = rule.get("from") or rule.get("to") or ()
    answers = [_is_meant(peer, at, other, observed) for peer in peers]
    return not peers or any(answers) or (None if None in answers else False)


def _admits_port(rule: _Rule, call: Call) -> bool:
    """Whether one of the ports is the call's; also where nothing tells on which port its pods are asked."""
    ports = [port for port in rule.get("ports") or () if isinstance(port, Mapping)]
    return not ports or any(_is_port(port, call) for port in ports)


def _is_port(port: Mapping[str, Json], call: Call) -> bool:
    if str(port.get("protocol") or "TCP") != call.protocol:
        return False
    wanted, known = port.get("port"), call.callee.ports
    if wanted is None or not call.ports:
        return True
    if not str(wanted).isdecimal():
        return known[wanted] in call.ports if wanted in known else not known
    first, last = int(wanted), int(port["endPort"]) if str(port.get("endPort")).isdecimal() else int(wanted)
    return any(first <= number <= last for number in call.ports)


def _is_meant(peer: Mapping[str, Json], at: End, other: End, observed: Observed) -> bool | None:
    """Whether a peer of a rule is the other end; None where its labels, or those of its namespace, are not known."""
    if "ipBlock" in peer:
        return _is_within(peer["ipBlock"] or {}, other)
    if not other.inside:
        return False
    pods, spaces = peer.get("podSelector") or {}, peer.get("namespaceSelector")
    own = other.namespace == at.namespace if other.name else None
    where = own if spaces is None else _is_in(spaces, other, observed)
    which = True if not pods else None if other.labels is None else picks(pods, other.labels)
    return False if False in (where, which) else None if None in (where, which) else True


def _is_in(selector: Mapping[str, Json], end: End, observed: Observed) -> bool | None:
    """Whether a selector picks the namespace of an end."""
    if not selector or not end.namespace:
        return True if not selector else None
    shown = observed.get("Namespace", "", end.namespace) or {}
    labels = (shown.get("metadata") or {}).get("labels")
    own = {_OWN_NAME: end.namespace, **(labels or {})}
    by_name = {key: value for key, value in (selector.get("matchLabels") or {}).items() if key == _OWN_NAME}
    if labels or not picks({"matchLabels": by_name}, own):
        return picks(selector, own)
    keys = {*(selector.get("matchLabels") or {}), *(str(one.get("key")) for one in selector.get("matchExpressions") or ())}
    return picks(selector, own) if keys == {_OWN_NAME} else None


def _is_within(block: Mapping[str, Json], end: End) -> bool:
    """Whether a block of addresses holds an end; also where its address is not known."""
    try:
        inner, outer = (
            ip_network(str(block.get("cidr")), strict=False),
            [ip_network(str(one), strict=False) for one in block.get("except") or ()],
        )
        known = [ip_address(address) for address in end.addresses]
    except ValueError:
        return True
    return not known or any(address in inner and not any(address in one for one in outer) for address in known)


def _why(rules: Sequence[_Rule], side: str, at: End, other: End, call: Call) -> tuple[int, str]:
    """How near rules are to letting a call through, and what they let through instead."""
    inward = side == "ingress"
    if not rules:
        return 0, "admits nobody" if inward else "lets nothing out"
    verb = "admits" if inward else "lets out"
    of_port = [rule for rule in rules if _admits_port(rule, call)]
    if not of_port:
        ports = call.ports or sorted(set(call.callee.ports.values()))
        return 3, f"{verb} {ports_in_words([port for rule in rules for port in rule.get('ports') or ()], ports)}"
    peers = [peer for rule in of_port for peer in rule.get("from") or rule.get("to") or ()]
    shared, words = held_against(peers, other, at)
    return 1 + shared, f"{verb} {'only ' if inward else 'only to '}{words}"
