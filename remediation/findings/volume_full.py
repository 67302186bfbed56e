"""A volume that is full: as metrics, logs, `df` or an alert say."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from remediation.findings.finding import found
from remediation.findings.said import meaning
from remediation.findings.volume_trouble import VolumeTrouble, claim_of, size_of
from remediation.graph import workloads
from remediation.observed import Object, Observed, about, place_of
from remediation.reading.command import command_in
from remediation.reading.logs import lines_of
from remediation.terms import Evidence, Finding, Series, Target
from remediation.workloads import containers, object_ref

_LEFT_OF: Mapping[str, str] = {  # what is left, by the metric of the whole
    "kubelet_volume_stats_capacity_bytes": "kubelet_volume_stats_available_bytes",
    "kubelet_volume_stats_inodes": "kubelet_volume_stats_inodes_free",
}
_FULL = 0.97
_FULL_PERCENT = 97
_SPACE = re.compile(r"space|ENOSPC|full|quota|EDQUOT|extend file", re.IGNORECASE)
_ASKED = re.compile(
    r"(?:disk|volume|PVC|storage|filesystem|claim)[^\n]{0,60}(?:full|filling|space|usage|free)|no space left|FillingUp", re.IGNORECASE
)
_DF = re.compile(r"^(?P<device>\S+)\s+\S+\s+\S+\s+\S+\s+(?P<used>\d+)%\s+(?P<path>/\S+)\s*$", re.MULTILINE)
_NO_VOLUME = re.compile(r"(?:overlay|tmpfs|shm|devtmpfs|udev)$")  # a device that is none
_NODES_OWN = re.compile(r"/(?:dev|sys|proc|etc|run)?(?:/|$)")  # where the node's own file systems are mounted


def volume_full(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each workload or claim; what was measured before what was asked."""
    told: set[str] = set()
    claims: set[str] = set()
    for finding in (*_by_metrics(observed), *_by_words(observed), *_by_df(observed), *_by_question(observed, target)):
        claim = str(finding.facts["claim"])
        if finding.subject not in told and (not claim or claim not in claims):
            told.add(finding.subject)
            claims.add(claim)
            yield _ungrowable(finding, observed)


def _ungrowable(finding: Finding, observed: Observed) -> Finding:
    """The finding; where the class of the claim allows no expansion, it says so, for then no larger size mends it."""
    name = str(finding.facts["claim"])
    claim = next((c for c in observed.all("PersistentVolumeClaim") if place_of(c)[2] == name), None)
    wanted = str(((claim or {}).get("spec") or {}).get("storageClassName") or "")
    of_class = observed.get("StorageClass", "", wanted) if wanted else None
    if of_class is None or of_class.get("allowVolumeExpansion") is not False:
        return finding
    text = f"{finding.text}; its StorageClass {wanted} does not allow expansion, so it cannot be made larger"
    facts = {**finding.facts, "cause": "not_expandable"}
    return replace(finding, facts=facts, text=text, cites=(*finding.cites, *observed.cites(of_class)))


def _by_metrics(observed: Observed) -> Iterator[Finding]:
    """Claims of which hardly a byte, or hardly an inode, is left."""
    have = {(s.metric, _claimed(s)): (item, s) for item, s in observed.series() if s.metric in _LEFT_OF.values() and s.points}
    for item, whole in observed.series():
        left = have.get((_LEFT_OF.get(whole.metric, ""), _claimed(whole)))
        if left is None or not whole.points or not whole.points[-1][1]:
            continue
        shown, free = left
        if 1 - free.points[-1][1] / whole.points[-1][1] >= _FULL:
            namespace, name = _claimed(whole)
            claim = observed.get("PersistentVolumeClaim", namespace, name)
            size, what = size_of(claim), "bytes" if whole.metric.endswith("bytes") else "inodes"
            facts = VolumeTrouble(cause="full", claim=name, size=size, message="")
            text = f"PersistentVolumeClaim {name} (PVC, {size or 'size unknown'}) is full: {free.points[-1][1]:.0f} {what} are left"
            cites = (item, shown, *(observed.cites(claim) if claim else ()))
            yield found("volume_trouble", f"PersistentVolumeClaim/{namespace}/{name}", facts, text, tuple(dict.fromkeys(cites)))


def _claimed(series: Series) -> tuple[str, str]:
    return series.labels.get("namespace", ""), series.labels.get("persistentvolumeclaim", "")


def _by_words(observed: Observed) -> Iterator[Finding]:
    """A log that says that the disk is full, of a workload that has a claim."""
    claims = [(thing, claim) for thing in workloads(observed) if (claim := claim_of(thing, observed))[0]]
    for item in observed.evidence if claims else ():
        if item.kind != "logs" or not _SPACE.search(item.text):
            continue
        bad = (line for line in lines_of(item) if line.bad and _SPACE.search(line.text))
        full = next((line for line in bad if (said := meaning(line.text)) is not None and said.kind == "disk_full"), None)
        for thing, claim in claims if full is not None else ():
            if full is not None and observed.root(thing).name in item.title:
                yield _full(thing, claim, full.text, (item.item, *observed.cites(thing)))


def _by_df(observed: Observed) -> Iterator[Finding]:
    """File systems that `df`, run inside a pod, shows as full."""
    for item in observed.evidence:
        for match in _DF.finditer(item.text) if "%" in item.text and "/" in item.text else ():
            if int(match["used"]) < _FULL_PERCENT or _NO_VOLUME.match(match["device"]) or _NODES_OWN.match(match["path"]):
                continue
            pod, namespace = _where(item, match.start())
            thing = _mounting(pod, namespace, match["path"], observed)
            if thing is not None:
                claim, size = claim_of(thing, observed)
                yield _full(thing, (claim, size), match[0].strip(), (item.item, *observed.cites(thing)))


def _where(item: Evidence, at: int) -> tuple[str, str]:
    """The pod in which a command was run, and its namespace, as the last line with `exec` before it says."""
    before = [line for line in item.text[:at].splitlines() if " exec " in line] or [item.title]
    command = command_in(before[-1])
    named = re.search(r"exec\s+(?:-\S+\s+)*(?:-n\s+\S+\s+)?(?:pods?/|deploy\w*/|sts/)?(?P<pod>[a-z0-9][\w.-]*)", before[-1])
    return (named["pod"] if named else ""), command.namespace if command else ""


def _mounting(pod: str, namespace: str, path: str, observed: Observed) -> Object | None:
    """The workload of that pod, or the only one that mounts something there."""
    here = [w for w in workloads(observed) if namespace in ("", place_of(w)[1])]
    named = [w for w in here if pod and (pod == place_of(w)[2] or pod.startswith(f"{observed.root(w).name}-"))]
    mounts = [w for w in here if any(m.get("mountPath") == path for _, c in containers(w) for m in c.get("volumeMounts") or ())]
    return named[0] if named else mounts[0] if len(mounts) == 1 else None


def _by_question(observed: Observed, target: Target) -> Iterator[Finding]:
    """A disk that an alert calls full, of the workload or claim that it names."""
    thing = observed.get(target.object_kind, target.namespace, target.name)
    said = next((item for item in observed.evidence if item.kind == "alert"), None)
    if thing is None or said is None or not _ASKED.search(f"{said.title}\n{said.text}"):
        return
    if target.object_kind == "PersistentVolumeClaim":
        bound = (thing.get("status") or {}).get("phase") in ("Bound", None, "")
        claim, size = (target.name, size_of(thing)) if bound else ("", "")
    else:
        claim, size = claim_of(thing, observed)
    grown = any(event.get("reason") == "FileSystemResizeSuccessful" for event in observed.all("Event") if about(event)[2] == claim)
    if claim and not grown:
        words = next((line for line in said.text.splitlines() if _ASKED.search(line)), said.title)
        yield _full(thing, (claim, size), words, (said.item, *observed.cites(thing)))


def _full(thing: Object, claim: tuple[str, str], words: str, cites: tuple[str, ...]) -> Finding:
    name, size = claim
    facts = VolumeTrouble(cause="full", claim=name, size=size, message=words[:400])
    text = (
        f"the volume of {place_of(thing)[2]}, PersistentVolumeClaim {name} (PVC) of {size or 'unknown size'}, is full (no space left): "
        f'"{words.strip()[:300]}"'
    )
    return found("volume_trouble", str(object_ref(thing)), facts, text, tuple(dict.fromkeys(cites)))
