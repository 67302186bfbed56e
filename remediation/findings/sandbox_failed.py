"""A pod that has a node and no sandbox: the network plugin has no address for it or does not work, or the runtime refuses it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Observed, about, event_text, ready
from remediation.terms import Finding, Target
from remediation.workloads import pod_spec

_REASONS = ("FailedCreatePodSandBox", "FailedCreatePodSandbox", "NetworkNotReady", "FailedKillPod")
_SYNC = re.compile(r"with (?:SetupNetworkError|CreatePodSandboxError)")  # as older kubelets say it, with the reason FailedSync
_CAUSES: Sequence[tuple[str, str]] = (
    (
        "no_addresses",
        (
            r"assign an IP address|no (?:available )?(?:IP )?addresses? available|failed to allocate for range|IPAM[^\n]*exhausted|no IPs? "
            r"available"
        ),
    ),
    (
        "plugin_missing",
        r"failed to find plugin \"(?P<plugin>[\w.-]+)\"|no networks found in|cni config uninitialized|cni plugin not initialized",
    ),
    ("unauthorized", r"connection is unauthorized|Unauthorized|x509|certificate"),
    (
        "plugin_down",
        r"subnet\.env: no such file|connection refused|dial (?:tcp|unix)|i/o timeout|context deadline exceeded|unable to connect to Cilium",
    ),
    ("runtime", r"no runtime for|RuntimeHandler|runtime handler|pause(?:@|:)|get sandbox image"),
)
_PLUGIN = re.compile(
    r"plugin type=\"?(?P<plugin>[\w.-]+)\"?|NetworkPlugin (?P<old>[\w.-]+)|\b(?P<known>calico|cilium|flannel|weave|aws-cni|azure-vnet|"
    r"multus|antrea)\b"
)


@dataclass(frozen=True, kw_only=True)
class SandboxFailed:
    """cause: no_addresses, plugin_missing, unauthorized, plugin_down, runtime, unknown.  plugin: of the network.  node: where it is."""

    cause: str
    plugin: str
    node: str
    pods: int
    message: str


def sandbox_failed(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each workload whose pods get no sandbox."""
    events = [e for e in observed.events_about("Pod") if e.get("reason") in _REASONS or _SYNC.search(event_text(e))]
    pods = {about(event)[2] for event in events}
    told: set[str] = set()
    for event in sorted(events, key=lambda e: -len(event_text(e))):
        message, root = event_text(event), observed.root_of(about(event))
        pod = observed.get(*about(event))
        gone = pod is not None and (pod["metadata"].get("deletionTimestamp") or ready(pod))
        if str(root) in told or event.get("reason") == "FailedKillPod" or gone:
            continue
        told.add(str(root))
        cause = next((cause for cause, words in _CAUSES if re.search(words, message)), "unknown")
        named = _PLUGIN.search(message)
        plugin = (named["plugin"] or named["known"] or named["old"]) if named else ""
        node = str(pod_spec(pod).get("nodeName") or "") if pod else _node(about(event)[2], observed)
        facts = SandboxFailed(cause=cause, plugin=plugin, node=node, pods=len(pods), message=message[:500])
        text = (
            f"pod {about(event)[2]} of {root.name} gets no sandbox{f' on node {node}' if node else ''}: {_words(facts)}; "
            f'"{message.strip()}"'
        )
        shown = [pod] if pod is not None else []
        yield found("sandbox_failed", str(root), facts, text, observed.cites(event, *shown))


def _node(name: str, observed: Observed) -> str:
    """The node that a pod was assigned to, as its event tells."""
    for event in observed.all("Event"):
        match = re.search(r"Successfully assigned \S+/(?P<pod>\S+) to (?P<node>\S+)", event_text(event))
        if match and match["pod"] == name:
            return match["node"]
    return ""


def _words(facts: SandboxFailed) -> str:
    plugin = f" {facts.plugin}" if facts.plugin else ""
    return {
        "no_addresses": f"the network plugin{plugin} has no IP address left for it",
        "plugin_missing": f"the network plugin{plugin} is not installed or not set up on the node",
        "unauthorized": f"the network plugin{plugin} may not ask the API server: its credentials are not valid",
        "plugin_down": f"the network plugin{plugin} does not answer",
        "runtime": "the container runtime refuses it",
    }.get(facts.cause, f"the network plugin{plugin} or the runtime refuses it")
