"""A remedy is for what was found, not for what was guessed."""

from remediation.policy.hearing import Hearing
from remediation.terms import Ruling


def required_finding(hearing: Hearing) -> Ruling:
    """One of the findings that the remedy requires was read off the evidence, on this very object and container."""
    rule = "required_finding"
    if hearing.reverts:
        return Ruling(rule=rule, passed=True, reason="a revert needs none")
    grounds = hearing.grounds
    if grounds:
        return Ruling(rule=rule, passed=True, reason=f"{grounds[0].finding_id}: {grounds[0].text}")
    kinds = " or ".join(hearing.remedy.requires)
    return Ruling(rule=rule, passed=False, reason=f"no {kinds} was found on {hearing.act.object}, which {hearing.act.remedy} requires")
