"""Whether the namespace's LimitRanges and quotas would let a change through, as far as the evidence shows them."""

from collections.abc import Mapping, Sequence

from remediation.admission import outside_limit_ranges, over_quota
from remediation.gitops import fieldpath
from remediation.observed import Observed
from remediation.terms import FieldEdit, Json

WOULD_NOT = "would not be admitted"


def not_admitted(edits: Sequence[FieldEdit], live: Mapping[str, Json], observed: Observed) -> str:
    """Why pods would be refused once these edits are applied, a sentence; empty where nothing that is shown speaks against them."""
    if not any("resources" in edit.path for edit in edits):
        return ""
    namespace = str((live.get("metadata") or {}).get("namespace") or "")
    quotas, ranges = (list(observed.all(kind, namespace)) for kind in ("ResourceQuota", "LimitRange"))
    head: Mapping[str, Json] = live
    for edit in edits:
        head = fieldpath.put(head, fieldpath.parse(edit.path), fieldpath.MISSING if edit.op == "remove" else edit.value)
    before = outside_limit_ranges(live, ranges)  # is not this change's doing
    outside = (sentence for sentence in outside_limit_ranges(head, ranges) if sentence not in before)
    refusals = (*outside, *over_quota(live, head, quotas, ranges).refusals)
    return next(iter(refusals), "")
