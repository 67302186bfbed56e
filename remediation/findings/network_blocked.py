"""A NetworkPolicy that keeps a workload from speaking, or from being spoken to: all of both ends, held against what somebody says."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.findings.denials import Call, Denial, denial
from remediation.findings.finding import found
from remediation.findings.network_complaints import Complaint, asked, calls_of, complaints, declared
from remediation.findings.network_dropped import dropped
from remediation.findings.network_facts import NetworkBlocked
from remediation.findings.network_shut import shut
from remediation.findings.network_tried import tried
from remediation.graph import workloads
from remediation.observed import Observed, place_of, ready
from remediation.terms import Finding, Target

_LONGEST = 300


@dataclass(frozen=True, kw_only=True)
class _Blocked:
    """A call that is denied. symptom: the words that tell of it, empty where only manifests do.  item: that shows them.

    perhaps: whether a namespace, of which nothing shows its labels, may be let through.
    """

    call: Call
    by: Denial
    symptom: str = ""
    item: str = ""
    perhaps: bool = False

    @property
    def policy(self) -> tuple[str, str, str]:
        """Where the policy stands."""
        return place_of(self.by.policy)


def network_blocked(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each policy that shuts what a log says cannot be reached, or that shuts everything for the symptom's workload."""
    yield from dropped(observed)
    if next(observed.all("NetworkPolicy"), None) is None:
        return
    said = list(complaints(observed, target))
    told: set[tuple[str, str, str]] = set()
    for one in (*_complained(said, observed, target), *_asked(observed), *_unsaid(observed)):
        if one.policy not in told:
            told.add(one.policy)
            yield _finding(one, observed)
    yield from (finding for policy, finding in shut(said, observed, target) if policy not in told)


def _complained(said: Sequence[Complaint], observed: Observed, target: Target) -> Iterator[_Blocked]:
    """What logs complain of; a call that was refused at once only where nothing is let through, or its pods are ready."""
    for one in said:
        calls = list(calls_of(one, observed, target))
        for call, doubts in [*((call, False) for call in calls), *((call, True) for call in calls if one.late and _is_known(call))]:
            by = denial(call, observed, doubts=doubts)
            if by is not None and (one.late or call.protocol == "UDP" or by.everything or _serves(call, observed)):
                yield _Blocked(call=call, by=by, symptom=one.line[:_LONGEST], item=one.item, perhaps=doubts)
                break


def _is_known(call: Call) -> bool:
    """Whether the labels of both ends are known, so that only those of a namespace may make a rule let them through."""
    return call.caller.labels is not None and call.callee.labels is not None and call.protocol != "UDP"


def _serves(call: Call, observed: Observed) -> bool:
    """Whether a pod of the one who is called is ready."""
    return any(observed.root(pod).name == call.callee.name and ready(pod) for pod in observed.all("Pod", call.callee.namespace))


def _asked(observed: Observed) -> Iterator[_Blocked]:
    """What somebody who asks says not to reach, or tried to in vain."""
    for words, item, calls in (*asked(observed), *tried(observed)):
        blocked = ((call, by) for call in calls if (by := denial(call, observed)) is not None)
        yield from (_Blocked(call=call, by=by, symptom=words, item=item) for call, by in list(blocked)[:1])


def _unsaid(observed: Observed) -> Iterator[_Blocked]:
    """What no words tell of: a workload whose environment leads to another that may not be called."""
    for thing in workloads(observed):
        for call in declared(thing, observed):
            if (by := denial(call, observed)) is not None:
                yield _Blocked(call=call, by=by)


def _finding(one: _Blocked, observed: Observed) -> Finding:
    (_, namespace, name), call, by = one.policy, one.call, one.by
    dns = call.protocol == "UDP"
    port = ", ".join(map(str, call.ports))
    callee = "the cluster's DNS" if dns else call.callee.name or next(iter(call.callee.addresses), "others")
    caller = call.caller.name or "pods"
    facts = NetworkBlocked(
        policy=name, side=by.side, everything=by.everything, dns=dns or (by.everything and by.side == "egress"),
        refused=caller if by.side == "ingress" else f"{callee}:{port}" if port else callee,
        symptom=one.symptom, perhaps=one.perhaps, deduced=call.deduced, caller=caller, callee=callee, port=port, reported=bool(one.symptom),
    )  # fmt: skip
    whole = f" (all {by.side}{', DNS included' if facts.dns else ''})" if by.everything else ""
    quoted = f'; somebody says "{one.symptom}"' if one.symptom else ""
    unless = ", unless labels of a namespace, which nothing shows, let it through" if one.perhaps else ""
    where = f" on port {port}" if port else ""
    text = f"NetworkPolicy {name} in {namespace} blocks what {caller} sends to {callee}{where}{whole}: it {by.why}{unless}{quoted}"
    ends = [w for end in (call.caller, call.callee) for w in workloads(observed, end.namespace) if observed.root(w).name == end.name]
    cites = dict.fromkeys([*observed.cites(by.policy), *([one.item] if one.item else ()), *observed.cites(*ends)])
    return found("network_blocked", f"NetworkPolicy/{namespace}/{name}", facts, text, tuple(cites))
