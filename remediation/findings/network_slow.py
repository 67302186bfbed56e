"""Delay and loss on the network, errors and slowness, as metrics show them."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.labelled import names_pod, namespace_of, pod_of
from remediation.needed import may_match
from remediation.observed import Observed, place_of
from remediation.terms import Finding, Series, Target

_LOSS = re.compile(
    r"(?:packet|network|tcp).{0,100}(?:loss|drop|dropped|retrans|error)|(?:dropped|retransmit|receive_errs|transmit_errs)", re.IGNORECASE
)
_DELAY = re.compile(r"(?:latency|delay|rtt|round_trip|duration|response_time)", re.IGNORECASE)
_PRINTED = re.compile(  # of ping and mtr; of `tc qdisc`
    r"(?:rtt|round-trip) min/avg/max[^\s=]{0,10} = [\d.]{1,12}/(?P<rtt>\d{1,9}(?:\.\d{1,6})?)/|"
    r"(?P<loss>(?<!\d)\d{1,3}(?:\.\d{1,9})?)% packet loss|"
    r"qdisc netem[^\n]{0,200}?(?:delay (?P<delay>\d{1,9}(?:\.\d{1,9})?)ms|loss (?P<netem_loss>\d{1,3}(?:\.\d{1,9})?)%)"
)
_TOO_LARGE = re.compile(
    r"^[^\n]*(?:[Mm]essage too long|[Ff]rag(?:mentation)? needed|packet (?:is )?too big)[^\n]*?mtu ?[=:]? ?(?P<mtu>\d+)[^\n]*", re.MULTILINE
)
_PINGED = re.compile(r"^PING (?P<host>[\w.-]+)", re.MULTILINE)
_SHOWS = re.compile(r"packet loss|netem|min/avg/max")
_FAR = 200.0  # ms there and back, which no cluster needs
_LOST = 1.0  # percent below which a loss is none
_TIMES = 3.0
_FEW = 4
_ERRORS, _MANY = 10.0, 10.0  # of a node's network, and how many times another node's


@dataclass(frozen=True, kw_only=True)
class NetworkSlow:
    """cause: loss, delay; mtu (packets are larger than the way takes), node_loss (one node's network, as no other's).

    metric: its name.  before, now: means of its first half's lower and last quarter's values; of node_loss, elsewhere and there.
    """

    cause: str
    metric: str
    before: float
    now: float


def network_slow(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each workload of which a metric of loss or delay grew at least threefold in the window."""
    told: set[tuple[str, str]] = set()
    for finding in (*_measured(observed), *_of_one_node(observed)):
        if (finding.subject, str(finding.facts["cause"])) not in told:
            told.add((finding.subject, str(finding.facts["cause"])))
            yield finding
    for item, series in observed.series():
        cause = "loss" if _LOSS.search(series.metric) else "delay" if _DELAY.search(series.metric) else ""
        if not cause or len(series.points) < _FEW:
            continue
        before, now = _halves(series)
        if now <= before * _TIMES or now <= 0:
            continue
        subject = _subject(series, observed)
        if (subject, cause) not in told:
            told.add((subject, cause))
            facts = NetworkSlow(cause=cause, metric=series.metric, before=round(before, 4), now=round(now, 4))
            words = "loses packets on the network" if cause == "loss" else "is delayed"
            text = f"{subject.split('/')[-1]} {words}: {series.metric} went from {before:.3g} to {now:.3g}"
            yield found("network_slow", subject, facts, text, (item,))


def _measured(observed: Observed) -> Iterator[Finding]:
    """What `ping`, `mtr` and `tc` print: packets that are lost, and delay that somebody set."""
    for item in observed.evidence:
        if may_match(_TOO_LARGE, item.text) and (large := _TOO_LARGE.search(item.text)) is not None:
            facts = NetworkSlow(cause="mtu", metric="MTU", before=0.0, now=float(large["mtu"]))
            text = f'packets are larger than the network takes: its MTU is {large["mtu"]}, "{large[0].strip()[:200]}"'
            yield found("network_slow", "Service//network", facts, text, (item.item,))
            continue
        for match in _PRINTED.finditer(item.text) if may_match(_SHOWS, item.text) and _SHOWS.search(item.text) else ():
            share, delay = match["loss"] or match["netem_loss"], match["delay"] or match["rtt"]
            if (share and float(share) < _LOST) or (match["rtt"] and float(match["rtt"]) < _FAR):
                continue
            cause, value = ("loss", float(share)) if share else ("delay", float(delay))
            start = item.text.rfind("\n", 0, match.start()) + 1
            line = item.text[start : item.text.find("\n", match.end()) if "\n" in item.text[match.end() :] else None].strip()
            host = _PINGED.search(item.text)
            subject = _pinged(host["host"], observed) if host else "Service//network"
            metric = "packet loss in %" if cause == "loss" else "delay in ms"
            facts = NetworkSlow(cause=cause, metric=metric, before=0.0, now=value)
            words = f"{value:g}% packet loss" if cause == "loss" else f"{value:g} ms of delay (latency)"
            to = f" to {host['host']}" if host else ""
            yield found("network_slow", subject, facts, f'the network{to} shows {words}: "{line[:300]}"', (item.item,))


def _pinged(host: str, observed: Observed) -> str:
    """Who answers to a host: the workload of the pod or the Service that has this address, else a Service of that name."""
    if not host.replace(".", "").isdecimal():
        return f"Service//{host.split('.', maxsplit=1)[0]}"
    pod = next((p for p in observed.all("Pod") if (p.get("status") or {}).get("podIP") == host), None)
    service = next((s for s in observed.all("Service") if (s.get("spec") or {}).get("clusterIP") == host), None)
    return str(observed.root(pod)) if pod is not None else "/".join(place_of(service)) if service is not None else f"Service//{host}"


def _of_one_node(observed: Observed) -> Iterator[Finding]:
    """Nodes of whose network a metric counts errors or packets sent again, many times as many as on any other node."""
    by_metric: dict[str, dict[str, tuple[float, str]]] = {}
    for item, series in observed.series():
        node = (series.labels.get("node") or series.labels.get("instance") or "").rpartition(":")[0] or series.labels.get("node", "")
        if node and series.points and series.metric.startswith("node_") and _LOSS.search(series.metric):
            nodes = by_metric.setdefault(series.metric, {})
            nodes[node] = max(nodes.get(node, (0.0, "")), (series.points[-1][1], item))
    for metric, nodes in by_metric.items():
        (worst, (now, item)), *others = sorted(nodes.items(), key=lambda told: -told[1][0])
        before = others[0][1][0] if others else now
        if now >= _ERRORS and now > before * _MANY:
            facts = NetworkSlow(cause="node_loss", metric=metric, before=before, now=now)
            text = f"node {worst} loses packets on its network: {metric} is {now:.4g} there and at most {before:.4g} on other nodes"
            yield found("network_slow", f"Node//{worst}", facts, text, (item,))


def _halves(series: Series) -> tuple[float, float]:
    values = [value for _, value in series.points]
    if series.metric.endswith(("_total", "_sum", "_count")):
        values = [max(0.0, later - earlier) for earlier, later in itertools.pairwise(values)]
    half = max(1, len(values) // 2)
    first, last = values[:half], values[-max(1, len(values) // 4) :]
    return sum(first) / len(first), sum(last) / len(last)


def _subject(series: Series, observed: Observed) -> str:
    labels, pod = series.labels, pod_of(series)
    known = next((one for one in observed.all("Pod") if names_pod(series, one)), None) if pod else None
    if known is not None:
        return str(observed.root(known))
    named = labels.get("service") or labels.get("deployment") or labels.get("app") or pod or labels.get("instance") or "network"
    return f"{'Pod' if pod else 'Service'}/{namespace_of(series)}/{named}"
