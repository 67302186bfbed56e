"""A quota that is used up: what is used, and what the pods that are not there would add."""

from decimal import Decimal

from remediation.drawing.basis import Basis
from remediation.quantities import format_cpu, format_memory, parse
from remediation.terms import Json

_MOST_GROWTH = 2


def quota_amounts(basis: Basis) -> Json:
    """By resource that the quota is short of: what is used and what the missing pods would add; at most twice what stands there."""
    short, used, wanted = (_pairs(basis.fact(said)) for said in ("limited", "used", "requested"))
    hard = (basis.live.get("spec") or {}).get("hard") or {}
    if not short or not all(name in used and name in wanted and name in hard for name in short):
        return None
    pods = _missing_pods(basis)
    needed = {name: parse(used[name]) + parse(wanted[name]) * pods for name in short}
    for name, stood in short.items():
        if parse(hard[name]) != parse(stood):
            raise basis.refused(f"{hard[name]} of {name} stands there now: a change is on its way.", "Wait, and see whether it cures.")
        if needed[name] > parse(stood) * _MOST_GROWTH:
            why = f"More than {_MOST_GROWTH} times the {stood} of {name} would be needed."
            raise basis.refused(why, "Decide how much the namespace may use.")
    return {name: _written(amount, short[name]) for name, amount in needed.items() if amount > parse(short[name])} or None


def _missing_pods(basis: Basis) -> int:
    kind, namespace, name, *_ = (*basis.finding.subject.split("/"), "", "")
    workload = basis.observed.get(kind, namespace, name) or {}
    wanted = (workload.get("spec") or {}).get("replicas")
    there = (workload.get("status") or {}).get("replicas") or 0
    return max(1, int(wanted) - int(there)) if wanted is not None else 1


def _pairs(said: str) -> dict[str, str]:
    """`limits.cpu=2,pods=4` as a mapping."""
    parts = (part.strip().partition("=") for part in said.split(","))
    return {name: amount.strip() for name, equals, amount in parts if equals and name}


def _written(amount: Decimal, like: str) -> str:
    return format_memory(amount, like) if like[-1:].isalpha() and not like.endswith("m") else format_cpu(amount)
