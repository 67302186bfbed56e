"""A workload that somebody asks about, and that is not among those which lists of workloads show: another's fault is no answer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from remediation.findings.finding import found
from remediation.graph import CONTROLLERS
from remediation.kinds import kind_called
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Target
from remediation.workloads import containers

_NAME = r"(?P<name>[a-z][a-z0-9]*(?:-[a-z0-9]+){1,6})(?![\w./:@-])"
_ASKED = re.compile(
    rf"\b(?:pods?|deployments?|statefulsets?|daemonsets?|jobs?|workloads?|services?|apps?) [`'\"]?{_NAME}|"
    r"\b(?:[Ww]hy|[Hh]ow|[Ww]hat)\b[^\n?]{0,30}?\b(?:is|are|does|did|do|has|was) (?:the |my |our )?"
    rf"[`'\"]?{_NAME.replace('name', 'other')}"
)
_OF_KIND = re.compile(
    rf"\b(?P<kind>pvc|claim|persistentvolumeclaim|ingress|node|configmap|secret|hpa|cronjob|networkpolicy) [`'\"]?{_NAME}", re.IGNORECASE
)
_CALLED = {"claim": "PersistentVolumeClaim"}
_WORDS = frozenset(  # that say nothing of which one is meant
    {"service", "server", "api", "app", "pod", "deployment", "backend", "frontend", "worker", "job", "svc", "end", "front", "back", "web",
     "off", "out", "of", "read", "only", "self", "non", "up", "down", "on", "in", "to", "the", "node", "system", "kube", "prod", "dev"}
)  # fmt: skip
_FEWEST, _SHORTEST = 2, 4  # telling parts of a name; letters of a part that another may begin with
_KINDS = ("Pod", *CONTROLLERS)


@dataclass(frozen=True, kw_only=True)
class AskedAbsent:
    """name: that is asked for.  near: the one of those there are that is most like it, empty for none.  listed: those there are."""

    name: str
    near: str
    listed: str


def asked_absent(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding where the question names a workload, nothing at all shows one of that name, and lists show others."""
    if target.name:
        return
    for item in (item for item in observed.evidence if item.kind == "alert"):
        for match in _OF_KIND.finditer(item.text[:2000]):
            kind, name = _kind_of(match["kind"]), match["name"]
            others = [thing for thing in observed.all(kind) if target.namespace in ("", place_of(thing)[1]) or not place_of(thing)[1]]
            called = [place_of(thing)[2] for thing in others]
            if len(called) >= _FEWEST and _is_telling(name) and not _is_shown(name, called, observed):
                yield _finding(kind, name, called, others, target, observed)
                return
        asked = [match["name"] or match["other"] for match in _ASKED.finditer(item.text[:2000])]
        rows = _rows(observed, target) if asked else []
        names = list(dict.fromkeys(observed.root(thing).name for thing in rows))
        for name in asked:
            if names and _is_telling(name) and not _is_shown(name, names, observed):
                yield _finding("Deployment", name, names, rows, target, observed)
                return


def _kind_of(word: str) -> str:
    known = kind_called(word)
    return known.name if known is not None else _CALLED.get(word.lower(), "")


def _finding(kind: str, name: str, names: Sequence[str], rows: Sequence[Object], target: Target, observed: Observed) -> Finding:  # noqa: PLR0917
    near = next(iter(get_close_matches(name, names, 1, 0.5)), names[0])
    facts = AskedAbsent(name=name, near=near, listed=", ".join(names[:10]))
    where = f" in namespace {target.namespace}" if target.namespace else ""
    text = f"there is no {name}{where}: what is listed is {facts.listed}; whether {near} was meant is not known"
    return found("asked_absent", f"{kind}/{target.namespace}/{name}", facts, text, observed.cites(*rows[:3]))


def _rows(observed: Observed, target: Target) -> Sequence[Object]:
    """What tables show of workloads where the question is about."""
    every = (thing for kind in _KINDS for thing in observed.all(kind))
    return [thing for thing in every if target.namespace in ("", place_of(thing)[1]) and _is_row(thing)]


def _is_row(thing: Object) -> bool:
    """Whether a table shows it: a row says nothing of how its containers were made."""
    return not any("image" in container for _, container in containers(thing))


def _is_telling(name: str) -> bool:
    return len([part for part in name.split("-") if part not in _WORDS]) >= _FEWEST


def _is_shown(name: str, names: Sequence[str], observed: Observed) -> bool:
    """Whether anything but the question says the name, or a workload's name has half of its telling parts."""
    if any(name in item.text or name in item.title for item in observed.evidence if item.kind != "alert"):
        return True
    parts = [part for part in name.split("-") if part not in _WORDS]
    every = {place_of(thing)[2] for item in observed.evidence for thing in item.objects} | set(names)
    return any(2 * sum(_alike(part, other) for part in parts) >= len(parts) for other in every)


def _alike(part: str, name: str) -> bool:
    others = name.split("-")
    return part in others or any(
        len(short) >= _SHORTEST and long.startswith(short) for other in others for short, long in ((part, other), (other, part))
    )
