"""A setting that a program reads empty, and the configuration mounted in it that lacks it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.findings.trouble_since import is_failure
from remediation.findings.writers import Log, written
from remediation.graph import workloads
from remediation.needed import may_match
from remediation.observed import Object, Observed, place_of
from remediation.reading.documents import documents
from remediation.terms import Finding, Json, Target
from remediation.workloads import pod_spec

_PLACE = (
    r"(?:URL|URI|DSN|[Aa]ddr(?:ess)?|[Hh]ost(?:name)?|[Ee]ndpoint|[Cc]onnection [Ss]tring|[Pp]ort|[Ss]erver|[Bb]roker|[Tt]opic|[Bb]ucket)"
)
_EMPTY = re.compile(
    rf"(?P<read>(?:[A-Za-z][\w-]{{0,30}} ){{0,3}}[\w.-]{{0,30}}{_PLACE})\s?[:=]\s{{0,3}}(?:\"\"|''|<nil>|null|undefined)?\s*$|"
    rf"(?P<said>(?:[A-Za-z][\w-]{{0,30}} ){{0,3}}[\w.-]{{0,30}}{_PLACE}) (?:is|was) (?:empty|blank)\b|"
    rf"\bempty (?P<empty>(?:\w{{1,30}} ){{0,3}}{_PLACE})\b"
)
_PAIR = re.compile(r"^[ \t]*(?P<key>[A-Za-z][\w.-]{0,80})[ \t]*[:=][ \t]*(?P<value>[^\n]{0,500})$", re.MULTILINE)
_STEM = re.compile(r"(?P<stem>[A-Z]?[a-z0-9]+|[A-Z0-9]+)(?P<rest>[._-]?[A-Za-z].{0,80})")
_LONGEST = 400  # characters of a line that tells of one setting
_MANY = 3  # siblings that have a key of an ending, for one without it to stand out
_LEAST = 3  # letters with which two names begin alike


@dataclass(frozen=True, kw_only=True)
class SettingEmpty:
    """cause: key_missing, key_empty, read_empty.  config: the ConfigMap.  key: that is missing or empty there, empty when unknown.

    near: keys of the same ending, of others.  message: the line that tells that it is read empty.
    """

    cause: str
    config: str
    key: str
    near: str
    message: str


def setting_empty(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each workload whose log tells of an empty setting before it fails, and which mounts a ConfigMap that is shown."""
    mounting = {
        str(observed.root(thing)): (thing, configs) for thing in workloads(observed) if (configs := list(_mounted(thing, observed)))
    }
    for log in written(observed, target) if mounting else ():
        thing, configs = mounting.get(str(log.workload), ({}, []))
        line = _empty_line(log) if configs else ""
        if line:
            yield _finding(thing, configs, line, observed)


def _empty_line(log: Log) -> str:
    """The last line that tells of an empty setting, before one that tells of a failure."""
    told = ""
    for line in log.lines:
        if told and is_failure(line):
            return told
        if len(line.text) < _LONGEST and may_match(_EMPTY, line.text) and _EMPTY.search(line.text):
            told = line.text
    return ""


def _mounted(thing: Object, observed: Observed) -> Iterator[Object]:
    for volume in pod_spec(thing).get("volumes") or ():
        config = observed.get("ConfigMap", place_of(thing)[1], str((volume.get("configMap") or {}).get("name") or ""))
        if config is not None and config.get("data"):
            yield config


def _finding(thing: Object, configs: Sequence[Object], line: str, observed: Observed) -> Finding:
    root = observed.root(thing)
    config, key, near, cause = next(filter(None, (_lacking(one, root.name) for one in configs)), (configs[0], "", (), "read_empty"))
    name = place_of(config)[2]
    facts = SettingEmpty(cause=cause, config=name, key=key, near=", ".join(near[:3]), message=line[:300])
    how = {
        "key_missing": f"its ConfigMap {name} has no {key}, while it has {facts.near}",
        "key_empty": f"in its ConfigMap {name} {key} is empty",
        "read_empty": f"it mounts the ConfigMap {name}",
    }[cause]
    text = f'{root.name} reads a setting that is empty, and fails: {how}; its log says "{facts.message}"'
    return found("setting_empty", str(root), facts, text, observed.cites(thing, config))


def _lacking(config: Object, name: str) -> tuple[Object, str, Sequence[str], str] | None:
    """The key that a ConfigMap lacks, or has empty, for a workload of this name; None where nothing shows one."""
    settings = _settings(config)
    stems: dict[str, dict[str, str]] = defaultdict(dict)  # by ending: the beginnings, as written, by their lower case
    for key in settings:
        if (match := _STEM.fullmatch(key)) is not None:
            stems[match["rest"]][match["stem"].lower()] = match["stem"]
    own = {stem: written_ for known in stems.values() for stem, written_ in known.items() if _is_of(stem, name)}
    for rest, known in stems.items():
        empty = [key for stem in own if stem in known and settings[key := known[stem] + rest] == ""]
        if empty:
            return config, empty[0], (), "key_empty"
    for rest, known in sorted(stems.items(), key=lambda pair: -len(pair[1])):
        if own and len(known) >= _MANY and not set(own) & set(known):
            return config, next(iter(own.values())) + rest, [stem + rest for stem in known.values()], "key_missing"
    return None


def _is_of(stem: str, name: str) -> bool:
    """Whether the beginning of a key means a workload of this name."""
    return any(
        len(stem) >= _LEAST and (part.startswith(stem) or stem.startswith(part)) for part in name.lower().split("-") if len(part) >= _LEAST
    )


def _settings(config: Object) -> Mapping[str, str]:
    """The settings of a ConfigMap: those of the files in it, and its own keys."""
    found_: dict[str, str] = {}
    for key, text in config["data"].items():
        read: Json = next(iter(documents(text)), None) if isinstance(text, str) and "{" in text[:200] else None
        if isinstance(read, Mapping):
            found_ |= {str(name): "" if value is None else str(value) for name, value in read.items()}
        elif isinstance(text, str) and "\n" in text.strip():
            found_ |= {match["key"]: match["value"].strip().strip("\"'") for match in _PAIR.finditer(text[:200_000])}
        else:
            found_[str(key)] = str(text).strip()
    return found_
