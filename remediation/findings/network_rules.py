"""What a NetworkPolicy lets in and out, held against what somebody complains of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remediation.graph import labels_of, picks, selects, workloads
from remediation.observed import Object, Observed, place_of
from remediation.terms import Json, ObjectRef


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """Who says that something cannot be reached. by: the log's workload, without a name where nothing tells it.

    host, port: that the line names, empty and 0 for none.
    """

    by: ObjectRef
    host: str
    port: int
    line: str
    item: str


def types_of(spec: Json) -> Sequence[str]:
    """What it is about, Ingress or Egress, also where it does not say."""
    return spec.get("policyTypes") or (["Ingress", "Egress"] if "egress" in spec else ["Ingress"])


def lets_in(spec: Json, said: Complaint, policy: Object, observed: Observed) -> bool:
    """Whether a rule lets in who complains; also where nothing shows its labels, or a rule does not go by pods of the namespace."""
    who = next((w for w in workloads(observed, place_of(policy)[1]) if str(observed.root(w)) == str(said.by) and labels_of(w)), None)
    rules = spec.get("ingress") or ()
    if any("described" in rule or not rule.get("from") for rule in rules):
        return True
    peers = [peer for rule in rules for peer in rule.get("from") or ()]
    if not peers:
        return False
    if any("namespaceSelector" in peer for peer in peers):
        return _from_namespaces(peers, said, observed)
    if who is None or any("podSelector" not in peer for peer in peers):
        return True
    return any(picks(peer["podSelector"] or {}, labels_of(who)) for peer in peers)


def _from_namespaces(peers: Sequence[Json], said: Complaint, observed: Observed) -> bool:
    """Whether rules that go by namespaces let in who complains; also where its namespace or its labels are not known."""
    who = next((w for w in workloads(observed) if said.by.name and str(observed.root(w)) == str(said.by)), None)
    where = observed.get("Namespace", "", place_of(who)[1]) if who is not None else None
    labels = ((where or {}).get("metadata") or {}).get("labels")
    if who is None or not labels:
        return True
    own = {"kubernetes.io/metadata.name": place_of(who)[1], **labels}
    for peer in peers:
        pods = peer.get("podSelector") or {}
        if picks(peer.get("namespaceSelector") or {}, own) and (not labels_of(who) or picks(pods, labels_of(who))):
            return True
    return False


def lets_out(spec: Json, said: Complaint) -> bool:
    """Whether a rule lets out to the place that cannot be reached in time; also where it cannot be told."""
    outside = said.host.replace(".", "").isdecimal() and not said.host.startswith(("10.", "172.", "192.168.", "100."))
    for rule in spec.get("egress") or ():
        ports = [str(port.get("port")) for port in rule.get("ports") or () if "port" in port]
        peers = rule.get("to") or ()
        reaches = not peers or any("podSelector" not in peer and "namespaceSelector" not in peer for peer in peers) or not outside
        if (
            "described" in rule
            or not said.port
            or (reaches and (not ports or str(said.port) in ports or not all(p.isdecimal() for p in ports)))
        ):
            return True
    return False


def is_closed(thing: Object, observed: Observed) -> bool:
    """Whether no policy that picks a workload lets anybody in."""
    specs = [policy.get("spec") or {} for policy in observed.all("NetworkPolicy", place_of(thing)[1])]
    about = [spec for spec in specs if "Ingress" in types_of(spec) and picks(spec.get("podSelector") or {}, pod_labels(thing, observed))]
    return bool(about) and not any(spec.get("ingress") for spec in about)


def pod_labels(thing: Object, observed: Observed) -> Mapping[str, Json]:
    """The labels of a workload's pods; of one that was printed without them, those of a pod of it."""
    return labels_of(thing) or next(filter(None, map(labels_of, observed.pods_of(observed.root(thing)))), {})


def services_of(thing: Object, observed: Observed) -> list[str]:
    """The Services that lead to a workload."""
    return [
        place_of(s)[2]
        for s in observed.all("Service", place_of(thing)[1])
        if selects((s.get("spec") or {}).get("selector") or {}, labels_of(thing))
    ]


def anyone(spec: Json, thing: Object, observed: Observed) -> bool:
    """Whether any known pod is let in by a rule that names pods of the same namespace; a rule of another kind counts as letting in."""
    namespace = place_of(thing)[1]
    others = [labels_of(w) for w in workloads(observed, namespace) if place_of(w) != place_of(thing) and labels_of(w)]
    for rule in spec.get("ingress") or ():
        peers = rule.get("from") or ()
        if not peers or not others or any("podSelector" not in p or "namespaceSelector" in p or "ipBlock" in p for p in peers):
            return True
        if any(picks(p["podSelector"], labels) for p in peers for labels in others):
            return True
    return False


def allows_dns(spec: Json) -> bool:
    """Whether a rule lets out to port 53, or to every port."""
    for rule in spec.get("egress") or ():
        ports = rule.get("ports") or ()
        if not ports or any(str(p.get("port")) in ("53", "dns") for p in ports):
            return True
    return False
