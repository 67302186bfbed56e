"""What in the manifests of a workload's claims may keep it from running: guesses, while nothing tells how it runs."""

from collections.abc import Iterator
from decimal import Decimal

from remediation.findings.claim_unbound import ClaimUnbound, unfit
from remediation.findings.finding import found
from remediation.findings.manifests_placing import unplaced
from remediation.findings.volume_trouble import VolumeTrouble
from remediation.observed import Object, Observed, place_of
from remediation.quantities import parse
from remediation.terms import Finding
from remediation.workloads import pod_spec

_TINY = Decimal(256 * 2**20)  # bytes: what writes at all has soon written them


def _claims(thing: Object, observed: Observed) -> Iterator[tuple[str, Object, bool]]:
    """Name, claim, and whether it is an object of its own, no template of the workload's."""
    for volume in pod_spec(thing).get("volumes") or ():
        name = str((volume.get("persistentVolumeClaim") or {}).get("claimName") or "")
        if name and (claim := observed.get("PersistentVolumeClaim", place_of(thing)[1], name)) is not None:
            yield name, claim, True
    for template in (thing.get("spec") or {}).get("volumeClaimTemplates") or ():
        yield f"{template['metadata'].get('name')} of its template", template, False


def _size(claim: Object) -> str:
    return str((((claim.get("spec") or {}).get("resources") or {}).get("requests") or {}).get("storage") or "")


def _subject(thing: Object, name: str, observed: Observed, *, own: bool) -> str:
    return f"PersistentVolumeClaim/{place_of(thing)[1]}/{name}" if own else str(observed.root(thing))


def unknown_class(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A claim of a workload that names a StorageClass of which nothing is shown."""
    for name, claim, own in _claims(thing, observed):
        spec = claim.get("spec") or {}
        wanted = str(spec.get("storageClassName") or "")
        volumes = [
            volume for volume in observed.all("PersistentVolume") if (volume.get("spec") or {}).get("storageClassName", "") == wanted
        ]
        cause = unfit(volumes, claim) or ("" if volumes or not wanted else "class_missing")
        if not cause or observed.get("StorageClass", "", wanted) is not None or (claim.get("status") or {}).get("phase") == "Bound":
            continue
        facts = ClaimUnbound(
            cause=cause, storage_class=wanted, classes="", access_modes=", ".join(map(str, spec.get("accessModes") or ())),
            size=_size(claim), message="", pods="",
        )  # fmt: skip
        why = (
            f"asks for StorageClass {wanted}: nothing shows that it exists"
            if cause == "class_missing"
            else f"fits no volume that is shown ({facts.access_modes}, {facts.size})"
        )
        text = f"PersistentVolumeClaim {name} (PVC), which {place_of(thing)[2]} needs, {why}"
        yield found("claim_unbound", _subject(thing, name, observed, own=own), facts, text, observed.cites(claim if own else thing))


def unknown_claim(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A claim that a workload mounts and that is not among the manifests."""
    namespace = place_of(thing)[1]
    for volume in pod_spec(thing).get("volumes") or ():
        name = str((volume.get("persistentVolumeClaim") or {}).get("claimName") or "")
        if name and observed.get("PersistentVolumeClaim", namespace, name) is None:
            text = (
                f"{place_of(thing)[2]} mounts PersistentVolumeClaim {name} (PVC), which is not among what is shown of namespace {namespace}"
            )
            yield unplaced(thing, "volume", text, observed, message=text)


def claim_tiny(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A claim that is soon full, where nothing else in the manifests is wrong."""
    for name, claim, own in _claims(thing, observed):
        size = _size(claim)
        if size and 0 < parse(size) <= _TINY:
            text = f"{place_of(thing)[2]} keeps what it writes on PersistentVolumeClaim {name} (PVC) of {size} alone, which is soon full"
            facts = VolumeTrouble(cause="perhaps_full", claim=name.partition(" ")[0], size=size, message=text)
            yield found("volume_trouble", _subject(thing, name, observed, own=own), facts, text, observed.cites(claim if own else thing))
