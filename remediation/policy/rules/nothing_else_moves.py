"""What else the change would touch."""

from remediation.gitops.fieldpath import format_path, leaves, parse
from remediation.policy.hearing import Hearing
from remediation.terms import Json, Ruling


def nothing_else_moves(hearing: Hearing) -> Ruling:
    """The object diff is of the intended object, and of those fields only that are meant."""
    meant = {field for edit in hearing.act.edits for field in _fields(edit.path, edit.expect, edit.value)}
    strangers = [
        f"{move.object} {field}"
        for move in hearing.rehearsal.moves
        for field in _fields(move.path, move.old, move.new)
        if move.object != hearing.act.object or field not in meant
    ]
    reason = f"would move, too: {', '.join(strangers[:3])}" if strangers else f"{len(meant)} of {hearing.act.object}'s fields, nothing else"
    return Ruling(rule="nothing_else_moves", passed=not strangers, reason=reason)


def _fields(path: str, old: Json, new: Json) -> set[str]:
    """The fields that a change at `path` moves: what appears or goes as a whole is counted by its leaves."""
    whole = new if old is None else old if new is None else None
    return {format_path(field) for field, _ in leaves(whole, parse(path))}
