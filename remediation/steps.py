"""What the phases do: the steps that reach out into the world. Ordinary functions that know nothing of durability; each may run twice."""

from dataclasses import replace
from datetime import timedelta

from remediation.aside import find_aside
from remediation.deliberation.scene import leading, live_object
from remediation.entries import Attempt, Attempted, Critiqued, Decided, Delivered, Incident, Investigated, Proposed, Remembered, Unanswered
from remediation.errors import Absent, Ambiguous, Conflict, Refused, RemediationError
from remediation.evidence import gather, resolve_target, window_of
from remediation.masking import mask
from remediation.observed import observed_in
from remediation.policy import bound, judge
from remediation.policy.setting import TIGHTNESS, Setting
from remediation.ports import Executor
from remediation.questions import approved, why_stopped
from remediation.remedies import action_of, render_act
from remediation.silence import awaited
from remediation.terms import Act, Decision, Gate, Health, Instead, Measured, Outcome, Plan, Progress, Receipt, Rehearsal, Window
from remediation.world import World

_ALERTS_LATE = timedelta(minutes=5)  # a monitor looks back before it fires
_BROKEN_AT_MOST = timedelta(hours=1)  # of what is asked for: a longer span is answered in coarser points


async def look(incident: Incident, world: World) -> Investigated | Unanswered:
    """Evidence from all sources at once, what is certain of it, and what it is like; or that what the cause needs did not answer.

    Silence is waited out while the alert fires, as often as `Patience` says; then what is known must do.
    """
    evidence = await gather(world.sources, incident, window_of(incident, world.patience.window, world.now()), world.limits)
    target = resolve_target(incident.target, evidence)
    findings = await find_aside(evidence, target)
    later = world.patience.next_looks(len(incident.unanswered), world.now()) if incident.firing else ()
    if later and (silence := awaited(evidence, findings, target)):
        return Unanswered(reason=silence, until=later[0], last=later[-1], again=bool(incident.unanswered))
    labels = {key: value for alert in incident.alerts for key, value in alert.labels.items()}
    standing = world.standing_of(target, labels)
    seen = replace(incident, evidence=evidence, findings=findings, target=target, standing=standing)
    own = leading(findings, target, observed_in(evidence))
    precedents = tuple(await world.recall.similar(seen.case())) if own else ()  # what ails another is no likeness of this one
    return Investigated(
        evidence=evidence, findings=findings, precedents=precedents, target=target, standing=standing,
        leading=own.finding_id if own else "",
    )  # fmt: skip


async def propose(incident: Incident, world: World) -> Proposed:
    """The actor's proposal, each plan with what the server derives from it."""
    proposal = await world.actor.propose(incident.case())
    plans = tuple(_with_action(plan, incident, world) for plan in proposal.plans)
    return Proposed(proposal=replace(proposal, plans=plans))


async def criticise(incident: Incident, plan: Plan, world: World) -> Critiqued:
    """The critic's word on one plan, which it sees as the act that would be done."""
    act = _act(plan, incident, world)
    return Critiqued(critique=await world.critic.criticise(incident.case(), plan, act))


async def attempt(incident: Incident, plan: Plan, world: World, place: str = "") -> Attempted:
    """Bound, rendered, rehearsed, judged. A refusal is an answer too. place: the one that a person chose of several, now or before."""
    try:
        plan, clamped = bound(plan, world.catalogue[plan.remedy], world.policy, live_object(incident.case(), plan.target))
        act = replace(_act(plan, incident, world), place=place or _chosen(incident, plan))
        rehearsal = await _executor(act.kind, world).rehearse(act)
    except Refused as refusal:
        places = refusal.places if isinstance(refusal, Ambiguous) else ()
        return Attempted(plan=plan, refused=str(refusal), refused_kind=refusal.kind, places=places)
    return await _judged(incident, plan, rehearsal, clamped, world)


def _chosen(incident: Incident, plan: Plan) -> str:
    """What a person chose for this plan before."""
    return next((each.act.place for each in reversed(incident.attempts) if each.act and each.plan.plan_id == plan.plan_id), "")


async def attempt_to_undo(incident: Incident, world: World) -> Attempted:
    """The revert of what was delivered, rehearsed and judged like any act.

    That is the newest fix with a receipt: a revert which the base moved away from under was rehearsed, and never delivered.
    """
    failed = next((tried for tried in reversed(incident.attempts) if tried.receipt and not tried.is_revert), incident.the_attempt)
    rehearsal, receipt = _delivered(failed)
    try:
        executor = _executor(receipt.kind, world)
        again = await executor.rehearse(await executor.undo(rehearsal, receipt))
    except Refused as refusal:
        return Attempted(plan=failed.plan, refused=str(refusal), refused_kind=refusal.kind)
    return await _judged(incident, failed.plan, again, (), world)


async def decide_by_policy(incident: Incident, world: World) -> Decided:
    """The automatic gate's answer."""
    attempt = incident.the_attempt
    if attempt.rehearsal is None or attempt.verdict is None:
        raise ValueError(f"{incident.incident_id} has nothing to decide.")
    reason = "; ".join(ruling.reason for ruling in attempt.verdict.rulings if ruling.rule == "gate") or "the gate is automatic here"
    decision = Decision(digest=attempt.rehearsal.digest, answer="approved", by="policy", reason=reason, at=world.now())
    return Decided(decision=decision)


async def deliver(incident: Incident, world: World) -> Delivered:
    """Prove and judge the change again on the base as it is now, then do it.

    Raises Conflict when it is not the very same any more, or not under the same gate; Refused when nobody approved it, or policy says
    no by now.
    A revert is opened without a press: its decision is about merging it.
    """
    attempt = incident.the_attempt
    if attempt.rehearsal is None or not (attempt.is_revert or approved(attempt)):
        raise Refused("Nobody approved exactly this change.", "Decide on its card.")
    if world.now() >= attempt.rehearsal.expires_at and not attempt.is_revert:
        raise Conflict("The approval expired before it was used.", "Look at the new card.")
    again = await _proven_again(incident, attempt.rehearsal, world)
    executor = _executor(again.act.kind, world)
    return Delivered(receipt=await executor.deliver(incident, again, f"{incident.incident_id}/{len(incident.attempts)}"))


async def finish(incident: Incident, world: World) -> Progress:
    """Merge by policy, at exactly the commit that was delivered: a pipeline takes its time, so all is proven and judged once more.

    Raises Conflict and Refused as `deliver` does, and Refused when we may not merge it.
    """
    rehearsal, receipt = _delivered(incident.the_attempt)
    executor = _executor(receipt.kind, world)
    now = await executor.progress(receipt)
    if now.state != "waiting":
        return now
    await _proven_again(incident, rehearsal, world)
    return await executor.finish(receipt, "Merged by policy: the gate is automatic here.")


async def by_whose_hand(incident: Incident, healed: Outcome, world: World) -> Outcome:
    """The outcome with what somebody else did since the newest act was rehearsed: who changed it, or that its object is gone.

    An alert that fell silent with its object healed nothing: that is for people. As it was where it cannot be asked now.
    """
    rehearsal = incident.the_attempt.rehearsal
    if rehearsal is None:
        return healed
    try:
        await _executor(rehearsal.act.kind, world).rehearse(rehearsal.act)
    except Absent as gone:
        return Outcome(name="handed_over", reason=f"The alert recovered, but {gone.what}")
    except Refused as moved:
        return replace(healed, reason=f"The alert recovered, and not by Suture: {moved.what}") if moved.kind == "drift" else healed
    except RemediationError:
        return healed
    return healed


async def withdraw(incident: Incident, world: World, reason: str) -> Progress:
    """Close what was not merged, saying why."""
    _, receipt = _delivered(incident.the_attempt)
    return await _executor(receipt.kind, world).withdraw(receipt, reason)


async def look_again(incident: Incident, world: World) -> Health:
    """The cluster as it is when the soak ends. A cluster that cannot be asked then is as it was last seen."""
    rehearsal, _ = _delivered(incident.the_attempt)
    try:
        return await world.watcher.health(incident.the_attempt.merged or rehearsal)
    except RemediationError:
        return incident.the_attempt.health or Health(applied=False, settled=False)


async def overwritten(incident: Incident, world: World) -> str:
    """Who changed in Git what was merged, and to what; empty for nothing, and where it cannot be asked now."""
    rehearsal, receipt = _delivered(incident.the_attempt)
    try:
        return await _executor(receipt.kind, world).overwritten(incident.the_attempt.merged or rehearsal, receipt)
    except RemediationError:
        return ""


async def merged(incident: Incident, world: World) -> Instead | None:
    """What was merged instead of what was approved, once somebody pushed to the branch; None where that changed nothing of it."""
    rehearsal, receipt = _delivered(incident.the_attempt)
    try:
        return await _executor(receipt.kind, world).merged(rehearsal, receipt)
    except Refused as refusal:
        return Instead(by="somebody", unread=refusal.what)


async def measure(incident: Incident, world: World) -> Measured:
    """The monitor's metric from shortly before the first alert to the merge, and since the rollout is whole, or since the merge."""
    attempt, first = incident.the_attempt, incident.alerts[0]
    query = next((alert.query for alert in incident.alerts if alert.query), "")
    began = min(first.started_at, incident.opened_at)
    broken = Window(since=began - _ALERTS_LATE, until=min(attempt.applied_at or world.now(), began + _BROKEN_AT_MOST))
    return await world.watcher.measured(query, broken, attempt.settled_at or attempt.applied_at or world.now())


async def remember(incident: Incident, world: World) -> Remembered:
    """One document for recall."""
    await world.recall.remember(incident)
    return Remembered(where="recall")


async def _proven_again(incident: Incident, rehearsal: Rehearsal, world: World) -> Rehearsal:
    """The same act, rehearsed and judged on what is so now: the very same bytes, by no tighter gate. Raises Conflict, Refused."""
    attempt = incident.the_attempt
    again = await _executor(rehearsal.act.kind, world).rehearse(rehearsal.act, like=rehearsal)
    if again.digest != rehearsal.digest:
        raise Conflict(f"{_moved(rehearsal, again)} since it was rehearsed: the change is another one now.", "Look at the new card.")
    judged = await _judged(incident, attempt.plan, again, (), world)
    if judged.verdict is not None and judged.verdict.denied:
        raise Refused(why_stopped(judged), "Look at what changed since it was approved.")
    if judged.verdict is not None and attempt.verdict is not None and _tighter(judged.verdict.gate, attempt.verdict.gate):
        raise Conflict("More people are needed for it by now.", "Look at the new card.")
    return again


def _moved(then: Rehearsal, now: Rehearsal) -> str:
    """What makes it another change: a file that it touches, what the objects come to, or what else an approval binds to."""
    was = {file.path: file.blob for file in then.files}
    changed = [file.path for file in now.files if was.get(file.path) != file.blob]
    if changed:
        return f"{' and '.join(changed)} moved in {now.branch} of {now.project}"
    return "The policy was changed" if now.moves == then.moves else "What its files render to was changed"


def _tighter(now: Gate, then: Gate) -> bool:
    return TIGHTNESS.index(now) > TIGHTNESS.index(then)


def _executor(kind: str, world: World) -> Executor:
    if kind not in world.executors:
        raise Refused(f"Nothing here can do a {kind} act.", "For git, set GITLAB_TOKEN and name your projects under gitops.", "not_found")
    return world.executors[kind]


def _with_action(plan: Plan, incident: Incident, world: World) -> Plan:
    return replace(plan, action=action_of(_act(plan, incident, world)))


def _act(plan: Plan, incident: Incident, world: World) -> Act:
    return render_act(plan, world.catalogue[plan.remedy], live_object(incident.case(), plan.target), incident.standing)


def _delivered(attempt: Attempt) -> tuple[Rehearsal, Receipt]:
    if attempt.rehearsal is None or attempt.receipt is None:
        raise ValueError("Nothing was delivered.")
    return attempt.rehearsal, attempt.receipt


async def _judged(incident: Incident, plan: Plan, rehearsal: Rehearsal, clamped: tuple[str, ...], world: World) -> Attempted:
    history = await world.record.history(incident.incident_id, str(rehearsal.act.object))
    setting = Setting(policy=world.policy, catalogue=world.catalogue, history=history, now=world.now().astimezone())
    verdict = judge(rehearsal, incident, plan, setting, clamped)
    return Attempted(plan=plan, act=rehearsal.act, rehearsal=_for_the_record(rehearsal), verdict=verdict)


def _for_the_record(rehearsal: Rehearsal) -> Rehearsal:
    """Without the files' bytes, and with the diff masked: delivery renders and proves anew, and a manifest may hold a secret."""
    files = tuple(replace(file, content=b"") for file in rehearsal.files)
    return replace(rehearsal, files=files, diff=mask(rehearsal.diff))
