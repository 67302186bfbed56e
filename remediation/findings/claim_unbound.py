"""A PersistentVolumeClaim that is not bound: its class, its access mode, its size, or what should make its volume."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.findings.claim_source import cause_of_source, source_of
from remediation.findings.finding import found
from remediation.findings.said_absent import said_absent
from remediation.observed import Object, Observed, event_text, place_of
from remediation.quantities import parse
from remediation.terms import Finding, Target

_CAUSES: Sequence[tuple[str, str]] = (
    ("class_missing", r"storageclass(?:\.storage\.k8s\.io)? \\?\"(?P<name>[^\"\\]+)\\?\" not found"),
    ("access_mode", r"access ?mode|AccessMode|ReadWriteMany.*not supported|does not support"),
    ("quota", r"exceeded quota|quota exceeded|QuotaExceeded"),
    ("no_volume", r"no persistent volumes available for this claim and no storage class is set"),
    ("provisioner", (r"waiting for a volume to be created, either by external provisioner|ProvisioningFailed|failed to provision volume|"
                    r"provision")),
    ("waits_for_pod", r"waiting for first consumer|WaitForFirstConsumer|waiting for pod .* to be scheduled"),
)  # fmt: skip
_NO_PROVISIONER = "kubernetes.io/no-provisioner"
_DRIVER_MODES = {
    r"MULTI_NODE_(?:MULTI|SINGLE)_WRITER|ReadWriteMany": "ReadWriteMany", r"MULTI_NODE_READER_ONLY|ReadOnlyMany": "ReadOnlyMany",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ClaimUnbound:
    """cause: class_missing, access_mode, capacity, no_volume, provisioner, quota, waits_for_pod, lost, released, unknown.

    source_not_ready, source_missing: what its volume is to be restored from, source, `VolumeSnapshot/name`.
    storage_class: that it asks for.  classes: that there are.  access_modes, size: that it asks for.
    """

    cause: str
    storage_class: str
    classes: str
    access_modes: str
    size: str
    message: str
    pods: str
    source: str = ""


def claim_unbound(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each claim that is Pending or Lost; and for each whose class is not among those of the cluster."""
    for claim in observed.spoken_of("PersistentVolumeClaim"):
        phase = (claim.get("status") or {}).get("phase")
        if phase in ("Pending", "Lost") or (not phase and (_class_missing(claim, observed) or _refused(claim, observed))):
            yield _finding(claim, str(phase or ""), observed)


def _refused(claim: Object, observed: Observed) -> bool:
    """Whether the last that events tell of it is that it gets no volume."""
    last = next(iter(observed.events_of(claim)), {})
    return last.get("reason") in ("ProvisioningFailed", "FailedBinding", "VolumeMismatch", "ClaimLost")


def _class_missing(claim: Object, observed: Observed) -> bool:
    wanted = (claim.get("spec") or {}).get("storageClassName")
    classes = {place_of(one)[2] for one in observed.all("StorageClass")}
    return bool(wanted and wanted not in classes and (classes or said_absent("StorageClass", "", str(wanted), observed)))


def _finding(claim: Object, phase: str, observed: Observed) -> Finding:
    _, namespace, name = place_of(claim)
    spec = claim.get("spec") or {}
    events = [e for e in observed.events_of(claim) if e.get("type") != "Normal"] or list(observed.events_of(claim))
    message = max((event_text(e) for e in events), key=len, default="")
    wanted = str(spec.get("storageClassName") or "") or _class_in(message)
    size = str(((spec.get("resources") or {}).get("requests") or {}).get("storage") or "")
    modes = ", ".join(str(m) for m in spec.get("accessModes") or ()) or _modes_in(message)
    cause = "lost" if phase == "Lost" else _cause(claim, message, observed)
    classes = ", ".join(sorted(place_of(one)[2] for one in observed.all("StorageClass")))
    pods = ", ".join(str(p) for p in (claim.get("status") or {}).get("usedBy") or ()) or ", ".join(
        place_of(p)[2]
        for p in observed.all("Pod", namespace)
        if any((v.get("persistentVolumeClaim") or {}).get("claimName") == name for v in (p.get("spec") or {}).get("volumes") or ())
    )
    facts = ClaimUnbound(
        cause=cause, storage_class=wanted, classes=classes, access_modes=modes, size=size, message=message[:400], pods=pods,
        source=source_of(claim),
    )  # fmt: skip
    said = f'; "{message.strip()}"' if message else ""
    text = f"PersistentVolumeClaim {name} (PVC) in {namespace} is {phase or 'not bound'}: {_words(facts)}{_waiting(pods)}{said}"
    volumes = list(observed.all("PersistentVolume"))[:3] if cause in ("capacity", "access_mode", "no_volume", "unknown") else []
    old = next((volume for volume in observed.all("PersistentVolume") if cause == "released" and _was_of(volume, claim)), None)
    text += f"; that volume is {place_of(old)[2]}" if old is not None else ""
    volumes += [old] if old is not None else []
    return found("claim_unbound", f"PersistentVolumeClaim/{namespace}/{name}", facts, text, observed.cites(claim, *events[:1], *volumes))


def _class_in(message: str) -> str:
    """The StorageClass that a message calls missing."""
    match = re.search(r"storageclass\S* \"(?P<name>[\w.-]+)\" not found", message)
    return match["name"] if match else ""


def _modes_in(message: str) -> str:
    """The access modes that a driver refuses in its own words (`MULTI_NODE_MULTI_WRITER`), as Kubernetes calls them."""
    return ", ".join(mode for words, mode in _DRIVER_MODES.items() if re.search(words, message))


def _waiting(pods: str) -> str:
    return f"; pods {pods} wait for it" if pods else ""


def _words(facts: ClaimUnbound) -> str:
    others = f" (there are {facts.classes})" if facts.classes else ""
    return {
        "class_missing": f"its StorageClass {facts.storage_class} does not exist{others}",
        "access_mode": f"no volume or class offers its access mode {facts.access_modes}",
        "capacity": f"no volume is as large as the {facts.size} that it asks for",
        "no_volume": "there is no PersistentVolume for it, and no StorageClass makes one",
        "provisioner": f"the provisioner of StorageClass {facts.storage_class} makes no volume",
        "source_not_ready": f"its volume is to be restored from {facts.source}, which is not ready",
        "source_missing": f"its volume is to be restored from {facts.source}, which does not exist",
        "quota": "the quota of its namespace refuses it",
        "waits_for_pod": "it waits for the first pod that uses it, which is as it should be",
        "lost": "its volume is gone",
        "released": "its old volume is Released and still bound to a claim that is gone, so it takes no new one",
    }.get(facts.cause, f"nothing says why; StorageClass {facts.storage_class or 'none'}")


def _cause(claim: Object, message: str, observed: Observed) -> str:
    spec = claim.get("spec") or {}
    if of_source := cause_of_source(claim, message, observed):
        return of_source
    every = list(observed.all("PersistentVolume"))
    own = [volume for volume in every if _was_of(volume, claim) and _class_of(volume) == _class_of(claim)]
    if any((volume.get("status") or {}).get("phase") == "Released" for volume in own):
        return "released"  # made by hand: such a class need not exist, and nobody makes volumes of it
    volumes = [v for v in every if (v.get("status") or {}).get("phase") in ("Available", None, "")]
    of_class = [volume for volume in volumes if _class_of(volume) == _class_of(claim)]
    misfit = unfit(of_class, claim)
    made = bool(_class_of(claim)) and bool(of_class)  # by hand: such a class is but a word that both have, and need not exist
    if _class_missing(claim, observed) and not made:
        return "class_missing"
    by_hand = _NO_PROVISIONER in message  # which is no fault of its own: such a class only binds volumes that somebody made
    said = "" if by_hand else next((cause for cause, words in _CAUSES if re.search(words, message)), "")
    if made and said in ("class_missing", ""):
        return misfit or "unknown"
    if said in ("class_missing", "access_mode", "quota", "provisioner", "waits_for_pod"):
        return said
    none = (by_hand and not of_class) or (not spec.get("storageClassName") and not list(observed.all("StorageClass")))
    return misfit or said or ("no_volume" if none else "unknown")


def unfit(volumes: Sequence[Object], claim: Object) -> str:
    """Why none of the volumes that are of its class is bound to a claim; empty where nothing shows it."""
    modes = set((claim.get("spec") or {}).get("accessModes") or ())
    if volumes and all(not modes <= set((volume.get("spec") or {}).get("accessModes") or ()) for volume in volumes):
        return "access_mode"
    return "capacity" if volumes and all(_smaller(volume, claim) for volume in volumes) else ""


def _class_of(thing: Object) -> str:
    return str((thing.get("spec") or {}).get("storageClassName") or "")


def _was_of(volume: Object, claim: Object) -> bool:
    """Whether a volume was bound to a claim of this name before."""
    reference = (volume.get("spec") or {}).get("claimRef") or {}
    return (reference.get("namespace"), reference.get("name")) == place_of(claim)[1:]


def _smaller(volume: Object, claim: Object) -> bool:
    have = ((volume.get("spec") or {}).get("capacity") or {}).get("storage")
    wanted = (((claim.get("spec") or {}).get("resources") or {}).get("requests") or {}).get("storage")
    try:
        return have is not None and wanted is not None and parse(have) < parse(wanted)
    except ValueError:
        return False
