"""Who says that something cannot be reached in time, and whom the words mean: logs, and somebody who asks."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, permutations

from remediation.addressed import place_in
from remediation.findings.denials import Call
from remediation.findings.ends import CLUSTER_DNS, End, end_named, end_of, ends_at, services_of
from remediation.findings.said import meaning
from remediation.findings.writers import writer_of
from remediation.graph import addresses, workloads
from remediation.observed import Object, Observed, place_of
from remediation.reading.drain import clustered
from remediation.reading.logs import Line, lines_of
from remediation.terms import Evidence, ObjectRef, Target

_NETWORK = ("dns_failure", "dependency_unreachable")
_TIMES_OUT = re.compile(r"time|timed|deadline|resol|EAI_AGAIN|i/o|Try again|unreachable|connect|not permitted", re.IGNORECASE)
_ONLY_TIMES_OUT = re.compile(r"time[d ]?-?\s?out|ETIMEDOUT|i/o timeout|deadline exceeded|not permitted", re.IGNORECASE)
_UNREACHED = re.compile(
    r"time[sd]?[ -]?out|\bhang(?:s|ing)?\b|unreachable|no longer (?:reach|talk|connect)|\bblock(?:ed|s|ing)\b|"
    r"(?:can(?:'t|not| not| no longer)|could(?:n't| not)|unable to|fails? to|does(?:n't| not)|not) "
    r"(?:\w{1,20} ){0,2}(?:connect|reach|talk|resolve|call|get through|access)",
    re.IGNORECASE,
)
_RESOLVES = re.compile(r"resol(?:ve|ution)|\bDNS\b|lookup", re.IGNORECASE)
_TOWARDS = (
    r"(?:\b(?:to|reach(?:es|ing)?|calls?|access|curl|wget|nc|ping|against|with|towards?) |://)"
    r"(?:(?:the|my|our|service|svc|pod) ){0,2}[`'\"]?"
)
_FROM = r"\b(?:from|inside|in) (?:(?:the|my|our|a|pod|pods|of) ){0,3}[`'\"]?"
_MOST_NAMED = 4
_WORD = re.compile(r"[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """by: the workload that says it, without a name where nothing tells.  host, port: that the line names, empty and 0 for none.

    line: its words.  late: whether they say that no answer came in time.  dns: whether a name could not be resolved.
    """

    by: ObjectRef
    host: str
    port: int
    line: str
    item: str
    late: bool
    dns: bool


def complaints(observed: Observed, target: Target) -> Iterator[Complaint]:
    """What logs say, the first telling line of each."""
    for item in observed.evidence:
        late = (line for line in lines_of(item) if line.bad and _TIMES_OUT.search(line.text)) if item.kind == "logs" else ()
        told = (one for line in clustered(late) if (one := _of_line(line, item, observed, target)) is not None)
        yield from list(told)[:1]


def _of_line(line: Line, item: Evidence, observed: Observed, target: Target) -> Complaint | None:
    said = meaning(line.text)
    if said is None or said.kind not in _NETWORK:
        return None
    place = next(place_in(line.text), None) or _only_place(item) or ("", 0)
    port = str(place[1] or said.groups.get("port") or 0)
    return Complaint(
        by=writer_of(line, observed, target),
        host=said.groups.get("host", "") or place[0],
        port=int(port) if port.isdecimal() else 0,
        line=f"{line.pod}: {line.text}" if line.pod else line.text,
        item=line.item,
        late=_ONLY_TIMES_OUT.search(line.text) is not None,
        dns=said.kind == "dns_failure",
    )


def _only_place(item: Evidence) -> tuple[str, int] | None:
    """The one `host:port` that a whole log names; None where there are several."""
    places = set(place_in(item.text))
    return next(iter(places)) if len(places) == 1 else None


def calls_of(said: Complaint, observed: Observed, target: Target) -> Iterator[Call]:
    """The calls that a complaint may mean: to the host that it names, to whom its words name, else to whom its environment leads."""
    caller = end_named(said.by, observed) if said.by.name else End(namespace=target.namespace)
    if said.dns:
        yield Call(caller=caller, callee=CLUSTER_DNS, ports=[53], protocol="UDP")
        return
    told = False
    for callee, ports in ends_at(said.host, said.port, caller.namespace, observed) if said.host else ():
        told = told or bool(callee.name)
        yield Call(caller=caller, callee=callee, ports=ports)
    for thing in () if told else _named_in(said.line, observed):
        if observed.root(thing) == said.by:
            continue  # that speaks of itself
        told = True
        yield Call(caller=caller, callee=end_of(thing, observed), ports=_ports(said, thing, observed))
    if not told and not said.host and (own := observed.get(said.by.kind, said.by.namespace, said.by.name)) is not None:
        yield from (replace(call, deduced=True) for call in declared(own, observed))


def _ports(said: Complaint, thing: Object, observed: Observed) -> Sequence[int]:
    """On which ports of its pods a workload is asked, where its words name a port; else those that it declares."""
    known = sorted(set(end_of(thing, observed).ports.values()))
    return [said.port] if said.port and said.port in known else known


def _named_in(line: str, observed: Observed) -> Iterator[Object]:
    """The workloads that a line names, by themselves or by a Service of theirs."""
    called = _called(observed)
    found = {id(thing): thing for word in dict.fromkeys(_WORD.findall(line)) for thing in called.get(word, ())}
    yield from found.values()


@lru_cache(maxsize=2)
def _called(observed: Observed) -> Mapping[str, Sequence[Object]]:
    """The workloads by their own names and those of their Services."""
    called: dict[str, list[Object]] = {}
    for thing in workloads(observed):
        for name in {observed.root(thing).name: 0, **dict.fromkeys(services_of(thing, observed), 0)}:
            called.setdefault(name, []).append(thing)
    return called


def declared(thing: Object, observed: Observed) -> Iterator[Call]:
    """The calls to other workloads that the environment of one tells of."""
    caller = end_of(thing, observed)
    for _, host, namespace, port in addresses(thing, observed):
        if observed.get("Service", namespace, host) is not None:
            for callee, ports in ends_at(f"{host}.{namespace}", port or 0, caller.namespace, observed):
                yield Call(caller=caller, callee=callee, ports=ports)


def asked(observed: Observed) -> Iterator[tuple[str, str, Sequence[Call]]]:
    """What somebody who asks says not to reach: the words, their item, and the calls between those whom they name."""
    for item in observed.evidence:
        if item.kind != "alert" or not _UNREACHED.search(item.text):
            continue
        named = [end_of(thing, observed) for thing in _first_named(item.text, observed)]
        calls = [Call(caller=one, callee=other, ports=sorted(set(other.ports.values()))) for one, other in _pairs(named, item.text)]
        if _RESOLVES.search(item.text):
            calls = [Call(caller=one, callee=CLUSTER_DNS, ports=[53], protocol="UDP") for one in named] + calls
        yield " ".join(item.text.split())[:300], item.item, calls


def _first_named(text: str, observed: Observed) -> Sequence[Object]:
    """The workloads that a text names, in its order, but not so many that it means none of them."""
    found = [thing for thing in _named_in(text, observed) if len(place_of(thing)[2]) > 1]
    return sorted(found, key=lambda thing: text.find(place_of(thing)[2])) if len(found) <= _MOST_NAMED else ()


def _pairs(named: Sequence[End], text: str) -> Sequence[tuple[End, End]]:
    """Who calls whom: as the words before a name tell, else the one that is named first calls."""
    called = [end for end in named if re.search(rf"{_TOWARDS}{re.escape(end.name)}(?![\w-])", text)]
    calling = [end for end in named if re.search(rf"{_FROM}{re.escape(end.name)}(?![\w-])", text)]
    return [(one, other) for one, other in combinations(named, 2) if not called and not calling] + [
        (one, other)
        for one, other in permutations(named, 2)
        if (called or calling) and other not in calling and (other in called or not called) and (one in calling or one not in called)
    ]
