"""What the critic said. Its words may tighten the gate, never loosen it."""

from remediation.policy.hearing import Hearing
from remediation.terms import Ruling


def critic(hearing: Hearing) -> Ruling:
    """Without the critic's approval nothing goes without a person; where no debate was held, that is what the configured gate allows."""
    if hearing.reverts:
        return Ruling(rule="critic", passed=True, reason="a revert is not debated")
    critique = hearing.incident.critique_of(hearing.plan)
    if critique is None:
        tighter = hearing.configured_gate == "agreed"
        return Ruling(rule="critic", passed=True, gate="one_person" if tighter else "automatic", reason="no critic was asked")
    word = f"{critique.by}: {critique.decision}, {critique.reason}"
    stands = critique.decision == "APPROVED" and all(critique.checks.values())
    return Ruling(rule="critic", passed=True, gate="automatic" if stands else "one_person", reason=word)
