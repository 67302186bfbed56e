"""What stands around an object in its cluster and bears on a change of it: read, or said to be unread."""

from collections.abc import Mapping, Sequence

from remediation.errors import NotFound, Refused, RemediationError
from remediation.gitops.live import mutators, with_mutators
from remediation.gitops.owners.live import Cluster
from remediation.listing import cut_told, is_cut
from remediation.terms import FieldEdit, Json, Move, ObjectRef
from remediation.workloads import pod_spec_path

_NAMESPACED = ("ResourceQuota", "LimitRange", "HorizontalPodAutoscaler", "PodDisruptionBudget", "VerticalPodAutoscaler")
_CLUSTER = ("Node", "PriorityClass", "Pod")
_WHOLE = frozenset(_CLUSTER)  # what decides by what is not among it: the first of many would refuse what fits
_BEARS_ON: Mapping[str, tuple[str, ...]] = {  # the words of the fields by which these kinds object, in feasibility
    "PodDisruptionBudget": ("replicas", "labels"),
    "VerticalPodAutoscaler": ("resources",),
    "PriorityClass": ("priorityClassName",),
    "Node": ("resources",),
    "Pod": ("resources",),
}


def bearing_on(edits: Sequence[FieldEdit]) -> tuple[str, ...]:
    """The kinds of which some object may object to these edits; what is not said of a field is not asked."""
    said = " ".join(f"{edit.path} {edit.expect} {edit.value}" for edit in edits)
    return tuple(kind for kind, words in _BEARS_ON.items() if any(word in said for word in words))


async def around(cluster: Cluster, ref: ObjectRef, kinds: Sequence[str] | None = None) -> tuple[list[Mapping[str, Json]], list[str]]:
    """The objects, and a sentence for each kind that could not be read whole. kinds: all that bear on the object where None.

    A cluster without any pod-like object's concern is not asked for nodes and pods; a kind that is not installed is none. What was listed
    a few seconds ago is not listed again.
    """
    found: list[Mapping[str, Json]] = []
    unknown: list[str] = []
    if not ref.namespace:
        return found, unknown
    for kind in (*_NAMESPACED, *(_CLUSTER if pod_spec_path(ref.kind) else ())) if kinds is None else kinds:
        try:
            objects = await cluster.list(kind, ref.namespace if kind in _NAMESPACED else "", lately=True)
        except NotFound:
            continue
        except RemediationError as error:
            unknown.append(f"{kind} objects were not read. {error}")
            continue
        if is_cut(objects):
            unknown.append(cut_told(kind, objects))
        found += () if kind in _WHOLE and is_cut(objects) else objects
    return found, unknown


async def drifted(cluster: Cluster, refusal: Refused, live: Mapping[str, Json], edits: Sequence[FieldEdit]) -> Refused:
    """The refusal; a drift with the mutating webhooks that may have made it, where the cluster tells them."""
    if refusal.kind != "drift" or not live:
        return refusal
    try:
        configurations = await cluster.list("MutatingWebhookConfiguration")
    except RemediationError:
        return refusal
    return with_mutators(refusal, live, edits, mutators(live, configurations))


def not_asked(objects: Sequence[Mapping[str, Json]], moves: Sequence[Move]) -> list[str]:
    """What was not asked where there is no cluster. objects: what a person gave beside the object all the same."""
    images = sorted({str(move.new) for move in moves if move.path.endswith(".image")})
    tried = "The API server: not asked for a dry run, no cluster."
    return [*_not_given(objects), tried, *(f"Whether {image} exists was not asked: no cluster, no registry." for image in images)]


def _not_given(objects: Sequence[Mapping[str, Json]]) -> list[str]:
    given = {str(each.get("kind")) for each in objects}
    absent = [kind for kind in (*_NAMESPACED, "Node", "PriorityClass") if kind not in given]
    return [f"{', '.join(absent)}: not asked, no cluster."] if absent else []
