"""An incident's entries as short plain sentences: what happened when."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import assert_never

from memory.journal import Line
from remediation.entries import (
    AlertJoined,
    Attempted,
    Called,
    Closed,
    Critiqued,
    Decided,
    Delivered,
    Ended,
    Entry,
    Investigated,
    Looked,
    Opened,
    PhaseBegan,
    Progressed,
    Proposed,
    Remembered,
    ThreadOpened,
    Turned,
    Unanswered,
    Verified,
)
from remediation.terms import Json

_UNKNOWN = "Inconclusive:"  # begins a cause that was not found
_ENDS = {
    "fixed": "Fixed",
    "not_fixed": "Not fixed",
    "rolled_back": "Rolled back",
    "self_healed": "Healed by itself",
    "false_positive": "A false alarm",
    "handed_over": "Handed over to people",
    "inconclusive": "Inconclusive",
}


def timeline(entries: Sequence[Line]) -> list[dict[str, Json]]:
    """`[{at, what}]`, oldest first. An entry that says nothing to people is left out."""
    lines: list[dict[str, Json]] = []
    found: Collection[str] = ()
    turned: Counter[Turned] = Counter()
    for line in entries:
        what = sentence(line.entry, found)
        if isinstance(line.entry, Turned):
            turned[line.entry] += 1
            what = what if turned[line.entry] == 1 else ""  # whoever presses again and again is told each time, alone
        if what:
            lines.append({"at": line.at, "what": what})
        if isinstance(line.entry, Investigated):
            found = {finding.text for finding in line.entry.findings}
        elif isinstance(line.entry, Progressed):
            found = {*found, what}
    return lines


def sentence(entry: Entry, found: Collection[str] = ()) -> str:  # noqa: C901, PLR0911, PLR0912 - one line for each kind of entry
    """What this entry tells, in one sentence; empty for bookkeeping. found: what was told before it, which it need not tell again."""
    match entry:
        case Opened():
            return f"Opened by {entry.alert.source}: {entry.alert.title}"
        case AlertJoined():
            return f"{'The alert recovered' if entry.alert.state == 'recovered' else 'Another alert joined'}: {entry.alert.title}"
        case PhaseBegan():
            return f"Began to {entry.phase}." if entry.run == 0 and entry.phase not in ("close", "done") else ""
        case ThreadOpened():
            return "A thread was opened in Slack."
        case Unanswered():
            return "" if entry.again else f"{entry.reason}: it is asked again {_span(entry)}."
        case Investigated():
            return _investigated(entry)
        case Proposed():
            return _proposed(entry, found)
        case Critiqued():
            return f"{entry.critique.by} reviewed {entry.critique.plan_id}: {entry.critique.decision}. {entry.critique.reason}"
        case Attempted():
            return _attempted(entry)
        case Decided():
            return f"{entry.decision.by} {entry.decision.answer} it{_because(entry.decision.reason)}"
        case Turned():
            return f"{entry.user} pressed {entry.action} in vain: {entry.reason}"
        case Called():
            return f"People were called: {entry.reason}"
        case Delivered():
            return f"Merge request !{entry.receipt.iid} was opened: {entry.receipt.url}"
        case Progressed():
            return _progressed(entry)
        case Looked():
            return "" if entry.again else _looked(entry)
        case Verified():
            return f"{_verified(entry)}{_because(entry.reason)}"
        case Ended():
            because = _because(entry.outcome.reason)
            return f"{_ENDS[entry.outcome.name]}{'.' if because.removeprefix(': ') in found else because}"
        case Remembered():
            return "Remembered for the next time."
        case Closed():
            return f"Closed{f' by {entry.by}' if entry.by else ''}{_because(entry.reason)}"
        case _:
            assert_never(entry)  # mypy names a kind that has no sentence


def _investigated(entry: Investigated) -> str:
    found = "; ".join(finding.text for finding in entry.findings) or "nothing that explains it"
    silent = sum(item.failed for item in entry.evidence)
    pieces = f"{len(entry.evidence)} piece{'' if len(entry.evidence) == 1 else 's'} of evidence"
    return f"{pieces}{f', {silent} of them unanswered' if silent else ''}: {'beside it, ' if entry.beside else ''}{found}"


def _span(entry: Unanswered) -> str:
    first, last = (f"{at:%H:%M}" for at in (entry.until, entry.last))
    return f"at {first} UTC" if first == last else f"from {first} until {last} UTC"


def _proposed(entry: Proposed, found: Collection[str]) -> str:
    proposal = entry.proposal
    if proposal.cause.startswith(_UNKNOWN):
        return f"{proposal.by} named no cause: {proposal.cause.removeprefix(_UNKNOWN).strip()}"
    return f"{proposal.by} named the cause: {_once(proposal.cause, found)}"


def _once(cause: str, found: Collection[str]) -> str:
    """A finding that was told already is only called by its number: of `E3: the container api was …` stays E3."""
    number, colon, _ = cause.partition(": ")
    return f"{number}." if colon and cause in found else cause


def _attempted(entry: Attempted) -> str:
    title = entry.act.title if entry.act and entry.act.undoes else entry.plan.title  # a revert is an attempt at the same plan
    if entry.verdict is None:
        return f"{title} could not be rehearsed{_because(entry.refused)}"
    failed = [f"{ruling.rule}: {ruling.reason}" for ruling in entry.verdict.rulings if not ruling.passed]
    return f"{title} was rehearsed; policy: {entry.verdict.status}{_because('; '.join(failed))}"


def _progressed(entry: Progressed) -> str:
    progress = entry.progress
    match progress.state:
        case "applied":
            return f"The merge request was merged{f' by {progress.by}' if progress.by else ''}."
        case "refused":
            return f"The merge request was closed{f' by {progress.by}' if progress.by else ''}{_because(progress.reason)}"
        case "lost":
            return "The merge request is not there any more."
    said = (f"pipeline {progress.pipeline}" if progress.pipeline else "", _listed("approved by", progress.approved_by))
    news = ", ".join(filter(None, said))
    return f"The merge request waits: {news}." if news else ""


def _verified(entry: Verified) -> str:
    if entry.undoes:
        return "Undone" if entry.cured else "Not undone"
    if not entry.looked:
        return "Not known whether it is cured"
    return "Cured" if entry.cured else "Not cured"


def _looked(entry: Looked) -> str:
    health = entry.health
    if health.failed:
        state = "its rollout failed"
    elif health.settled:
        state = "its rollout is complete and healthy"
    elif health.paused:
        state = "the change is live, its rollout waits"
    else:
        state = "the change is live, its rollout goes on" if health.applied else "the change has not arrived yet"
    return f"Looked at the cluster: {state}{_because(health.detail)}"


def _listed(what: str, names: Iterable[str]) -> str:
    together = ", ".join(names)
    return f"{what} {together}" if together else ""


def _because(reason: str) -> str:
    return f": {reason.rstrip('.')}." if reason else "."
