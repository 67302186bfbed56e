"""A remedy's parameters as the evidence gives them: for one finding, and by whoever holds a plan against what code draws itself."""

from collections.abc import Sequence
from dataclasses import replace

from remediation.drawing import SOURCES, Basis
from remediation.errors import Refused
from remediation.mending import for_a_person
from remediation.observed import Observed
from remediation.parameter import Parameter
from remediation.remedy import Remedy
from remediation.terms import Finding, Json, ObjectRef


def drawn(remedy: Remedy, basis: Basis) -> dict[str, Json]:
    """The parameters that facts and sources give, in the schema's order. Raises Refused naming what is not known."""
    taken: dict[str, Json] = {}
    for name, parameter in remedy.parameters.properties.items():
        if parameter.x_source is not None:
            value = _from_source(parameter.x_source, replace(basis, taken=taken))
        elif parameter.x_fact is not None:
            value = basis.finding.facts.get(parameter.x_fact)
        else:
            continue
        if value not in (None, ""):
            taken[name] = value
        elif name in remedy.parameters.required:
            raise _unknown(name, parameter, basis)
    return taken


def _from_source(name: str, basis: Basis) -> Json:
    """What the source draws. Raises Refused too where the evidence is not shaped as an API object is: anybody may have written it."""
    try:
        return SOURCES[name](basis)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
        what = f"{basis.finding.text}. What stands there cannot be read: {error}"
        raise Refused(what, for_a_person(basis.finding), kind="no_evidence") from error


def _unknown(name: str, parameter: Parameter, basis: Basis) -> Refused:
    if parameter.x_source is not None:
        return Refused(f"{basis.finding.text}.", for_a_person(basis.finding), kind="no_evidence")
    what = (parameter.x_fact or name).replace("_", " ")
    return Refused(f"{basis.finding.text}.", f"Find the {what} of {basis.finding.subject}, and set it in Git.", kind="no_evidence")


def values_drawn(remedy: Remedy, grounds: Sequence[Finding], observed: Observed, thing: ObjectRef) -> dict[str, list[Json]]:
    """By parameter with a source, every value that these findings lead to; empty where the evidence gives none."""
    live = observed.get(thing.kind, thing.namespace, thing.name) or {}
    shown: dict[str, list[Json]] = {name: [] for name, p in remedy.parameters.properties.items() if p.x_source is not None}
    for finding in grounds if shown and live else ():
        try:
            values = drawn(remedy, Basis(finding=finding, live=live, observed=observed))
        except Refused:
            continue
        for name in shown.keys() & values.keys():
            shown[name].append(values[name])
    return shown
