"""A volume that is full: as metrics, logs, `df` or an alert say."""

import re
from collections.abc import Iterator
from dataclasses import replace

from remediation.findings.finding import found
from remediation.findings.mounts import claim_at, claims_of, file_systems, fills, has_room, holder, path_in
from remediation.findings.past import Past
from remediation.findings.said import meaning
from remediation.findings.volume_trouble import VolumeTrouble, claim_of, size_of
from remediation.findings.writers import pod_named, writer_of
from remediation.graph import workloads
from remediation.needed import may_match
from remediation.observed import Object, Observed, about, event_text, place_of, ready
from remediation.reading.logs import Line, lines_of
from remediation.terms import Finding, Target
from remediation.workloads import object_ref

_FULL = 0.97
_FULL_PERCENT = 97
_SPACE = re.compile(r"space|ENOSPC|full|quota|EDQUOT|extend file", re.IGNORECASE)
_ASKED = re.compile(
    r"(?:disk|volume|PVC|storage|filesystem|claim)[^\n]{0,60}(?:full|filling|space|usage|free)|no space left|FillingUp", re.IGNORECASE
)
_OF_DATA = re.compile(r"could not extend file|database or disk is full|The table '|PANIC:|disk watermark|WAL", re.IGNORECASE)
_OF_VOLUME = re.compile(r"volume|PVC|claim|FillingUp", re.IGNORECASE)  # no other disk
_NO_VOLUME = re.compile(r"(?:overlay|tmpfs|shm|devtmpfs|udev)$")  # a device that is none
_NODES_OWN = re.compile(r"/(?:dev|sys|proc|etc|run)?(?:/|$)")  # where the node's own file systems are mounted


def volume_full(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each workload or claim; what was measured before what was asked."""
    told: set[str] = set()
    claims: set[tuple[str, str]] = set()  # namespace and name
    shown = (*_by_metrics(observed), *_by_words(observed, target), *_by_df(observed))
    measured = any(finding.facts["cause"] == "full" for finding in shown) or _event_says_so(observed)
    every = (*shown, *_by_question(observed, target, measured=measured))
    for finding in sorted(every, key=lambda finding: finding.facts["cause"] != "full"):
        claim = (finding.subject.split("/")[1], str(finding.facts.get("claim", "")))
        if finding.subject not in told and (not claim[1] or not claims & {claim, ("", claim[1])}):
            told.add(finding.subject)
            claims.add(claim)
            yield _ungrowable(finding, observed)


def _event_says_so(observed: Observed) -> bool:
    return any("no space left" in event_text(event).lower() for event in observed.all("Event"))


def _ungrowable(finding: Finding, observed: Observed) -> Finding:
    """The finding; where the class of the claim allows no expansion, it says so, for then no larger size mends it."""
    namespace, name = finding.subject.split("/")[1], str(finding.facts.get("claim", ""))
    called = (c for c in observed.all("PersistentVolumeClaim", namespace or None) if place_of(c)[2] == name)
    claim = next(called, None)
    wanted = str(((claim or {}).get("spec") or {}).get("storageClassName") or "")
    of_class = observed.get("StorageClass", "", wanted) if wanted else None
    if of_class is None or of_class.get("allowVolumeExpansion") is not False:
        return finding
    text = f"{finding.text}; its StorageClass {wanted} does not allow expansion, so it cannot be made larger"
    facts = {**finding.facts, "cause": "not_expandable"}
    return replace(finding, facts=facts, text=text, cites=(*finding.cites, *observed.cites(of_class)))


def _by_metrics(observed: Observed) -> Iterator[Finding]:
    """Claims of which hardly a byte, or hardly an inode, is left."""
    for fill in fills(observed):
        if fill.used >= _FULL:
            claim = observed.get("PersistentVolumeClaim", fill.namespace, fill.claim)
            size = size_of(claim)
            facts = VolumeTrouble(cause="full", claim=fill.claim, size=size, message="")
            how = f"{fill.left} are left" if fill.left else f"{fill.used:.0%} of it are used"
            text = f"PersistentVolumeClaim {fill.claim} (PVC, {size or 'size unknown'}) is full: {how}"
            cites = (*fill.items, *(observed.cites(claim) if claim else ()))
            yield found("volume_trouble", f"PersistentVolumeClaim/{fill.namespace}/{fill.claim}", facts, text, tuple(dict.fromkeys(cites)))


def _by_words(observed: Observed, target: Target) -> Iterator[Finding]:
    """A log that says that the disk is full: of the claim on which the path lies that it names, perhaps of the only claim else."""
    for line, thing in _complaints(observed, target):
        shown, path, pod = holder(thing, pod_named(line), observed), path_in(line.text), pod_named(line)
        claims = set(claims_of(shown, pod).values())
        at = claim_at(shown, path, pod) if path else None
        claim = at if at is not None else next(iter(claims)) if len(claims) == 1 else ""
        if claim and not has_room(place_of(thing)[1], claim, observed):
            sure = bool(at) or _OF_DATA.search(line.text) is not None
            yield _full(thing, _sized(thing, claim, observed), line.text, (line.item, *observed.cites(thing)), sure=sure)


def _complaints(observed: Observed, target: Target) -> Iterator[tuple[Line, Object]]:
    """The first line of each log that says that a disk is full, and the workload that wrote it."""
    logs = [item for item in observed.evidence if item.kind == "logs"]
    claimed = logs and any(map(claims_of, (*workloads(observed), *observed.all("Pod"))))
    for item in logs if claimed else ():
        if not may_match(_SPACE, item.text) or not _SPACE.search(item.text):
            continue
        bad = (line for line in lines_of(item) if line.bad and _SPACE.search(line.text))
        full = next((line for line in bad if (said := meaning(line.text)) is not None and said.kind == "disk_full"), None)
        writer = writer_of(full, observed, target) if full is not None else None
        thing = observed.get(writer.kind, writer.namespace, writer.name) if writer is not None else None
        thing = thing or (next(iter(observed.pods_of(writer)), None) if writer is not None else None)
        if full is not None and thing is not None:
            yield full, thing


def lies_elsewhere(text: str, pod: str, thing: Object, observed: Observed) -> bool:
    """Whether the path that a line names is on no claim, or its claim has room: what is full is the node's disk, or an emptyDir."""
    path, shown = path_in(text), holder(thing, pod, observed)
    claim = claim_at(shown, path, pod) if path else None
    return claim == "" or (claim is not None and has_room(place_of(thing)[1], claim, observed))


def _by_df(observed: Observed) -> Iterator[Finding]:
    """File systems that `df`, run inside a pod, shows as full."""
    for item, row, thing, pod in file_systems(observed):
        if int(row["used"]) < _FULL_PERCENT or _NO_VOLUME.match(row["device"]) or _NODES_OWN.match(row["path"]):
            continue
        at = claim_at(holder(thing, pod, observed), row["path"], pod)
        claim = claim_of(thing, observed)[0] if at is None else at
        if at != "":
            yield _full(thing, _sized(thing, claim, observed), row[0].strip(), (item.item, *observed.cites(thing)))


def _sized(thing: Object, claim: str, observed: Observed) -> tuple[str, str]:
    """A claim with its size, of its own or of the template that it is made from."""
    own = observed.get("PersistentVolumeClaim", place_of(thing)[1], claim)
    return claim, size_of(own) or claim_of(thing, observed)[1]


def _by_question(observed: Observed, target: Target, *, measured: bool) -> Iterator[Finding]:
    """A disk that an alert calls full, of the workload or claim that it names.

    measured: whether anything but the alert shows a full one; the alert alone is no reason to make a volume larger for good.
    """
    thing = observed.get(target.object_kind, target.namespace, target.name)
    said = next((item for item in observed.evidence if item.kind == "alert"), None)
    if thing is None or said is None or not _ASKED.search(f"{said.title}\n{said.text}"):
        return
    sure = target.object_kind == "PersistentVolumeClaim" or _OF_VOLUME.search(f"{said.title}\n{said.text}") is not None
    elsewhere = any(w is thing and lies_elsewhere(line.text, pod_named(line), w, observed) for line, w in _complaints(observed, target))
    if target.object_kind == "PersistentVolumeClaim":
        bound = (thing.get("status") or {}).get("phase") in ("Bound", None, "")
        claim, size = (target.name, size_of(thing)) if bound else ("", "")
    else:
        claim, size = _asked_about(thing, f"{said.title}\n{said.text}", observed)
        sure = claim in said.text or (sure and len(set(claims_of(thing).values())) == 1)
    here = (event for event in observed.all("Event") if about(event)[1:] == (target.namespace, claim))
    grown = any(event.get("reason") == "FileSystemResizeSuccessful" for event in here)
    if claim and has_room(target.namespace, claim, observed):
        yield from _roomy(thing, claim, observed)
    elif claim and not grown and not elsewhere and not _says_room(f"{said.title}\n{said.text}"):
        words = next((line for line in said.text.splitlines() if _ASKED.search(line)), said.title)
        finding = _full(thing, (claim, size), words, (said.item, *observed.cites(thing)), sure=sure)
        yield replace(finding, facts={**finding.facts, "cause": "alerted"}) if sure and not measured else finding


def _roomy(thing: Object, claim: str, observed: Observed) -> Iterator[Finding]:
    """That a claim which an alert calls full has room, with the figure of the metric that shows it."""
    fill = max((fill for fill in fills(observed) if fill.measures(place_of(thing)[1], claim)), key=lambda fill: fill.used, default=None)
    if fill is not None:
        now = f"{1 - fill.used:.0%} of it are free"
        text = f"PersistentVolumeClaim {claim} (PVC) is not full, as an alert has it: {now}"
        yield found("not_broken", str(object_ref(thing)), Past(cause="past", was="volume_trouble", now=now), text, fill.items)


def _says_room(words: str) -> bool:
    """Whether the words that call a disk full say themselves that there is room."""
    return any(float(m["free"]) >= _ROOM_PERCENT if m["free"] else float(m["used"]) <= 100 - _ROOM_PERCENT for m in _SAYS.finditer(words))


_ROOM_PERCENT = 20
_NUMBER = r"\d{1,3}(?:\.\d{1,9})?"
_SAYS = re.compile(rf"\b(?:(?P<free>{_NUMBER})\s?% (?:is |are |of it is )?(?:free|available|left)|(?P<used>{_NUMBER})\s?% (?:used|full))")


def _asked_about(thing: Object, words: str, observed: Observed) -> tuple[str, str]:
    """The claim of a workload that words name, else the first, of the member that is not ready where each has its own; with its size."""
    member = next((place_of(pod)[2] for pod in observed.pods_of(object_ref(thing)) if not ready(pod)), "")
    names = list(claims_of(holder(thing, member, observed), member).values())
    return _sized(thing, next((name for name in names if name in words), names[0] if names else ""), observed)


def _full(thing: Object, claim: tuple[str, str], words: str, cites: tuple[str, ...], *, sure: bool = True) -> Finding:
    name, size = claim
    facts = VolumeTrouble(cause="full" if sure else "perhaps_full", claim=name, size=size, message=words[:400])
    how = "is" if sure else "may be what is"
    text = (
        f"the volume of {place_of(thing)[2]}, PersistentVolumeClaim {name} (PVC) of {size or 'unknown size'}, {how} full (no space left): "
        f'"{words.strip()[:300]}"'
    )
    return found("volume_trouble", str(object_ref(thing)), facts, text, tuple(dict.fromkeys(cites)))
