"""The namespace's ResourceQuotas."""

from remediation.admission import over_quota, with_most_pods
from remediation.policy.hearing import Hearing
from remediation.terms import Ruling


def quota(hearing: Hearing) -> Ruling:
    """There is room for the resulting pods × replicas and those beside them while rolling out. What cannot be judged needs a person."""
    rehearsal = hearing.rehearsal
    quotas = hearing.surrounding("ResourceQuota")
    head = with_most_pods(rehearsal.head, hearing.act.creates)
    opinion = over_quota(rehearsal.live, head, quotas, hearing.surrounding("LimitRange"))
    if opinion.refusals:
        return Ruling(rule="quota", passed=False, reason="; ".join(opinion.refusals))
    if opinion.unknown:
        return Ruling(rule="quota", passed=True, gate="one_person", reason="; ".join(opinion.unknown))
    return Ruling(rule="quota", passed=True, reason="; ".join(opinion.room) or "no quota counts these pods")
