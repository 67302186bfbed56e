"""What a kube-apiserver refuses in a pod's spec, wherever one stands: a pod's own, or a workload's template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from bot.sandbox import quantities
from bot.sandbox.fields import Object

Cause = tuple[str, str]
NOT_BELOW_ZERO = "must be greater than or equal to 0"
PORT = "must be between 1 and 65535, inclusive"
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_HELP = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric "
    "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
VALUE_HELP = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_TIMES = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_PULLS = ("Always", "IfNotPresent", "Never")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_ENDS = ("OnFailure", "Never")
_WITHOUT_VOLUMES = ("StatefulSet",)  # the server does not look at these templates' mounts


def causes(spec: Object, path: str, kind: str) -> Iterator[Cause]:
    """What is wrong with the spec at `path` of an object of this kind."""
    if not spec.get("containers"):
        yield f"{path}.containers", "Required value"
    volumes = None if kind in _WITHOUT_VOLUMES else {volume.get("name") for volume in spec.get("volumes", [])}
    for field in ("initContainers", "containers"):
        seen: set[str] = set()
        for index, container in enumerate(spec.get(field, [])):
            here = f"{path}.{field}[{index}]"
            if (name := container.get("name", "")) in seen:
                yield f"{here}.name", f'Duplicate value: "{name}"'
            seen.add(name)
            yield from _container(container, here, volumes)
    yield from _restarts(str(spec.get("restartPolicy", "Always")), path, kind)
    yield from _placement(spec, path)


def unsupported(path: str, value: object, supported: tuple[str, ...]) -> Iterator[Cause]:
    """One cause where the value is none of these."""
    if value not in supported:
        told = ", ".join(f'"{each}"' for each in supported)
        yield path, f'Unsupported value: "{value}": supported values: {told}'


def port(path: str, value: object) -> Iterator[Cause]:
    """One cause for a number that is no port; a name is not looked at."""
    if isinstance(value, int) and not 1 <= value <= 65535:  # noqa: PLR2004 - what the message says
        yield path, f"Invalid value: {value}: {PORT}"


def _container(container: Object, here: str, volumes: set[Any] | None) -> Iterator[Cause]:
    for field in ("name", "image"):
        if not container.get(field):
            yield f"{here}.{field}", "Required value"
    if (name := container.get("name", "")) and not _LABEL.fullmatch(name):
        yield f"{here}.name", f'Invalid value: "{name}": {_LABEL_HELP}'
    for index, each in enumerate(container.get("ports", [])):
        yield from port(f"{here}.ports[{index}].containerPort", each.get("containerPort"))
    for index, variable in enumerate(container.get("env", [])):
        yield from _variable(variable, f"{here}.env[{index}]")
    for index, mount in enumerate(container.get("volumeMounts", [])):
        if volumes is not None and mount.get("name") not in volumes:
            yield f"{here}.volumeMounts[{index}].name", f'Not found: "{mount.get("name", "")}"'
    for probe in _PROBES:
        if isinstance(container.get(probe), dict):
            yield from _probe(container[probe], f"{here}.{probe}", once=probe != "readinessProbe")
    yield from unsupported(f"{here}.imagePullPolicy", container.get("imagePullPolicy", "Always"), _PULLS)
    yield from _resources(container.get("resources", {}), f"{here}.resources")


def _variable(variable: Object, here: str) -> Iterator[Cause]:
    if not variable.get("name"):
        yield f"{here}.name", "Required value"
    if variable.get("value") and variable.get("valueFrom"):
        yield f"{here}.valueFrom", 'Invalid value: "": may not be specified when `value` is not empty'


def _probe(probe: Object, here: str, *, once: bool) -> Iterator[Cause]:
    asked = [handler for handler in _HANDLERS if isinstance(probe.get(handler), dict)]
    if not asked:
        yield here, "Required value: must specify a handler type"
    for handler in asked[1:]:
        yield f"{here}.{handler}", "Forbidden: may not specify more than 1 handler type"
    for handler in asked[:1]:
        yield from port(f"{here}.{handler}.port", probe[handler].get("port"))
    for field in _TIMES:
        if isinstance(value := probe.get(field), int) and value < 0:
            yield f"{here}.{field}", f"Invalid value: {value}: {NOT_BELOW_ZERO}"
    if once and (successes := probe.get("successThreshold", 1)) != 1:
        yield f"{here}.successThreshold", f"Invalid value: {successes}: must be 1"


def _restarts(policy: str, path: str, kind: str) -> Iterator[Cause]:
    if kind in ("Job", "CronJob"):
        if policy not in _ENDS:
            yield f"{path}.restartPolicy", 'Required value: valid values: "OnFailure", "Never"'
    elif kind != "Pod":
        yield from unsupported(f"{path}.restartPolicy", policy, ("Always",))


def _placement(spec: Object, path: str) -> Iterator[Cause]:
    for value in spec.get("nodeSelector", {}).values():
        if not VALUE.fullmatch(str(value)):
            yield f"{path}.nodeSelector", f'Invalid value: "{value}": {VALUE_HELP}'
    for index, toleration in enumerate(spec.get("tolerations", [])):
        if effect := toleration.get("effect"):
            yield from unsupported(f"{path}.tolerations[{index}].effect", effect, _EFFECTS)


def _resources(resources: Object, path: str) -> Iterator[Cause]:
    amounts: dict[tuple[str, str], Decimal] = {}
    for side in ("limits", "requests"):
        for name, text in resources.get(side, {}).items():
            try:
                amounts[side, name] = amount = quantities.parse(text)
            except ValueError as error:
                yield f"{path}.{side}[{name}]", f'Invalid value: "{text}": {error}'
                continue
            if amount < 0:
                yield f"{path}.{side}[{name}]", f'Invalid value: "{text}": {NOT_BELOW_ZERO}'
    for name, text in resources.get("requests", {}).items():
        limit = amounts.get(("limits", name))
        if limit is not None and amounts.get(("requests", name), Decimal(0)) > limit:
            shown = resources["limits"][name]
            yield f"{path}.requests", f'Invalid value: "{text}": must be less than or equal to {name} limit of {shown}'
