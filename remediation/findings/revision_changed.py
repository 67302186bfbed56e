"""What the newest revision of a workload changed, where the workload fails since: a variable, its command, its image, what it mounts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from remediation.findings.finding import found
from remediation.findings.trouble_since import is_failure, trouble_since
from remediation.findings.whole import now_of
from remediation.findings.writers import logs_of
from remediation.graph import workloads
from remediation.observed import Object, Observed, created, moment, owner_name, place_of, ready
from remediation.terms import Finding, Json, ObjectRef, Target
from remediation.workloads import containers, pod_spec

_MOST = 200  # characters of a value that are shown
_ENDINGS = re.compile(
    r"_?(?:ADDR(?:ESS)?|HOST(?:NAME)?|PORT|URL|URI|ENDPOINT|SERVER|SERVICE|DSN|CONN(?:ECTION)?(?:_STRING)?)$", re.IGNORECASE
)
_NEW = timedelta(hours=6)  # from a rollout on, in which it is suspected without a word of what it changed
_LEAST = 4  # letters of a word that is sought in a log
_NOUNS: Mapping[str, str] = {"command": "the command", "image": "the image", "mounts": "what is mounted"}
_ALONE = ("variable_removed", "command", "image")  # what may well be at fault though no log names it
_MOST_LINES = 200  # failures of one log that are asked, the last ones
_TRACE = 12  # lines below a failure that may belong to its stack
_LOOKS = re.compile(r"ADDR|HOST|URL|URI|ENDPOINT|PORT|SERVER|DSN|CONN", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class RevisionChanged:
    """cause: variable_removed, variable_changed, address_changed, command, image, mounts; of several of which no log names one, something.

    container: whose.  variable: that was removed or changed.  was, now: in short.  revision: the ReplicaSet that is new.
    message: what tells of the trouble since.  reported: whether that names what was changed.
    """

    cause: str
    container: str
    variable: str
    was: str
    now: str
    revision: str
    message: str
    reported: bool


@dataclass(frozen=True, kw_only=True)
class _Change:
    cause: str
    container: str
    variable: str
    was: str
    now: str

    @property
    def words(self) -> str:
        """What was changed, as a sentence goes on."""
        if self.cause == "variable_removed":
            return f"took the variable {self.variable} away, which was {self.was}"
        what = _NOUNS.get(self.cause, f"the variable {self.variable}")
        return f"changed {what} from {self.was or 'nothing'} to {self.now or 'nothing'}"

    @property
    def sought(self) -> Sequence[str]:
        """Words by which a log would name it."""
        stem = _ENDINGS.sub("", self.variable)
        hosts = re.findall(r"[A-Za-z][\w.-]{2,60}", f"{self.was} {self.now}") if self.cause == "address_changed" else []
        words = (self.variable, stem, stem.replace("_", "-"), *hosts)
        return [word.lower() for word in dict.fromkeys(words) if len(word) >= _LEAST]


def revision_changed(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each Deployment or Rollout whose newest ReplicaSet serves, and which fails since: what that one changed."""
    for thing in workloads(observed):
        root = observed.root(thing)
        owned = observed.replica_sets_of(root)
        if len(owned) < 2 or not _serves(owned[0], root, observed):  # noqa: PLR2004 - the new one and that before it
            continue
        changes = list(_changes(owned[1], owned[0]))
        told = trouble_since(root, moment(created(owned[0])), observed, target) if changes else ""
        named = _named(changes, root, observed, target) if told else None
        if told and (named is not None or _is_new(owned[0], observed)):
            yield _finding(thing, changes, told, named, observed)


def _is_new(replica_set: Object, observed: Observed) -> bool:
    """Whether a revision is so young that what fails may be its doing though nothing names what it changed; so too where it has no time."""
    born, now = moment(created(replica_set)), now_of(observed)
    return born is None or now is None or now - born < _NEW


def _serves(replica_set: Object, root: ObjectRef, observed: Observed) -> bool:
    name = place_of(replica_set)[2]
    return any(ready(pod) and owner_name(pod) == name for pod in observed.pods_of(root))


def _finding(thing: Object, changes: Sequence[_Change], told: str, named: tuple[_Change, str] | None, observed: Observed) -> Finding:
    root = observed.root(thing)
    owned = observed.replica_sets_of(root)
    change, line = named if named is not None else (changes[0], told)
    cause = change.cause if named is not None or (len(changes) == 1 and change.cause in _ALONE) else "something"
    facts = RevisionChanged(cause=cause, container=change.container, variable=change.variable, was=change.was, now=change.now,
                            revision=place_of(owned[0])[2], message=line[:300], reported=named is not None)  # fmt: skip
    what = change.words if named is not None else " and ".join(one.words for one in changes[:3])
    text = f'the newest revision of {root.name} ({facts.revision}) {what}, and it fails since: "{facts.message}"'
    return found("revision_changed", str(root), facts, text, observed.cites(thing, *owned[:2]))


def _named(changes: Sequence[_Change], root: ObjectRef, observed: Observed, target: Target) -> tuple[_Change, str] | None:
    """The change that a line of trouble names, with the line; None where none does."""
    sought = [
        (change, re.compile("|".join(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])" for word in change.sought))) for change in changes
    ]
    for lines in logs_of(root, observed, target):
        failing = (at for at in reversed(range(len(lines))) if is_failure(lines[at]))
        for at in islice(failing, _MOST_LINES):
            words = "\n".join(line.text for line in lines[at : at + _TRACE]).lower()
            for change, named in sought:
                if change.sought and named.search(words):
                    return change, lines[at].text
    return None


def _changes(before: Object, after: Object) -> Iterator[_Change]:
    """What differs between the templates of two ReplicaSets, the most telling first."""
    old = {str(container.get("name")): container for _, container in containers(before)}
    for _, container in containers(after):
        name = str(container.get("name"))
        if (other := old.get(name)) is not None:
            yield from _of_variables(name, _variables(other), _variables(container))
            for cause, field in (("command", "command"), ("command", "args"), ("image", "image")):
                if other.get(field) != container.get(field):
                    yield _Change(cause=cause, container=name, variable="", was=_short(other.get(field)), now=_short(container.get(field)))
    mounted = [_mounted(thing) for thing in (before, after)]
    if mounted[0] != mounted[1]:
        yield _Change(cause="mounts", container="", variable="", was=_short(mounted[0]), now=_short(mounted[1]))


def _of_variables(container: str, was: Mapping[str, str], now: Mapping[str, str]) -> Iterator[_Change]:
    for name in was:
        if name not in now:
            yield _Change(cause="variable_removed", container=container, variable=name, was=_short(was[name]), now="")
    for name in was:
        if name in now and was[name] != now[name]:
            cause = "address_changed" if _LOOKS.search(name) else "variable_changed"
            yield _Change(cause=cause, container=container, variable=name, was=_short(was[name]), now=_short(now[name]))


def _variables(container: Mapping[str, Json]) -> Mapping[str, str]:
    """The variables by name, each as text; of one that stands elsewhere where it stands."""
    every = container.get("env") or ()
    return {str(v.get("name")): str(v["value"] if v.get("value") is not None else v.get("valueFrom") or "") for v in every}


def _mounted(thing: Object) -> list[str]:
    """The ConfigMaps and Secrets of its volumes."""
    volumes = pod_spec(thing).get("volumes") or ()
    maps = (("ConfigMap", (v.get("configMap") or {}).get("name")) for v in volumes)
    secrets = (("Secret", (v.get("secret") or {}).get("secretName")) for v in volumes)
    return sorted(f"{kind} {name}" for kind, name in (*maps, *secrets) if name)


def _short(value: Json) -> str:
    text = " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return text[:_MOST]
