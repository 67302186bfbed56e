"""Parameters drawn from evidence: what a remedy would be given for a finding, or why it cannot be given anything.

A remedy says in its own file where its parameters come from: a fact of the finding, a source of `remediation.drawing`, or a factor on the
amount that stands there now.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from remediation.drawing import Basis
from remediation.drawing.parameters import drawn
from remediation.errors import Refused
from remediation.gitops import fieldpath
from remediation.quantities import about_memory, format_cpu, format_memory, parse
from remediation.remedy import Bound, Remedy
from remediation.terms import Finding, Json, Precedent
from remediation.workloads import containers

HEADROOM = Decimal("1.25")  # an amount is set at least this many times above the most that was seen in use
_MEBI, _MEGA = 2**20, 10**6
_STEPS = ((256, 16), (1024, 64), (8192, 256))  # up to so many Mi (or M), round up to steps of so many; above, to 1024


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Parameters for one plan, and how they came about, a sentence."""

    parameters: Mapping[str, Json]
    reason: str


def drafts(remedy: Remedy, basis: Basis, failed: Sequence[Precedent]) -> tuple[Draft, ...]:
    """What the remedy could be given, best first. Raises Refused with the reason when the evidence does not give what it needs.

    failed: precedents of this very object that this remedy did not cure; what they tried is not tried again.
    """
    taken = drawn(remedy, basis)
    if any(bound.grow_by for bound in remedy.bounds):
        found = _grown(remedy, basis.finding, basis.live, failed, taken)
    else:
        found = [Draft(parameters=taken, reason=f"The evidence gives {words_of(taken)}")]
    new = [draft for draft in found if not any(remedy.no_more(draft.parameters, past.parameters) for past in failed)]
    distinct = [draft for at, draft in enumerate(new) if all(draft.parameters != other.parameters for other in new[:at])]
    if not distinct:
        what = failed[0].incident_id if failed else "every try"
        why = f"{basis.finding.text}. What {remedy.name} could do did not cure {what}."
        raise Refused(why, "Look for another cause.", kind="repeated")
    return tuple(distinct)


def _grown(
    remedy: Remedy, finding: Finding, live: Mapping[str, Json], failed: Sequence[Precedent], taken: Mapping[str, Json]
) -> list[Draft]:
    """One draft for each factor. The amount lies above what stands there, above what was seen in use, and above what failed before.

    Raises Refused when nothing stands there, or when no factor stays within the remedy's own growth.
    """
    grown = next(bound for bound in remedy.bounds if bound.grow_by)
    container = str(taken.get("container", ""))
    stood = stands(live, container, grown.field)
    if stood is None or parse(stood) <= 0:
        what = f"Nothing stands in {grown.field} of {finding.subject}"
        node = ", so there is no limit of its own that it hit: look at its node." if "limits" in grown.field else ": set it by hand."
        raise Refused(f"{finding.text}.", f"{what}{node}", kind="no_evidence")
    now = parse(stood)
    _no_change_on_its_way(grown, finding, stood)
    tried = [parse(past.parameters[grown.parameter]) for past in failed if grown.parameter in past.parameters]
    used = seen_in_use(grown, finding)
    most = now * Decimal(str(grown.max_growth or max(grown.grow_by)))
    about = format_cpu if remedy.parameters.properties[grown.parameter].format == "cpu" else _about_memory
    found = []
    for factor in grown.grow_by:
        value = _human(remedy, grown.parameter, max(max([now, *tried]) * Decimal(str(factor)), used * HEADROOM), stood)
        if value <= most:
            followed = _following(remedy, grown, container, live, value / now)
            parameters = {**taken, grown.parameter: _written(remedy, grown.parameter, value, stood), **followed}
            found.append(Draft(parameters=parameters, reason=_grown_reason(about, now, value, used, tried)))
    if not found:
        why = f"{about(max(tried))} did not cure {failed[0].incident_id}" if tried else f"{about(used)} is used"
        raise Refused(
            f"{finding.text}. {why}, and more than {grown.max_growth:g} times what stands there is not for a machine to set.",
            "Look for a leak, or decide how much it may need.",
            kind="out_of_bounds",
        )
    return found


def _no_change_on_its_way(grown: Bound, finding: Finding, stood: str) -> None:
    """Raises Refused where what was found is of another amount than stands there now: its pods are of a revision before."""
    had = str(finding.facts.get(grown.parameter) or "")
    if had and parse(had) != parse(stood):
        why = f"{finding.text}. Its pod had {had}, and {stood} stands there now: a change is on its way"
        raise Refused(f"{why}.", "Wait for the rollout, and see whether it cures.", kind="no_evidence")


def _following(remedy: Remedy, grown: Bound, container: str, live: Mapping[str, Json], times: Decimal) -> dict[str, Json]:
    """The amounts that grow by the same factor, where they are set at all."""
    followed = {}
    for bound in remedy.bounds:
        stood = stands(live, container, bound.field) if bound.grows_with == grown.parameter else None
        if stood is not None:
            followed[bound.parameter] = _written(remedy, bound.parameter, parse(stood) * times, stood)
    return followed


def stands(live: Mapping[str, Json], container: str, field: str) -> str | None:
    """The amount in a field of a container, or of the object itself where none is named, as it is written; None where none stands there."""
    within = next((found for _, found in containers(live) if found.get("name") == container), {}) if container else live
    value = fieldpath.get(within, fieldpath.parse(field))
    return None if value in (fieldpath.MISSING, None) else str(value)


def seen_in_use(grown: Bound, finding: Finding) -> Decimal:
    """The most that was seen in use, in bytes or cores; 0 when no evidence says."""
    return max((parse(value) for name in grown.above_facts if (value := finding.facts.get(name)) is not None), default=Decimal(0))


def rounded(size: Decimal, unit: int = _MEBI) -> Decimal:
    """An amount of memory that a person would write: whole units stay, what is odd is rounded up to a step that grows with it."""
    count = size / unit
    if count == count.to_integral_value():
        return size
    step = next((step for until, step in _STEPS if count <= until), 1024)
    return (count / step).to_integral_value(rounding=ROUND_CEILING) * step * unit


def _unit_of(like: str) -> int:
    """Mi or M, as the amount is written that stands there."""
    return _MEGA if like.endswith(("k", "M", "G", "T")) else _MEBI


def _human(remedy: Remedy, name: str, value: Decimal, like: str) -> Decimal:
    return value if remedy.parameters.properties[name].format == "cpu" else rounded(value, _unit_of(like))


def _written(remedy: Remedy, name: str, value: Decimal, like: str) -> str:
    """An amount as its parameter is written; what follows another is rounded down to whole units, so that it never overtakes it."""
    if remedy.parameters.properties[name].format == "cpu":
        return format_cpu(value)
    unit = _unit_of(like)
    return format_memory(value // unit * unit if value >= unit else value, like)


def words_of(parameters: Mapping[str, Json]) -> str:
    """Parameters for people: `container api, memory limit 256Mi, labels app=api`."""
    return ", ".join(f"{name.replace('_', ' ')} {_words(value)}" for name, value in parameters.items())


def _words(value: Json) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    return " and ".join(f"no {key}" if entry is None else f"{key}={entry}" for key, entry in value.items())


def _about_memory(size: Decimal) -> str:
    return about_memory(float(size))


def _grown_reason(about: Callable[[Decimal], str], now: Decimal, value: Decimal, used: Decimal, tried: Sequence[Decimal]) -> str:
    reason = f"{about(value)} is {float(value / now):.3g} times the {about(now)} that stands there"
    if used:
        reason += f", and {float(value / used):.3g} times the {about(used)} that was seen in use"
    if tried:
        reason += f"; {about(max(tried))} was tried before and did not do"
    return reason
