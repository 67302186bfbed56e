"""A kind whose versions nobody converts: the webhook of its definition is asked at a Service that is not there, or does not answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.needed import may_match
from remediation.observed import Observed, place_of
from remediation.reading.log_fields import line_around
from remediation.terms import Finding, Target

_FAILS = re.compile(
    r"conversion webhook for (?P<kind>[^\s,]{1,200}, Kind=\w{1,100}) failed: (?P<said>[^\n]{0,40}?"
    r"https://(?P<service>[a-z0-9-]{1,63})\.(?P<namespace>[a-z0-9-]{1,63})\.svc\b[^\n]{0,600})"
)
_MISSING = re.compile(r"service \\?\"[^\"\\]{1,63}\\?\" not found|no such host|no endpoints available")


@dataclass(frozen=True, kw_only=True)
class ConversionFailed:
    """cause: other_namespace (a Service of its name is there), service_missing, certificate, unanswered.

    resource: version and kind that cannot be converted.  service, namespace: where the definition has it asked.  near: the namespaces that
    have such a Service, comma-separated.
    """

    cause: str
    resource: str
    service: str
    namespace: str
    near: str
    message: str


def conversion_failed(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each Service that is asked in vain."""
    told: set[tuple[str, str]] = set()
    for item in observed.evidence:
        for match in _FAILS.finditer(item.text) if may_match(_FAILS, item.text) else ():
            if (match["service"], match["namespace"]) not in told:
                told.add((match["service"], match["namespace"]))
                yield _finding(match, line_around(item.text, match), item.item, observed)


def _finding(match: re.Match[str], line: str, item: str, observed: Observed) -> Finding:
    service, namespace, said = match["service"], match["namespace"], match["said"].replace('\\"', '"')
    shown = observed.get("Service", namespace, service)
    near = sorted(place_of(s)[1] for s in observed.all("Service") if place_of(s)[2] == service and place_of(s)[1] != namespace)
    missing = shown is None and _MISSING.search(said)
    cause = "certificate" if "x509" in said else "unanswered" if not missing else "other_namespace" if near else "service_missing"
    facts = ConversionFailed(
        cause=cause, resource=match["kind"], service=service, namespace=namespace, near=", ".join(near), message=line[:400]
    )
    there = f"; there is one in namespace {facts.near}" if near else ""
    why = {
        "other_namespace": f"at Service {service} in namespace {namespace}, which is not there{there}",
        "service_missing": f"at Service {service} in namespace {namespace}, which is not there",
        "certificate": f"at Service {service} in namespace {namespace}, whose certificate is refused",
        "unanswered": f"at Service {service} in namespace {namespace}, which does not answer as it should",
    }[cause]
    text = f'objects of {facts.resource} cannot be read: the conversion webhook of their definition is asked {why}: "{said.strip()[:300]}"'
    cites = (item, *(observed.cites(shown) if shown is not None else ()))
    return found("conversion_failed", f"Service/{namespace}/{service}", facts, text, tuple(dict.fromkeys(cites)))
