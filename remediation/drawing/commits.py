"""What the last commit in Git changed, where it is what changed just before the fault: the fields that it moved, as they were before."""

from collections.abc import Iterator
from datetime import timedelta

from remediation.drawing.basis import Basis
from remediation.gitops.fieldpath import MISSING, Path, get, parse, same
from remediation.observed import created, moment, ready
from remediation.terms import Commit, Json
from remediation.workloads import object_ref, pod_spec, pod_spec_path

_SOON = timedelta(hours=1)  # from the commit's arrival to the first pod that fails: a sync, a rollout, a little patience
Moved = tuple[Path, Json, Json]  # within the pod specification: before, and as the commit wrote it


def last_commit(basis: Basis) -> Commit | None:
    """The last commit that moved the live object, where the pods that fail were made soon after it, and the cluster has what it wrote."""
    thing = object_ref(basis.live)
    known = [commit for item in basis.observed.evidence for commit in item.commits if commit.moves and commit.moves[0].object == thing]
    commit = max(known, key=lambda each: each.at, default=None)
    if commit is None or not _just_before(commit, basis):
        return None
    moved = list(moves_of(commit, basis))
    return commit if moved and all(_is_live(basis, path, now) for path, _, now in moved) else None


def moves_of(commit: Commit, basis: Basis) -> Iterator[Moved]:
    """What it moved of the pod specification; MISSING where there was nothing, or nothing is left."""
    outer = pod_spec_path(str(basis.live.get("kind")))
    for move in commit.moves:
        path = parse(move.path)
        if path[: len(outer)] == outer and len(path) > len(outer):
            old, new = (MISSING if value is None else value for value in (move.old, move.new))
            yield path[len(outer) :], old, new


def _just_before(commit: Commit, basis: Basis) -> bool:
    pods = basis.observed.living_pods_of(object_ref(basis.live))
    failing = [pod for pod in pods if not ready(pod) and (pod.get("status") or {}).get("phase") != "Succeeded"]
    began = [at for pod in failing if (at := moment(created(pod))) is not None]
    return bool(began) and len(began) == len(failing) and commit.at <= min(began) <= commit.at + _SOON


def _is_live(basis: Basis, path: Path, now: Json) -> bool:
    """Whether the cluster has this field so; of a whole part, which the server fills in, that it is there."""
    value = get(pod_spec(basis.live), path)
    if now is MISSING or value is MISSING:
        return now is value
    return isinstance(now, dict | list) or same(value, now)


def changing_commit(basis: Basis) -> Json:
    """The commit that the fields are taken back to before; None where only the cluster's own revisions tell."""
    commit = last_commit(basis)
    return commit.sha if commit is not None else None
