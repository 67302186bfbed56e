"""Consumers that lag behind their topic, as `kafka-consumer-groups --describe` prints it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.graph import root_place, workloads
from remediation.observed import Observed, place_of
from remediation.terms import Finding, Target

_HEADER = re.compile(r"^\s*GROUP\s+TOPIC\s+PARTITION\s+CURRENT-OFFSET\s+LOG-END-OFFSET\s+LAG\b")
_ROW = re.compile(
    r"^\s*(?P<group>\S+)\s+(?P<topic>\S+)\s+\d+\s+(?:\d+|-)\s+\d+\s+(?P<lag>\d+)\s+(?P<consumer>\S+)(?:\s+/?(?P<host>[\d.]+|-))?"
)
_TELLING = 1000  # messages behind that no round of fetching explains


@dataclass(frozen=True, kw_only=True)
class ConsumersBehind:
    """group, topic: the farthest behind.  lag: messages, over all partitions.  consumed: whether anybody reads them at all."""

    group: str
    topic: str
    lag: int
    consumed: bool


def consumers_behind(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each group that is a thousand messages or more behind in a topic."""
    for item in observed.evidence:
        lines = item.text.splitlines() if "LOG-END-OFFSET" in item.text else []
        if not any(map(_HEADER.match, lines)):
            continue
        behind: dict[tuple[str, str], list[re.Match[str]]] = {}
        for match in filter(None, map(_ROW.match, lines)):
            behind.setdefault((match["group"], match["topic"]), []).append(match)
        for (group, topic), rows in behind.items():
            lag = sum(int(row["lag"]) for row in rows)
            if lag >= _TELLING:
                read = any(row["consumer"] != "-" for row in rows)
                facts = ConsumersBehind(group=group, topic=topic, lag=lag, consumed=read)
                who = "reads too slowly or not on" if read else "has no consumer that reads"
                text = f"consumer group {group} {who}: its lag in topic {topic} is {lag} messages"
                yield found("consumers_behind", _subject(group, rows[0].groupdict(), observed, target), facts, text, (item.item,))


def _subject(group: str, row: Mapping[str, str | None], observed: Observed, target: Target) -> str:
    """The workload of the pod with the consumer's address, else of the group's name, else a Service of that name."""
    for pod in observed.all("Pod"):
        if row["host"] and (pod.get("status") or {}).get("podIP") == row["host"]:
            return str(observed.root(pod))
    called = (thing for thing in workloads(observed) if place_of(thing)[2] == group)
    named = min(called, key=lambda thing: place_of(thing)[1] != target.namespace, default=None)
    return "/".join(root_place(named, observed)) if named is not None else f"Service/{target.namespace}/{group}"
