"""How far a value may move."""

from decimal import Decimal

from remediation.parameter import AMOUNTS
from remediation.policy.bounding import growth_of
from remediation.policy.hearing import Hearing
from remediation.quantities import parse
from remediation.terms import FieldEdit, Ruling


def bounds(hearing: Hearing) -> Ruling:
    """The parameters fit the remedy, no amount grows by more than the growth factor, none exceeds the maximum."""
    if hearing.reverts:
        return Ruling(rule="bounds", passed=True, reason="goes back to what stood there before")
    wrong = [*hearing.remedy.problems(hearing.act.parameters)]
    amounts = [(edit, kind) for edit in hearing.act.edits if (kind := _kind(edit))]
    for edit, kind in amounts:
        most, growth = getattr(hearing.setting.policy.maximum, kind), getattr(hearing.setting.policy.growth, kind)
        grown = growth_of(edit)
        if grown is not None and grown > Decimal(str(growth)):
            wrong.append(f"{edit.path} would be {grown:.3g} times the {edit.expect} that stands there, at most {growth:g} times is allowed")
        if edit.op != "remove" and parse(edit.value) > parse(most):
            wrong.append(f"{edit.path} would be {edit.value}, at most {most} is allowed")
    most_pods = hearing.setting.policy.maximum.replicas
    allowed = {new.object: new.value["spec"].get("maxReplicas", 0) for new in hearing.act.creates}
    wrong += [f"{made} would allow {pods} pods, at most {most_pods} are allowed" for made, pods in allowed.items() if pods > most_pods]
    fine = "; ".join(f"{edit.expect or 'nothing'} → {edit.value} {kind}" for edit, kind in amounts) or "no amount is changed"
    return Ruling(rule="bounds", passed=not wrong, reason="; ".join(wrong) or f"within bounds: {fine}")


def _kind(edit: FieldEdit) -> str:
    """The word memory, cpu or storage for a resource's amount, else empty."""
    last = edit.path.rpartition(".")[2]
    return last if ".resources." in edit.path and last in AMOUNTS else ""
