"""Who owns the number of replicas."""

from remediation.policy.hearing import Hearing
from remediation.terms import Ruling
from remediation.workloads import object_ref, scales


def autoscaler(hearing: Hearing) -> Ruling:
    """A number that an autoscaler sets is not changed in Git: the two would fight. One that goes with the change owns nothing then."""
    thing = hearing.act.object
    owners = [
        hpa["metadata"]["name"]
        for hpa in hearing.surrounding("HorizontalPodAutoscaler")
        if scales(hpa, thing) and object_ref(hpa) not in hearing.act.removes
    ]
    moves = any(move.path == "spec.replicas" for move in hearing.rehearsal.moves)
    if owners and moves:
        return Ruling(rule="autoscaler", passed=False, reason=f"HorizontalPodAutoscaler {owners[0]} owns the replicas of {thing}")
    return Ruling(rule="autoscaler", passed=True, reason="replicas are not changed" if not moves else "no autoscaler owns the replicas")
