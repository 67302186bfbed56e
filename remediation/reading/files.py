"""Evidence out of files: what lies in folders is read, put together into one picture, masked and numbered like a live source's."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from remediation.errors import MALFORMED, Unusable
from remediation.evidence import masked_objects, number
from remediation.masking import mask, mask_object
from remediation.observed import Object, Place, place_of
from remediation.reading import expressions, log_paths, merging
from remediation.reading.documents import documents
from remediation.reading.shapes import shaped
from remediation.reading.symptoms import Symptom, symptom_of
from remediation.reading.text import Part, latest_moment, log_title, read
from remediation.terms import Evidence, Series

_SYMPTOMS = frozenset({"alert.json", "question.json", "alert.yaml", "question.txt"})
_NOT_EVIDENCE = frozenset({"expected.yaml", "expected.yml", "expected.json"})
_BINARY = frozenset({".png", ".jpg", ".jpeg", ".gif", ".zip", ".gz", ".tar", ".tgz", ".pdf", ".db", ".ico"})
_LARGEST = 64_000_000  # bytes of one file
_SHOWN = 50_000  # characters of a text that was read into objects


class NothingToRead(Unusable):
    """There are such files and folders, and nothing stands in them."""


@dataclass(frozen=True, kw_only=True)
class Read:
    """Everything that was read. evidence: the symptom first.  unread: files that could not be read, a sentence each."""

    symptom: Symptom
    evidence: tuple[Evidence, ...]
    unread: tuple[str, ...] = ()


def read_files(paths: Iterable[Path], question: str = "") -> Read:
    """The evidence in these files and folders. Raises Unusable when a path does not exist, or when there is nothing to read."""
    files, unread = _texts(paths)
    symptoms = {path for path, _ in files if path.name in _SYMPTOMS} or {path for path, text in files if _is_alert(text)}
    told = [text for path, text in files if path in symptoms]
    texts = [(path, text) for path, text in files if path not in symptoms]
    if not files and not question:
        raise NothingToRead("There is nothing to read in these files.", "Name a folder or file with what kubectl or another tool printed.")
    clock = datetime.now(UTC)
    at = max((moment for _, text in files if (moment := latest_moment(text, clock))), default=clock)
    symptom = symptom_of(told, question, at)
    parts = expressions.named([part for path, text in texts for part in _parts(path, text, at, unread)])
    items = [_alert(symptom, at), *_items(parts, symptom, at)]
    return Read(symptom=symptom, evidence=number(items), unread=tuple(unread))


def nothing(why: str) -> Read:
    """What was read where there is nothing to read."""
    now = datetime.now(UTC)
    symptom = symptom_of([], "", now)
    return Read(symptom=symptom, evidence=number([_alert(symptom, now)]), unread=(why,))


def _placed(part: Part, path: Path) -> Part:
    """A log that does not say who wrote it, with what its place in a tree says."""
    if part.kind == "logs" and not part.place.get("pod") and not part.place.get("service"):
        part.place = {**part.place, **log_paths.place_of(path)}
    return part


def _parts(path: Path, text: str, at: datetime, unread: list[str]) -> list[Part]:
    """What a file holds; one that its readers cannot make sense of is searched as text, and said to be."""
    name = path.name
    try:
        return [_placed(part, path) for part in read(text, name, at)]
    except MALFORMED as error:
        unread.append(f"{name} was only searched as text: something in it cannot be read ({type(error).__name__}: {str(error)[:100]}).")
        return [Part(title=name, text=text)]


def _texts(paths: Iterable[Path]) -> tuple[list[tuple[Path, str]], list[str]]:
    texts, unread = [], []
    for path in _all(paths):
        try:
            if path.stat().st_size > _LARGEST:
                unread.append(f"{path.name} is larger than {_LARGEST // 1_000_000} MB and was not read.")
                continue
            text = _decoded(path.read_bytes())
        except OSError as error:
            unread.append(f"{path.name} could not be read: {error.strerror}.")
            continue
        if "\0" in text[:1000]:
            unread.append(f"{path.name} holds no text and was not read.")
        elif text.strip():
            texts.append((path, text))
    return texts, unread


def _decoded(content: bytes) -> str:
    """UTF-8, or UTF-16 as PowerShell's `>` writes it."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return content.decode("utf-16" if wide else "utf-8", "replace")


def _is_alert(text: str) -> bool:
    """Whether a file is alerts by what it holds: labels name each, and it says how it stands; or what Prometheus lists as firing."""
    found = documents(text) if text.lstrip()[:1] == "{" and "alertname" in text else ()
    alert = found[0] if len(found) == 1 and isinstance(found[0], dict) else {}
    data = alert.get("data")
    listed = data.get("alerts") if isinstance(data, dict) else None
    if isinstance(listed, list) and listed:
        return all(isinstance(one, dict) and isinstance(one.get("labels"), dict) for one in listed)
    labels = alert.get("labels") or alert.get("commonLabels")
    return "status" in alert and isinstance(labels, dict) and "alertname" in labels


def _all(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise Unusable(f"There is no {path}.", "Name a file or a folder that exists.")
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in inside:
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if file.is_file() and not hidden and file.name not in _NOT_EVIDENCE and file.suffix.lower() not in _BINARY:
                yield file


def _alert(symptom: Symptom, at: datetime) -> Evidence:
    return Evidence(kind="alert", source="files", title=mask(symptom.title) or "No alert", at=at, text=mask(symptom.text))


def _items(parts: Sequence[Part], symptom: Symptom, at: datetime) -> Iterator[Evidence]:
    """One item for each part, with the objects as all parts together show them."""
    spoken = [symptom.namespace] if symptom.namespace else []
    namespaces = list(dict.fromkeys([*spoken, *(namespace for part in parts for namespace in part.namespaces), *_only(parts)]))
    printed = (merging.ROW, merging.DESCRIBED)  # a document's objects have their shape already
    readings = [
        (rank, index, shaped(thing) if rank in printed else thing) for index, part in enumerate(parts) for rank, thing in part.readings
    ]
    by_item = merging.merged(readings, namespaces, symptom.labels)
    with_owners = {id(thing): owned for thing, owned in _owned(by_item.values(), _named(symptom))}
    pods = [place_of(thing)[1:] for things in by_item.values() for thing in things if thing.get("kind") == "Pod"]
    named = symptom.labels.get("pod", "")
    likely = next(((ns, name) for ns, name in pods if name == named), (symptom.namespace, named))
    for index, part in enumerate(parts):
        things = [with_owners[id(thing)] for thing in by_item.get(index, ())]
        title = log_title(part, pods, likely) if part.kind == "logs" else part.title
        searched = part.kind == "logs" or not part.readings  # what was read into objects need not be searched again
        text = part.text if searched else part.text[:_SHOWN]
        item = Evidence(kind=part.kind, source="files", title=mask(title), at=at, text=mask(text), series=_unsecret(part.series))
        yield replace(item, objects=tuple(things), left_out=part.text[len(text) :].count("\n"))


def _unsecret(measured: Iterable[Series]) -> tuple[Series, ...]:
    """Series whose names and labels hold no secret."""
    return tuple(replace(one, metric=mask(one.metric), labels=mask_object(one.labels)) for one in measured)


def _only(parts: Sequence[Part]) -> list[str]:
    """The namespace that objects name, where they all name the same one."""
    named = {(thing.get("metadata") or {}).get("namespace") for part in parts for _, thing in part.readings} - {None, ""}
    made = {thing["metadata"]["name"] for part in parts for _, thing in part.readings if thing.get("kind") == "Namespace"}
    return [str(name) for name in (named if len(named) == 1 else made if len(made) == 1 else ())]


def _named(symptom: Symptom) -> Sequence[Place]:
    """The workloads that an alert names by its labels."""
    words = {"deployment": "Deployment", "statefulset": "StatefulSet", "daemonset": "DaemonSet"}
    return [(kind, symptom.namespace, symptom.labels[word]) for word, kind in words.items() if symptom.labels.get(word)]


def _owned(groups: Iterable[Sequence[Object]], named: Sequence[Place]) -> Iterator[tuple[Object, Object]]:
    """Every object once, with what it becomes: its owner known, its secrets masked."""
    unique = list({id(thing): thing for group in groups for thing in group}.values())
    return zip(unique, merging.owned(masked_objects(unique), named), strict=True)
