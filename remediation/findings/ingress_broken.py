"""An Ingress that nobody serves, or that sends to a Service or port that does not exist."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import chain

from remediation.findings.complaint import complaint_of
from remediation.findings.finding import found
from remediation.findings.ingress_refusal import WORDS, refusal_of
from remediation.findings.said_absent import said_absent
from remediation.graph import ingress_backends
from remediation.observed import Object, Observed, event_text, place_of
from remediation.reading.controllers import BACKEND_NOT_FOUND, NO_ENDPOINTS, ROUTES
from remediation.terms import Finding, Target

_MISSING = re.compile(r"not found|does not exist|was not found|no such|[Ee]rror getting SSL")
_FAILS = ("Failed", "Reject", "Error", "Invalid", "AddedOrUpdatedWithError")  # begins a reason of a controller's event


@dataclass(frozen=True, kw_only=True)
class IngressBroken:
    """cause: class_missing, service_missing, port_missing, secret_missing, not_allowed (of another namespace), misrouted, ….

    refused: by its controller, as message says.
    classes: that there are, comma-separated.
    secret: of its TLS that is missing.  near: one of nearly that name.  reported: whether something says so, not only the manifests.
    """

    cause: str
    ingress_class: str
    classes: str
    service: str
    port: str
    ports: str
    secret: str = ""
    near: str = ""
    message: str = ""
    reported: bool = True


def ingress_broken(observed: Observed, _target: Target) -> Iterator[Finding]:
    """At most one finding for each Ingress."""
    for ingress in chain.from_iterable(map(observed.spoken_of, ("Ingress", *ROUTES))):
        every = (
            *_class(ingress, observed),
            *_backends(ingress, observed),
            *_secret(ingress, observed),
            *_refused(ingress, observed),
            *_misrouted(ingress, observed),
        )
        for finding in every:
            yield finding
            break
    yield from _sent_nowhere(observed)


def _sent_nowhere(observed: Observed) -> Iterator[Finding]:
    """A Service or Secret that a controller does not find, or behind which it finds nobody, and whose Ingress it does not name."""
    for thing in chain(observed.spoken_of("Service"), observed.spoken_of("Secret")):
        event = next((e for e in observed.events_of(thing) if e.get("reason") in (BACKEND_NOT_FOUND, NO_ENDPOINTS)), None)
        kind, namespace, name = place_of(thing)
        users = [i for i in observed.all("Ingress", namespace) if name in (*_tls(i), *(backend for backend, _ in ingress_backends(i)))]
        if event is not None and len(thing) == len(("kind", "metadata")) and not users:
            cause = "no_endpoints" if event.get("reason") == NO_ENDPOINTS else "secret_missing" if kind == "Secret" else "service_missing"
            service, secret = ("", name) if kind == "Secret" else (name, "")
            facts = IngressBroken(cause=cause, ingress_class="", classes="", service=service, port="", ports="", secret=secret,
                                  message=event_text(event)[:400])  # fmt: skip
            text = f'an Ingress in {namespace} {WORDS[cause].format(service=name)}: {kind} {name}: "{event_text(event)}"'
            yield found("ingress_broken", f"{kind}/{namespace}/{name}", facts, text, observed.cites(event))


def _class(ingress: Object, observed: Observed) -> Iterator[Finding]:
    annotations = (ingress.get("metadata") or {}).get("annotations") or {}
    wanted = str((ingress.get("spec") or {}).get("ingressClassName") or annotations.get("kubernetes.io/ingress.class") or "")
    classes = sorted(place_of(one)[2] for one in observed.all("IngressClass"))
    if wanted and wanted not in classes and (classes or said_absent("IngressClass", "", wanted, observed)):
        there = f"there are {', '.join(classes)}" if classes else "there is none"
        words = f"asks for the ingress class {wanted}, which does not exist ({there}), so no controller serves it"
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
        absent = (at < len(said) and ("not found" in said[at])) or said_absent("Service", namespace, name, observed)
        elsewhere = [place_of(s)[1] for s in observed.all("Service") if place_of(s)[2] == name] if service is None else []
        if (service is None and (known or elsewhere)) or absent:
            where = f"; there is one in namespace {', '.join(elsewhere)}" if elsewhere else ""
            asked = f"port {port} of " if port else ""
            words = f"sends to {asked}Service {name}, which does not exist in {namespace} (not found){where}"
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
    """A TLS secret that an event or the controller's log calls missing, or that is not among those of its namespace."""
    _, namespace, _ = place_of(ingress)
    for event in observed.events_of(ingress):
        text = event_text(event)
        if "secret" in text.lower() and ("not found" in text or "does not exist" in text):
            yield _without_secret(ingress, _named_in(text, ingress), text, observed)
    known = {place_of(s)[2] for s in observed.all("Secret", namespace)}
    for name in _tls(ingress):
        said = _of_controller(f"{namespace}/{name}", observed)
        if said is not None or (known and name not in known and observed.get("Secret", namespace, name) is None):
            near = next(iter(get_close_matches(name, sorted(known), 1, 0.6)), "")
            finding = _without_secret(ingress, name, said[0] if said else "", observed, near=near)
            yield replace(finding, cites=(*finding.cites, said[1])) if said else finding


def _misrouted(ingress: Object, observed: Observed) -> Iterator[Finding]:
    """A path that bears the name of a Service to which no path leads."""
    namespace, sent = place_of(ingress)[1], {name for name, _ in ingress_backends(ingress)}
    for rule in (ingress.get("spec") or {}).get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            first = str(path.get("path") or "").strip("/").split("/")[0]
            meant = observed.get("Service", namespace, first) if first and first not in sent else None
            if meant is not None:
                now = str(((path.get("backend") or {}).get("service") or {}).get("name") or "")
                facts = IngressBroken(
                    cause="misrouted", ingress_class="", classes="", service=first, port="", ports="", near=first, reported=False
                )
                yield _finding(
                    ingress, facts, f"sends the path /{first} to Service {now}, while no path leads to the Service {first}", observed
                )


def _refused(ingress: Object, observed: Observed) -> Iterator[Finding]:
    """What the ingress' controller cannot do, as its events say."""
    event = next(
        (e for e in observed.events_of(ingress) if e.get("type") == "Warning" and str(e.get("reason", "")).startswith(_FAILS)), None
    )
    if event is not None:
        cause, service = refusal_of(event_text(event))
        if cause == "no_endpoints":
            service = next((name for name, _ in ingress_backends(ingress) if name in event_text(event)), "")
        facts = IngressBroken(cause=cause, ingress_class="", classes="", service=service, port="", ports="",
                              message=event_text(event)[:400])  # fmt: skip
        words = WORDS[cause].format(service=service)
        finding = _finding(ingress, facts, f'{words} ({event.get("reason")}): "{event_text(event).strip()}"', observed)
        yield replace(finding, cites=tuple(dict.fromkeys([*finding.cites, *observed.cites(event)])))
    elif place_of(ingress)[0] != "Ingress" and (said := complaint_of(ingress)) is not None:
        cause, service = refusal_of(said.message)
        facts = IngressBroken(cause=cause, ingress_class="", classes="", service=service, port="", ports="", message=said.message[:400])
        shown = f"{said.shown}, {said.reason}" if said.reason else said.shown
        yield _finding(ingress, facts, f'{WORDS[cause].format(service=service)} ({shown}): "{said.message}"', observed)


def _tls(ingress: Object) -> Sequence[str]:
    return [str(one["secretName"]) for one in (ingress.get("spec") or {}).get("tls") or () if one.get("secretName")]


def _named_in(text: str, ingress: Object) -> str:
    return next((name for name in _tls(ingress) if name in text), "")


def _of_controller(secret: str, observed: Observed) -> tuple[str, str] | None:
    """The line in which an ingress controller says that it has no such secret, and its item."""
    for item in observed.evidence:
        if item.kind == "logs" and secret in item.text:
            for line in item.text.splitlines():
                if secret in line and _MISSING.search(line):
                    return line.strip()[:300], item.item
    return None


def _without_secret(ingress: Object, name: str, said: str, observed: Observed, near: str = "") -> Finding:
    facts = IngressBroken(cause="secret_missing", ingress_class="", classes="", service="", port="", ports="", secret=name, near=near,
                          reported=bool(said))  # fmt: skip
    meant = f"; Secret {near} exists" if near else ""
    quoted = f': "{said}"' if said else ""
    return _finding(ingress, facts, f"names a TLS secret {name} that does not exist{meant}{quoted}", observed)


def _finding(ingress: Object, facts: IngressBroken, words: str, observed: Observed) -> Finding:
    kind, namespace, name = place_of(ingress)
    return found("ingress_broken", f"{kind}/{namespace}/{name}", facts, f"{kind} {name} in {namespace} {words}", observed.cites(ingress))
