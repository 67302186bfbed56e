"""What the kubelet, the container runtime and autoscalers log of pods, said as the events that tell of the same."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.reading.cells import Object
from remediation.reading.listed_events import made_event
from remediation.reading.log_fields import fields_of, telling_lines, unquoted
from remediation.reading.messages import pod_in

_MOST = 200  # events of one text
_BEGINNING = 60  # characters of a message, in which one image or probe stands
_CONTAINER = re.compile(
    r"containerName=\"(?P<named>[\w.-]+)|\"StartContainer\" for \"(?P<started>[\w.-]+)|probe for \"[^\":]+:(?P<probed>[\w.-]+)\""
)
_TAIL = re.compile(r"(?<!\")\"*,? (?:pod|podUID|component|logger|node)=\S.*")  # what follows the words in a line


@dataclass(frozen=True, kw_only=True)
class _Saying:
    """literal: that a line must hold.  said: the event's message, filled with what the pattern names."""

    reason: str
    literal: str
    pattern: re.Pattern[str]
    said: str


_NO_PULL = 'Failed to pull image "{image}": {why}'
_SAYINGS: Sequence[_Saying] = tuple(
    _Saying(reason=reason, literal=literal, pattern=re.compile(pattern), said=said) for reason, literal, pattern, said in (
        ("Failed", "ull and unpack image", r"pull and unpack image \"(?P<image>[^\"\s]+)\": (?P<why>.+)", _NO_PULL),
        ("Failed", "ull image ", r"[Pp]ull image \"(?P<image>[^\"\s]+)\" failed: (?P<why>.+)", _NO_PULL),
        ("Failed", "PullImage ", r"PullImage \"(?P<image>[^\"\s]+)\" (?:from \w+ service )?failed\S*(?: err\w*=)? ?\"?(?P<why>.+)",
         _NO_PULL),
        ("Failed", " image=", r"(?:image service failed|Failed to pull image)\" err=\"(?P<why>.+)\" image=\"(?P<image>[^\"]+)",
         _NO_PULL),
        ("Failed", "ContainerConfigError", r"with CreateContainerConfigError: \"(?P<why>.+)", "Error: {why}"),
        ("Failed", "ContainerError", r"with (?:Create|Run)ContainerError: \"(?P<why>.+)", "Error: {why}"),
        ("FailedCreatePodSandBox", "PodSandboxError", r"with CreatePodSandboxError: \"(?P<why>.+)", "Failed to create pod sandbox: {why}"),
        ("Unhealthy", "Probe failed", r"\"Probe failed\" probeType=\"(?P<probe>\w+)\"[^\n]{0,400}output=\"(?P<why>[^\"]*)",
         "{probe} probe failed: {why}"),
        ("Unhealthy", " probe for ", r"\b(?P<probe>\w{1,20}ness|Startup) probe for \"[^\"]*\" (?:failed|errored)[^:]{0,40}: (?P<why>.+)",
         "{probe} probe failed: {why}"),
        ("FailedMount", "unmounted volumes=", r"err=\"(?P<why>unmounted volumes=.+?)\" pod=", "Unable to attach or mount volumes: {why}"),
        ("NotTriggerScaleUp", "can't be scheduled on", r"can't be scheduled on [^\n]{0,300}?reasons?[=:] ?(?P<why>[^;,)]+)",
         "pod didn't trigger scale-up: 1 {why}"),
        ("NotTriggerScaleUp", "can't be scheduled on", r"can't be scheduled on [^\n]{0,300}?checking error: (?P<why>[^;,)]+)",
         "pod didn't trigger scale-up: 1 {why}"),
    ))  # fmt: skip
_LITERALS = tuple(dict.fromkeys(saying.literal for saying in _SAYINGS))


def in_log(text: str) -> Iterator[Object]:
    """The events that a log's lines are: the last of each pod and beginning; of a pod without a name where the line names none."""
    found: dict[tuple[str, str, str], Object] = {}
    for line in telling_lines(text, _LITERALS):
        event = next((event for saying in _SAYINGS if saying.literal in line and (event := _event(saying, line)) is not None), None)
        if event is not None:
            about = event["involvedObject"]
            found.setdefault((about["namespace"], about["name"], event["message"][:_BEGINNING]), event)
    yield from list(found.values())[:_MOST]


def _event(saying: _Saying, line: str) -> Object | None:
    plain = unquoted(line)
    match = saying.pattern.search(plain)
    if match is None:
        return None
    said = {key: value.strip(' "') for key, value in match.groupdict().items()}
    namespace, name = pod_in(plain)
    fields = fields_of(line) if not name else {}
    namespace, name = (fields.get("Pod.namespace", namespace), fields["Pod.name"]) if "Pod.name" in fields else (namespace, name)
    container = _CONTAINER.search(plain)
    about = {"kind": "Pod", "namespace": namespace, "name": name}
    if container is not None:
        about["fieldPath"] = f"spec.containers{{{container['named'] or container['started'] or container['probed']}}}"
    message = _TAIL.sub("", saying.said.format_map(said))
    return made_event(about, namespace, {"TYPE": "Warning", "REASON": saying.reason, "MESSAGE": message}, ("", 1))
