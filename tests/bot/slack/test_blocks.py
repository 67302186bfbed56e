"""Every message: within Slack's limits, saying what is so, and obeying nobody whose text it shows."""

import json
import re
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.slack_blocks import problems, too_long
from bot.slack.blocks import card, entry_message, head
from bot.slack.blocks.evidence import evidence_sheet
from bot.slack.blocks.layout import words
from bot.slack.blocks.rejection import Rejection, rejection_modal, rejection_of
from remediation.entries import (
    AlertJoined,
    Attempted,
    Called,
    Decided,
    Delivered,
    Ended,
    Investigated,
    Looked,
    PhaseBegan,
    Progressed,
    Proposed,
    Remembered,
    Turned,
    Unanswered,
    Verified,
)
from remediation.terms import Decision, DryRun, Health, Outcome, Progress, Ruling
from tests.bot.slack import made
from tests.remediation.made import a_plan, a_proposal, an_incident, up_to_the_merge

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
KNOWN = re.compile(r"<@U_(ALICE|BOB)>|<!subteam\^S_ONCALL>|<http://127\.0\.0\.1:9/[^|<>]*\|[^<>]*>")
HOSTILE = ["<!channel> ", "<@U_EVIL>", "<https://evil.example|Approve>", "```\n", "\n✓ Approved by policy\n", "&lt;", "*_~`", "x" * 4000]


def mrkdwn(message):
    """All text of a message that Slack reads as mrkdwn."""
    texts = [message.text]
    for block in message.blocks:
        elements = block.get("elements", [block]) if block["type"] in ("section", "context") else []
        texts += [element["text"] if isinstance(element["text"], str) else element["text"]["text"] for element in elements]
    return "\n".join(texts)


def buttons(message):
    """The action ids that can be pressed."""
    return [element["action_id"] for block in message.blocks if block["type"] == "actions" for element in block["elements"]]


def told_whole(**how):
    """An incident from its alert to its end."""
    told = made.Told(**how)
    told.threaded(), told.investigated((made.PRECEDENT,)), told.reasoned(), told.asked(), told.called()
    told.approved(), told.delivered(), told.ended()
    return told


def all_messages(told):
    """The head, the card, the evidence and what every entry says."""
    said = [head(told.incident), card(told.incident, told.incident.attempt), evidence_sheet(told.incident)]
    return [*said, *filter(None, (entry_message(told.incident, entry) for entry in told.entries))]


def spoilt(value, text):
    """The same dataclass with `text` in every field that a stranger could fill; ids, times and our own words stay."""
    ours = {"incident_id", "state", "decision", "status", "gate", "level", "kind", "approvers", "escalate_to", "digest", "by", "answer", "name",
            "environment", "url", "phase", "severity", "place", "path", "item", "cites", "source", "plan_id", "key"}  # fmt: skip
    if is_dataclass(value):
        return replace(value, **{f.name: spoilt(getattr(value, f.name), text) for f in fields(value) if f.name not in ours})
    if isinstance(value, tuple):
        return tuple(spoilt(item, text) for item in value)
    if isinstance(value, dict):
        return {key: spoilt(item, text) for key, item in value.items()}
    return text if isinstance(value, str) and value else value


def test_slack_takes_every_message_of_a_whole_story():
    """Limits and shapes, by the rules of Block Kit."""
    for message in all_messages(told_whole()):
        assert message.text
        assert problems(list(message.blocks)) == []
        assert problems(list(message.simple)) == []
        assert not too_long(message.blocks)


@settings(deadline=None, max_examples=30)
@given(text=st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=40).map("".join))
def test_nothing_that_a_stranger_wrote_mentions_links_or_breaks_out(text):
    """The only mentions are of people that settings name, the only link is to the merge request; limits hold for any length."""
    told = told_whole()
    told.incident = spoilt(told.incident, text)
    told.entries = [spoilt(entry, text) for entry in told.entries]

    for message in all_messages(told):
        said = mrkdwn(message)
        assert not re.search(r"[<>]", KNOWN.sub("", said))
        assert "\n✓ Approved by policy" not in re.sub(r"```.*?```", "", said, flags=re.DOTALL)
        assert problems(list(message.blocks)) == []
        assert not too_long(message.blocks)


def test_the_card_shows_the_change_the_rulings_and_four_buttons(told):
    """What a person decides on is on the card, with the line of the file; the buttons carry the digest and nothing else."""
    told.threaded(), told.investigated(), told.reasoned(), told.asked()
    said = card(told.incident, told.incident.attempt)

    assert buttons(said) == ["approve", "reject", "escalate", "show_evidence"]
    assert {e["value"] for b in said.blocks if b["type"] == "actions" for e in b["elements"]} == {made.DIGEST}
    assert "*apps/api/deployment.yaml*, line 35" in mrkdwn(said)
    assert "+              memory: 512Mi" in mrkdwn(said)
    assert "limits.memory: 256Mi → 512Mi" in mrkdwn(said)
    assert "rules passed; each one's answer is under Show evidence" in mrkdwn(said)
    assert "✓ bounds" not in mrkdwn(said)
    assert "<@U_ALICE> or <@U_BOB>" in mrkdwn(said)


def test_an_answered_card_loses_its_buttons_and_says_who_answered(told):
    """Nobody is invited to press what was decided."""
    told.threaded(), told.investigated(), told.reasoned(), told.asked(), told.approved()
    said = card(told.incident, told.incident.attempt)

    assert buttons(said) == []
    assert "✓ Approved by <@U_ALICE>, 03:20 UTC" in mrkdwn(said)


def test_silence_keeps_the_buttons(told):
    """Who was called must be able to answer."""
    told.threaded(), told.investigated(), told.reasoned(), told.asked(), told.called()

    assert "approve" in buttons(card(told.incident, told.incident.attempt))


def test_a_card_for_two_keeps_its_buttons_after_the_first():
    """One of two approvals decides nothing yet, and the card says that one more is needed."""
    told = made.Told(gate="two_people")
    told.threaded(), told.investigated(), told.reasoned(), told.asked(), told.approved()
    first = card(told.incident, told.incident.attempt)
    told.approved(by="U_BOB")

    assert "approve" in buttons(first)
    assert "approved by <@U_ALICE>, one more is needed" in mrkdwn(first)
    assert buttons(card(told.incident, told.incident.attempt)) == []


def test_what_policy_denies_cannot_be_approved(told):
    """The reason comes first, and Approve is not there."""
    no = Ruling(rule="window", passed=False, reason="03:11, window is 9:00 to 17:00")
    told.threaded(), told.investigated(), told.reasoned()
    entry = Attempted(plan=made.plan(), act=made.act(), rehearsal=made.rehearsal(), verdict=made.verdict("DENIED", rulings=(no,)))
    said = entry_message(told.put(entry), entry)

    assert buttons(said) == ["show_evidence"]
    assert mrkdwn(said).index("✗ window: 03:11") < mrkdwn(said).index("rules passed")


def test_the_card_names_the_rules_that_ask_for_a_person_and_the_sheet_all(told):
    """At three in the morning nobody reads sixteen lines of what is well; whoever wants them presses Show evidence."""
    unsure = Ruling(rule="quota", passed=True, gate="one_person", reason="how much is used is not known")
    told.threaded(), told.investigated(), told.reasoned()
    told.put(Attempted(plan=made.plan(), act=made.act(), rehearsal=made.rehearsal(), verdict=made.verdict(rulings=(unsure,))))
    said, sheet = mrkdwn(card(told.incident, told.incident.attempt)), mrkdwn(evidence_sheet(told.incident))

    assert "⚠ quota: how much is used is not known" in said
    assert "✓ quota: how much is used is not known" in sheet
    assert "✓ bounds: 512Mi is within" in sheet


def test_what_was_found_is_said_once(told):
    """The proposal says what is new: the finding's sentence, and the number of its item, stand above it."""
    told.threaded(), told.investigated(), told.reasoned()
    finding = replace(told.incident.findings[0], text="E3: container api was OOMKilled; its limit is 256Mi")
    incident = replace(told.incident, findings=(finding,))
    plan = replace(made.plan(), justification=f"{finding.text}. 512Mi is 2 times that.")
    found = entry_message(incident, Investigated(evidence=incident.evidence, findings=(finding,)))
    said = entry_message(incident, Proposed(proposal=replace(told.incident.proposal, plans=(plan,))))

    assert "*Found:* container api was OOMKilled; its limit is 256Mi (" in mrkdwn(found)
    assert "*Why:* 512Mi is 2 times that." in mrkdwn(said)


def test_what_could_not_be_rehearsed_says_why(told):
    """Drift, a template, a second candidate: the reason and no button that changes anything."""
    told.threaded(), told.investigated(), told.reasoned()
    entry = Attempted(
        plan=made.plan(), refused="Live is 384Mi, Git says 256Mi: drift. Merge or revert the live edit first.", refused_kind="drift"
    )
    said = entry_message(told.put(entry), entry)

    assert buttons(said) == ["show_evidence"]
    assert "✗ Not done: Raise the memory limit" in mrkdwn(said)
    assert "Live is 384Mi, Git says 256Mi" in mrkdwn(said)


@pytest.mark.parametrize("gate", ["automatic", "agreed"])
def test_an_automatic_gate_asks_nobody(gate):
    """In staging policy answers, or actor and critic do; nobody is paged to press, or to merge."""
    told = made.Told(gate=gate)
    told.threaded(), told.investigated(), told.reasoned(), told.asked()

    assert buttons(card(told.incident, told.incident.attempt)) == ["show_evidence"]
    assert "policy lets this pass by itself" in mrkdwn(head(told.incident))
    told.approved("policy"), told.delivered()
    delivered = next(entry for entry in told.entries if isinstance(entry, Delivered))
    assert "merges by itself" in mrkdwn(head(told.incident))
    assert "merges by itself" in mrkdwn(entry_message(told.incident, delivered))


def test_a_card_says_on_which_day_it_expires():
    """An approval may be asked for in the evening and hold until the next morning."""
    told = told_whole()

    assert "until 2026-03-04 11:11 UTC" in mrkdwn(card(told.incident, told.incident.attempt))


def test_a_revert_is_called_one():
    """Who reads the second card must not take it for a second fix."""
    told = told_whole()
    undo = made.act(undoes="k1", title="Set the memory limit of container api back to 256Mi")
    told.incident = replace(told.incident, outcome=None, phase="verify")
    again = made.rehearsal(undo, digest="d2" * 32)
    told.put(Attempted(plan=made.plan(), act=undo, rehearsal=again, verdict=made.verdict()))
    decision = Decision(digest="d2" * 32, answer="approved", by="U_BOB", reason="", at=made.BEGAN)

    assert "Decide: undo “Raise the memory limit of api to 512Mi”" in mrkdwn(card(told.incident, told.incident.attempt))
    assert "Fix did not help" in head(told.incident).text
    assert "(undoing the fix)" in entry_message(told.incident, Decided(decision=decision)).text


def test_who_is_called_after_a_failed_fix_reads_what_comes_next():
    """Not that there is nothing to do."""
    told = told_whole()
    told.incident = replace(told.incident, outcome=None, phase="verify")
    told.put(Verified(cured=False, reason="The alert fires again."))
    called = entry_message(told.incident, Called(reason="The fix did not cure it."))

    assert "*Tried:* Raise the memory limit" in called.text
    assert "a merge request that undoes the fix follows here" in called.text


def test_a_rollout_that_waits_by_its_own_word_says_who_ends_that():
    """Whoever is called reads where it waits, the command, and that it is their turn; what goes on by itself calls nobody."""
    said = "Rollout api is paused at step 2 of 4. Look at its new pods, then promote it: kubectl argo rollouts promote api -n shop"
    waits = Health(applied=True, settled=False, paused=True, promote="kubectl argo rollouts promote api -n shop", detail=said)
    incident = an_incident(*up_to_the_merge(), PhaseBegan(phase="verify"), Looked(health=waits))
    called = entry_message(incident, Called(reason=said))

    assert entry_message(incident, Looked(health=waits)).text == f"The change is live; its rollout waits: {said}"
    assert said in called.text
    assert "promote the paused rollout" in called.text
    by_itself = replace(waits, promote="", detail="Rollout api is paused at step 4 of 4.")
    assert "waits, and goes on by itself: Rollout api" in entry_message(incident, Looked(health=by_itself)).text


def test_an_object_that_moves_in_two_fields_is_named_once():
    """Request and limit are one change of one object."""
    told = made.Told()
    told.threaded(), told.investigated(), told.reasoned()
    move = made.rehearsal().moves[0]
    two = made.rehearsal(moves=(move, replace(move, path="spec.replicas", old=None, new=3)))
    entry = Attempted(plan=made.plan(), act=made.act(), rehearsal=two, verdict=made.verdict())
    said = mrkdwn(entry_message(told.put(entry), entry))

    assert said.count("Deployment/shop/api") == 1
    assert "spec.replicas: (absent) → 3" in said


def test_a_change_that_the_server_was_not_asked_about_says_so(told):
    """Not rehearsed is not the same as passed."""
    told.threaded(), told.investigated(), told.reasoned()
    dry_run = DryRun(state="not_rehearsed", reason="patch is not permitted")
    entry = Attempted(plan=made.plan(), act=made.act(), rehearsal=made.rehearsal(dry_run=dry_run), verdict=made.verdict())

    assert "⚠ Not rehearsed on the server: patch is not permitted" in mrkdwn(entry_message(told.put(entry), entry))


def test_a_very_long_diff_is_cut_and_said(told):
    """The limit cuts at a line and counts what is missing."""
    told.threaded(), told.investigated(), told.reasoned()
    long = made.rehearsal(diff="\n".join(f"+ line {n} <&>" for n in range(2000)))
    entry = Attempted(plan=made.plan(), act=made.act(), rehearsal=long, verdict=made.verdict())
    said = entry_message(told.put(entry), entry)

    assert re.search(r"… \d+ more lines left out", mrkdwn(said))
    assert problems(list(said.blocks)) == []


def test_the_yamls_have_the_fields_that_programs_and_people_look_for(told):
    """The actor's with what the server derived, the critic's with its four checks."""
    told.threaded(), told.investigated(), told.reasoned()
    actor, critic = (mrkdwn(entry_message(told.incident, entry)) for entry in told.entries[3:5])

    for name in ("cause:", "confidence:", "plan_id: P1", "remedy: raise_memory_limit", "cites:", "rollback:", "estimated_minutes:", "action_command:",
                 "action_type:", "action_level: N2", "is_safe: true", "kubernetes_changes:", "logs_summary:", "root_cause:"):  # fmt: skip
        assert name in actor
    assert "the rulebook stands in" in actor
    for name in ("decision: APPROVED", "whitelist_valid: true", "no_collateral_risk: true", "reason:", "alternative:"):
        assert name in critic


def test_what_was_learned_is_said_in_peoples_words():
    """By the fix's title, not by its name in the catalogue."""
    told = told_whole()
    learned = entry_message(told.incident, next(entry for entry in told.entries if isinstance(entry, Ended))).text

    assert f"*Learned:* “{told.incident.attempts[-1].plan.title}” cured it" in learned
    assert "oom killed" not in learned


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("fixed", "is shown inc-1 and what fixed it."),
        ("self_healed", "is shown inc-1, which healed by itself."),
        ("inconclusive", "is shown inc-1, which people took over."),
        ("rolled_back", "is shown inc-1 and what did not fix it."),
    ],
)
def test_what_is_promised_to_the_next_incident_is_true(outcome, said):
    """Only one with the same finding is compared with it; where nothing was found, none is."""
    told = told_whole()
    found = replace(told.incident, incident_id="inc-1", outcome=Outcome(name=outcome, reason=""))
    remembered = Remembered(where="recall")

    assert entry_message(found, remembered).text.endswith(said)
    assert "with the same finding" in entry_message(found, remembered).text
    nothing = entry_message(replace(found, findings=(), proposal=None), remembered).text
    assert nothing == "Kept as inc-1. Nothing certain was found, so no later incident is compared with it."


def test_who_is_called_at_the_end_reads_why_in_that_very_message():
    """It is the one that notifies them, whatever stands above it."""
    told = made.Told()
    told.threaded(), told.investigated(), told.reasoned()
    drift = "spec.replicas: Git says 2, the cluster says 3. Nothing was changed. If the cluster is right, put 3 into Git."
    told.put(Attempted(plan=made.plan(), refused=drift, refused_kind="drift"))
    ended = Ended(outcome=Outcome(name="handed_over", reason=drift))
    said = entry_message(told.put(ended), ended).text

    assert drift in said
    assert "<!subteam^S_ONCALL> takes it from here" in said


def test_a_system_that_does_not_answer_is_said_once_and_can_be_taken_over():
    """By whoever does not want to wait; the head says when it is asked again."""
    told = made.Told()
    told.threaded()
    silent = Unanswered(reason="Kubernetes did not answer (timed out after 10 s, 21 reads)", until=NOON, last=NOON + timedelta(minutes=15))
    now = told.incident.after(silent, NOON)
    said = entry_message(now, silent)

    assert "Kubernetes did not answer (timed out after 10 s, 21 reads)." in said.text
    assert "asks again at 12:00 UTC, then less and less often, the last time at 12:15 UTC" in said.text
    assert buttons(said) == ["escalate"]
    assert "asked again at 12:00 UTC" in mrkdwn(head(now))
    assert entry_message(now, replace(silent, again=True)) is None


@pytest.mark.parametrize(
    ("then", "said"),
    [
        (Ended(outcome=Outcome(name="handed_over", reason="Escalated.")), "People took it over; Suture does not ask any more."),
        (Investigated(evidence=(made.evidence()[0], replace(made.evidence()[1], at=NOON)), findings=()), "Answered again at 12:00 UTC."),
        (
            Investigated(evidence=(replace(made.evidence()[1], at=NOON, failed=True, unanswered="timed out", needed=True),), findings=()),
            "Suture asked for the last time at 12:00 UTC",
        ),
    ],
)
def test_a_wait_says_how_it_ended_and_has_no_button_then(then, said):
    """Its message is edited: who reads it an hour later is not told that something is asked again."""
    told = made.Told()
    told.threaded()
    silent = Unanswered(reason="Kubernetes did not answer (timed out)", until=NOON, last=NOON)
    now = entry_message(told.incident.after(silent, NOON).after(then, NOON), silent)

    assert said in now.text
    assert "Kubernetes did not answer (timed out)" in now.text
    assert buttons(now) == []


@pytest.mark.parametrize("reason", ["Healthy, and silent for 15 minutes", "Healthy, and silent for 15 minutes."])
def test_a_press_after_the_end_is_answered_in_whole_sentences(reason):
    """More may follow: how to take it back."""
    said = words("press_ended", incident_id="inc-1", outcome=Outcome(name="fixed", reason=reason))

    assert said == "inc-1 has ended already (fixed), so nothing was changed. Healthy, and silent for 15 minutes."


def test_what_does_not_exist_is_found_not_to():
    """A 404 is an answer: nobody reads that it could not be read."""
    told = made.Told()
    told.threaded()
    gone = replace(made.evidence()[1], title="There is no Deployment w7 in shop", absent=True)
    entry = Investigated(evidence=(gone,), findings=())
    said = mrkdwn(entry_message(told.put(entry), entry))

    assert f"*Found:* There is no Deployment w7 in shop ({gone.item})" in said
    assert "nothing certain" not in said


@pytest.mark.parametrize("absent", ["", "There is no Deployment frontend in shop"])
def test_what_ails_another_workload_is_found_beside_it(absent):
    """Not this incident's finding in any word: thread, notification, head and what is remembered; what is not there comes first."""
    told = made.Told()
    told.threaded(), told.investigated()
    api = replace(told.incident.findings[0], text="E3: container api was OOMKilled")
    evidence = tuple(replace(item, title=absent or item.title, absent=bool(absent and item.item == "E2")) for item in made.evidence())
    entry = Investigated(evidence=evidence, findings=(api,), target=replace(made.TARGET, path="shop/Deployment/frontend"), leading="")
    incident = told.put(entry)
    message = entry_message(incident, entry)

    found = "Found beside it, in Deployment api: container api was OOMKilled"
    assert message.text.endswith(f"{absent}. {found}" if absent else f"of evidence. {found}")
    assert "*Found beside it,* in Deployment api: container api was OOMKilled (" in mrkdwn(message)
    assert "*Found:* container" not in mrkdwn(message)
    assert "OOMKilled" not in str(head(incident).blocks)
    kept = entry_message(incident.after(Ended(outcome=Outcome(name="inconclusive", reason="Nothing.")), NOON), Remembered(where="recall"))
    assert "Nothing certain was found about it itself" in kept.text


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (Progress(state="waiting", pipeline="failed"), "pipeline failed"),
        (Progress(state="waiting", pipeline="running", approved_by=("bob",)), "Merge request !1: approved by bob."),
        (Progress(state="waiting", pipeline="success", approved_by=("bob",), ready=True), "approved by bob, ready to merge"),
        (Progress(state="refused", by="bob", reason="Not on a Friday."), "closed by bob: Not on a Friday."),
        (Progress(state="lost"), "is not there any more"),
    ],
)
def test_the_merge_request_is_followed(progress, said):
    """Pipeline, approvals, the word of who closed it."""
    told = told_whole()

    assert said in entry_message(told.incident, Progressed(progress=progress)).text


@pytest.mark.parametrize("pipeline", ["", "created", "pending", "running"])
def test_a_pipeline_that_goes_on_is_not_said(pipeline):
    """Six messages of a pipeline that runs are noise; a note that came meanwhile is told alone."""
    told = told_whole()
    progress = Progress(state="waiting", pipeline=pipeline, notes=("Old.", "New."))

    assert entry_message(told.incident, Progressed(progress=progress)) is None
    assert entry_message(told.incident, Progressed(progress=progress, said=("New.",))).text == "“New.”"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (260046848.0, 201326592.0, "kubernetes.memory.usage, 248Mi before, 192Mi after"),
        (260046848.0, None, "248Mi before, not known after"),
        (None, 201326592.0, "kubernetes.memory.usage is 192Mi now"),
        (0.0, 0.0, "kubernetes.memory.usage is 0 bytes now"),
    ],
)
def test_the_metric_is_told_as_far_as_it_is_known(before, after, said):
    """In its unit; what could not be read is not made up."""
    told = told_whole()

    assert said in entry_message(told.incident, Verified(cured=True, reason="Silent.", metric_before=before, metric_after=after)).text


def test_what_changes_nothing_is_not_said():
    """A turned press, another firing alert, a change that has not arrived: the thread stays quiet."""
    told = told_whole()
    quiet = [
        Turned(user="U_EVIL", action="approve", reason="no"), AlertJoined(alert=made.alert()), Looked(health=Health(applied=False, settled=False)),
    ]  # fmt: skip

    assert [entry_message(told.incident, entry) for entry in quiet] == [None, None, None]
    assert "recovered" in entry_message(told.incident, AlertJoined(alert=made.alert("recovered"))).text


def test_one_recovery_of_several_alerts_says_which_and_how_many_still_fire():
    """As long as another fires the trouble is not over, and the head counts what fired, not what was delivered."""
    told = told_whole()
    later = made.BEGAN + timedelta(minutes=5)
    other = made.alert(alert_id="a2", cycle="c2", title="Errors of api")
    back = made.alert("recovered", alert_id="a3", cycle="c2", title="Errors of api: over", started_at=later)
    for alert in (other, back):
        told.incident = told.incident.after(AlertJoined(alert=alert), later)

    text = entry_message(told.incident, AlertJoined(alert=back)).text
    assert "“Errors of api” recovered" in text
    assert "1 of 2 alerts still fires" in text
    assert "2 alerts" in str(head(told.incident).blocks)


def test_nobody_named_is_said_and_not_hidden():
    """An empty approver list is nobody: the head says which setting is missing."""
    told = made.Told(standing=made.production(approvers=(), escalate_to=""))
    told.threaded(), told.investigated(), told.reasoned(), told.asked()
    called = told.called() and entry_message(told.incident, told.entries[-1])

    assert "nobody is named as an approver for production" in mrkdwn(head(told.incident))
    assert "escalate_to in settings" in called.text


def test_evidence_of_any_length_fits_one_message(told):
    """Forty long items: each cut is said, and what is not shown at all is counted."""
    told.threaded(), told.investigated()
    items = tuple(replace(told.incident.evidence[0], item=f"E{n}", text='"<&>\n' * 3000) for n in range(1, 41))
    said = evidence_sheet(replace(told.incident, evidence=items))

    assert problems(list(said.blocks)) == []
    assert not too_long(said.blocks)
    assert "left out" in mrkdwn(said)
    assert "18 more: see the dashboard" in mrkdwn(said)


def test_the_modal_gives_back_its_card_and_the_reason():
    """What the modal was opened for comes back with the reason, whatever its length."""
    view = rejection_modal(Rejection(incident_id="i1", digest="d1"))
    view["state"] = {"values": {"why": {"reason": {"type": "plain_text_input", "value": "  " + "x" * 1500}}}}

    assert problems(view["blocks"]) == []
    assert rejection_of(json.loads(json.dumps(view))) == (Rejection(incident_id="i1", digest="d1"), "x" * 1000)


def test_how_long_it_took_stands_on_the_head():
    """The head of an ended incident has its duration."""
    told = told_whole()

    assert told.incident.ended_at - told.incident.opened_at == timedelta(minutes=16)
    assert "· 16m ·" in mrkdwn(head(told.incident))


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        ({"pipeline": "running"}, None),
        ({"pipeline": "success"}, None),
        ({"pipeline": "success", "ready": True}, "pipeline success, ready to merge"),
        ({"pipeline": "failed"}, "pipeline failed"),
        ({"pipeline": "success", "blocked": "discussions_not_resolved"}, "pipeline success, held back by GitLab: discussions not resolved"),
    ],
)
def test_a_merge_request_is_told_when_somebody_can_use_it(told, progress, said):
    """Not each step of GitLab's own: what is ready, what failed, and what holds it back."""
    told.threaded(), told.investigated(), told.reasoned(), told.asked(), told.approved(), told.delivered()
    message = entry_message(told.incident, Progressed(progress=Progress(state="waiting", **progress)))

    assert (message.text if message else None) == (f"Merge request !{told.incident.attempt.receipt.iid}: {said}." if said else None)


@pytest.mark.parametrize(("count", "chosen_of", "said"), [(3, 3, ""), (25, 25, ""), (40, 25, "… and 15 more, which have no button")])
def test_a_card_offers_no_more_places_than_slack_takes(count, chosen_of, said):
    """One button too many and Slack refuses the whole card: nobody could choose."""
    places = tuple(f"platform/shop {'x' * 380} {n}" for n in range(1, count + 1))
    refused = Attempted(plan=a_plan(), refused="It comes from several places.", refused_kind="ambiguous", places=places)
    incident = an_incident(Proposed(proposal=a_proposal()), refused)

    blocks = card(incident, incident.attempt).blocks
    (row,) = [block["elements"] for block in blocks if block["type"] == "actions" and block["block_id"].endswith(":places")]
    text = "\n".join(block["text"]["text"] for block in blocks if block["type"] == "section")
    assert len(row) == chosen_of
    assert said in text
    assert [line.split(".")[0] for line in text.splitlines() if "platform/shop" in line] == [str(n + 1) for n in range(chosen_of)]
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks if block["type"] == "section")
