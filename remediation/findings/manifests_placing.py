"""What in a workload's manifest may keep its pods from every node: guesses, while no scheduler says anything."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal

from remediation.findings.finding import found
from remediation.findings.placement import Unschedulable, wanted_labels
from remediation.gitops.capacity import tolerates
from remediation.graph import labels_of, picks
from remediation.observed import Object, Observed, place_of
from remediation.quantities import parse
from remediation.terms import Finding, Json
from remediation.workloads import containers, pod_spec

_HUGE = {"cpu": Decimal(8), "memory": Decimal(8 * 2**30)}  # from which on few nodes have room for one pod
_EVERY_NODE = ("kubernetes.io/os", "kubernetes.io/arch", "beta.kubernetes.io/os", "beta.kubernetes.io/arch")  # has these labels


def apart(thing: Object, observed: Observed) -> Iterator[Finding]:
    """More replicas than one that must each have a node of their own, or pods that others must be with."""
    root, affinity = observed.root(thing), pod_spec(thing).get("affinity") or {}
    replicas = int((thing.get("spec") or {}).get("replicas") or 1)
    for side, cause in (("podAntiAffinity", "anti_affinity"), ("podAffinity", "pod_affinity")):
        for term in (affinity.get(side) or {}).get("requiredDuringSchedulingIgnoredDuringExecution") or ():
            own = picks(term.get("labelSelector") or {}, labels_of(thing))
            key = str(term.get("topologyKey") or "")
            if cause == "anti_affinity" and own and replicas > 1:
                why = f"its required anti-affinity wants a {key} of its own for each of its {replicas} replicas"
            elif cause == "pod_affinity" and not own:
                why = f"its required pod affinity wants pods beside it on the same {key} that are not shown"
            else:
                continue
            yield unplaced(thing, cause, f"{root.name} may find no node: {why}", observed)


def labelled(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A label that it wants of its node, while no node is shown."""
    wanted = {key: values for key, values in wanted_labels(pod_spec(thing)).items() if key not in _EVERY_NODE}
    if wanted and not any(True for _ in observed.all("Node")):
        selector = ", ".join(f"{key}={'|'.join(values)}" for key, values in wanted.items())
        text = f"{place_of(thing)[2]} may find no node: it wants one with {selector}, and nothing shows that there is one"
        yield unplaced(thing, "node_selector", text, observed, selector=selector)


def large(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A request that few nodes have room for."""
    for _, container in containers(thing):
        name, resources = container.get("name"), container.get("resources") or {}
        for resource, most in _HUGE.items():
            written = (resources.get("requests") or {}).get(resource, (resources.get("limits") or {}).get(resource))
            if written is not None and parse(written) >= most:
                why = f"container {name} requests {written} of {resource}, which few nodes have free"
                text = f"{place_of(thing)[2]} may find no node: {why}"
                yield unplaced(thing, "resource", text, observed, resource=resource, requested=str(written))


def tainted(thing: Object, observed: Observed) -> Iterator[Finding]:
    """Nodes that are shown, every one with a taint that it does not tolerate."""
    tolerations, nodes = pod_spec(thing).get("tolerations") or (), list(observed.all("Node"))
    held = [
        next((taint for taint in (node.get("spec") or {}).get("taints") or () if _keeps_out(taint, tolerations)), None) for node in nodes
    ]
    everywhere = thing.get("kind") == "DaemonSet"  # which wants a pod on each of them
    first = next(filter(None, held), None)
    if first is not None and (everywhere or all(held)):
        taint = f"{first.get('key')}={first.get('value', '')}:{first.get('effect')}"
        one = f"node {place_of(nodes[held.index(first)])[2]} has the taint"
        where = one if everywhere else "every node that is shown has a taint such as"
        text = f"{place_of(thing)[2]} may lack a node: {where} {taint}, which it does not tolerate"
        yield unplaced(thing, "taint", text, observed, taint=f"{first.get('key')}: {first.get('value', '')}")


def _keeps_out(taint: Mapping[str, Json], tolerations: Sequence[Mapping[str, Json]]) -> bool:
    return taint.get("effect") != "PreferNoSchedule" and not any(tolerates(each, taint) for each in tolerations)


def on_one_host(thing: Object, observed: Observed) -> Iterator[Finding]:
    """More replicas than one that each want the same port of their node."""
    replicas = int((thing.get("spec") or {}).get("replicas") or 1)
    ports = [str(port["hostPort"]) for _, c in containers(thing) for port in c.get("ports") or () if port.get("hostPort")]
    if ports and replicas > 1:
        text = f"{place_of(thing)[2]} may find too few nodes: each of its {replicas} replicas wants port {ports[0]} of its node (hostPort)"
        yield unplaced(thing, "host_port", text, observed)


def unplaced(thing: Object, cause: str, text: str, observed: Observed, **told: str) -> Finding:
    """A guess that no node takes its pods."""
    facts = asdict(
        Unschedulable(cause=cause, message="", nodes=0, resource="", requested="", allocatable="", selector="", have="", taint="",
                      reported=False)
    )  # fmt: skip
    return found("unschedulable", str(observed.root(thing)), Unschedulable(**{**facts, **told}), text, observed.cites(thing))
