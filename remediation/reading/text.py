"""Any text that a person or a tool left: cut into sections by the commands in it, each read in the form that it has."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from remediation.kinds import KINDS
from remediation.needed import holding
from remediation.quantities import parse_time
from remediation.reading import described, exposition, listed, logs, messages, rollout_history, rollout_tree
from remediation.reading.command import Command, command_in, dumped_in
from remediation.reading.delimited import rows_in
from remediation.reading.documents import documents, empty_list, json_line
from remediation.reading.hooks import hooks_in
from remediation.reading.merging import DESCRIBED, ROW
from remediation.reading.parts import Object, Part, document_parts, exported_parts, log_part
from remediation.reading.pasted import dedented, plain, untabbed
from remediation.reading.pieces import pieces
from remediation.reading.seams import seamed
from remediation.reading.tables import tables
from remediation.reading.tabulated import exported
from remediation.terms import Json

__all__ = ["Part", "latest_moment", "log_title", "read"]

_NOISE = re.compile(r"^(?:stdout|stderr):\s*$|^Command `.*` failed with return code \d+|^\s*```\w*\s*$|^Error from server|^#+ command:")
_STAMPED = re.compile(r"\b\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d|^\w{3} \w{3} +\d+ \d\d:\d\d:\d\d|^[IWEF]\d{4} \d\d:|"
                      r"^\w{3} +\d+ \d\d:\d\d:\d\d |^\d\d:\d\d:\d\d[.,]\d|"
                      r"^\[?(?:INFO|ERROR|WARN|WARNING|DEBUG|FATAL)\b")  # fmt: skip
_NONE = re.compile(r"No resources found(?: in (?P<namespace>[\w-]{1,63}) namespace)?")
_CLASSES = {kind.lower(): kind for kind in ("RuntimeClass", "DeviceClass", "VolumeSnapshotClass", "GatewayClass")}  # that nobody reads
_STAMPED_WITHIN = 100  # characters at the beginning of a line
_LOG_NAME = re.compile(r"log|stern|stdout|stderr|output|crash|trace|journal|dmesg")
_PROGRAM = re.compile(
    r"^(?:Traceback \(most recent|panic: |Exception in thread|Caused by: |npm ERR!|Error: |FATAL|Fatal error|fatal: |Unhandled |Uncaught )|"
    r"\[emerg\]|^thread '[^']*' panicked|^\s+at [\w.$<>]+ ?\(|is forbidden: User \"?system:serviceaccount:|"
    r"^exec \S+: |^(?:/bin/)?(?:ba)?sh: "
)
_SHORT = re.compile(  # what else kubectl is called, and other tools that print logs
    r"(?:^|[$#%>❯➜~] +)(?:oc|k) +[a-z]|\b(?:docker|podman|nerdctl|crictl|compose) +logs +\S|\b(?:stern|kubetail) +\S"
)
_sounds_called = holding(("kubectl ", "k ", "oc ", " logs ", "stern ", "kubetail "))
# A pattern that begins with a literal passes over the rest of a text forty times as quickly: what stands before it is asked after it.
_MAIL = re.compile(r", (?<=\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )(\d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d [+-]\d{4})")
_ISO = re.compile(r"20(?<=\b20)\d\d-[01]\d-[0-3]\d[T ][0-2]\d:[0-5]\d:[0-5]\d(?:Z|[+-]\d\d:?\d\d)?")


def read(text: str, name: str, now: datetime) -> list[Part]:
    """All parts of a text. name: of its file, a hint only.  now: when ages in it are counted from."""
    bare = plain(text)
    table = rows_in(bare)
    export = exported(table, name, now) if table is not None else None
    if export is not None:
        return exported_parts(export, name)
    if table is not None and table.masked:
        bare = table.text()
    return [
        part for called, piece in pieces(bare, name) for command, lines in _sections(piece) for part in _part(command, lines, called, now)
    ]


def latest_moment(text: str, until: datetime) -> datetime | None:
    """The latest time that the text writes in full, none after `until`: when the evidence was taken, at the earliest."""
    limit = until.strftime("%Y-%m-%dT%H:%M:%S")
    moments = (moment.replace(" ", "T") for moment in _ISO.findall(text))
    written = {max((moment for moment in moments if moment[:19] <= limit), default=""), *_MAIL.findall(text)} - {""}
    read_ = [at for moment in written if (at := _moment(moment)) is not None and at <= until]
    return max(read_, default=None)


def _moment(text: str) -> datetime | None:
    try:
        return parse_time(text)
    except ValueError:
        return None


def _sections(text: str) -> Iterator[tuple[Command, list[str]]]:
    """The text between its commands; the whole of it where it shows none."""
    command, lines = Command(), list[str]()
    for line in text.splitlines():
        shown = dumped_in(line) if line.startswith("==== ") else command_in(line) if _may_call(line) else None
        if shown is not None:
            if any(line.strip() for line in lines):
                yield command, lines
            command, lines = shown, []
        else:
            lines.append(line)
    if any(line.strip() for line in lines):
        yield command, lines


def _may_call(line: str) -> bool:
    """Whether a line may hold a call of kubectl or the like: looked for in every line, so the pattern is tried last."""
    return _sounds_called(line) and ("kubectl " in line or _SHORT.search(line[:100]) is not None)


def _part(command: Command, lines: list[str], name: str, now: datetime) -> list[Part]:
    spoken = [command.namespace] if command.namespace else []
    body = [line for line in lines if not _NOISE.match(line)]
    if not any(line.strip() for line in body):
        if _LOG_NAME.search(name.lower()):
            return [log_part(lines, {}, name, spoken)]  # of a program that calls kubectl
        return [Part(title=name, text="\n".join(lines).strip(), namespaces=spoken)]
    if command.verb == "logs":
        return [log_part(body, {"pod": _pod_named(command), "container": command.container, "namespace": command.namespace,
                                "previous": "yes" if command.previous else "", "service": command.selected}, name, spoken)]  # fmt: skip
    if whole := _structured(body, name, now, spoken):
        return whole
    runs = seamed(body)
    if len(runs) == 1:
        return _printed(command, lines, body, name, now)
    return [part for run in runs for part in _structured(run, name, now, spoken) or _printed(command, run, run, name, now)]


def _structured(body: Sequence[str], name: str, now: datetime, spoken: list[str]) -> list[Part]:
    """What documents and pages of metrics hold; nothing for any other text."""
    text = "\n".join(body)
    found = () if re.match(r"\s*Name:\s", text) else documents(text)
    if found and not _are_log_entries(found, body):
        parts = document_parts(found, text, name, now, spoken)
        if text.lstrip()[:1] in "{[" or any(part.readings or part.series or part.kind == "logs" for part in parts):
            return parts
    scraped = exposition.export_of(body, now)
    return exported_parts(scraped, name) if scraped is not None else []


def _printed(command: Command, lines: Sequence[str], body: Sequence[str], name: str, now: datetime) -> list[Part]:
    """What kubectl and other tools print for people; a log where it is none of that."""
    text, spoken = "\n".join(body), [command.namespace] if command.namespace else []
    printed = dedented(untabbed(list(body)) if "\t" in text else list(body))  # as older ones print it
    part = Part(title=name, text="\n".join(lines).strip(), namespaces=spoken)
    rows, rest = _listed(printed, command, now, part)
    part.readings = [*_none_of(printed, command), *rows, *_described(printed, command, now)]
    part.readings += [(ROW, job) for job in hooks_in(text, command.namespace)]
    part.readings += [(ROW, event) for event in messages.in_conditions(text, command.name, command.namespace)]
    part.readings += [(ROW, thing) for thing in rollout_tree.objects(printed, command.namespace, now)]
    part.readings += [(DESCRIBED, thing) for thing in rollout_history.objects(printed, command.namespace)]
    if not part.readings and not part.series and _islog_part(body, name):
        return [log_part(body, {}, name, spoken)]
    beside = [*_logged(rest)] if part.readings else []
    return [part, *([log_part(beside, {}, name, spoken)] if beside else [])]


def _logged(lines: Sequence[str]) -> Iterator[str]:
    """The paragraphs that are a program's, among those that stand beside tables and descriptions."""
    for told, paragraph in groupby(lines, key=lambda line: bool(line.strip())):
        shown = [*paragraph]
        if told and _islog_part(shown, ""):
            yield from shown


def _none_of(lines: Sequence[str], command: Command) -> Iterator[tuple[int, Object]]:
    """The empty list that a call of `get` was answered with."""
    kind = command.kind.name if command.kind is not None else _CLASSES.get(command.called.lower().split(".")[0].removesuffix("es"))
    if command.verb == "get" and kind and not command.name and not command.selects:
        said = [line for line in lines if line.strip()]
        if len(said) == 1 and (none := _NONE.match(said[0])):
            yield ROW, empty_list(kind, none["namespace"] or command.namespace)


def _pod_named(command: Command) -> str:
    return command.name if command.kind is None or command.kind.name == "Pod" else f"{command.kind.name}/{command.name}"


def _are_log_entries(found: Sequence[Json], lines: Sequence[str]) -> bool:
    """Whether documents are a log's entries, one a line; a single one must say how grave it is."""
    alone = len(found) == 1
    graded = isinstance(found[0], Mapping) and bool(found[0].keys() & {"level", "severity", "lvl", "levelname", "@l", "s", "L"})
    if alone and (not graded or sum(bool(line.strip()) for line in lines) != 1):
        return False
    return all(_is_log_entry(one) for one in found)


def _is_log_entry(document: Json) -> bool:
    said = ("msg", "message", "level", "severity", "log", "@l", "@m", "@mt", "@message")
    return isinstance(document, Mapping) and "kind" not in document and any(key in document for key in said)


def _listed(lines: Sequence[str], command: Command, now: datetime, part: Part) -> tuple[list[tuple[int, Object]], list[str]]:
    """Objects of the tables, and the lines beside them; use that `top` prints goes to the part's series."""
    named = re.match(r"(?:No resources found in (\S+) namespace)", lines[0])
    if named:
        part.namespaces.append(named[1])
    bare = [*_outside(lines, described.descriptions(lines))]
    found, rest, after = list[tuple[int, Object]](), list[str](), 0
    for table in tables(bare):
        rest += bare[after : table.first]
        after = table.last
        if "CPU(cores)" in table.columns:
            part.series += listed.usage(table, now)
        else:
            found += ((ROW, thing) for thing in listed.objects(table, command, now))
    rest += bare[after:]
    if command.verb in ("", "get", "describe"):
        found += ((ROW, thing) for thing in listed.headless(rest, command, now))
    return found, rest


def _outside(lines: Sequence[str], spans: Iterable[tuple[int, int]]) -> Iterator[str]:
    """The lines that stand in none of these spans, which follow each other."""
    after = 0
    for start, end in spans:
        yield from lines[after:start]
        after = end
    yield from lines[after:]


def _described(lines: Sequence[str], command: Command, now: datetime) -> Iterator[tuple[int, Object]]:
    asked = command.kind if command.verb == "describe" else None
    if not any(line.startswith("Name:") for line in lines):  # the end of a description, as `tail` leaves it
        kind = asked or KINDS.get(described.fragment_of(lines))
        if kind is not None:
            head = [f"Name:  {command.name}"] if command.name else []
            yield from ((DESCRIBED, thing) for thing in described.objects([*head, *lines], kind, command.namespace, now))
        return
    for start, end in described.descriptions(lines):
        for thing in described.objects(lines[start:end], asked, command.namespace, now):
            yield DESCRIBED, thing


def _islog_part(lines: Sequence[str], name: str) -> bool:
    """Whether a text is a log: by its name, by a time or level near the beginning of its lines, or by what only a program says."""
    telling = [line for line in lines if line.strip()][:200]
    stamped = sum(bool(_STAMPED.search(line, 0, _STAMPED_WITHIN)) or json_line(line) is not None for line in telling)
    return _LOG_NAME.search(name.lower()) is not None or stamped * 3 >= len(telling) or any(map(_PROGRAM.search, telling))


def _is_of_another(title: str, pods: Sequence[tuple[str, str]], likely: str) -> bool:
    """Whether a file is called as pods begin, of which the likely one is none."""
    word = re.split(r"[-_.]", title, maxsplit=1)[0]
    return bool(word) and not likely.startswith(f"{word}-") and any(name.startswith(f"{word}-") for _, name in pods)


def log_title(part: Part, pods: Sequence[tuple[str, str]], likely: tuple[str, str]) -> str:
    """The title of a log's item. pods: (namespace, name) of the known ones, for a file that names its pod only in its own name.

    likely: the pod that the symptom means, empty for none.
    """
    pod, namespace = part.place.get("pod", ""), part.place.get("namespace", "")
    if not pod or (pod not in {name for _, name in pods} and "/" not in pod):
        named = [(ns, name) for ns, name in pods if name in part.title] or (list(pods) if len(pods) == 1 and not pod else [])
        likely = ("", "") if _is_of_another(part.title, pods, likely[1]) else likely
        ns, found = max(named, key=lambda p: len(p[1]), default=("", "") if pod or part.place.get("service") else likely)
        pod, namespace = (found, ns) if found else (pod or part.place.get("service", "") or part.title, namespace)
    return logs.title(part.place.get("container", ""), pod, namespace, previous=bool(part.place.get("previous")))
