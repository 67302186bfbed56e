"""A volume that cannot be attached or mounted, that is full, or that its user may not write."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from remediation.findings.finding import found
from remediation.findings.said import meaning
from remediation.graph import workloads
from remediation.observed import Object, Observed, about, event_text, place_of
from remediation.reading.logs import lines_of
from remediation.terms import Finding, Json, Series, Target
from remediation.workloads import object_ref, pod_spec

_CAUSES: Sequence[tuple[str, str]] = (
    ("attached_elsewhere", r"Multi-Attach error|already (?:used by|exclusively attached|attached)|is in use by"),
    ("claim_missing", r"persistentvolumeclaim \"(?P<name>[^\"]+)\" not found"),
    ("permission", r"permission denied|Permission denied|access denied by server"),
    ("server_unreachable", r"mount\.nfs|Connection timed out|No route to host|Connection refused"),
    ("driver_missing", r"driver name \S+ not found|not found in the list of registered CSI drivers|no volume plugin matched"),
    ("path_missing", r"hostPath type check failed|is not a (?:directory|file)|No such file or directory"),
    ("not_mounted", r"[Uu]nable to attach or mount volumes|timed out waiting for the condition|AttachVolume|MountVolume"),
)  # fmt: skip
_AVAILABLE, _CAPACITY = ("kubelet_volume_stats_available_bytes",), ("kubelet_volume_stats_capacity_bytes",)
_RESIZES = ("VolumeResizeFailed", "FileSystemResizeFailed", "ExternalExpandFailed", "NodeExpandFailed")
_NOT_EXPANDABLE = re.compile(r"persistentvolumeclaims \\?\"(?P<claim>[\w.-]+)\\?\" is forbidden: only dynamically provisioned pvc can be resized[^\n]*")
_FULL = 0.97
_SPACE = re.compile(r"space|ENOSPC|full|quota|EDQUOT|extend file", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class VolumeTrouble:
    """cause: full, attached_elsewhere, claim_missing, permission, server_unreachable, driver_missing, path_missing, not_mounted, ….

    A resize_waits until its pod starts anew, a resize_failed, or the class of the claim is not_expandable.
    claim: the PersistentVolumeClaim, empty for another volume.  size: what it asks for or has, such as 100Mi.
    """

    cause: str
    claim: str
    size: str
    message: str


def volume_trouble(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each workload and cause."""
    told: set[tuple[str, str]] = set()
    every = (*_full_by_metrics(observed), *_full_by_words(observed), *_mounts(observed), *_resizing(observed), *_full_by_question(observed, target))
    for finding in every:
        key = (finding.subject, str(finding.facts["cause"]))
        if key not in told:
            told.add(key)
            yield finding


def _mounts(observed: Observed) -> Iterator[Finding]:
    for event in observed.all("Event"):
        text = event_text(event)
        if event.get("reason") not in ("FailedMount", "FailedAttachVolume", "FailedMapVolume", "VolumeFailedDelete") or re.search(
            r"(?:configmap|secret) \\?\"", text):  # fmt: skip
            continue
        cause, name = next(
            ((c, m.groupdict().get("name") or "") for c, words in _CAUSES if (m := re.search(words, text))), ("not_mounted", "")
        )
        pod = observed.get(*about(event))
        root = observed.root_of(about(event))
        facts = VolumeTrouble(cause=cause, claim=name or _claim(pod), size="", message=text[:400])
        words = f'a volume of {root.name} cannot be mounted ({cause.replace("_", " ")}); "{text.strip()}"'
        yield found("volume_trouble", str(root), facts, words, observed.cites(event, *([pod] if pod else ())))


def _resizing(observed: Observed) -> Iterator[Finding]:
    """Claims that should be larger than they are."""
    for claim in observed.all("PersistentVolumeClaim"):
        conditions = {c.get("type"): c for c in (claim.get("status") or {}).get("conditions") or () if c.get("status") == "True"}
        failed = next((e for e in observed.events_of(claim) if e.get("reason") in _RESIZES), None)
        if "FileSystemResizePending" in conditions:
            yield _resize(claim, "resize_waits", str(conditions["FileSystemResizePending"].get("message") or ""), (), observed)
        elif failed is not None:
            yield _resize(claim, "resize_failed", event_text(failed), (failed,), observed)
    for item in observed.evidence:
        if "must support resize" in item.text and (match := _NOT_EXPANDABLE.search(item.text)):
            unseen: Object = {"kind": "PersistentVolumeClaim", "metadata": {"name": match["claim"]}}
            claim = next((c for c in observed.all("PersistentVolumeClaim") if place_of(c)[2] == match["claim"]), unseen)
            yield replace(_resize(claim, "not_expandable", match[0], (), observed), cites=(item.item, *observed.cites(claim)))


def _resize(claim: Object, cause: str, message: str, events: Sequence[Object], observed: Observed) -> Finding:
    _, namespace, name = place_of(claim)
    storage_class = str((claim.get("spec") or {}).get("storageClassName") or "")
    facts = VolumeTrouble(cause=cause, claim=name, size=_size(claim), message=message[:400])
    words = {
        "resize_waits": "was made larger, but its file system is not resized until a pod that uses it starts anew (resize pending)",
        "resize_failed": "cannot be made larger (resize failed)",
        "not_expandable": f"cannot be made larger: its StorageClass {storage_class} does not allow expansion",
    }[cause]
    text = f'PersistentVolumeClaim {name} (PVC, {facts.size or "size unknown"}) {words}; "{message.strip()}"'
    return found("volume_trouble", f"PersistentVolumeClaim/{namespace}/{name}", facts, text, observed.cites(claim, *events))


def _claim(thing: Object | None) -> str:
    volumes = pod_spec(thing).get("volumes") or () if thing else ()
    return next((str(v["persistentVolumeClaim"].get("claimName")) for v in volumes if v.get("persistentVolumeClaim")), "")


def _full_by_metrics(observed: Observed) -> Iterator[Finding]:
    have = {_claimed(s): (item, s) for item, s in observed.series() if s.metric in _AVAILABLE and s.points}
    for item, whole in observed.series():
        if whole.metric in _CAPACITY and whole.points and _claimed(whole) in have:
            shown, free = have[_claimed(whole)]
            if whole.points[-1][1] and 1 - free.points[-1][1] / whole.points[-1][1] >= _FULL:
                namespace, name = _claimed(whole)
                claim = observed.get("PersistentVolumeClaim", namespace, name)
                size = _size(claim)
                facts = VolumeTrouble(cause="full", claim=name, size=size, message="")
                text = f"PersistentVolumeClaim {name} (PVC, {size or 'size unknown'}) is full: {free.points[-1][1]:.0f} bytes are left"
                cites = (item, shown, *(observed.cites(claim) if claim else ()))
                yield found("volume_trouble", f"PersistentVolumeClaim/{namespace}/{name}", facts, text, tuple(dict.fromkeys(cites)))


def _claimed(series: Series) -> tuple[str, str]:
    return series.labels.get("namespace", ""), series.labels.get("persistentvolumeclaim", "")


def _full_by_words(observed: Observed) -> Iterator[Finding]:
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


def _full_by_question(observed: Observed, target: Target) -> Iterator[Finding]:
    """A disk that an alert calls full, of the workload that it names."""
    thing = observed.get(target.object_kind, target.namespace, target.name)
    said = next((item for item in observed.evidence if item.kind == "alert"), None)
    if (
        thing is None
        or said is None
        or not re.search(
            r"(?:disk|volume|PVC|storage|filesystem)[^\n]{0,40}(?:full|filling|space|usage)|no space left", said.text, re.IGNORECASE
        )
    ):
        return
    claim, size = claim_of(thing, observed)
    if claim:
        yield _full(thing, (claim, size), said.title, (said.item, *observed.cites(thing)))


def _full(thing: Object, claim: tuple[str, str], words: str, cites: tuple[str, ...]) -> Finding:
    name, size = claim
    facts = VolumeTrouble(cause="full", claim=name, size=size, message=words[:400])
    text = f'the volume of {place_of(thing)[2]}, PersistentVolumeClaim {name} (PVC) of {size or "unknown size"}, is full (no space left): "{words.strip()[:300]}"'
    return found("volume_trouble", str(object_ref(thing)), facts, text, tuple(dict.fromkeys(cites)))


def claim_of(thing: Object, observed: Observed) -> tuple[str, str]:
    """The first claim of a workload with its size, whether it is named or made from a template."""
    _, namespace, name = place_of(thing)
    for template in (thing.get("spec") or {}).get("volumeClaimTemplates") or ():
        return f"{(template.get('metadata') or {}).get('name')}-{name}-0", _size(template)
    claim = _claim(thing)
    return claim, _size(observed.get("PersistentVolumeClaim", namespace, claim))


def _size(claim: Json) -> str:
    spec, status = (claim or {}).get("spec") or {}, (claim or {}).get("status") or {}
    return str((status.get("capacity") or {}).get("storage") or ((spec.get("resources") or {}).get("requests") or {}).get("storage") or "")
