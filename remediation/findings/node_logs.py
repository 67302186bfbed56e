"""What nodes themselves log: why a kubelet or its container runtime does not work, and whether the kubelet ended of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.needed import may_match
from remediation.observed import Observed
from remediation.reading.log_fields import line_around
from remediation.terms import Evidence

_SYSLOG = re.compile(r"^\w{3} +\d+ [\d:.]+ (?P<host>[\w.-]+) (?:kubelet|hyperkube|k3s|k3s-agent|containerd|dockerd|rke2|systemd)(?:\[|:| )")
_OF_KUBELET = re.compile(r"hyperkube\[\d+\]: F|kubelet(?:\.go|\.conf|\.kubeconfig|\[\d+\])|[Ff]ailed to run [Kk]ubelet|"
                         r"PLEG is not healthy|container runtime is down|"
                         r"Status from runtime service failed|csi_plugin\.go|Unable to register node|Error getting node")  # fmt: skip
_ENDED = re.compile(
    r"[Ff]ailed to run [Kk]ubelet|\b(?:kubelet|hyperkube)(?:\[\d+\])?: F\d{4} |kubelet\.service: (?:[Ff]ailed|[Mm]ain process exited)|"
    r"Container runtime network not ready|container runtime is down"
)
_RECLAIM = re.compile(r"(?:attempting to reclaim\" resourceName=\"|must evict pod\(s\) to reclaim )(?P<what>[a-z-]+)")
_PRESSURES = {"memory": "MemoryPressure", "pids": "PIDPressure"}
_WHY: Sequence[tuple[str, re.Pattern[str]]] = tuple((part, re.compile(words)) for part, words in (  # the more telling first
    ("certificate", r"certificate[^\n]*expired|expired[^\n]*certificate"),
    ("swap", r"running with swap on is not supported"),
    ("cgroup", r"kubelet cgroup driver|cgroup driver[^\n]{0,300}(?:different|mismatch)|cgroup v1 [^\n]{0,300}(?:not|no longer) supported"),
    ("configuration", r"failed to (?:load|parse|validate) [Kk]ubelet (?:config|flag)|unrecognized feature gate"),
    ("configuration", r"unknown (?:flag: --|shorthand flag|command: )"),
    ("certificate", r"unable to load bootstrap kubeconfig"),
    (
        "container_runtime",
        r"container runtime is down|(?:containerd|crio|docker)\.sock|PLEG is not healthy|Status from runtime service failed",
    ),
    ("disk", r"no space left on device"),
    ("network_plugin", r"cni (?:plugin|config)|NetworkPluginNotReady"),
    ("kubelet", r"[Ff]ailed to run [Kk]ubelet|Unable to register node|Error getting node|connection refused"),
    ("kubelet", r"\b(?:kubelet|hyperkube)(?:\[\d+\])?: F\d{4} "),
))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class NodeSaid:
    """part: at fault.  line: that says so, of this item.  ended: whether a kubelet ended, or calls its node not ready."""

    part: str
    line: str
    item: str
    ended: bool


def own_logs(observed: Observed) -> Mapping[str, NodeSaid]:
    """The most telling line by the host that wrote it, under the empty name where the lines name none."""
    ranked: dict[str, tuple[int, NodeSaid]] = {}
    for item in observed.evidence:
        if item.kind == "logs" and may_match(_OF_KUBELET, item.text) and _OF_KUBELET.search(item.text):
            for host, (rank, said) in _of_item(item).items():
                if host not in ranked or rank < ranked[host][0]:
                    ranked[host] = rank, said
    return {host: said for host, (_, said) in ranked.items()}


def _of_item(item: Evidence) -> Mapping[str, tuple[int, NodeSaid]]:
    """The first line of the most telling words by host, with the rank of these."""
    ended = _ENDED.search(item.text) is not None
    found: dict[str, tuple[int, NodeSaid]] = {}
    for rank, (part, words) in enumerate(_WHY):
        for match in words.finditer(item.text) if may_match(words, item.text) else ():
            line = line_around(item.text, match)
            host = _SYSLOG.match(line)
            said = NodeSaid(part=part, line=line[:400], item=item.item, ended=ended)
            found.setdefault(host["host"] if host else "", (rank, said))
    return found


def reclaimed(observed: Observed) -> Iterator[tuple[str, str, str, str]]:
    """Host, condition, line and item for each thing of which a kubelet tries to reclaim some: its node is under pressure for it."""
    for item in observed.evidence:
        for match in _RECLAIM.finditer(item.text) if item.kind == "logs" and "reclaim" in item.text else ():
            line = line_around(item.text, match)
            host = _SYSLOG.match(line)
            yield host["host"] if host else "", _PRESSURES.get(match["what"], "DiskPressure"), line[:400], item.item
