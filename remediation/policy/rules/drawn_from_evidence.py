"""An automatic gate needs parameters that stand in the cluster's own objects, never only in a log line or an alert's text."""

from collections.abc import Iterator

from remediation.policy.hearing import Hearing
from remediation.terms import Json, Ruling


def drawn_from_evidence(hearing: Hearing) -> Ruling:
    """Every image that is set stands in a finding's facts or in an API object. Amounts are bounded by what stands in the live object."""
    rule = "drawn_from_evidence"
    if hearing.reverts:
        return Ruling(rule=rule, passed=True, reason="a revert goes back to what stood there")
    known = hearing.remedy.parameters.properties
    named = [str(value) for name, value in hearing.act.parameters.items() if name in known and known[name].format == "image"]
    if not named:
        return Ruling(rule=rule, passed=True, reason="no parameter needs a source")
    stated = set(_stated(hearing))
    unstated = [value for value in named if value not in stated]
    if unstated:
        return Ruling(rule=rule, passed=True, gate="one_person", reason=f"{unstated[0]} stands in no object of the evidence")
    return Ruling(rule=rule, passed=True, reason=f"{', '.join(named)} stands in the evidence")


def _stated(hearing: Hearing) -> Iterator[str]:
    """Every text in the findings' facts and in the API objects."""
    for finding in hearing.grounds:
        yield from _texts(dict(finding.facts))
    for item in hearing.incident.evidence:
        yield from _texts(list(item.objects))


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from _texts(child)
    elif isinstance(value, list | tuple):
        for child in value:
            yield from _texts(child)
