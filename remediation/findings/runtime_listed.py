"""Parts of the control plane that have ended on a node, as its runtime lists them: `crictl ps -a`, `docker ps -a`, `nerdctl ps -a`."""

import re
from collections.abc import Collection, Iterator

from remediation.findings.component_down import PARTS, ComponentDown
from remediation.findings.finding import found
from remediation.needed import may_match
from remediation.observed import Observed
from remediation.terms import Finding, Target

_PART = "|".join(map(re.escape, PARTS))
_ROW = re.compile(  # of crictl: CONTAINER IMAGE CREATED STATE NAME ATTEMPT POD ID POD
    rf"^[0-9a-f]{{8,64}}\s[^\n]{{1,200}}?\s(?P<state>Exited|Running)\s+(?P<part>{_PART})\s+(?P<attempt>\d+)\s+[0-9a-f]+(?:\s+(?P<pod>\S+))?",
    re.MULTILINE,
)
_NAMED = re.compile(  # of docker and nerdctl, where the container's name tells
    rf"^[0-9a-f]{{8,64}}\s[^\n]{{1,300}}?\s(?P<state>Exited \(\d+\)|Up )[^\n]{{0,100}}?\sk8s_"
    rf"(?P<part>{_PART})_(?P<pod>[\w.-]+?)_kube-system",
    re.MULTILINE,
)
_SAID = re.compile(r"^(?P<before>[^\n]{0,200})\"command failed\" err=\"(?P<why>[^\n]{1,300})", re.MULTILINE)


def runtime_listed(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each part of which a node's runtime shows only containers that have ended."""
    for item in observed.evidence:
        rows = [match for row in (_ROW, _NAMED) if may_match(row, item.text) for match in row.finditer(item.text)]
        running = {row["part"] for row in rows if not row["state"].startswith("Exited")}
        ended = {row["part"]: row for row in rows if row["part"] not in running}
        for part, row in ended.items():
            node = str(row["pod"] or "").removeprefix(f"{part}-")
            why, shown = _said(part, ended, observed)
            facts = ComponentDown(cause="not_running", part=part, node=node, message="Exited", said=why)
            where = f" on node {node}" if node else ""
            text = f"{part} does not run{where}: the container runtime lists it as ended{f', its log says: {why}' if why else ''}"
            yield found("component_down", f"Pod/kube-system/{row['pod'] or part}", facts, text, (item.item, *([shown] if shown else ())))


def _said(part: str, ended: Collection[str], observed: Observed) -> tuple[str, str]:
    """Why a part ended and the item that says so: its own log, or one that names no part where only this one ended; else empty."""
    for item in observed.evidence:
        for match in _SAID.finditer(item.text) if "command failed" in item.text else ():
            whose = _parts_in(item.title) or _parts_in(match["before"])
            if part in whose or (not whose and len(ended) == 1):
                return match["why"].rstrip('"'), item.item
    return "", ""


def _parts_in(text: str) -> list[str]:
    return [part for part in PARTS if part in text]
