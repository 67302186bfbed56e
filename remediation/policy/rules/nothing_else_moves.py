"""What else the change would touch."""

from remediation.gitops.fieldpath import format_path, get, leaves, parse
from remediation.policy.hearing import Hearing
from remediation.terms import Act, Json, Move, Ruling


def nothing_else_moves(hearing: Hearing) -> Ruling:
    """The object diff is of the intended object, of those fields only that are meant, and of what is made or goes beside it."""
    meant = {field for edit in hearing.act.edits for field in _fields(edit.path, edit.expect, edit.value)}
    strangers = [
        f"{move.object} {field}"
        for move in hearing.rehearsal.moves
        if not _beside(move, hearing.act)
        for field in _fields(move.path, move.old, move.new)
        if move.object != hearing.act.object or field not in meant
    ]
    reason = f"would move, too: {', '.join(strangers[:3])}" if strangers else f"{len(meant)} of {hearing.act.object}'s fields, nothing else"
    return Ruling(rule="nothing_else_moves", passed=not strangers, reason=reason)


def _beside(move: Move, act: Act) -> bool:
    """Whether a whole object comes as it is meant to, labels and annotations of a renderer aside, or goes."""
    if move.object in act.removes:
        return move.new is None
    new = next((new for new in act.creates if new.object == move.object), None)
    path = parse(move.path)
    return new is not None and move.old is None and (path[0] == "metadata" or get(new.value, path) == move.new)


def _fields(path: str, old: Json, new: Json) -> set[str]:
    """The fields that a change at `path` moves: what appears or goes as a whole is counted by its leaves."""
    whole = new if old is None else old if new is None else None
    return {format_path(field) for field, _ in leaves(whole, parse(path))}
