"""Who must say yes here."""

from remediation.policy.hearing import Hearing
from remediation.policy.setting import WITHOUT_A_PERSON
from remediation.terms import Ruling


def gate(hearing: Hearing) -> Ruling:
    """What the remedy's level needs in this environment. A revert, and production, never go without a person, whatever policy.yaml says."""
    asked = hearing.configured_gate
    standing = hearing.incident.standing
    reason = f"{standing.environment}, level {hearing.act.level}: {asked.replace('_', ' ')}"
    if asked in WITHOUT_A_PERSON and (hearing.reverts or standing.production):
        asked = "one_person"
        reason += ", but a revert needs a person" if hearing.reverts else ", but production needs a person"
    return Ruling(rule="gate", passed=True, reason=reason, gate=asked)
