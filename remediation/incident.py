"""The way of an incident. Read it downwards: it is the product.

Each function is one phase, a durable workflow that starts from the record and ends by writing to it. It asks again and again what the
record says now (`questions`), and does the one thing that comes next (`steps`), so that a phase which is begun anew, after an upgrade or
with a lost engine, goes on where the record ends. What stands between the awaits is plain computing on recorded values.
"""

from dataclasses import replace
from datetime import timedelta

from remediation import questions, steps, verification
from remediation.closing import CLOSE, RECOVERED, closed_by, is_with_people, recovered
from remediation.course import Course
from remediation.durable import durably
from remediation.entries import (
    Called,
    Decided,
    Ended,
    Progressed,
    Turned,
    Verified,
)
from remediation.errors import Conflict, Refused
from remediation.terms import Health, Instead, Outcome, Phase, Progress, Signal
from remediation.verification import Waiting

Next = Phase | Outcome
_ASKS_GIT = timedelta(minutes=1)


async def investigate(course: Course) -> Next:
    """What is broken, how we know, what it is like, and what could be done about it."""
    while not course.incident.evidence:
        if questions.to_look(course.incident, course.now):
            await course.do(steps.look, course.incident, course.world)
        elif (taken := await _hear_of_the_silence(course)) is not None:
            return taken
        elif not course.incident.firing:
            break
    if not course.incident.firing:  # over before anybody could look: there is nothing to debate
        return "settle"
    if course.incident.proposal is None:
        await course.do(steps.propose, course.incident, course.world)
    while (plan := questions.to_criticise(course.incident)) is not None:
        await course.do(steps.criticise, course.incident, plan, course.world)
    return "settle"


async def settle(course: Course) -> Next:
    """From a proposal to a decision: bound, rehearsed, judged, decided. The best plan that passes is the one that people see."""
    while (following := questions.settled(course.incident)) is None:
        if (plan := questions.to_attempt(course.incident)) is not None:
            await course.do(steps.attempt, course.incident, plan, course.world)
        elif course.incident.the_attempt.places:
            await _hear_of_the_place(course)
        elif course.incident.the_attempt.automatic:
            await course.do(steps.decide_by_policy, course.incident, course.world)
        else:
            await _hear_of_the_card(course)
    return await _by_whose_hand(course, following)


async def deliver(course: Course) -> Next:
    """From a decision to the merge. The change is proven and judged again first: the approval holds only for the very same bytes."""
    while (following := questions.delivered(course.incident)) is None:
        if course.incident.the_attempt.receipt is None:
            try:
                await course.try_to(steps.deliver, course.incident, course.world)
            except Conflict as moved:  # a new card, which needs a decision of its own
                again = await durably(steps.attempt, course.incident, course.incident.the_attempt.plan, course.world)
                await course.put(replace(again, anew=moved.what))
            except Refused as refusal:
                return Outcome(name="handed_over", reason=str(refusal))
        elif not course.incident.firing:
            await _withdraw(course, "It is not needed any more: the alert recovered before the merge.")
        else:
            await _hear_of_the_merge_request(course)
    return await _by_whose_hand(course, following)


async def verify_cure(course: Course) -> Next:
    """From the merge to an outcome: applied, rollout healthy, alert silent for the soak. Else it is taken back."""
    while (following := verification.verified(course.incident)) is None:
        if course.incident.the_attempt.is_revert:
            if refused := await _take_back(course):
                return verification.not_fixed(course.incident, f"it could not be reverted: {refused}")
        elif course.incident.the_attempt.verified is None:
            await _watch(course)
        else:
            await _call(course, "The fix did not cure it.")
            if refused := await _rehearse_the_revert(course):
                return verification.not_fixed(course.incident, f"it could not be reverted: {refused}")
    return following


async def remember(course: Course) -> Next:
    """Success and failure alike, so that the next one is closed faster."""
    if not course.incident.remembered:
        await course.do(steps.remember, course.incident, course.world)
    await course.told()  # done means that people read it, too
    return "close" if is_with_people(course.incident) else "done"


async def close(course: Course) -> Next:
    """What people took over is open until its alert recovers, or one of them says that it is over."""
    while course.incident.closed is None:
        signal = (await course.next_signal(until=None)).signal
        if signal is None:
            continue
        if recovered(course.incident, signal):
            await course.put(RECOVERED)
        elif signal.kind == "press" and signal.body["action"] == CLOSE:
            await _pressed_close(course, signal)
    await course.told()
    return "done"


PHASES = {
    "investigate": investigate, "settle": settle, "deliver": deliver, "verify": verify_cure, "remember": remember, "close": close,
}  # fmt: skip


async def follow(course: Course, ended: Next) -> Phase:
    """The phase that follows one which ended so: an outcome is written, then remembered."""
    if not isinstance(ended, Outcome):
        return ended
    if course.incident.outcome is None:
        await course.put(Ended(outcome=ended))
    return "remember"


async def _hear_of_the_silence(course: Course) -> Outcome | None:
    """What the cause needs did not answer, and is asked again: the alert may recover meanwhile, and a person take it over."""
    silence = course.incident.unanswered[-1]
    signal = (await course.next_signal(silence.until)).signal
    if signal is None or signal.kind != "press" or questions.answer_of(signal) != "escalated":
        return None
    user = str(signal.body["user"])
    if refusal := course.world.why_not(user, course.incident, "escalate"):
        await _turn(course, signal, refusal)
        return None
    return Outcome(name="handed_over", reason=f"Escalated to people: {silence.reason}. <@{user}> escalated.")  # told, it calls them


async def _hear_of_the_card(course: Course) -> None:
    """Silence calls people once a card and keeps the buttons alive; a card that expired is proven anew."""
    heard = await course.next_signal(questions.card_due(course.incident, course.world.patience))
    if heard.signal is not None and heard.signal.kind == "press":
        await _pressed(course, heard.signal)
    elif heard.signal is None and questions.expired(course.incident, heard.at):
        await course.do(steps.attempt, course.incident, course.incident.the_attempt.plan, course.world)
    elif heard.signal is None:
        await _call(course, f"Nobody answered for {course.world.patience.answer:g} minutes.")


async def _hear_of_the_place(course: Course) -> None:
    """More than one place gives the object: people are called, and the next attempt goes where one of them says."""
    await _call(course, questions.WHERE)
    signal = (await course.next_signal(until=None)).signal
    place = questions.place_of(course.incident, signal) if signal is not None and signal.kind == "press" else ""
    if signal is None or not place:
        return
    refusal = course.world.why_not(str(signal.body["user"]), course.incident, str(signal.body["action"]))
    if refusal:
        await _turn(course, signal, refusal)
        return
    await course.do(steps.attempt, course.incident, course.incident.the_attempt.plan, course.world, place)


async def _pressed(course: Course, press: Signal) -> None:
    """A press binds by the stored row only: who may, and which digest is open. Who may not is told alone."""
    answer = questions.answer_of(press)
    if answer is None:
        return
    refusal = questions.may_not_press(course.incident, press, course.world.why_not)
    if refusal:
        await _turn(course, press, refusal)
        return
    await course.put(Decided(decision=questions.decision_of(press, answer)))
    if answer == "escalated":
        await _call(course, f"<@{press.body['user']}> escalated.")


async def _pressed_close(course: Course, press: Signal) -> None:
    refusal = course.world.why_not(str(press.body["user"]), course.incident, CLOSE)
    if refusal:
        await _turn(course, press, refusal)
    else:
        await course.put(closed_by(press))


async def _hear_of_the_merge_request(course: Course) -> None:
    """Its pipeline, approvals and discussion are told; what is ready and needs nobody is merged at exactly its commit."""
    if questions.merges_itself(course.incident):
        try:
            await _progress(course, await durably(steps.finish, course.incident, course.world))
        except Conflict as moved:  # it stays open: whoever looks at both may merge what policy may not
            await _call(course, f"{questions.COULD_NOT_MERGE}: {moved.what}")
        except Refused as refusal:
            await _call(course, f"{questions.COULD_NOT_MERGE}: {refusal}")
        return
    signal = (await course.next_signal(until=None)).signal
    if signal is not None and signal.kind == "merge_request" and (progress := questions.seen(course.incident, signal, Progress)):
        await _progress(course, progress)
    elif signal is not None:
        await _too_late(course, signal)


async def _watch(course: Course) -> None:
    """Until something can be said for certain. Before it is called cured the cluster is looked at once more."""
    waits = not verification.arrived(course.incident)
    if waits and (overwritten := await durably(steps.overwritten, course.incident, course.world)):
        await course.put(Verified(cured=False, reason=f"It was merged, but {overwritten}", looked=False, ran=False))
        return
    answer = verification.verify(course.incident, course.world.patience, course.now)
    if isinstance(answer, Waiting):
        soon = course.now + _ASKS_GIT  # whoever changes it in Git meanwhile is seen before its time is over
        await _hear_of_the_rollout(course, replace(answer, until=min(answer.until, soon)) if waits and answer.until else answer)
        return
    if answer.cured:
        health: Health = await durably(steps.look_again, course.incident, course.world)
        if not health.settled:
            await _looked(course, health)
            return
    await course.put(verification.with_metric(answer, await durably(steps.measure, course.incident, course.world)))


async def _watch_the_revert(course: Course) -> None:
    """Until all is as it was before the fix; people must know when it does not come to that."""
    answer = verification.undone(course.incident, course.world.patience, course.now)
    if isinstance(answer, Waiting):
        await _hear_of_the_rollout(course, answer)
        return
    if not answer.cured:
        await _call(course, f"{answer.reason.rstrip('.')}.")
    await course.put(answer)


async def _hear_of_the_rollout(course: Course, waiting: Waiting) -> None:
    signal = (await course.next_signal(waiting.until)).signal
    if signal is not None and (seen := questions.seen_health(course.incident, signal)) is not None:
        await _looked(course, seen)
    elif signal is not None:
        await _too_late(course, signal)


async def _looked(course: Course, health: Health) -> None:
    """A rollout that waits for a person, by its own word, calls one."""
    await course.put(questions.looked(course.incident, health))
    if health.promote:
        await _call(course, health.detail)


async def _take_back(course: Course) -> str:
    """The revert is opened without a press; merging it needs a decision like any other, and a person who merges in GitLab gives one.

    Answers why it could not be opened, empty for nothing.
    """
    attempt = course.incident.the_attempt
    if attempt.receipt is None:
        return await _open_the_revert(course)
    if attempt.automatic and attempt.answer is None:
        await course.do(steps.decide_by_policy, course.incident, course.world)
    elif attempt.applied_at is not None:
        await _watch_the_revert(course)
    elif questions.rejected(course.incident):
        await _withdraw(course, "A person decided against the revert.")
    elif attempt.answer is None:
        await _hear_of_the_revert(course)
    else:
        await _hear_of_the_merge_request(course)
    return ""


async def _rehearse_the_revert(course: Course) -> str:
    """Write the revert of what was delivered; or answer why it may not be opened, which is written by the outcome."""
    revert = await durably(steps.attempt_to_undo, course.incident, course.world)
    if not verification.may_open(revert):
        return questions.why_stopped(revert)
    await course.put(revert)
    return ""


async def _open_the_revert(course: Course) -> str:
    try:
        await course.try_to(steps.deliver, course.incident, course.world)
    except Conflict:  # the base moved since it was rehearsed: it is rehearsed again
        return await _rehearse_the_revert(course)
    except Refused as refusal:
        return str(refusal)
    return ""


async def _hear_of_the_revert(course: Course) -> None:
    signal = (await course.next_signal(until=None)).signal
    if signal is not None and signal.kind == "press":
        await _pressed(course, signal)
    elif signal is not None and (progress := questions.seen(course.incident, signal, Progress)) is not None:
        if (decision := questions.decision_by_merge(course.incident, progress, signal.at)) is not None:
            await course.put(Decided(decision=decision))
        await _progress(course, progress)


async def _by_whose_hand(course: Course, following: Next) -> Next:
    """What recovered without us did not always heal by itself: where somebody changed or deleted it, the outcome says so."""
    if not isinstance(following, Outcome) or following.name != "self_healed" or not questions.open_digest(course.incident):
        return following
    ended: Outcome = await durably(steps.by_whose_hand, course.incident, following, course.world)
    return ended


async def _withdraw(course: Course, reason: str) -> None:
    progress: Progress = await durably(steps.withdraw, course.incident, course.world, reason)
    await _progress(course, replace(progress, reason=progress.reason or reason))


async def _progress(course: Course, progress: Progress) -> None:
    said, another = questions.not_said_before(course.incident, progress), questions.merged_something_else(course.incident, progress)
    instead: Instead | None = await durably(steps.merged, course.incident, course.world) if another else None
    await course.put(Progressed(progress=progress, said=said, instead=instead))
    if instead is not None:
        await _call(course, f"What was merged is another change than was approved. {instead}")
    elif another:
        await _call(course, "The branch was changed before it was merged; the fields of the fix are as they were approved.")
    if held_up := questions.held_up(course.incident):
        await _call(course, held_up)


async def _call(course: Course, reason: str) -> None:
    """Call people by name: once a reason and card."""
    called = Called(reason=reason, digest=questions.open_digest(course.incident))
    if not questions.called_already(course.incident, called):
        await course.put(called)


async def _too_late(course: Course, signal: Signal) -> None:
    """A press after the decision changes nothing, and its presser is told so."""
    if signal.kind == "press" and questions.answer_of(signal) is not None:
        await _turn(course, signal, questions.decided_already(course.incident))


async def _turn(course: Course, press: Signal, reason: str) -> None:
    user, action = str(press.body["user"]), str(press.body["action"])
    await course.put(Turned(user=user, action=action, reason=reason))
    await course.whisper(user, reason)
