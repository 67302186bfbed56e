"""Evictions that a PodDisruptionBudget refused: as drains, autoscalers, operators and events tell of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediation.needed import may_match
from remediation.observed import Observed, about, event_text
from remediation.terms import Evidence

_SAID = re.compile(r"PodEvictionFailure|disruption budget|\bpdb \\?\"[^\"\s]+\" prevents pod evictions", re.IGNORECASE)
_POD = re.compile(  # with its namespace before or behind it, or without one
    r"\b[Pp]ods?(?:/|\s|=|\\?\":\s?)\\?\"?(?:(?P<namespace>[a-z0-9][a-z0-9-]*)/)?(?P<pod>[a-z0-9][a-z0-9.-]*[a-z0-9])\\?\"?"
    r"(?: -n \\?\"?(?P<behind>[a-z0-9-]+))?|\bmove (?P<where>[\w-]+)/(?P<moved>[\w.-]+)"
)
_NO_PODS = frozenset(
    {
        "and",
        "are",
        "in",
        "of",
        "to",
        "that",
        "which",
        "as",
        "disruption",
        "evictions",
        "is",
        "was",
        "would",
        "because",
        "cannot",
        "with",
        "due",
        "could",
        "from",
        "on",
    }
)
_BUDGET = re.compile(
    r"disruption budget \\?\"?(?P<budget>[\w.-]+)\\?\"? needs|pdb \\?\"(?:(?P<namespace>[\w-]+)/)?(?P<prevents>[\w.-]+)\\?\" prevents",
    re.IGNORECASE,
)
_ON_NODE = re.compile(r"PodEvictionFailure[^\n]{0,300}?\"(?P<node>(?:ip-|i-)[\w.-]+)\"")  # of a cloud's group of nodes
_NODE = re.compile(
    r"\b(?:drain|node|node/) ?(?P<node>(?!cannot|is|was|that)[a-z][\w.-]*[\w])(?= cordoned| already cordoned| cannot be removed| --|\s*$)",
    re.MULTILINE,
)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """pod, namespace, budget, node: as far as the line names them, else empty.  item: that shows it."""

    namespace: str
    pod: str
    budget: str
    line: str
    node: str
    item: str


def refusals(observed: Observed) -> Iterator[Refusal]:
    """Every refused eviction that events, drains and logs tell of."""
    for event in observed.all("Event"):
        if may_match(_SAID, event_text(event)) and _SAID.search(event_text(event)):
            kind, namespace, name = about(event)
            item = next(iter(observed.cites(event)), "")
            budget, where = _budget_in(event_text(event))
            pod, node = (name, "") if kind == "Pod" else ("", name if kind == "Node" else "")
            yield Refusal(namespace=namespace or where, pod=pod, budget=budget, line=event_text(event), node=node, item=item)
    for evidence in observed.evidence:
        if evidence.kind != "alert" and may_match(_SAID, evidence.text) and _SAID.search(evidence.text):
            yield from _in_text(evidence)


def _in_text(evidence: Evidence) -> Iterator[Refusal]:
    """The pod stands in the line that refuses, or, where a message is printed in two lines, in the one before."""
    node = _NODE.search(evidence.text)
    before = ""
    for line in evidence.text.splitlines():
        if _SAID.search(line):
            namespace, pod = _pod_in(line)
            budget, where = _budget_in(line)
            if not pod and not budget and (above := _pod_in(before))[1]:
                namespace, pod = above
            on = _ON_NODE.search(line)
            if pod or budget or on:
                yield Refusal(namespace=namespace or where, pod=pod, budget=budget, line=line.strip(),
                              node=on["node"] if on else node["node"] if node else "", item=evidence.item)  # fmt: skip
        before = line


def _pod_in(line: str) -> tuple[str, str]:
    """Namespace and name of the pod that a line names, empty where it names none."""
    for match in _POD.finditer(line):
        name = match["pod"] or match["moved"]
        if name not in _NO_PODS:
            return match["namespace"] or match["behind"] or match["where"] or "", name
    return "", ""


def _budget_in(text: str) -> tuple[str, str]:
    """Name and namespace of the budget that a line names."""
    match = _BUDGET.search(text)
    return (match["budget"] or match["prevents"], match["namespace"] or "") if match else ("", "")
