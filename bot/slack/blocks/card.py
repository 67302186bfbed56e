"""The decision card: what will change, where, what each rule said, who may decide, the buttons."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from bot.slack.blocks.layout import ACTIONS, CHOICES, Block, Message, buttons, choices, code_section, context, message, section, words
from bot.slack.blocks.naming import clock, moment, people, person
from remediation.entries import Attempt, Attempted, Incident
from remediation.policy.setting import WITHOUT_A_PERSON
from remediation.questions import digest_of
from remediation.terms import Json, Move, Rehearsal, Verdict

_SAID_ELSEWHERE = ("gate", "dry_run")  # on the card: who decides, and what the server said
DIFF_LIMIT, MOVES_LIMIT = 2900, 1500
_PLACES_A_SECTION = 6


def attempted(incident: Incident, entry: Attempted) -> Message:
    """The card as it stands now: answers that came since it was written are on it."""
    digest = entry.rehearsal.digest if entry.rehearsal else ""
    known = (a for a in incident.attempts if a.rehearsal and a.rehearsal.digest == digest)
    return card(incident, next(known, Attempt.of(entry)))


def card(incident: Incident, attempt: Attempt) -> Message:
    """What a person decides on; without Approve where nobody can approve it."""
    title = _title(attempt, over=incident.outcome is not None)
    return message(f"{title}: {_who(incident, attempt)}".strip(": "), *_blocks(incident, attempt))


def _blocks(incident: Incident, attempt: Attempt) -> Iterator[Block]:
    verdict = attempt.verdict
    yield section(f"*{_title(attempt, over=incident.outcome is not None)}*\n{_who(incident, attempt)}")
    if attempt.anew:
        yield section(words("card_anew", why=attempt.anew))
    if attempt.places:
        yield from _places(attempt.places)
    if verdict is not None and (against := [ruling for ruling in verdict.rulings if not ruling.passed]):
        yield section(words("rulings", rulings=against))
    if attempt.rehearsal is not None:
        yield from _change(attempt.rehearsal)
    if verdict is not None:
        yield context(_policy(verdict))
    if attempt.rehearsal is not None:
        yield context(words("card_facts", rehearsal=attempt.rehearsal, moment=moment))
    if attempt.places and incident.outcome is None:
        yield choices(incident.incident_id, digest_of(attempt.places), len(attempt.places))
    if (offered := _offered(incident, attempt)) and attempt.rehearsal is not None:
        yield buttons(incident.incident_id, attempt.rehearsal.digest, offered)
    elif offered:
        yield buttons(incident.incident_id, incident.incident_id, offered)


def _places(places: Sequence[str]) -> Iterator[Block]:
    """Those that can be chosen, by the number on their button, and how many cannot."""
    for first in range(0, min(len(places), CHOICES), _PLACES_A_SECTION):
        some = places[first : min(first + _PLACES_A_SECTION, CHOICES)]
        yield section(
            words("card_places", places=some, before=first, more=max(0, len(places) - CHOICES), last=first + len(some) >= CHOICES)
        )


def _policy(verdict: Verdict) -> str:
    """The rules that passed, as a number; in words those that ask for a person, and what was bounded."""
    passed = [ruling for ruling in verdict.rulings if ruling.passed]
    asking = [r for r in passed if r.gate not in WITHOUT_A_PERSON and r.rule not in _SAID_ELSEWHERE]
    return words("policy", passed=len(passed), asking=asking, clamped=verdict.clamped)


def _title(attempt: Attempt, *, over: bool) -> str:
    return words(
        "card_title",
        title=attempt.act.title if attempt.act else attempt.plan.title,
        undone=attempt.plan.title,
        stopped=not attempt.passes,
        asks=attempt.awaits_people and not over,
        undoing=attempt.is_revert,
    )


def _who(incident: Incident, attempt: Attempt) -> str:
    """Who may decide, who did, or why nobody can."""
    answer = attempt.answer
    return words(
        "card_who",
        environment=incident.standing.environment,
        verdict=attempt.verdict,
        refused=attempt.refused,
        approvers=people(incident.standing.approvers),
        so_far=people(sorted(attempt.approvers)),
        answer=answer,
        by=person(answer.by) if answer else "",
        at=clock(answer.at) if answer else "",
        asks=attempt.awaits_people and incident.outcome is None,
        over=incident.outcome is not None,
        undoing=attempt.is_revert,
    )


def _change(rehearsal: Rehearsal) -> Iterator[Block]:
    yield section(words("card_files", rehearsal=rehearsal))
    yield code_section(rehearsal.diff, DIFF_LIMIT)
    if rehearsal.moves:
        yield code_section("\n".join(_moved(rehearsal.moves)), MOVES_LIMIT)


def _moved(moves: Sequence[Move]) -> Iterator[str]:
    """Each object once, then its fields."""
    for what, fields in groupby(moves, key=lambda move: str(move.object)):
        yield what
        yield from (f"{move.path}: {_value(move.old)} → {_value(move.new)}" for move in fields)


def _value(value: Json) -> str:
    return "(absent)" if value is None else str(value)


def _offered(incident: Incident, attempt: Attempt) -> tuple[str, ...]:
    """The buttons: all while it waits for people, none once it was answered or the incident ended."""
    if incident.outcome is not None or attempt.answer is not None:
        return ()
    return tuple(ACTIONS) if attempt.awaits_people else ("show_evidence",)
