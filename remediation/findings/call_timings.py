"""Which part of a call takes its time, as `curl -w` measures it: the name, the connection, TLS or the answer."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Observed
from remediation.terms import Finding, Target

_TIMES = re.compile(
    r"\btime_(?P<phase>namelookup|connect|appconnect|pretransfer|starttransfer|total):? *=? *(?P<seconds>\d{1,6}(?:[.,]\d{1,9})?)"
)
_PHASES = ("namelookup", "connect", "appconnect", "starttransfer")  # one after the other
_SLOW_SECONDS, _MOST = 1.0, 0.5
_WORDS = {
    "namelookup": "the lookup of the name (DNS)",
    "connect": "making the connection",
    "appconnect": "the TLS handshake",
    "starttransfer": "the answer of the server",
}


@dataclass(frozen=True, kw_only=True)
class CallTimings:
    """cause: namelookup, connect, appconnect or starttransfer, the part that takes more than half.  seconds: it.  total: the whole call."""

    cause: str
    seconds: float
    total: float


def call_timings(observed: Observed, _target: Target) -> Iterator[Finding]:
    """At most one finding: of the slowest call that is shown."""
    calls = [(item.item, times) for item in observed.evidence if "time_total" in item.text for times in _calls(item.text)]
    item, slowest = max(calls, key=lambda call: call[1]["total"], default=("", {"total": 0.0}))
    if slowest["total"] < _SLOW_SECONDS:
        return
    before = 0.0
    for phase in _PHASES:
        took, before = slowest.get(phase, 0.0) - before, max(before, slowest.get(phase, 0.0))
        if took > slowest["total"] * _MOST:
            facts = CallTimings(cause=phase, seconds=round(took, 3), total=slowest["total"])
            text = f"of {facts.total:g} s that the call takes, {_WORDS[phase]} takes {facts.seconds:g} s (time_{phase})"
            yield found("call_slow", "Service//", facts, text, (item,))
            return


def _calls(text: str) -> Iterator[Mapping[str, float]]:
    """The times of each call, which ends with its total."""
    times: dict[str, float] = {}
    for match in _TIMES.finditer(text):
        times[match["phase"]] = float(match["seconds"].replace(",", "."))
        if match["phase"] == "total":
            yield times
            times = {}
