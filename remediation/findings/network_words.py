"""What a rule of a NetworkPolicy lets through, in words, held against who asks."""

from collections.abc import Mapping, Sequence

from remediation.findings.ends import End
from remediation.terms import Json

_SIGNS = {"In": "in", "NotIn": "not in", "Exists": "set", "DoesNotExist": "not set"}
_MACHINE_MADE = ("pod-template-hash", "controller-revision-hash", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index")
_MOST = 3  # labels that are shown


def peers_in_words(peers: Sequence[Mapping[str, Json]]) -> str:
    """Whom a rule means."""
    return " or ".join(dict.fromkeys(_peer(peer) for peer in peers)) or "others"


def held_against(peers: Sequence[Mapping[str, Json]], other: End, at: End) -> tuple[bool, str]:
    """Whom a rule means, and what the other end has in its stead; and whether that has a label of the same key."""
    meant = peers_in_words(peers)
    asked = {key for peer in peers for key in _keys(peer.get("podSelector") or {})}
    near = [f"{key}={value}" for key, value in (other.labels or {}).items() if key in asked]
    if not other.name:
        return False, meant
    if near:
        return True, f"{meant}; {other.name} has {', '.join(near)}"
    if other.labels and asked and other.namespace == at.namespace:
        own = [f"{key}={value}" for key, value in other.labels.items() if key not in _MACHINE_MADE]
        return False, f"{meant}; {other.name} has {', '.join(own[:_MOST]) or 'none of these labels'}"
    where = f" in {other.namespace}" if other.inside and other.namespace else ""
    return False, f"{meant}; {other.name}{where} is none of them"


def ports_in_words(ports: Sequence[Json], asked: Sequence[int]) -> str:
    """The ports of rules, and those that are asked for."""
    said = ", ".join(dict.fromkeys(f"{port.get('port')}{_protocol(port)}" for port in ports if isinstance(port, Mapping)))
    return f"port {said}, while it is asked on {', '.join(map(str, asked))}" if asked else f"port {said}"


def _protocol(port: Mapping[str, Json]) -> str:
    return f"/{port['protocol']}" if port.get("protocol") not in (None, "TCP") else ""


def _peer(peer: Mapping[str, Json]) -> str:
    if "ipBlock" in peer:
        block = peer["ipBlock"] or {}
        outer = ", ".join(map(str, block.get("except") or ()))
        return f"addresses in {block.get('cidr')}{f' except {outer}' if outer else ''}"
    pods, spaces = peer.get("podSelector"), peer.get("namespaceSelector")
    words = [f"pods with {_selector(pods)}" if pods else "pods" if pods is not None or spaces is None else ""]
    if spaces is not None:
        words.append(f"namespaces with {_selector(spaces)}" if spaces else "every namespace")
    return " of ".join(filter(None, words))


def _selector(selector: Mapping[str, Json]) -> str:
    plain = [f"{key}={value}" for key, value in (selector.get("matchLabels") or {}).items()]
    for one in selector.get("matchExpressions") or ():
        values = ", ".join(map(str, one.get("values") or ()))
        plain.append(f"{one.get('key')} {_SIGNS.get(str(one.get('operator')), '')} {values}".strip())
    return ", ".join(plain)


def _keys(selector: Mapping[str, Json]) -> set[str]:
    return {*(selector.get("matchLabels") or {}), *(str(one.get("key")) for one in selector.get("matchExpressions") or ())}
