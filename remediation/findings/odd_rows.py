"""The last resort for what an unknown tool prints: the one among many that calls itself bad, or that is unlike the others."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from remediation.findings.finding import found
from remediation.findings.status_reported import StatusReported
from remediation.observed import Observed
from remediation.reading.cells import BAD_WORD, fraction
from remediation.reading.records import Record, groups
from remediation.terms import Finding, Target

_BAD = re.compile(
    r"fail|(?<!no )error|degraded|unhealthy|unavailable|stuck|wedged|broken|crash|corrupt|\bdown\b|\blost\b|offline|expired|diverged|"
    r"not[ _-]?(?:ready|reachable)|unreachable",
    re.IGNORECASE,
)
_FINE = frozenset(
    {"", "true", "yes", "ok", "running", "healthy", "ready", "active", "completed", "complete", "succeeded", "success", "done", "up",
     "online", "primary", "leader", "master", "standby", "follower", "replica", "secondary", "idle", "serving", "bound", "available",
     "normal", "green", "enabled", "disabled", "paused", "suspended", "in sync", "synced", "passing", "starting", "pending", "open",
     "connected"}
)  # fmt: skip
_FALSE = frozenset({"false", "no"})
_ENOUGH, _SHARE = 3, 2 / 3  # rows, and how many of them must be alike, for one to be odd
_MOST_NAMED = 8


def odd_rows(observed: Observed, _target: Target) -> Iterator[Finding]:
    """At most one finding for each item that holds nothing else that is known."""
    for item in observed.evidence:
        if item.objects or item.series or item.failed or item.kind not in ("objects", "probe", "monitor"):
            continue
        odd = [(record, flag) for group in groups(item.text) for record, flag in _odd(group)]
        if odd:
            record, flag = odd[0]
            member = record.name or item.title
            said = "; ".join(_words(one, how) for one, how in odd[:_MOST_NAMED])
            facts = StatusReported(member=member, flag=flag, cause="odd", said=said[:600])
            text = f"in {item.title} {member} stands out, which is all that is known: {said}"
            yield found("status_reported", f"Service//{member.replace('/', ' ')[:100]}", facts, text[:1200], (item.item,))


def _odd(group: Sequence[Record]) -> Iterator[tuple[Record, str]]:
    """The records of a group that stand out, those that call themselves bad first, each with what shows it."""
    named = [record for record in group if record.name or len(group) == 1]
    bad = [(record, flag) for record in named if (flag := _bad(record, group))]
    yield from bad
    if not bad:
        yield from ((record, flag) for record in named if (flag := _alone(record, group)))


def _bad(record: Record, group: Sequence[Record]) -> str:
    """What it says against itself; empty for nothing, and where every one says so."""
    for field, value in record.states.items():
        have, of = fraction(value)
        false = value.lower() in _FALSE and any(other.states.get(field, "").lower() in ("true", "yes") for other in group)
        if false or have < of or BAD_WORD.fullmatch(value) or _BAD.search(value):
            return f"{field}={value}"
    return f"error={record.error[:200]}" if record.error else ""


def _alone(record: Record, group: Sequence[Record]) -> str:
    """The field in which nearly all others say one thing, and this one another that is no word for being well."""
    for field, value in record.states.items():
        counted = Counter(_gist(other.states.get(field, "")) for other in group)
        most, own = max(counted.values()), _gist(value)
        if len(group) >= _ENOUGH and most >= len(group) * _SHARE and counted[own] < most and own not in _FINE:
            return f"{field}={value}"
    return ""


def _gist(value: str) -> str:
    """A state without its numbers and what follows them: `up` of `Up 3 hours`."""
    first, _, rest = value.lower().partition(" ")
    return first if any(map(str.isdigit, rest)) else value.lower()


def _words(record: Record, flag: str) -> str:
    said = " ".join(filter(None, (record.error if record.error[:200] not in flag else "", record.said)))
    who, why = f"{record.name}: " if record.name else "", f" ({said[:200]})" if said else ""
    return f"{who}{flag}{why}"
