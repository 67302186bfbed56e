"""What else the change would touch."""

from remediation.policy.hearing import Hearing
from remediation.terms import Ruling


def nothing_else_moves(hearing: Hearing) -> Ruling:
    """The object diff is of the intended object, and of as many fields as are meant."""
    meant = {edit.path for edit in hearing.act.edits}
    moves = hearing.rehearsal.moves
    strangers = [f"{move.object} {move.path}" for move in moves if move.object != hearing.act.object or move.path not in meant]
    reason = f"would move, too: {', '.join(strangers[:3])}" if strangers else f"{len(meant)} of {hearing.act.object}'s fields, nothing else"
    return Ruling(rule="nothing_else_moves", passed=not strangers, reason=reason)
