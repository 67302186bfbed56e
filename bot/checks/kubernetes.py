"""One cluster: its version, what we may read there, and whether we may rehearse."""

import asyncio
from collections.abc import Sequence

from bot.checks.tried import Tried, absent, fine, wrong
from remediation.clients.kubernetes import KubernetesClient

SYSTEM = "Kubernetes"
LOST = "KUBECONFIG is not set and we are in no cluster: no evidence, no rehearsal, no proof that a fix cured"
LISTED = ("Pod", "ReplicaSet", "Event", "HorizontalPodAutoscaler", "ResourceQuota", "LimitRange")
READ = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")
REHEARSED = ("Deployment", "StatefulSet", "DaemonSet", "CronJob")
DOCS = "docs/connect-kubernetes.md"


def called(name: str) -> str:
    """What this cluster's lines begin with."""
    return f"{SYSTEM} {name}".strip()


async def tried(name: str, client: KubernetesClient | None) -> Sequence[Tried]:
    """Reading, and rehearsing. Raises what the client does."""
    system = called(name)
    if client is None:
        return [absent(system, LOST)]
    version = await client.version()
    wanted = [
        *(("list", kind, "") for kind in LISTED),
        *(("get", kind, "") for kind in (*READ, "Pod")),
        ("get", "Pod", "log"),
        *(("patch", kind, "") for kind in REHEARSED),
    ]
    allowed = await asyncio.gather(*(client.may(verb, kind, sub) for verb, kind, sub in wanted))
    refused = [(verb, f"{verb} {kind}{'/' if sub else ''}{sub}") for (verb, kind, sub), may in zip(wanted, allowed, strict=True) if not may]
    unread = [what for verb, what in refused if verb != "patch"]
    if unread:
        return [wrong(system, f"{version}, but our user may not {', '.join(unread)}.", f"Grant it: deploy/kubernetes, {DOCS}.")]
    unrehearsed = [what for verb, what in refused if verb == "patch"]
    lost = f"our user may not {', '.join(unrehearsed)}: such changes are not rehearsed on the server, and none is automatic. See {DOCS}"
    rehearsing = absent(f"{system} rehearsal", lost) if unrehearsed else fine(f"{system} rehearsal", "the server may be asked by dry run")
    return [fine(system, f"{version}, everything needed may be read"), rehearsing]
