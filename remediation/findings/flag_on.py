"""A flag that makes a part fail on purpose: one of many in a file of flags that stands on, while those like it are off."""

import re
from collections.abc import Iterator, Mapping, Sequence

from remediation.findings.fault_injected import FaultInjected
from remediation.findings.finding import found
from remediation.observed import Object, Observed, place_of
from remediation.reading.documents import documents
from remediation.terms import Finding, Json, Target

_OFF = frozenset({"off", "false", "0", "0%", "none", "disabled", "default", "normal", "healthy", "no", ""})
_FAULTY = re.compile(
    r"fail|fault|error|unreachable|chaos|outage|crash|leak|flood|delay|latency|slow|problem|highcpu|high-cpu|high_cpu|manualgc|timeout|broken",
    re.IGNORECASE,
)
_LONGEST = 2_000_000  # characters of one file


def flag_on(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each flag that says by its name or description that it breaks something, and is on."""
    for config in observed.all("ConfigMap"):
        data = config.get("data")
        for text in data.values() if isinstance(data, Mapping) else ():
            if isinstance(text, str) and "defaultVariant" in text and len(text) < _LONGEST:
                yield from (_finding(config, name, value, observed) for name, value in _on(documents(text)))


def _on(read: Sequence[Json]) -> Iterator[tuple[str, str]]:
    """The flags of a file of OpenFeature's that are on, each with its variant."""
    flags = read[0].get("flags") if read and isinstance(read[0], Mapping) else None
    for name, flag in flags.items() if isinstance(flags, Mapping) else ():
        if isinstance(flag, Mapping) and flag.get("state", "ENABLED") == "ENABLED":
            variant = str(flag.get("defaultVariant") or "")
            if variant.lower() not in _OFF and _FAULTY.search(f"{name} {flag.get('description', '')}"):
                yield str(name), variant


def _finding(config: Object, name: str, variant: str, observed: Observed) -> Finding:
    _, namespace, called = place_of(config)
    facts = FaultInjected(cause="flag", how=f"flag {name} is {variant}", victim="", reported=False)
    text = f"the flag {name} in ConfigMap {called} is {variant}: it makes a part fail on purpose"
    return found("fault_injected", f"ConfigMap/{namespace}/{called}", facts, text, observed.cites(config))
