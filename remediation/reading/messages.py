"""Sentences of the cluster's own parts, wherever they stand: in a component's log, in kubectl's answer, or cut out of a description.

Each becomes the event that it is the message of, so that whoever reads events reads these, too.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from remediation.kinds import KINDS, kind_called
from remediation.needed import holding
from remediation.reading.branches import time_of
from remediation.reading.cells import Object
from remediation.reading.listed_events import made_event

_MOST = 200  # of one text: a component says the same of each pod, again and again
_SENTENCES: Sequence[tuple[str, str, re.Pattern[str]]] = tuple((reason, literal, re.compile(pattern)) for reason, literal, pattern in (
    ("FailedScheduling", " nodes are available", r"\b\d+/\d+ nodes are available: \S.*"),
    ("Failed", "ailed to pull image", r"Failed to pull image \"[^\"]+\".*"),
    ("FailedMount", "MountVolume.", r"MountVolume\.\w+ failed for volume \".*"),
    ("FailedMount", "mount volumes for pod ", r"Unable to mount volumes for pod \"[^\"]+\": .*"),
    ("FailedMount", "attach or mount volumes", r"Unable to attach or mount volumes: .*"),
    ("FailedAttachVolume", "AttachVolume.", r"AttachVolume\.\w+ failed for volume \".*"),
    ("FailedAttachVolume", "Multi-Attach error", r"Multi-Attach error for volume \".*"),
    ("FailedCreatePodSandBox", "ailed to create pod sandbox", r"Failed to create pod sandbox: .*"),
    ("Unhealthy", " probe ", r"(?:Readiness|Liveness|Startup) probe (?:failed|errored).*"),
    ("NotTriggerScaleUp", "trigger scale-up", r"pod didn't trigger scale-up\b.*"),
    ("BackOff", "ack-off ", r"Back-off (?:restarting failed container|pulling image).*"),
    ("Failed", "Error: ", r"Error: (?:secrets?|configmaps?) \"[^\"]+\" not found.*|Error: couldn't find key .*"),
    ("FailedCreate", "rror creating: ", r"Error creating: .*"),
    ("FailedCreate", " is forbidden: ", r"(?<![a-z])[a-z]{1,63} \"[\w.-]{1,253}\" is forbidden: [Ee]xceeded quota.*"),
))  # fmt: skip
_may_tell = holding([literal.lower() for _, literal, _ in _SENTENCES])
_RECORDED = re.compile(  # how client-go logs the events that it records
    r"Event\((?:v1|api)\.ObjectReference\{Kind:\"(?P<kind>\w+)\", Namespace:\"(?P<namespace>[^\"]*)\", Name:\"(?P<name>[^\"]+)\"[^}]*\}\): "
    r"type: '(?P<TYPE>\w+)' reason: '(?P<REASON>\w+)' (?P<MESSAGE>.*)"
)
_OCCURRED = re.compile(  # the same since structured logging
    r"\"Event occurred\" (?:\S+ )*?object=\"(?P<where>[^\"]+)\"(?: \S+)*? kind=\"?(?P<kind>\w+)\"?(?: \S+)*? type=\"(?P<TYPE>\w+)\""
    r" reason=\"(?P<REASON>\w+)\" message=\"(?P<MESSAGE>.*?)\"\s*$"
)
_PODS = tuple(map(re.compile, (  # as components name a pod
    r"\b[Pp]od=\"?(?:(?P<namespace>[a-z0-9-]+)/)?(?P<name>[a-z0-9][a-z0-9.-]*)",
    r"\b(?:pod|probe for) \"?(?P<name>[a-z0-9][a-z0-9.-]*?)_(?P<namespace>[a-z0-9-]+)(?:\([\w-]+\))?",
    r"\b[Pp]od \"?(?:(?P<namespace>[a-z0-9-]+)/)?(?P<name>[a-z0-9][a-z0-9.-]*)\"?(?= \(UID|:| can't be scheduled)",
)))  # fmt: skip
_REFUSED = re.compile(r"\b(?P<kind>[a-z]{1,63}) \"(?P<name>[\w.-]{1,253})\" is forbidden: ")
_MADE = re.compile(
    r"-$|(?<=-[a-z0-9]{8})-[b-df-hj-np-tv-z2-9]{5}$|(?<=-[a-z0-9]{9})-[b-df-hj-np-tv-z2-9]{5}$|"
    r"(?<=-[a-z0-9]{10})-[b-df-hj-np-tv-z2-9]{5}$"
)  # what a ReplicaSet adds to its own name
_PREFIX = re.compile(
    r"^[\s*\"'-]*(?:[Mm]essage:\s*)?(?:\(combined from similar events\):\s*|version \d+: |"
    r"(?:[Ww]arning:?\s+)?Failed(?:Mount|Scheduling|AttachVolume)\s+|[Ww]arning:?\s+)?"
)
_CONDITION = re.compile(r"map\[[^\n]*?\bmessage:(?P<message>[^\n]+?) reason:Unschedulable\b")  # as Go prints a map
_GOES_ON = (",", ", ", "[")
_AT = re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?")


def in_log(text: str) -> Iterator[Object]:
    """Events that a component's log tells of: those that it recorded, and those sentences that name their pod."""
    recorded = ".ObjectReference{" in text or '"Event occurred"' in text
    sentences = [sentence for sentence in _SENTENCES if sentence[1] in text] if "pod" in text else []
    if not recorded and not sentences:
        return
    left = _MOST
    for line in text.splitlines():
        event = (_recorded(line) if recorded else None) or _of_its_pod(line, sentences)
        if event is not None:
            yield event
            left -= 1
        if not left:
            return


def alone(lines: Sequence[str], namespace: str) -> Iterator[Object]:
    """Events of which the sentence alone was pasted: of what it names, else of a pod that nobody names."""
    for at, line in enumerate(lines):
        for reason, literal, pattern in _SENTENCES if _may_tell(line) else ():
            if literal in line and (said := pattern.match(_PREFIX.sub("", line))) is not None:
                goes_on = itertools.takewhile(lambda pair: pair[0].rstrip().endswith(_GOES_ON), itertools.pairwise(lines[at:]))
                message = " ".join([said[0].strip(), *(after.strip() for _, after in goes_on)])
                yield _about(message, line, namespace, {"TYPE": "Warning", "REASON": reason, "MESSAGE": message})
                break


def in_conditions(text: str, pod: str, namespace: str) -> Iterator[Object]:
    """What the scheduler says in a pod's conditions, printed as Go prints a map. pod: that the command names, empty for none."""
    for match in _CONDITION.finditer(text) if "map[" in text else ():
        row = {"TYPE": "Warning", "REASON": "FailedScheduling", "MESSAGE": match["message"]}
        yield _event("Pod", namespace, pod, row, "")


def _recorded(line: str) -> Object | None:
    match = _RECORDED.search(line) or _OCCURRED.search(line)
    if match is None:
        return None
    said = match.groupdict()
    namespace, _, name = said["where"].rpartition("/") if said.get("where") else (said["namespace"], "", said["name"])
    return _event(said["kind"], namespace, name, {**said, "MESSAGE": said["MESSAGE"].replace('\\"', '"')}, line)


def _of_its_pod(line: str, sentences: Sequence[tuple[str, str, re.Pattern[str]]]) -> Object | None:
    for reason, literal, pattern in sentences:
        words = line.replace('\\"', '"') if literal in line else ""
        said = pattern.search(words)
        if said is not None and pod_in(words)[1]:
            return _about(said[0], words, "", {"TYPE": "Warning", "REASON": reason, "MESSAGE": said[0].rstrip(' "')})
    return None


def _about(message: str, line: str, namespace: str, row: Mapping[str, str]) -> Object:
    """The event of what its message says that it is refused, else of the pod that the line names."""
    refused = refused_by(message, namespace)
    if refused is not None:
        return _event(refused["kind"], refused["namespace"], refused["name"], row, line)
    where, name = pod_in(line)
    return _event("Pod", where or namespace, name, row, line)


def refused_by(message: str, namespace: str) -> dict[str, str] | None:
    """What a refusal names, of a pod the ReplicaSet that would have made it; None where it names nothing."""
    refused = _REFUSED.search(message)
    kind = kind_called(refused["kind"]) if refused is not None else None
    if refused is None:
        return None
    if kind is not None and kind.name != "Pod":
        return {"kind": kind.name, "namespace": namespace, "name": refused["name"]}
    return {"kind": "ReplicaSet", "namespace": namespace, "name": _MADE.sub("", refused["name"])}


def pod_in(line: str) -> tuple[str, str]:
    """Namespace and name of the pod that a component's line names, empty where it names none."""
    match = next((match for pattern in _PODS if (match := pattern.search(line)) is not None), None)
    return (match["namespace"] or "", match["name"]) if match is not None else ("", "")


def _event(kind: str, namespace: str, name: str, row: Mapping[str, str], line: str) -> Object:
    where = namespace if kind not in KINDS or KINDS[kind].namespaced else ""
    at = _AT.search(line[:60])
    return made_event({"kind": kind, "namespace": where, "name": name}, where, row, (time_of(at[0]) if at else "", 1))
