"""A pod's specification: its containers, their images, amounts and probes."""

from collections.abc import Iterator, Mapping, Sequence

from remediation import quantities
from remediation.gitops.owners.objects import listed, mapping
from remediation.gitops.validity.fields import number_fault, word_fault
from remediation.gitops.validity.ports import container_port_faults, twice_faults
from remediation.gitops.validity.syntax import Fault, is_dns_label, is_image, is_open, shown
from remediation.terms import Json

_RESTARTS: Mapping[str, Sequence[str]] = {
    "Pod": ("Always", "OnFailure", "Never"),
    "Job": ("OnFailure", "Never"),
    "CronJob": ("OnFailure", "Never"),
}
_DNS = ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")
_LISTS = ("containers", "initContainers")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_COUNTS = ("failureThreshold", "successThreshold", "periodSeconds", "timeoutSeconds", "initialDelaySeconds")
_NAME = "Write at most 63 lower-case letters, digits and '-', with a letter or digit at both ends."
_AMOUNT = "Write amounts as 500m or 512Mi."


def pod_faults(kind: str, where: str, spec: Mapping[str, Json]) -> Iterator[Fault]:
    """Of the pods of a kind. where: the path of their specification."""
    if not isinstance(spec.get("containers"), list) or not spec["containers"]:
        yield Fault(f"{where}.containers is no list with a container in it", "Leave the pods at least one container.")
    yield from word_fault(f"{where}.restartPolicy", spec.get("restartPolicy"), _RESTARTS.get(kind, ("Always",)))
    yield from word_fault(f"{where}.dnsPolicy", spec.get("dnsPolicy"), _DNS)
    yield from number_fault(f"{where}.activeDeadlineSeconds", spec.get("activeDeadlineSeconds"), 1)
    named: list[Json] = []
    for which in _LISTS:
        for at, container in enumerate(listed(spec.get(which))):
            name = mapping(container).get("name")
            named.append(name)
            step = f"[name={name}]" if name else f"[{at}]"
            yield from _container_faults(f"{where}.{which}{step}", container)
    yield from twice_faults("container of the pods", named)
    yield from twice_faults("volume of the pods", [mapping(volume).get("name") for volume in listed(spec.get("volumes"))])


def _container_faults(where: str, container: Json) -> Iterator[Fault]:
    if not isinstance(container, Mapping):
        yield Fault(f"{where} is {shown(container)}, which is no container", "Write it as a map with a name and an image.")
        return
    name, image = container.get("name"), container.get("image")
    if not is_open(name) and not is_dns_label(name):
        yield Fault(f"{where}.name is {shown(name)}, which is no container's name", _NAME)
    if not is_open(image) and not is_image(image):
        said = "empty" if not image else f"{shown(image)}, which is no image's name"
        yield Fault(f"{where}.image is {said}", "Write it as registry.example.com/folder/name:tag, or with @sha256:….")
    yield from word_fault(f"{where}.imagePullPolicy", container.get("imagePullPolicy"), ("Always", "IfNotPresent", "Never"))
    policy = container.get("terminationMessagePolicy")
    yield from word_fault(f"{where}.terminationMessagePolicy", policy, ("File", "FallbackToLogsOnError"))
    yield from container_port_faults(where, container)
    yield from _amount_faults(f"{where}.resources", container.get("resources"))
    yield from _env_faults(f"{where}.env", container.get("env"))
    for probe in _PROBES:
        yield from _probe_faults(f"{where}.{probe}", mapping(container.get(probe)), ready=probe == "readinessProbe")


def _amount_faults(where: str, resources: Json) -> Iterator[Fault]:
    sides = {side: mapping(resources).get(side) for side in ("requests", "limits")}
    for path, value in ((where, resources), *((f"{where}.{side}", value) for side, value in sides.items())):
        if value is not None and not isinstance(value, Mapping):
            yield Fault(f"{path} is {shown(value)}, which is no map", "Write limits and requests as maps of amounts.")
    for side, amounts in sides.items():
        for resource, amount in mapping(amounts).items():
            try:
                fits = is_open(amount) or quantities.parse(amount) >= 0
            except ValueError:
                fits = False
            if not fits:
                yield Fault(f"{where}.{side}.{resource} is {shown(amount)}, which is no amount", _AMOUNT)


def _env_faults(where: str, variables: Json) -> Iterator[Fault]:
    for at, variable in enumerate(map(mapping, listed(variables))):
        name, value = variable.get("name"), variable.get("value")
        if not name or not isinstance(name, str) or "=" in name:
            yield Fault(f"{where}[{at}].name is {shown(name)}", "Name each variable, without '='.")
        if value is not None and not isinstance(value, str):
            yield Fault(f"{where}[name={name}].value is {shown(value)}, which is no text", "Write it in quotes.")
        if value and variable.get("valueFrom"):
            yield Fault(f"{where}[name={name}] has both value and valueFrom", "Take one of the two away.")


def _probe_faults(where: str, probe: Mapping[str, Json], *, ready: bool) -> Iterator[Fault]:
    """A zero is the server's default."""
    for name in _COUNTS:
        yield from number_fault(f"{where}.{name}", probe.get(name), 0)
    success = probe.get("successThreshold")
    if not ready and isinstance(success, int) and success > 1:
        yield Fault(f"{where}.successThreshold is {success}", "Only a readiness probe may have more than 1.")
    for handler in ("httpGet", "tcpSocket", "grpc"):
        port = mapping(probe.get(handler)).get("port")
        if port is not None and not isinstance(port, str):
            yield from number_fault(f"{where}.{handler}.port", port, 1, 65535)
