"""A name server of the cluster that is told to answer wrongly for the cluster's own names, as its Corefile says."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from remediation.findings.component_down import ComponentDown
from remediation.findings.finding import found
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Target

_NAMES = ("coredns", "coredns-custom", "coredns-coredns", "rke2-coredns-rke2-coredns")
_LONGEST = 100_000  # characters of a Corefile
_DOMAIN = "svc.cluster.local"
_TEMPLATE = re.compile(r"^[ \t]*template[ \t]+\w+[ \t]+(?P<type>\w+)(?P<zones>[^{\n]{0,300})\{(?P<body>[^{}]{0,2000})\}", re.MULTILINE)
_MATCH = re.compile(r"^[ \t]*match[ \t]+\"?(?P<pattern>[^\"\s]{1,200})\"?", re.MULTILINE)
_REFUSES = re.compile(r"^[ \t]*rcode[ \t]+(?P<code>NXDOMAIN|SERVFAIL|REFUSED)\b", re.MULTILINE)
_REWRITE = re.compile(r"^[ \t]*rewrite[ \t]+(?:stop[ \t]+|continue[ \t]+)?name[ \t]+(?:exact[ \t]+)?(?P<name>[\w.-]+)[ \t]+(?P<to>[\w.-]+)",
                      re.MULTILINE)  # fmt: skip
_HOSTS = re.compile(r"^[ \t]*(?P<address>\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{3,39})[ \t]+(?P<names>[^#\n{}]{1,500})$", re.MULTILINE)
_SERVES = re.compile(r"^[ \t]*(?:kubernetes|import)\b", re.MULTILINE)


def dns_answers(observed: Observed, _target: Target) -> Iterator[Finding]:
    """At most one finding for each Corefile: what of it answers wrongly for a Service that is shown."""
    for config in observed.all("ConfigMap"):
        data = config.get("data")
        texts = data.values() if isinstance(data, Mapping) and place_of(config)[2] in _NAMES else ()
        text = "\n".join(str(part) for part in texts)[:_LONGEST]
        told = next(_wrong(text, _services(observed)), None) if text else None
        if told is None and text and "Corefile" in (data or {}) and not _SERVES.search(text):
            told = _DOMAIN, f"it has no kubernetes plugin{_mistyped(text)}, so it knows no name of the cluster"
        if told is not None:
            yield _finding(config, told[0], told[1], observed)


def _mistyped(text: str) -> str:
    """The word that stands for the plugin, where one is written nearly so."""
    near = get_close_matches("kubernetes", {word for line in text.splitlines() for word in line.split()[:1]}, 1, 0.8)
    return f" ({near[0]} is none)" if near else ""


def _services(observed: Observed) -> Mapping[str, Object]:
    """The Services by their whole names."""
    return {f"{place_of(service)[2]}.{place_of(service)[1]}.{_DOMAIN}": service for service in observed.all("Service")}


def _wrong(text: str, services: Mapping[str, Object]) -> Iterator[tuple[str, str]]:
    """Each name or domain for which it answers wrongly, and how."""
    for match in _TEMPLATE.finditer(text):
        code = _REFUSES.search(match["body"])
        names = _meant(match["zones"].split(), [m["pattern"] for m in _MATCH.finditer(match["body"])], services) if code else []
        if code and names and match["type"].upper() in ("ANY", "A"):
            yield (names[0] if len(names) == 1 else _DOMAIN), f"its template answers {code['code']} for it"
    for match in _REWRITE.finditer(text):
        name = match["name"].rstrip(".")
        if name in services and match["to"].rstrip(".") != name:
            yield name, f"it rewrites that name to {match['to']}"
    for match in _HOSTS.finditer(text):
        for name in (name.rstrip(".") for name in match["names"].split()):
            if name in services and str((services[name].get("spec") or {}).get("clusterIP")) not in ("", "None", match["address"]):
                yield name, f"its hosts say {match['address']} for it"


def _meant(zones: Sequence[str], patterns: Sequence[str], services: Mapping[str, Object]) -> Sequence[str]:
    """The Services that a template answers for; none where its patterns are more than a name or the end of names."""
    within = [name for name in services if not zones or any(f".{name}".endswith(f".{zone.rstrip('.')}") or zone == "." for zone in zones)]
    ends = [_plain(pattern) for pattern in patterns]
    return within if not patterns else [n for n in within if any(end and (n == end or (end[0] == "." and n.endswith(end))) for end in ends)]


def _plain(pattern: str) -> str:
    """The name that a pattern means, or the end of names, with a dot before it; empty where it means anything else."""
    bare = pattern.removeprefix("^").removesuffix("$").removesuffix("?").replace(r"\.", ".").removesuffix(".")
    for start in ("(.*)", ".*", "(.+)", ".+", "[^.]*", "[^.]+"):
        bare = f".{bare.removeprefix(start).lstrip('.')}" if bare.startswith(start) else bare
    return bare if re.fullmatch(r"[\w.-]+", bare) else ""


def _finding(config: Object, name: str, how: str, observed: Observed) -> Finding:
    _, namespace, called = place_of(config)
    facts = ComponentDown(cause="answers_wrongly", part=called, node="", message=f"{name}: {how}", said=name)
    text = f"the cluster's DNS answers wrongly for {name}: in the Corefile of ConfigMap {called} in {namespace} {how}"
    return found("component_down", f"ConfigMap/{namespace}/{called}", facts, text, observed.cites(config))
