"""An Ingress that nobody serves, or that sends to a Service or port that does not exist."""

from collections.abc import Iterator
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.graph import ingress_backends
from remediation.observed import Object, Observed, event_text, place_of
from remediation.terms import Finding, Target


@dataclass(frozen=True, kw_only=True)
class IngressBroken:
    """cause: class_missing, service_missing, port_missing, secret_missing.  classes: that there are, comma-separated."""

    cause: str
    ingress_class: str
    classes: str
    service: str
    port: str
    ports: str


def ingress_broken(observed: Observed, _target: Target) -> Iterator[Finding]:
    """At most one finding for each Ingress."""
    for ingress in observed.all("Ingress"):
        for finding in (*_class(ingress, observed), *_backends(ingress, observed), *_secret(ingress, observed)):
            yield finding
            break


def _class(ingress: Object, observed: Observed) -> Iterator[Finding]:
    annotations = (ingress.get("metadata") or {}).get("annotations") or {}
    wanted = str((ingress.get("spec") or {}).get("ingressClassName") or annotations.get("kubernetes.io/ingress.class") or "")
    classes = sorted(place_of(one)[2] for one in observed.all("IngressClass"))
    if wanted and classes and wanted not in classes:
        words = f"asks for the ingress class {wanted}, which does not exist (there are {', '.join(classes)}), so no controller serves it"
        yield _finding(
            ingress,
            IngressBroken(cause="class_missing", ingress_class=wanted, classes=", ".join(classes), service="", port="", ports=""),
            words,
            observed,
        )
    elif (
        not wanted
        and classes
        and not any(_default(one) for one in observed.all("IngressClass"))
        and "status" in ingress
        and not _address(ingress)
    ):
        words = f"names no ingress class and none is the default (there are {', '.join(classes)}), so no controller serves it"
        yield _finding(
            ingress,
            IngressBroken(cause="class_missing", ingress_class="", classes=", ".join(classes), service="", port="", ports=""),
            words,
            observed,
        )


def _default(one: Object) -> bool:
    return ((one.get("metadata") or {}).get("annotations") or {}).get("ingressclass.kubernetes.io/is-default-class") == "true"


def _address(ingress: Object) -> bool:
    return bool(((ingress.get("status") or {}).get("loadBalancer") or {}).get("ingress"))


def _backends(ingress: Object, observed: Observed) -> Iterator[Finding]:
    namespace = place_of(ingress)[1]
    known = list(observed.all("Service", namespace))
    said = [
        str(p.get("backend", {}).get("said") or "")
        for r in (ingress.get("spec") or {}).get("rules") or ()
        for p in (r.get("http") or {}).get("paths") or ()
    ]
    for at, (name, port) in enumerate(ingress_backends(ingress)):
        service = observed.get("Service", namespace, name)
        absent = at < len(said) and ("not found" in said[at])
        if (service is None and known) or absent:
            words = f"sends to Service {name}, which does not exist in {namespace} (not found)"
            yield _finding(ingress, IngressBroken(cause="service_missing", ingress_class="", classes="", service=name, port=str(port or ""),
                                                  ports=", ".join(place_of(s)[2] for s in known)), words, observed)  # fmt: skip
        ports = list(((service or {}).get("spec") or {}).get("ports") or ())
        if service is not None and ports and port is not None and all(port not in (p.get("port"), p.get("name")) for p in ports):
            have = ", ".join(str(p.get("port")) for p in ports)
            words = f"sends to port {port} of Service {name}, which has only {have}"
            yield _finding(
                ingress,
                IngressBroken(cause="port_missing", ingress_class="", classes="", service=name, port=str(port), ports=have),
                words,
                observed,
            )


def _secret(ingress: Object, observed: Observed) -> Iterator[Finding]:
    for event in observed.events_of(ingress):
        text = event_text(event)
        if "secret" in text.lower() and ("not found" in text or "does not exist" in text):
            yield _finding(ingress, IngressBroken(cause="secret_missing", ingress_class="", classes="", service="", port="", ports=""),
                           f'names a TLS secret that does not exist: "{text}"', observed)  # fmt: skip


def _finding(ingress: Object, facts: IngressBroken, words: str, observed: Observed) -> Finding:
    _, namespace, name = place_of(ingress)
    return found("ingress_broken", f"Ingress/{namespace}/{name}", facts, f"Ingress {name} in {namespace} {words}", observed.cites(ingress))
