"""A plan's parameters brought within their bounds before anything is rehearsed, and what was clamped, in sentences."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from remediation.parameter import AMOUNTS, Parameter
from remediation.policy.setting import Policy
from remediation.quantities import format_cpu, format_memory, parse
from remediation.remedies import edit_of, intended_edits
from remediation.remedy import Bound, Remedy
from remediation.terms import FieldEdit, Json, Plan

_MEBI = 2**20


def bound(plan: Plan, remedy: Remedy, policy: Policy, live: Mapping[str, Json]) -> tuple[Plan, tuple[str, ...]]:
    """The plan within what remedy and policy allow against the live object, and a sentence for each parameter that was clamped.

    Raises Refused naming the parameter that does not fit its schema, or that would lower what this remedy raises.
    """
    edits = intended_edits(plan, remedy, live)
    clamped: list[str] = []
    for name in sorted(remedy.parameters.properties, key=lambda name: _bound_of(remedy, name).at_most is not None):
        parameter = remedy.parameters.properties[name]
        asked = remedy.complete(plan.parameters).get(name)
        if asked is None or parameter.format not in AMOUNTS:
            continue
        rule = _bound_of(remedy, name)
        edit = edit_of(rule, edits) if rule.field else None
        now = parse(edit.expect) if edit is not None else None
        value, why = parse(asked), ""
        if now is not None and value < now and rule.when_lower == "keep":
            value, why = now, "it is not lowered"
        for most, reason in _limits(parameter, rule, policy, now, plan.parameters):
            if value > most:
                value, why = most, reason
        if why:
            within = _written(parameter, value)
            plan = replace(plan, parameters={**plan.parameters, name: within})
            clamped.append(f"{name}: {asked} became {within}, {why}.")
    return plan, tuple(clamped)


def growth_of(edit: FieldEdit) -> Decimal | None:
    """How many times what stands there the new value is; None where nothing stands there, or it is no amount."""
    try:
        return parse(edit.value) / parse(edit.expect)
    except (ValueError, ArithmeticError):
        return None


def _bound_of(remedy: Remedy, name: str) -> Bound:
    return next((rule for rule in remedy.bounds if rule.parameter == name), Bound(parameter=name, field=""))


def _limits(
    parameter: Parameter, rule: Bound, policy: Policy, now: Decimal | None, parameters: Mapping[str, Json]
) -> Iterator[tuple[Decimal, str]]:
    """Each upper bound with its reason; the last that cuts names the reason, and no later one is looser than what it leaves."""
    if parameter.x_maximum is not None:
        yield parse(parameter.x_maximum), f"the most that this remedy sets is {parameter.x_maximum}"
    most = getattr(policy.maximum, str(parameter.format))
    yield parse(most), f"policy's maximum is {most}"
    if now is not None:
        growth = getattr(policy.growth, str(parameter.format))
        times = min(growth, rule.max_growth or growth)
        yield now * Decimal(str(times)), f"at most {times:g} times the {_written(parameter, now)} that stands there"
    if rule.at_most is not None and rule.at_most in parameters:
        yield parse(parameters[rule.at_most]), f"{rule.at_most} is {parameters[rule.at_most]}"


def _written(parameter: Parameter, value: Decimal) -> str:
    """An amount as a person would write it, never above the value itself."""
    if parameter.format == "cpu":
        return format_cpu(int(value * 1000) / Decimal(1000))
    return format_memory(int(value) // _MEBI * _MEBI if value >= _MEBI else int(value))
