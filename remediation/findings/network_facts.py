"""What keeps packets from their way: the facts that every finding of this kind shares."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class NetworkBlocked:
    """policy: its name.  side: egress or ingress.  everything: whether it allows nothing on that side.  dns: whether port 53 is shut.

    refused: the workload that it lets not in, or the place that it lets nobody out to, empty for none in particular.
    symptom: the words that tell of it, empty where only the manifests do.  caller, callee, port: whose call it denies, empty where unknown.
    perhaps: whether labels of a namespace, which nothing shows, may let it through.
    deduced: whether the words name nobody, and only the caller's environment says whom it calls.
    reported: whether somebody complains, not only the manifests show it.
    """

    policy: str
    side: str
    everything: bool
    dns: bool
    refused: str
    symptom: str
    caller: str = ""
    callee: str = ""
    port: str = ""
    reported: bool = True
    perhaps: bool = False
    deduced: bool = False
