"""One cluster: its version, what we may read there, and whether we may rehearse."""

import asyncio
from collections.abc import Sequence

from bot.checks.tried import Tried, absent, fine, wrong
from remediation.clients.kubernetes import KubernetesClient
from remediation.sources.look import CONTROLLERS, NEEDED
from remediation.sources.surroundings import CLUSTER_WIDE, LISTED

SYSTEM = "Kubernetes"
LOST = "KUBECONFIG is not set and we are in no cluster: no evidence, no rehearsal, no proof that a fix cured"
AROUND = tuple(kind for kind in (*LISTED, *CLUSTER_WIDE, "APIService") if kind not in CONTROLLERS)  # seen beside the broken workload
REHEARSED = (
    "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Service", "PersistentVolumeClaim", "ResourceQuota", "HorizontalPodAutoscaler",
)  # fmt: skip
MADE = ("HorizontalPodAutoscaler",)
DOCS = "docs/connect-kubernetes.md"


def called(name: str) -> str:
    """What this cluster's lines begin with."""
    return f"{SYSTEM} {name}".strip()


async def tried(name: str, client: KubernetesClient | None) -> Sequence[Tried]:
    """Reading what is broken, reading what stands around it, and rehearsing. Raises what the client does."""
    system = called(name)
    if client is None:
        return [absent(system, LOST)]
    version = await client.version()
    unread = await _refused(client, [*_all("list", (*NEEDED, *CONTROLLERS)), *_all("get", (*CONTROLLERS, "Pod")), ("get", "Pod", "log")])
    if unread:
        return [wrong(system, f"{version}, but our user may not {', '.join(unread)}.", f"Grant it: deploy/kubernetes, {DOCS}.")]
    unseen, unrehearsed = (
        await _refused(client, _all("list", AROUND)),
        await _refused(client, [*_all("patch", REHEARSED), *_all("create", MADE)]),
    )
    beyond = f"our user may not {', '.join(unseen)}: a fault there is not seen. See {DOCS}"
    lost = f"our user may not {', '.join(unrehearsed)}: such changes are not rehearsed on the server, and none is automatic. See {DOCS}"
    rehearsing = absent(f"{system} rehearsal", lost) if unrehearsed else fine(f"{system} rehearsal", "the server may be asked by dry run")
    around = [absent(f"{system} surroundings", beyond)] if unseen else []
    return [fine(system, f"{version}, everything needed may be read"), *around, rehearsing]


def _all(verb: str, kinds: Sequence[str]) -> list[tuple[str, str, str]]:
    return [(verb, kind, "") for kind in kinds]


async def _refused(client: KubernetesClient, wanted: Sequence[tuple[str, str, str]]) -> list[str]:
    """What of this our user may not do, in words."""
    allowed = await asyncio.gather(*(client.may(verb, kind, sub) for verb, kind, sub in wanted))
    return [f"{verb} {kind}{'/' if sub else ''}{sub}" for (verb, kind, sub), may in zip(wanted, allowed, strict=True) if not may]
