"""What a workload was before: the revision that ran, and what the newest one changed."""

from collections.abc import Iterator, Mapping, Sequence

from remediation.drawing.basis import Basis
from remediation.drawing.commits import last_commit, moves_of
from remediation.gitops.fieldpath import MISSING, Item, Path, differences, format_path, leaves
from remediation.observed import Object, container_statuses, owner_name, place_of, ready
from remediation.terms import Json
from remediation.workloads import containers, object_ref, pod_spec

_MOST_FIELDS = 10  # what differs in more than these is another program, not one change
_MASKED = "[masked:"
_BY_REVISION = ("rollout_stuck", "container_not_created", "command_not_found", "creation_refused")  # where one that runs speaks against it


def is_masked(value: Json) -> bool:
    """Whether a value was hidden from us, so that it can be written nowhere."""
    return isinstance(value, str) and _MASKED in value


def earlier(basis: Basis) -> Object | None:
    """The ReplicaSet of the newest revision before this one of which pods are ready now, else None."""
    owned = basis.observed.replica_sets_of(object_ref(basis.live))
    return next((old for old in owned[1:] if _runs(old, basis)), None)


def before(basis: Basis) -> Object | None:
    """The ReplicaSet of the revision just before this one, whether or not pods of it are left."""
    return next(iter(basis.observed.replica_sets_of(object_ref(basis.live))[1:]), None)


def earlier_container(basis: Basis, thing: Object | None) -> Mapping[str, Json]:
    """The container as another revision has it, where it is shown by more than a row; empty where it has none of this name."""
    name = place_of(thing)[2] if thing else ""
    pods = [pod for pod in basis.observed.pods_of(object_ref(basis.live)) if name and owner_name(pod) == name]
    of_name = [each for one in (thing or {}, *pods) for _, each in containers(one) if each.get("name") == basis.container.get("name")]
    return max(of_name, key=lambda each: "resources" in each, default={})


def _runs(replica_set: Object, basis: Basis) -> bool:
    if int((replica_set.get("status") or {}).get("readyReplicas") or 0):
        return True
    name = place_of(replica_set)[2]
    return any(ready(pod) and owner_name(pod) == name for pod in basis.observed.pods_of(object_ref(basis.live)))


def _newest_fails(basis: Basis) -> bool:
    """Whether no pod of the newest revision is ready."""
    newest = basis.observed.replica_sets_of(object_ref(basis.live))[:1]
    return bool(newest) and not _runs(newest[0], basis)


def fields_before(basis: Basis) -> Json:
    """What the last change moved in the pod specification, by path, with the values before; null for what it added.

    Of the commit in Git that changed it just before, else of the newest revision: only where the earlier one runs and the newest does not.
    """
    commit = last_commit(basis)
    if commit is not None:
        return _taken_back(basis, [(path, now, then) for path, then, now in moves_of(commit, basis)], f"Commit {commit.sha[:8]}")
    old = earlier(basis) if basis.finding.kind in _BY_REVISION else None
    if old is None or not _newest_fails(basis):
        return None
    return _taken_back(basis, list(differences(pod_spec(basis.live), pod_spec(old))), "The newest revision")


def _taken_back(basis: Basis, changed: Sequence[tuple[Path, Json, Json]], who: str) -> Json:
    """Field by field. Raises Refused where that is too much, or not all of it can be read and written."""
    if len(changed) > _MOST_FIELDS:
        raise basis.refused(f"{who} differs in {len(changed)} fields.", "Revert the commit by hand.")
    fields = dict(field for path, now, then in changed for field in _fields(path, now, then))
    if any(not _is_written(path, value) for path, value in fields.items()):
        raise basis.refused(f"What {who[:1].lower()}{who[1:]} changed cannot be written field by field.", "Revert the commit by hand.")
    return {format_path(path): value for path, value in fields.items()} or None


def _fields(path: Path, now: Json, then: Json) -> Iterator[tuple[Path, Json]]:
    """The difference by fields that hold one value each; null where there was none."""
    if then is MISSING:
        yield path, None
    elif now is MISSING:
        named = isinstance(path[-1], Item)  # its name is in the path already
        found = [(leaf, value) for leaf, value in leaves(then, path) if not (named and leaf == (*path, "name"))]
        yield from [(path, then)] if any(isinstance(step, int) for leaf, _ in found for step in leaf) else found
    else:
        yield path, then


def _is_written(path: Path, value: Json) -> bool:
    """Whether a template can write it: one value that is known, at a place that does not move when others come or go."""
    by_position = any(isinstance(step, int) for step in path)
    return not (is_masked(value) or isinstance(value, list | dict) or (by_position and value is None))


def image_before(basis: Basis) -> Json:
    """The image that the revision before runs, where it is of another place than the one that fails: that one would fail again."""
    image = str(earlier_container(basis, earlier(basis)).get("image") or "")
    return image if image and _place(image) != _place(basis.fact("image")) else None


def _place(image: str) -> str:
    """Registry and repository."""
    whole = image.partition("@")[0]
    head, slash, last = whole.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def restarts_wanted(basis: Basis) -> Json:
    """When a Secret or ConfigMap that the workload reads was changed after its pods had started; their programs still know the old one."""
    started = [str(status["state"]["running"].get("startedAt") or "") for pod in basis.observed.pods_of(object_ref(basis.live))
               for status in container_statuses(pod) if (status.get("state") or {}).get("running")]  # fmt: skip
    changed = [moment for thing in _read_by(basis) if (moment := _changed_at(thing))]
    newest = max(changed, default="")
    return newest if newest and started and all(start and start < newest for start in started) else None


def _read_by(basis: Basis) -> Iterator[Object]:
    spec = pod_spec(basis.live)
    names = [("Secret", (v.get("secret") or {}).get("secretName")) for v in spec.get("volumes") or ()]
    names += [("ConfigMap", (v.get("configMap") or {}).get("name")) for v in spec.get("volumes") or ()]
    for _, each in containers(basis.live):
        sources = [*(s for s in each.get("envFrom") or ()), *(v.get("valueFrom") or {} for v in each.get("env") or ())]
        names += [("Secret", (s.get("secretRef") or s.get("secretKeyRef") or {}).get("name")) for s in sources]
        names += [("ConfigMap", (s.get("configMapRef") or s.get("configMapKeyRef") or {}).get("name")) for s in sources]
    found = (basis.observed.get(kind, basis.namespace, str(name)) for kind, name in dict.fromkeys(names) if name)
    return (thing for thing in found if thing is not None)


def _changed_at(thing: Object) -> str:
    """When it was last written, RFC 3339 UTC."""
    metadata = thing.get("metadata") or {}
    times = [str(entry.get("time") or "") for entry in metadata.get("managedFields") or ()]
    return max([*times, str(metadata.get("creationTimestamp") or "")])
