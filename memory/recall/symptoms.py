"""The words by which incidents are alike: what was found and what the alert says of it, without names, numbers and times.

The same text is made of an incident that is remembered and of one that is looked at, so that the same story told twice reads the same,
whatever its pods are called this time; two mechanisms read differently, whatever they share in names.
"""

import re
from collections.abc import Iterable

from remediation.terms import Alert, Finding, Json, Target

_WORD = re.compile(r"[A-Za-z0-9_][\w./-]*")
_CITED = re.compile(r"^E\d+: ")
_MAIN_CLAUSE = re.compile(r"[^;(]*")  # what follows is there when some source answered, and missing when it did not
_ONE_WORD = re.compile(r"[A-Za-z_][\w-]{0,40}")
_NAMING = frozenset({"pod", "pod_name", "container", "name", "namespace", "image", "node", "host", "tag", "last_tag", "digest"})


def symptoms(target: Target, alerts: Iterable[Alert], findings: Iterable[Finding]) -> str:
    """The text of one incident: what the first, leading finding says; kinds of the others; titles and metrics of what fired."""
    found = list(findings)
    names = _names(target, found)
    fired = {(alert.title, alert.metric): alert for alert in alerts if alert.state == "firing"}
    said = [_finding(finding) for finding in found[:1]] + [finding.kind for finding in found[1:]]
    said += [f"{alert.title} {alert.metric}" for alert in fired.values()]
    for alert in fired.values():
        names |= _parts(alert.labels.values())
    return " ".join(dict.fromkeys(_plain(text, names) for text in said))


def _finding(finding: Finding) -> str:
    facts = (f"{name} {value}" for name, value in sorted(finding.facts.items()) if _tells(name, value))
    return f"{finding.kind} {_MAIN_CLAUSE.match(_CITED.sub('', finding.text))[0]} {' '.join(facts)}"  # type: ignore[index]


def _tells(name: str, value: Json) -> bool:
    """Whether a fact tells of the mechanism in a word (`cause tag_missing`); names, numbers and whole log lines tell of the day."""
    return name not in _NAMING and (isinstance(value, bool) or (isinstance(value, str) and _ONE_WORD.fullmatch(value) is not None))


def _names(target: Target, findings: Iterable[Finding]) -> set[str]:
    named = {target.place, *target.path.split("/")} - {target.object_kind if target.kind == "workload" else ""}
    for finding in findings:
        _, *parts = finding.subject.split("/")
        named.update(parts, (str(value) for name, value in finding.facts.items() if name in _NAMING))
    return _parts(named)


def _parts(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names if name}


def _plain(text: str, names: set[str]) -> str:
    """The text's words in lower case, without what holds a digit, and without these names or what was made of them (`api-x2x` of `api`)."""
    words = (word.strip("./-").lower() for word in _WORD.findall(text))
    return " ".join(word for word in words if len(word) > 1 and not re.search(r"\d", word) and not _is_name(word, names))


def _is_name(word: str, names: set[str]) -> bool:
    return word in names or any(word.startswith((f"{name}-", f"{name}/", f"{name}.")) for name in names)
