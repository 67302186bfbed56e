"""Who applied a workload from Git, and when: what Argo CD's and Flux's objects say of their last revisions. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from remediation.kinds import ref
from remediation.observed import Object, moment
from remediation.quantities import format_duration
from remediation.terms import Json, ObjectRef

_TRACKED = "argocd.argoproj.io/tracking-id"  # `APP:group/Kind:namespace/name`, with `NAMESPACE_` before it where that is another
_ARGO_CD = "argocd"  # where Applications stand unless the id says otherwise
_FLUX: Mapping[str, str] = {"kustomize.toolkit.fluxcd.io": "Kustomization", "helm.toolkit.fluxcd.io": "HelmRelease"}
_KEPT = 10


def appliers(live: Object) -> list[ObjectRef]:
    """The objects of Argo CD and Flux that the live object says it was applied by."""
    metadata = live.get("metadata") or {}
    labels, annotations = metadata.get("labels") or {}, metadata.get("annotations") or {}
    found = []
    if app := str(annotations.get(_TRACKED, "")).partition(":")[0]:
        namespace, _, name = app.rpartition("_")
        found.append(ref("Application", namespace or _ARGO_CD, name))
    for prefix, kind in _FLUX.items():
        its_name, its_namespace = labels.get(f"{prefix}/name"), labels.get(f"{prefix}/namespace")
        if its_name and its_namespace:
            found.append(ref(kind, str(its_namespace), str(its_name)))
    return found


def slim(applier: Object) -> Object:
    """The applier without the list of everything that it applies, but for what is not as Git says."""
    status = dict(applier.get("status") or {})
    if resources := status.get("resources"):
        status["resources"] = [one for one in resources if one.get("status") != "Synced"][:_KEPT]
    if operation := status.get("operationState"):
        status["operationState"] = {key: value for key, value in operation.items() if key != "syncResult"}
    status.pop("inventory", None)
    return {**applier, "status": status}


def told(applier: Object, now: datetime) -> str:
    """How it stands, then its revisions with their times, the newest first."""
    status = applier.get("status") or {}
    return "\n".join([line for line in (_standing(status), *_revisions(status, now)) if line])


def _standing(status: Mapping[str, Json]) -> str:
    sync, operation = status.get("sync") or {}, status.get("operationState") or {}
    if sync:
        health = (status.get("health") or {}).get("status", "unknown")
        message = f": {operation['message']}" if operation.get("message") else ""
        last = f"last operation {operation.get('phase', 'none')}{message}"
        return f"{sync.get('status')} at {sync.get('revision', '?')}, health {health}, {last}"
    applied, tried = status.get("lastAppliedRevision"), status.get("lastAttemptedRevision")
    conditions = [f"{c.get('type')} {c.get('status')}: {c.get('message', '')}" for c in status.get("conditions") or ()]
    return "; ".join([f"applied {applied or 'nothing'}, last tried {tried or 'nothing'}", *conditions])


def _revisions(status: Mapping[str, Json], now: datetime) -> Iterator[str]:
    history = [one for one in status.get("history") or () if isinstance(one, Mapping)]
    newest = sorted(history, key=_time_of, reverse=True)
    for one in newest[:_KEPT]:
        yield f"{_ago(_time_of(one), now)}: {_revision_of(one)}"
    if len(newest) > _KEPT:
        yield f"({len(newest) - _KEPT} older revisions left out)"


def _time_of(one: Mapping[str, Json]) -> str:
    """Argo CD's deployedAt, a HelmRelease's lastDeployed, a Kustomization's firstReconciled."""
    return str(one.get("deployedAt") or one.get("lastDeployed") or one.get("firstReconciled") or "")


def _revision_of(one: Mapping[str, Json]) -> str:
    if "chartVersion" in one:
        return f"release {one.get('version')} of {one.get('chartName')} {one.get('chartVersion')}, {one.get('status', 'unknown')}"
    if "lastReconciledStatus" in one:
        revision = (one.get("metadata") or {}).get("revision") or one.get("digest")
        return f"{revision}, {one.get('lastReconciledStatus')}"
    revision = one.get("revision") or ", ".join(str(each) for each in one.get("revisions") or ())
    by = (one.get("initiatedBy") or {}).get("username")
    return f"{revision}" + (f", by {by}" if by else "")


def _ago(text: str, now: datetime) -> str:
    at = moment(text)
    return f"{at:%Y-%m-%d %H:%M:%S}Z ({format_duration(now - at)} ago)" if at is not None else "at an unknown time"
