"""Parts of the evidence as they are read: documents, exports and logs, each with its objects, series and text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from remediation.reading import cluster_state, controllers, foreign, kindless, log_answers, messages, pods_logged
from remediation.reading.answered import add_answer, tabulated
from remediation.reading.documents import api_objects
from remediation.reading.export import Export
from remediation.reading.hooks import failed_hooks
from remediation.reading.merging import DESCRIBED, ROW, rank_of
from remediation.reading.metrics import series_of
from remediation.reading.shapes import shaped
from remediation.terms import EvidenceKind, Json, Series

Object = Mapping[str, Json]


@dataclass(kw_only=True)
class Part:
    """One section as read. readings: (rank, object).  place: pod, container and namespace of a log, as far as it says."""

    kind: EvidenceKind = "objects"
    title: str = ""
    text: str = ""
    readings: list[tuple[int, Object]] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    place: Mapping[str, str] = field(default_factory=dict)
    namespaces: list[str] = field(default_factory=list)


def log_part(lines: Sequence[str], place: Mapping[str, str], name: str, namespaces: list[str]) -> Part:
    """A log, with the objects that its lines tell of."""
    text = "\n".join(lines).strip()
    told = [(ROW, thing) for thing in (*messages.in_log(text), *pods_logged.in_log(text), *controllers.in_log(text))]
    return Part(kind="logs", title=name, text=text, readings=told, place=place, namespaces=namespaces)


def exported_parts(export: Export, name: str) -> list[Part]:
    """An export's objects and series as one part, and a part for each log."""
    series = list(export.measured())
    part = Part(title=name, text=export.text(), series=series, readings=[*export.readings()])
    part.readings += [(ROW, thing) for thing in cluster_state.objects(series)]
    part.kind = "metrics" if series and not part.readings else "objects"
    parts = [part] if part.readings or series or part.text else []
    return parts + [log_part(lines, place, name, []) for place, lines in export.logs()]


def document_parts(found: Sequence[Json], text: str, name: str, now: datetime, namespaces: list[str]) -> list[Part]:
    """One part for the objects and series of all, and what exports hold; the text itself unless exports are all that it is."""
    part = Part(title=name, text=text.strip(), namespaces=namespaces)
    answers, others = Export(), list[Part]()
    unknown = [document for document in found if not add_answer(answers, document)]
    unread = [document for document in unknown if not _read_into(part, others, document)]
    whole = len(unread) == len(unknown)
    if len(unread) > 1 and (written := [*log_answers.log_texts(unread)]):  # an entry a line
        others += [log_part(lines, place, name, []) for place, lines in written]
        unread = []
    tables = [export for document in ([unread] if len(unread) > 1 else unread) for export in tabulated(document, now)]
    others += [each for export in (*tables, answers) for each in exported_parts(export, name)]
    part.readings += [(ROW, thing) for thing in cluster_state.objects(part.series)]
    part.kind = "metrics" if part.series and not part.readings else "objects"
    only_exports = others and whole and len(tables) >= min(1, len(unread))
    return others if only_exports else [part, *others]


def _read_into(part: Part, others: list[Part], document: Json) -> bool:
    """What the API, a metrics API, or a tool that knows its shapes says in a document; whether it is one of these."""
    things = [shaped(kindless.placed(thing) if kindless.is_nobodys(thing) else thing) for thing in api_objects(document)]
    part.readings += [(rank_of(thing), thing) for thing in things]
    part.readings += [(ROW, job) for thing in things for job in failed_hooks(thing)]
    series = list(series_of(document))
    part.series += series
    if things or series:
        return True
    told = [(ROW if thing["kind"] != "Event" else DESCRIBED, thing) for thing in foreign.objects(document)]
    told += [(rank_of(thing), shaped(thing)) for thing in kindless.objects(document)]
    written = [log_part(lines, place, part.title, []) for place, lines in log_answers.log_texts(document)]
    part.readings += told
    others += written
    return bool(told or written)
