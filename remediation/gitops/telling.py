"""Of many refusals, of as many guesses, the one that tells a person most."""

from collections.abc import Sequence

from remediation.errors import Refused
from remediation.gitops.binaries import NotRendered
from remediation.gitops.exactness import NOT_MOVED
from remediation.gitops.renderings import Rendering
from remediation.terms import FieldEdit, ObjectRef

_TELLING = ("shared", "encrypted", "generated", "missing_tool", "ambiguous", "unpinned", "other_owner", "templated", "infeasible")
_ANOTHERS = (
    "No value of the chart gives it alone, and its templates are another's, copied here (Chart.yaml names home, icon or sources). "
    "Lay it over what the chart renders (postRenderers of a HelmRelease, patches beside helmCharts), or ask its authors for a value."
)


def most_telling(refusals: Sequence[Refused], rendering: Rendering, ref: ObjectRef, edit: FieldEdit, *, own: bool) -> Refused:
    """It; where none tells anything, that no place was found. own: whether a chart is the repository's own."""
    rank = {kind: at for at, kind in enumerate(_TELLING)}
    telling = [each for each in refusals if each.kind != "not_found" and not isinstance(each, NotRendered) and each.what != NOT_MOVED]
    if telling:
        return min(telling, key=lambda refusal: rank.get(refusal.kind, len(rank)))
    what = f"No place was found in Git whose change moves exactly {edit.path} of {ref} in {rendering}."
    by = "A replacement or a transformer may set it" if rendering.kind == "kustomize" else "A template may compute it"
    if rendering.kind == "helm" and not own:
        return Refused(what, _ANOTHERS, kind="templated")
    if rendering.kind == "helm" and edit.op == "add":
        return Refused(what, "The chart asks its values for no such field; add it to its template by hand.", kind="templated")
    return Refused(what, f"{by}; change it by hand.", kind="templated")
