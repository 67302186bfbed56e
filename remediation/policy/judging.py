"""The verdict: every rule is asked, each answers with its reason, and the tightest answer counts."""

from remediation.entries import Incident
from remediation.policy.hearing import Hearing
from remediation.policy.rules import RULES
from remediation.policy.setting import TIGHTNESS, Setting
from remediation.terms import Plan, Rehearsal, Verdict


def judge(rehearsal: Rehearsal, incident: Incident, plan: Plan, setting: Setting, clamped: tuple[str, ...] = ()) -> Verdict:
    """DENIED when any rule says no, MODIFIED when a parameter was clamped before, else APPROVED; the gate is the tightest that a rule asks.

    `agreed` in the verdict means that actor and critic do agree: where they do not, the critic's rule asks for a person.
    """
    hearing = Hearing(rehearsal=rehearsal, incident=incident, plan=plan, setting=setting)
    rulings = tuple(rule(hearing) for rule in RULES)
    denied = not all(ruling.passed for ruling in rulings)
    return Verdict(
        status="DENIED" if denied else "MODIFIED" if clamped else "APPROVED",
        rulings=rulings,
        level=rehearsal.act.level,
        gate=max((ruling.gate for ruling in rulings), key=TIGHTNESS.index),
        clamped=clamped,
    )
