"""What else a cluster serves and tells of itself: Argo's and Flux's own objects of a namespace, and APIs that another server stands behind.

Kinds that a definition made are looked for first: where they are not served, nothing is asked and nothing is missing.
"""

import asyncio
from collections.abc import Sequence

from remediation.errors import NotFound
from remediation.kinds import ref
from remediation.observed import Object, place_of
from remediation.sources.histories import slim
from remediation.sources.reads import Reads

WATCHED = ("Rollout", "Kustomization", "HelmRelease")  # of the incident's namespace
METRICS = "v1beta1.metrics.k8s.io"
_CAP = 100  # of each kind


async def customs(reads: Reads, namespace: str, *, applied: bool) -> dict[str, Sequence[Object]]:
    """Those of the namespace; where nothing applied the workload, the Applications that should have applied something there."""
    wanted = (*WATCHED, *(() if applied else ("Application",)))
    served = await asyncio.gather(*(reads.read(f"Whether {kind}s are served", reads.cluster.serves(kind)) for kind in wanted))
    kinds = [kind for kind, is_served in zip(wanted, served, strict=True) if is_served]
    lists = await asyncio.gather(*(reads.read(kind, _listed(reads, kind, namespace)) for kind in kinds))
    return {kind: [slim(thing) for thing in things or ()] for kind, things in zip(kinds, lists, strict=True)}


async def _listed(reads: Reads, kind: str, namespace: str) -> Sequence[Object]:
    """An Application stands elsewhere, and says where it applies to."""
    if kind != "Application":
        return await reads.cluster.list(kind, namespace, cap=_CAP)
    found = await reads.cluster.list(kind, cap=_CAP)
    return [app for app in found if ((app.get("spec") or {}).get("destination") or {}).get("namespace") == namespace]


async def metrics_api(reads: Reads, things: Sequence[Object]) -> Sequence[Object]:
    """The APIService of the resource metrics, where an autoscaler reads them; where one might be enabled, if it answers; else none."""
    scaled = any(thing["kind"] == "HorizontalPodAutoscaler" for thing in things)
    if not scaled and not any(map(_is_many, things)):
        return ()
    found = await reads.read(f"APIService {METRICS}", _if_registered(reads))
    return [found] if found is not None and (scaled or not _is_down(found)) else []


async def unserved_apis(reads: Reads) -> Sequence[Object]:
    """Every APIService that is not available, and the one of the metrics."""
    every = await reads.all_of("APIService")
    return [api for api in every if place_of(api)[2] == METRICS or _is_down(api)]


async def _if_registered(reads: Reads) -> Object | None:
    try:
        return await reads.cluster.get(ref("APIService", "", METRICS))
    except NotFound:
        return None


def _is_many(thing: Object) -> bool:
    return thing["kind"] == "Deployment" and int((thing.get("spec") or {}).get("replicas") or 0) > 1


def _is_down(api: Object) -> bool:
    conditions = (api.get("status") or {}).get("conditions") or ()
    return any(each.get("type") == "Available" and each.get("status") != "True" for each in conditions)
