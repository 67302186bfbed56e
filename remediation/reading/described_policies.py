"""NetworkPolicies, as `kubectl describe` shows them: whom they pick, and each rule with its ports and peers."""

import re
from collections.abc import Sequence

from remediation.reading.branches import Branch
from remediation.reading.cells import Object, selector_in
from remediation.terms import Json

_RULES_END = re.compile(r"-{3,}")
_PORT = re.compile(r"To Port: (?P<port>[\w-]{1,63})/(?P<protocol>[A-Z]+)")
_PEER = re.compile(r"(?:From|To):(?P<rest>.*)")
_PART = re.compile(r"(?P<part>NamespaceSelector|PodSelector|CIDR|Except): *(?P<value>.*)")
_SIDE = re.compile(r"(?:Allowing|Not affecting) (?P<side>ingress|egress) traffic|Policy Types:")


def policy(root: Branch) -> Object:
    """Its specification, as the server has it; what a rule says beyond its ports and peers is not printed."""
    lines = [line.strip() for line in root.below("Spec").lines]
    told = "\n".join(lines)
    types = [t.strip() for t in (re.search(r"Policy Types: (.*)", told) or ["", ""])[1].split(",") if t.strip()]
    picked = next((line.partition(":")[2] for line in lines if line.startswith("PodSelector:")), "")
    rules = {side: _rules(_of_side(lines, side)) for side in ("ingress", "egress") if f"Allowing {side} traffic" in told}
    return {"spec": {"podSelector": selector_in(picked), "policyTypes": types, **rules}}


def _of_side(lines: Sequence[str], side: str) -> Sequence[str]:
    """What stands below `Allowing ingress traffic:`, until the other side begins."""
    begins = next(at for at, line in enumerate(lines) if f"Allowing {side} traffic" in line) + 1
    ends = next((at for at, line in enumerate(lines[begins:], start=begins) if _SIDE.match(line)), len(lines))
    return lines[begins:ends]


def _rules(lines: Sequence[str]) -> list[Json]:
    """Each rule of a side; none where its pods are isolated."""
    if not lines or lines[0].startswith("<none>"):
        return []
    rules: list[list[str]] = [[]]
    for line in lines:
        if _RULES_END.fullmatch(line):
            rules.append([])
        else:
            rules[-1].append(line)
    return [_rule(rule) for rule in rules]


def _rule(lines: Sequence[str]) -> Json:
    ports: list[Json] = []
    peers: list[dict[str, Json]] = []
    side = "from"
    for line in lines:
        if port := _PORT.match(line):
            number = port["port"]
            ports.append({"port": int(number) if number.isdecimal() else number, "protocol": port["protocol"]})
        elif (part := _PART.match(line)) and peers:
            _add(peers[-1], part["part"], part["value"])
        elif peer := _PEER.match(line):
            side = line[: line.index(":")].lower()
            peers += [] if "<any>" in peer["rest"] else [{}]
    return {**({"ports": ports} if ports else {}), **({side: peers} if peers else {})}


def _add(peer: dict[str, Json], part: str, value: str) -> None:
    """One line of a peer: a selector, or a block of addresses."""
    match part:
        case "CIDR":
            peer["ipBlock"] = {"cidr": value.strip()}
        case "Except":
            excepted = [cidr.strip() for cidr in value.split(",") if cidr.strip()]
            peer["ipBlock"] = {**(peer.get("ipBlock") or {}), **({"except": excepted} if excepted else {})}
        case _:
            peer["podSelector" if part == "PodSelector" else "namespaceSelector"] = selector_in(value)
