"""The way of an incident. Read it downwards: it is the product.

Each function is one phase, a durable workflow that starts from the record and ends by writing to it. What stands between the awaits is
plain computing
on recorded values. A phase that is begun anew (an upgrade, a lost engine) finds in the record what its earlier run wrote, and goes on
from there.
"""

from remediation import questions, steps
from remediation.course import Course, body_as
from remediation.durable import durably
from remediation.entries import (
    Attempted,
    Called,
    Critiqued,
    Decided,
    Delivered,
    Ended,
    Looked,
    PhaseBegan,
    Progressed,
    Proposed,
    Remembered,
    Turned,
    Verified,
)
from remediation.errors import Conflict, Refused
from remediation.terms import Health, Outcome, Phase, Progress, Signal
from remediation.verification import verify

Next = Phase | Outcome


async def investigate(course: Course) -> Next:
    """What is broken, how we know, what it is like, and what could be done about it."""
    if not course.incident.evidence:
        await course.put(await durably(steps.look, course.incident, course.world))
    if course.incident.proposal is None:
        await course.put(Proposed(proposal=await durably(steps.propose, course.incident, course.world)))
    for plan in questions.uncriticised(course.incident):
        critique = await durably(steps.criticise, course.incident, plan, course.world)
        await course.put(Critiqued(critique=critique))
        if critique.decision == "APPROVED":
            break  # the first that stands is enough; the others are the alternatives
    return questions.without_a_plan(course.incident) or "settle"


async def settle(course: Course) -> Next:
    """From a proposal to a decision: bound, rehearsed, judged, decided. The best plan that passes is the one that people see."""
    if course.incident.attempt is not None and course.incident.attempt.passes:  # begun anew, or the base moved: the card stands already
        return await _decide(course) or "deliver"
    for plan in questions.untried(course.incident):
        attempted: Attempted = await durably(steps.attempt, course.incident, plan, course.world)
        await course.put(attempted)
        if attempted.verdict is not None and not attempted.verdict.denied:
            return await _decide(course) or "deliver"
    return Outcome(name="handed_over", reason=questions.why_nothing_passed(course.incident))


async def deliver(course: Course) -> Next:
    """From a decision to the merge. The change is proven again first: the approval holds only for the very same bytes."""
    if course.incident.the_attempt.receipt is None:
        try:
            receipt = await durably(steps.deliver, course.incident, course.world)
        except Conflict:  # the base moved and the change is another one now: a new card
            await course.put(await durably(steps.attempt, course.incident, course.incident.the_attempt.plan, course.world))
            return "settle"
        except Refused as refusal:
            return Outcome(name="handed_over", reason=str(refusal))
        await course.put(Delivered(receipt=receipt))
    while True:
        signal = (await course.next_signal(until=None)).signal
        following: Next | None = None
        if signal is not None and signal.kind == "merge_request":
            following = await _progressed(course, body_as(Progress, signal.body))
        elif signal is not None and signal.kind == "alert" and not course.incident.firing:
            following = await _healed_before_the_merge(course)
        elif signal is not None:
            await _too_late(course, signal)
        if following is not None:
            return following


async def verify_cure(course: Course) -> Next:
    """From the merge to an outcome: applied, rollout healthy, alert silent for the soak. Else it is taken back."""
    if course.incident.the_attempt.is_revert:
        return await _await_revert(course)
    now = course.incident.updated_at or course.incident.opened_at
    while course.incident.the_attempt.verified is None:
        answer = verify(course.incident, course.world.patience, now)
        if isinstance(answer, Verified):
            await course.put(answer)
        else:
            heard = await course.next_signal(answer.until)
            now = heard.at
            if heard.signal is not None and heard.signal.kind == "health":
                await course.put(Looked(health=body_as(Health, heard.signal.body)))
            elif heard.signal is not None:
                await _too_late(course, heard.signal)
    verified = course.incident.the_attempt.verified
    if verified.cured:
        return Outcome(name="fixed", reason=verified.reason, cause_confirmed=questions.confirmed(verified))
    return await _roll_back(course, verified.reason)


async def remember(course: Course) -> Next:
    """Success and failure alike, so that the next one is closed faster."""
    if not course.incident.remembered:
        await course.put(Remembered(where=await durably(steps.remember, course.incident, course.world)))
    await course.told()  # done means that people read it, too
    return "done"


PHASES = {"investigate": investigate, "settle": settle, "deliver": deliver, "verify": verify_cure, "remember": remember}


async def enter(course: Course, following: Next) -> None:
    """Write how a phase ended: with the next one, or with an outcome, which is then remembered."""
    if isinstance(following, Outcome):
        await course.put(Ended(outcome=following))
        following = "remember"
    await course.put(PhaseBegan(phase=following))


async def _decide(course: Course) -> Outcome | None:
    """Wait for the gate's answer; None means approved. Silence calls people and keeps the buttons alive."""
    if course.incident.the_attempt.automatic and course.incident.the_attempt.answer is None:
        await course.put(Decided(decision=await durably(steps.decide_by_policy, course.incident, course.world)))
    while course.incident.the_attempt.answer is None:
        heard = await course.next_signal(questions.answer_due(course.incident, course.world.patience))
        if heard.signal is None:
            await _call(course, f"Nobody answered for {course.world.patience.answer:g} minutes.")
        elif heard.signal.kind == "alert" and not course.incident.firing:
            return Outcome(name="self_healed", reason="The alert recovered before anything was changed.")
        elif heard.signal.kind == "press":
            await _pressed(course, heard.signal)
    return questions.outcome_of_answer(course.incident)


async def _pressed(course: Course, press: Signal) -> None:
    """A press binds by the stored row only: who may, and which digest is open. Who may not is told alone."""
    answer = questions.answer_of(press)
    if answer is None:
        return
    refusal = questions.may_not_press(course.incident, press, course.world.why_not)
    if refusal:
        await _turn(course, press, refusal)
        return
    decision = questions.decision_of(press, answer)
    await course.put(Decided(decision=decision))
    if answer == "escalated":
        await _call(course, f"<@{decision.by}> escalated.")


async def _progressed(course: Course, progress: Progress) -> Next | None:
    """What the merge request's new state means; None to wait on."""
    await course.put(Progressed(progress=progress))
    match progress.state:
        case "applied":
            return "verify"
        case "refused":
            return Outcome(name="handed_over", reason=questions.closed_by(progress))
        case "lost":
            return Outcome(name="handed_over", reason="The merge request is not there any more.")
        case "waiting" if progress.ready and course.incident.the_attempt.automatic:
            return await _progressed(course, await durably(steps.finish, course.incident, course.world))
    return None


async def _healed_before_the_merge(course: Course) -> Next:
    """Nothing is to be merged any more, unless somebody just did."""
    following = await _progressed(course, await durably(steps.withdraw, course.incident, course.world))
    healed = Outcome(name="self_healed", reason="The alert recovered before the merge; the merge request was closed.")
    return following if following == "verify" else healed


async def _roll_back(course: Course, why: str) -> Next:
    """Not cured: call people and open the revert without a press. Merging it needs a decision like any other."""
    await _call(course, f"The fix did not cure it: {why}")
    revert: Attempted = await durably(steps.attempt_to_undo, course.incident, course.world)
    if revert.rehearsal is None:
        return Outcome(name="not_fixed", reason=f"{why}; it could not be reverted: {revert.refused}", cause_confirmed="no")
    await course.put(revert)
    return await _await_revert(course)


async def _await_revert(course: Course) -> Next:
    if course.incident.the_attempt.receipt is None:
        await course.put(Delivered(receipt=await durably(steps.deliver, course.incident, course.world)))
    if course.incident.the_attempt.automatic and course.incident.the_attempt.answer is None:
        await course.put(Decided(decision=await durably(steps.decide_by_policy, course.incident, course.world)))
    following: Next | None = None
    while following is None:
        signal = (await course.next_signal(until=None)).signal
        if signal is not None and signal.kind == "merge_request":
            following = await _progressed(course, body_as(Progress, signal.body))
        elif signal is not None and signal.kind == "press":
            await _pressed(course, signal)
            if questions.outcome_of_answer(course.incident) is not None:
                following = await _progressed(course, await durably(steps.withdraw, course.incident, course.world))
    await _record_who_merged(course)
    return questions.outcome_of_revert(course.incident)


async def _record_who_merged(course: Course) -> None:
    """A revert that a person merged in GitLab without a press was decided by that merge."""
    attempt = course.incident.the_attempt
    if attempt.answer is None and attempt.progress is not None and attempt.progress.state == "applied":
        await course.put(Decided(decision=questions.decision_by_merge(course.incident)))


async def _too_late(course: Course, signal: Signal) -> None:
    """A press after the decision changes nothing, and its presser is told so."""
    if signal.kind == "press" and questions.answer_of(signal) is not None:
        await _turn(course, signal, questions.decided_already(course.incident))


async def _call(course: Course, reason: str) -> None:
    """Call people by name, once a reason."""
    if reason not in course.incident.called:
        await course.put(Called(reason=reason))


async def _turn(course: Course, press: Signal, reason: str) -> None:
    user, action = str(press.body["user"]), str(press.body["action"])
    await course.put(Turned(user=user, action=action, reason=reason))
    await course.whisper(user, reason)
