"""Who filled the node from which pods were put off: of several the one that took by far the most beyond what it asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from remediation.quantities import parse_memory
from remediation.terms import Finding, Target

_FAR_MORE = 4  # times as much as any other beyond its request
_LEAST = 256 * 2**20  # bytes beyond a request that fill a node


def blamed(evictions: Sequence[tuple[str, Finding]], target: Target) -> Iterator[Finding]:
    """The findings of evictions, each with its node; those of others on the node of one who filled it are told with his."""
    for node in dict.fromkeys(node for node, _ in evictions):
        own = [finding for where, finding in evictions if where == node]
        if not node:  # not shown: they may have been on many, at other times
            yield from own
            continue
        by_excess = sorted(own, key=_excess, reverse=True)
        first, others = (by_excess[0], by_excess[1:]) if by_excess else (None, [])
        suffer = [other for other in others if other.facts["used"] and other.facts["resource"] == first.facts["resource"]] if first else []
        if first is None or not suffer or _excess(first) < max(_LEAST, _FAR_MORE * _excess(suffer[0])):
            yield from own
            continue
        yield _with_victims(first, suffer, target)
        yield from (other for other in others if other not in suffer)


def _excess(finding: Finding) -> int:
    """Bytes that its container used beyond its request; 0 where nothing says so, and of one with a limit of its own."""
    used, request = str(finding.facts["used"]), str(finding.facts["request"])
    try:
        return parse_memory(used) - parse_memory(request) if used and not finding.facts["own_limit"] else 0
    except ValueError:
        return 0


def _with_victims(finding: Finding, suffer: Sequence[Finding], target: Target) -> Finding:
    named = [other.subject for other in suffer]
    asked = f"{target.object_kind}/{target.namespace}/{target.name}"
    victim = asked if asked in named else named[0]
    others = ", ".join(f"{other.subject.split('/')[2]} ({other.facts['used']})" for other in suffer[:3])
    text = f"{finding.text}; it fills that node, from which pods of {others} were put off, too, which use far less"
    return replace(finding, text=text, facts={**finding.facts, "victim": victim})
