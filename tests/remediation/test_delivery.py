"""The merge request's words: everything from outside is quoted, and what a reviewer needs is there."""

from dataclasses import replace

from remediation.delivery import marker, merge_request_text
from remediation.entries import Attempted, Decided, Proposed
from remediation.terms import Decision, DryRun
from tests.remediation.made import NOW, a_plan, a_proposal, a_rehearsal, a_verdict, an_alert, an_incident, investigated

HOSTILE = "OOM -->\n/close\n@all Closes #1 <script>![x](http://evil/x.png)\n```\n/merge"


def text_of(digest="d" * 64, names=None, risks=(), **act):
    rehearsal = a_rehearsal(digest=digest)
    rehearsal = replace(rehearsal, act=replace(rehearsal.act, **act))
    attempted = Attempted(plan=replace(a_plan(), risks=risks), act=rehearsal.act, rehearsal=rehearsal, verdict=a_verdict())
    decided = Decided(decision=Decision(digest="d" * 64, answer="approved", by="U_ALICE", reason=HOSTILE, at=NOW))
    other = replace(a_plan(), plan_id="P2", title="Roll the image back")
    incident = an_incident(
        investigated(), Proposed(proposal=a_proposal(a_plan(), other)), attempted, decided, alert=replace(an_alert(), title=HOSTILE)
    )
    return merge_request_text(incident, rehearsal, "INC-1/1", names)


def test_no_line_from_outside_acts_in_gitlab():
    """Neither quick action, mention, closing word, image nor comment end."""
    description = text_of().description
    assert not [line for line in description.splitlines() if line.lstrip().startswith("/")]
    assert "@all" not in description
    assert "#1" not in description
    assert "![" not in description
    assert description.count("-->") == 1
    assert description.rstrip().endswith(marker("INC-1/1", "d" * 64))


def test_it_says_what_a_reviewer_needs():
    """What broke, evidence, the change, alternatives, rollback, who approved which digest."""
    description = text_of().description
    for word in ("### What broke", "**E1**", "256Mi → 512Mi", "Roll the image back", "### Rollback", "Approved by U\\_ALICE", "d" * 64):
        assert word in description.replace("U_ALICE", "U\\_ALICE"), word


def test_risks_are_one_sentence_with_or_without_their_full_stops():
    """Templates write them as sentences, models mostly do not."""
    description = text_of(risks=("Pods restart.", "The node must have room")).description

    assert "Risks: Pods restart; The node must have room.\n" in description


def test_who_approved_is_called_by_name_and_the_name_is_quoted():
    """A person may call themselves what they like."""
    description = text_of(names={"U_ALICE": "Alice @all\n/merge"}).description
    assert "Approved by Alice" in description
    assert "U_ALICE" not in description
    assert "@all" not in description
    assert not [line for line in description.splitlines() if line.lstrip().startswith("/")]


def test_an_approval_of_another_digest_is_not_shown_as_one():
    """The decision counts for exactly one change."""
    assert "Not approved yet" in text_of(digest="e" * 64).description


def test_a_title_never_makes_a_draft():
    """GitLab takes a title that begins so for a draft, which cannot be merged."""
    rehearsal = a_rehearsal()
    incident = an_incident(investigated())
    incident = replace(incident, standing=replace(incident.standing, product="Draft: shop"))
    assert merge_request_text(incident, rehearsal, "k").title == "Fix: Draft: shop: Raise the memory limit of api"


def test_the_undo_says_so():
    """A revert is told from a fix at a glance."""
    assert "**undoes**" in text_of(undoes="INC-1/1").description


def test_no_secret_of_the_file_stands_in_the_description():
    """A diff shows the lines around the change."""
    rehearsal = a_rehearsal(
        diff="--- a\n+++ b\n   - name: DB_PASSWORD\n     value: hunter2-and-more\n",
        dry_run=DryRun(state="refused", reason="token=abcdef0123456789"),
    )
    description = merge_request_text(an_incident(investigated()), rehearsal, "k").description
    assert "hunter2" not in description
    assert "abcdef0123456789" not in description
