"""Parameters drawn from evidence: what a remedy would be given for a finding, or why it cannot be given anything.

A remedy says in its own file where its parameters come from: a fact of the finding, a source of `remediation.drawing`, or a factor on the
amount that stands there now.
"""

from collections.abc import Mapping, Sequence

from remediation.deliberation.growing import Draft, growths
from remediation.drawing import Basis
from remediation.drawing.parameters import drawn
from remediation.errors import Refused
from remediation.remedy import Remedy
from remediation.terms import Json, Precedent


def drafts(remedy: Remedy, basis: Basis, failed: Sequence[Precedent]) -> tuple[Draft, ...]:
    """What the remedy could be given, best first. Raises Refused with the reason when the evidence does not give what it needs.

    failed: precedents of this very object that this remedy did not cure; what they tried is not tried again.
    """
    taken = drawn(remedy, basis)
    if any(bound.grow_by for bound in remedy.bounds):
        found = growths(remedy, basis, failed, taken)
    else:
        found = [Draft(parameters=taken, reason=f"The evidence gives {words_of(taken)}")]
    new = [draft for draft in found if not any(remedy.no_more(draft.parameters, past.parameters) for past in failed)]
    distinct = [draft for at, draft in enumerate(new) if all(draft.parameters != other.parameters for other in new[:at])]
    if not distinct:
        what = failed[0].incident_id if failed else "every try"
        why = f"{basis.finding.text}. What {remedy.name} could do did not cure {what}."
        raise Refused(why, "Look for another cause.", kind="repeated")
    return tuple(distinct)


def words_of(parameters: Mapping[str, Json]) -> str:
    """Parameters for people: `container api, memory limit 256Mi, labels app=api`."""
    return ", ".join(f"{name.replace('_', ' ')} {_words(value)}" for name, value in parameters.items())


def _words(value: Json) -> str:
    if not isinstance(value, Mapping):
        return str(value)
    return " and ".join(f"no {key}" if entry is None else f"{key}={entry}" for key, entry in value.items())
