"""A volume that cannot be attached or mounted, that its user may not write, or that should be larger than it is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from remediation.findings.finding import found
from remediation.needed import may_match
from remediation.observed import Object, Observed, about, event_text, place_of
from remediation.reading.log_fields import line_around
from remediation.reading.merging import UNNAMED
from remediation.terms import Finding, Json, ObjectRef, Target
from remediation.workloads import pod_spec

_NODES_PROGRAM = (  # what mounts and attaches on the node itself
    r"rpc\.statd is not running|can ?not connect to iSCSI daemon|could not connect to iscsid|"
    r"need a /sbin/mount\.\S+ helper program|mount helper program|\biscsiadm: (?:command )?not found|"
    r"(?:iscsiadm|mount\.(?:nfs4?|cifs|ceph)|multipath)\b[^\n]{0,80}(?:executable file not found|No such file or directory)"
)
_LACKS = re.compile(_NODES_PROGRAM)
_CAUSES: Sequence[tuple[str, str]] = (
    ("node_lacks", _NODES_PROGRAM),
    ("attached_elsewhere", r"Multi-Attach error|already (?:used by|exclusively attached|attached)|is in use by"),
    ("claim_missing", r"persistentvolumeclaim \"(?P<name>[^\"]+)\" not found"),
    ("permission", r"permission denied|Permission denied|access denied by server"),
    ("server_unreachable", r"mount\.nfs|Connection timed out|No route to host|Connection refused"),
    ("driver_missing", r"driver name \S+ not found|not found in the list of registered CSI drivers|no volume plugin matched"),
    ("path_missing", r"hostPath type check failed|is not a (?:directory|file)|No such file or directory"),
    ("not_mounted", r"[Uu]nable to attach or mount volumes|timed out waiting for the condition|AttachVolume|MountVolume"),
)  # fmt: skip
_HOLDER = re.compile(r"already used by pod\(s\) (?P<pod>[a-z0-9][\w.-]*)")
_MOUNTING = ("FailedMount", "FailedAttachVolume", "FailedMapVolume", "VolumeFailedDelete")
_RESIZES = ("VolumeResizeFailed", "FileSystemResizeFailed", "ExternalExpandFailed", "NodeExpandFailed")
_NOT_EXPANDABLE = re.compile(
    r"persistentvolumeclaims \\?\"(?P<claim>[\w.-]+)\\?\" is forbidden: only dynamically provisioned pvc can be resized[^\n]*"
)


@dataclass(frozen=True, kw_only=True)
class VolumeTrouble:
    """cause: full, node_lacks, attached_elsewhere, claim_missing, permission, server_unreachable, driver_missing, path_missing, ….

    node_lacks: a program that mounts is not there or does not run on the node.
    rolled_over: its own old pod holds it while a new one starts.
    A resize_waits until its pod starts anew, a resize_failed, or the class of the claim is not_expandable.
    claim: the PersistentVolumeClaim, empty for another volume.  size: what it asks for or has, such as 100Mi.
    """

    cause: str
    claim: str
    size: str
    message: str


def volume_trouble(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each workload and cause; that a volume is not mounted only where nothing says why."""
    every = (*_mounts(observed), *_resizing(observed), *_of_nodes(target, observed))
    explained = {finding.subject for finding in every if finding.facts["cause"] != "not_mounted"}
    told: set[tuple[str, str]] = set()
    for finding in every:
        key = (finding.subject, str(finding.facts["cause"]))
        if key not in told and (key[1] != "not_mounted" or finding.subject not in explained):
            told.add(key)
            yield finding


def _says_little(event: Object) -> bool:
    """Whether an event only counts what is not mounted, where another may say why."""
    return "timed out waiting for the condition" in event_text(event)


def _mounts(observed: Observed) -> Iterator[Finding]:
    for event in sorted(observed.events_with(*_MOUNTING), key=_says_little):
        text = event_text(event)
        if re.search(r"(?:configmap|secret) \\?\"", text):
            continue
        cause, name = next(
            ((c, m.groupdict().get("name") or "") for c, words in _CAUSES if (m := re.search(words, text))), ("not_mounted", "")
        )
        pod = observed.get(*about(event))
        root = observed.root_of(about(event))
        if cause == "attached_elsewhere" and _rolls_over(root, about(event)[2], text, observed):
            cause = "rolled_over"
        facts = VolumeTrouble(cause=cause, claim=name or _claim(pod), size="", message=text[:400])
        words = f'a volume of {root.name} cannot be mounted ({cause.replace("_", " ")}); "{text.strip()}"'
        yield found("volume_trouble", str(root), facts, words, observed.cites(event, *([pod] if pod else ())))


def _of_nodes(target: Target, observed: Observed) -> Iterator[Finding]:
    """A program that a node lacks, by a log or what was pasted of a mount: of the pod that waits, else of the symptom."""
    for item in observed.evidence:
        said = _LACKS.search(item.text) if item.kind != "alert" and may_match(_LACKS, item.text) else None
        if said is None:
            continue
        line = line_around(item.text, said)[:400]
        waits = next((about(thing) for thing in item.objects if thing.get("reason") in _MOUNTING), None)
        asked = f"{target.object_kind}/{target.namespace}/{target.name}" if target.name else f"Node//{UNNAMED}"
        subject = str(observed.root_of(waits)) if waits else asked
        facts = VolumeTrouble(cause="node_lacks", claim="", size="", message=line)
        yield found(
            "volume_trouble", subject, facts, f'a volume cannot be mounted, for its node lacks what mounts it: "{line}"', (item.item,)
        )


def _rolls_over(root: ObjectRef, pod: str, text: str, observed: Observed) -> bool:
    """Whether a volume is held by the old pod of a Deployment that starts new ones before it stops the old, as all do that say nothing."""
    deployment = observed.get(root.kind, root.namespace, root.name) or {}
    strategy = (deployment.get("spec") or {}).get("strategy") or {}
    holder = _HOLDER.search(text)
    own = holder is not None and str(observed.root_of(("Pod", root.namespace, holder["pod"]))) == str(root)
    older = holder is not None and holder["pod"].rpartition("-")[0] != pod.rpartition("-")[0]  # of another ReplicaSet
    return root.kind == "Deployment" and strategy.get("type", "RollingUpdate") == "RollingUpdate" and own and older


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
    facts = VolumeTrouble(cause=cause, claim=name, size=size_of(claim), message=message[:400])
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


def claim_of(thing: Object, observed: Observed) -> tuple[str, str]:
    """The first claim of a workload with its size, whether it is named or made from a template."""
    _, namespace, name = place_of(thing)
    for template in (thing.get("spec") or {}).get("volumeClaimTemplates") or ():
        return f"{(template.get('metadata') or {}).get('name')}-{name}-0", size_of(template)
    claim = _claim(thing)
    return claim, size_of(observed.get("PersistentVolumeClaim", namespace, claim))


def size_of(claim: Json) -> str:
    """What a claim has, else what it asks for; empty when it says neither."""
    spec, status = (claim or {}).get("spec") or {}, (claim or {}).get("status") or {}
    return str((status.get("capacity") or {}).get("storage") or ((spec.get("resources") or {}).get("requests") or {}).get("storage") or "")
