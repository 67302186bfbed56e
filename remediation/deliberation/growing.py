"""Amounts that a remedy lets grow: as much as its factors say, or what there is room for; never less than helps."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
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
_LESSER = (1.4, 1.3, 1.25)  # factors where there is no room for the remedy's own: enough to help, and no more tries
_MEBI, _MEGA = 2**20, 10**6
_WHOLE = 16384  # above so many Mi, nobody writes a part of a Gi
_STEPS = ((256, 16), (1024, 64), (8192, 256))  # up to so many Mi (or M), round up to steps of so many; above, to 1024


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Parameters for one plan, and how they came about, a sentence."""

    parameters: Mapping[str, Json]
    reason: str


def lesser(remedy: Remedy, basis: Basis, failed: Sequence[Precedent]) -> tuple[Draft, ...]:
    """What would do for less room than the remedy's own amounts need, best first: without what follows them, then by smaller factors.

    Each still lies a margin above what stands there, what was seen in use and what failed before. Empty for a remedy that grows nothing.
    """
    grown = next((bound for bound in remedy.bounds if bound.grow_by), None)
    if grown is None:
        return ()
    taken = drawn(remedy, basis)
    following = {bound.parameter for bound in remedy.bounds if bound.grows_with == grown.parameter}
    full, small = (_amounts(remedy, grown, basis, failed, taken, factors) for factors in (grown.grow_by, _LESSER))
    return (*(_without(draft, following) for draft in full), *small, *(_without(draft, following) for draft in small))


def _without(draft: Draft, names: Collection[str]) -> Draft:
    return replace(draft, parameters={name: value for name, value in draft.parameters.items() if name not in names})


def growths(remedy: Remedy, basis: Basis, failed: Sequence[Precedent], taken: Mapping[str, Json]) -> list[Draft]:
    """One draft for each factor; the best that the remedy's bounds leave room for where they leave none for its own factors.

    Raises Refused when nothing stands there, or when no factor stays within the remedy's own growth.
    """
    bound = next(each for each in remedy.bounds if each.grow_by)
    found = _amounts(remedy, bound, basis, failed, taken, bound.grow_by) or _amounts(remedy, bound, basis, failed, taken, _LESSER)[:1]
    if not found:
        raise _too_much(remedy, bound, basis, failed)
    return found


def _parsed(written: str | None) -> Decimal:
    """The amount that stands there; 0 for none, and for what the server would not take either."""
    try:
        return parse(written or 0)
    except ValueError:
        return Decimal(0)


def _amounts(  # noqa: PLR0917 - what an amount is made of
    remedy: Remedy, grown: Bound, basis: Basis, failed: Sequence[Precedent], taken: Mapping[str, Json], factors: Sequence[float]
) -> list[Draft]:
    """One draft for each factor. The amount lies above what stands there, above what was seen in use, and above what failed before."""
    container = str(taken.get("container", ""))
    stood = stands(basis.live, container, grown.field)
    now = _parsed(stood)
    if stood is None or now <= 0:
        what = f"Nothing stands in {grown.field} of {basis.finding.subject}"
        node = ", so there is no limit of its own that it hit: look at its node." if "limits" in grown.field else ": set it by hand."
        raise Refused(f"{basis.finding.text}.", f"{what}{node}", kind="no_evidence")
    _no_change_on_its_way(grown, basis.finding, stood)
    tried, used = _tried(grown, failed), seen_in_use(grown, basis.finding)
    found = []
    for factor in factors:
        value = _human(remedy, grown.parameter, max(max([now, *tried]) * Decimal(str(factor)), used * HEADROOM), stood)
        if value <= _most(remedy, grown, now):
            followed = _following(remedy, grown, container, basis.live, value / now)
            parameters = {**taken, grown.parameter: _written(remedy, grown.parameter, value, stood), **followed}
            found.append(Draft(parameters=parameters, reason=_grown_reason(_about(remedy, grown), now, value, used, tried)))
    return found


def _most(remedy: Remedy, grown: Bound, now: Decimal) -> Decimal:
    """The most that the remedy may set."""
    growth = now * Decimal(str(grown.max_growth or max(grown.grow_by)))
    most = remedy.parameters.properties[grown.parameter].x_maximum
    return growth if most is None else min(growth, parse(most))


def _tried(grown: Bound, failed: Sequence[Precedent]) -> list[Decimal]:
    return [parse(past.parameters[grown.parameter]) for past in failed if grown.parameter in past.parameters]


def _about(remedy: Remedy, grown: Bound) -> Callable[[Decimal], str]:
    return format_cpu if remedy.parameters.properties[grown.parameter].format == "cpu" else _about_memory


def _too_much(remedy: Remedy, grown: Bound, basis: Basis, failed: Sequence[Precedent]) -> Refused:
    """That no amount which would do stays within the remedy's own bounds."""
    about, tried, used = _about(remedy, grown), _tried(grown, failed), seen_in_use(grown, basis.finding)
    now = parse(str(stands(basis.live, basis.fact("container"), grown.field)))
    why = f"{about(max(tried))} did not cure {failed[0].incident_id}" if tried else f"{about(max(used, now))} is used"
    growth = f"{grown.max_growth:g} times what stands there" if _most(remedy, grown, now) > now * 2 else about(_most(remedy, grown, now))
    return Refused(
        f"{basis.finding.text}. {why}, and more than {growth} is not for a machine to set.",
        "Look for a leak, or decide how much it may need.",
        kind="out_of_bounds",
    )


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
    """An amount that a person would write: whole units stay, of Gi where it is large; what is odd is rounded up, by growing steps."""
    count = size / unit
    if count == count.to_integral_value() and (count <= _WHOLE or count % 1024 == 0 or unit == _MEGA):
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


def _about_memory(size: Decimal) -> str:
    return about_memory(float(size))


def _grown_reason(about: Callable[[Decimal], str], now: Decimal, value: Decimal, used: Decimal, tried: Sequence[Decimal]) -> str:
    reason = f"{about(value)} is {float(value / now):.3g} times the {about(now)} that stands there"
    if used:
        reason += f", and {float(value / used):.3g} times the {about(used)} that was seen in use"
    if tried:
        reason += f"; {about(max(tried))} was tried before and did not do"
    return reason
