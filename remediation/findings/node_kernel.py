"""What the kernel of a node says of its disk and processor, in its own log or as node-problem-detector's events: never an application's."""

import re
from collections.abc import Iterator
from dataclasses import replace

from remediation.findings.finding import found
from remediation.findings.node_trouble import NodeTrouble, node_spoken_of
from remediation.needed import may_match
from remediation.observed import Observed, about, event_text, place_of
from remediation.reading.log_fields import line_around
from remediation.reading.merging import UNNAMED
from remediation.terms import Evidence, Finding, Target

_DROPS = re.compile(r"dropping packet|table overflow")
KERNEL_SAYS = re.compile(
    r"EXT[234]-fs (?:error|\([\w-]{1,40}\): Remounting)|Remounting filesystem read-only|BTRFS(?: error| critical)|"
    r"XFS \([\w-]{1,40}\): (?:Corruption|metadata I/O error|Filesystem has been shut down|Unmount and run xfs_repair)|"
    r"blk_update_request: I/O error|Buffer I/O error on dev|I/O error, dev \w{1,20}, sector|"
    r"nvme\d{1,3}: I/O \d{1,9} (?:QID|timeout)|nvme nvme\d{1,3}: (?:I/O|controller is down)|"
    r"soft lockup - CPU|hard LOCKUP|task \S{1,60} blocked for more than \d{1,9} seconds|rcu_sched (?:self-)?detected stall|"
    r"nf_conntrack: table full, dropping packet|neighbou?r(?: table|:) ?\S{0,20} ?(?:table )?overflow|TCP: out of memory|"
    r"\[Hardware Error\]|mce: .{0,40}Machine check"
)
_DETECTED = re.compile(
    r"(?:FilesystemIsReadOnly|ReadonlyFilesystem|Ext4Error|IOError|TaskHung|KernelOops|KernelDeadlock|MemoryReadError|UnregisterNetDevice|"
    r"CorruptDockerOverlay2|CorruptDockerImage|XfsShutdown|CperHardwareErrorFatal|BtrfsError)"
)
_SYSLOG_HOST = re.compile(r"^(?:\w{3} +\d+ [\d:.]+|\d{4}-\d\d-\d\dT\S+) (?P<host>[a-z0-9][\w.-]*) kernel:")
_ASKED = re.compile(r"\bnode[/ ](?P<node>[a-z0-9][\w.-]*[a-z0-9])")  # `kubectl debug node/NAME`, a heading


def node_kernel(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each node whose kernel tells of such a fault; what is detected by an agent before what a log says."""
    told: set[str] = set()
    for name, words, cites in (*_by_events(observed), *_by_logs(observed)):
        if name not in told:
            told.add(name)
            cause = "packets_dropped" if _DROPS.search(words) else "kernel"
            facts = NodeTrouble(cause=cause, condition="", part="", pods=0, most_pods=0, message=words[:400])
            node = observed.get("Node", "", name)
            shown = observed.cites(node) if node is not None else ()
            text = f'the kernel of node {name} tells of a fault of its own, which no pod on it can mend: "{words[:300]}"'
            finding = found("node_trouble", f"Node//{name}", facts, text, cites)
            yield replace(finding, cites=tuple(dict.fromkeys((*finding.cites, *shown))))


def _by_events(observed: Observed) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for event in observed.events_about("Node"):
        name = about(event)[2]
        if name and event.get("type") != "Normal" and _DETECTED.match(str(event.get("reason"))):
            yield name, f"{event.get('reason')}: {event_text(event).strip()}", observed.cites(event)


def _by_logs(observed: Observed) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for item in observed.evidence:
        said = list(KERNEL_SAYS.finditer(item.text)) if item.kind != "alert" and may_match(KERNEL_SAYS, item.text) else []
        for match in said[-1:]:  # the last tells what became of it
            line = line_around(item.text, match)
            yield _host(line, item, observed), line, (item.item,)


def _host(line: str, item: Evidence, observed: Observed) -> str:
    """The node that a line or the command above it names, else the only one that there is."""
    shown = {place_of(node)[2]: place_of(node)[2] for node in observed.all("Node")}
    shown |= {name.split(".")[0]: name for name in tuple(shown)}
    by_line, asked = _SYSLOG_HOST.match(line), _ASKED.search(f"{item.title}\n{item.text[:2000]}")
    if by_line is not None:
        return shown.get(by_line["host"].split(".")[0], by_line["host"])
    if asked is not None:
        return asked["node"]
    running = {str((pod.get("spec") or {}).get("nodeName") or "") for pod in observed.all("Pod")} - {""}
    named = [name for name in {*shown.values(), *running} if name in item.title]  # the file is called as the node
    return max(named, key=len, default="") or node_spoken_of(observed) or UNNAMED
