"""Which NetworkPolicy keeps workloads apart, all that pick them taken together: a guess, while no log tells of a timeout."""

from collections.abc import Iterator, Sequence

from remediation.findings.denials import Call, Denial, denial
from remediation.findings.ends import End, end_of
from remediation.findings.finding import found
from remediation.findings.network_facts import NetworkBlocked
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding


def shut_out(thing: Object, callers: Sequence[Object], observed: Observed) -> Iterator[Finding]:
    """The policy that denies the first of these callers that is let through to a workload by none; without callers, anybody."""
    callee = end_of(thing, observed)
    for caller in [end_of(one, observed) for one in callers] or [End()]:
        call = Call(caller=caller, callee=callee, ports=sorted(set(callee.ports.values())))
        if (by := denial(call, observed, doubts=True)) is not None:
            yield _finding(call, by, observed)
            return


def _finding(call: Call, by: Denial, observed: Observed) -> Finding:
    _, namespace, name = place_of(by.policy)
    port = ", ".join(map(str, call.ports))
    facts = NetworkBlocked(policy=name, side=by.side, everything=by.everything, dns=False, refused=call.caller.name, symptom="",
                           caller=call.caller.name, callee=call.callee.name, port=port)  # fmt: skip
    picked = call.callee if by.side == "ingress" else call.caller
    text = f"NetworkPolicy {name} in {namespace} picks the pods of {picked.name} and {by.why}"
    return found("network_blocked", f"NetworkPolicy/{namespace}/{name}", facts, text, observed.cites(by.policy))
