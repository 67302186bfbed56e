"""Whether pods that a quota refuses ask for too much themselves: more than the whole quota, or many times what they asked before."""

from decimal import Decimal

from remediation.footprint import asks, pod_total
from remediation.observed import Object, Observed
from remediation.quantities import parse
from remediation.terms import ObjectRef

_FAR_BEYOND = 2  # times the quota, from which on it is not the quota that is small
_LEAP = 4  # times what the revision before asked
_SIDES = {"cpu": "requests.cpu", "memory": "requests.memory", "ephemeral-storage": "requests.ephemeral-storage"}


def overasked(root: ObjectRef, requested: str, limited: str, observed: Observed) -> str:
    """Why the asker is at fault and not the quota, in words; empty where it is not. requested, limited: `limits.cpu=2,pods=1`."""
    wanted, most = amounts(requested), amounts(limited)
    for name, amount in wanted.items():
        if name in most and amount > most[name] * _FAR_BEYOND:
            return f"one alone asks for more than {_FAR_BEYOND} times what the quota holds for all"
        if (then := _before(root, name, observed)) and amount >= then * _LEAP:
            return f"the revision before, which runs, asked for {float(amount / then):.3g} times less"
    return ""


def amounts(said: str) -> dict[str, Decimal]:
    """`limits.cpu=2,pods=4` as numbers; without what is none."""
    found: dict[str, Decimal] = {}
    for part in said.split(","):
        name, equals, amount = part.strip().partition("=")
        try:
            found |= {name: parse(amount)} if equals else {}
        except ValueError:
            continue
    return found


def _before(root: ObjectRef, name: str, observed: Observed) -> Decimal | None:
    """What a pod of the newest revision that runs asks for, where the newest of all does not run; None where nothing shows it."""
    side, _, resource = _SIDES.get(name, name).partition(".")
    revisions = observed.replica_sets_of(root)
    if not revisions or _serves(revisions[0]) or side not in ("requests", "limits"):
        return None
    old = next((each for each in revisions[1:] if _serves(each)), None)
    return pod_total(old, asks(old), side, resource) if old is not None else None


def _serves(replica_set: Object) -> bool:
    return bool((replica_set.get("status") or {}).get("readyReplicas"))
