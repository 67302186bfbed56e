"""What did not answer: told once a system, and waited for only where the cause needs it."""

import pytest

from remediation.errors import Forbidden, Late, NotFound, RemediationError, Unreachable
from remediation.evidence import number, unread
from remediation.silence import awaited, told_once, why_silent
from remediation.terms import Finding
from remediation.world import Patience
from tests.remediation.findings.made import deployment, items
from tests.remediation.made import NOW, TARGET, later

LATE = Late.of("Kubernetes", 10.0, "Check the API server.")
FOUND = Finding(finding_id="F1", kind="oom_killed", subject="Deployment/shop/api/api", facts={}, cites=("E1",), text="E1: killed")


def silent(title, error=LATE, source="kubernetes", *, needed=True):
    """A read that failed."""
    return unread("objects", source, title, error, NOW, needed=needed)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (LATE, "timed out after 10 s"),
        (Unreachable("Kubernetes answered 500: etcdserver: request timed out", "Check."), "answered 500: etcdserver: request timed out"),
        (Unreachable("Kubernetes cannot be reached.", "Check."), "cannot be reached"),
        (Unreachable("Datadog's rate limit is used up.", "Ask again later."), "Datadog's rate limit is used up"),
        (Forbidden("Kubernetes refused: no.", "Grant it."), ""),
        (NotFound("Kubernetes has no such thing.", "Check."), ""),
        (RemediationError("There are more than 500.", "Look."), ""),
    ],
)
def test_only_what_may_answer_later_is_silent(error, why):
    """A refusal is an answer."""
    assert why_silent(error) == why


def test_all_reads_of_one_system_are_one_item():
    """In the place of the first; what was answered, or refused, stays as it was."""
    refused = silent("Secret", Forbidden("Kubernetes refused: no.", "Grant it."))
    read = items(deployment())
    told = told_once([*read, silent("Pod"), refused, silent("Event"), silent("Logs in Datadog", source="datadog", needed=False)])

    assert [item.title for item in told] == [
        *(item.title for item in read),
        "Kubernetes did not answer (timed out after 10 s, 2 reads)",
        "Secret: not read",
        "Datadog did not answer (timed out after 10 s, Logs in Datadog)",
    ]
    assert told[len(read)].text.endswith("Not read: Pod, Event.")
    assert [item.needed for item in told[len(read) :]] == [True, True, False]


@pytest.mark.parametrize(
    ("evidence", "findings", "waits"),
    [
        ([silent("Pod")], [], True),
        ([silent("Pod")], [FOUND], True),
        ([*items(deployment()), silent("Pod")], [FOUND], False),
        ([*items(deployment()), silent("Pod")], [], True),
        ([*items(deployment()), silent("Ingress", needed=False)], [], False),
        ([silent("Monitor 1", source="datadog")], [FOUND], False),
        ([*items(deployment()), silent("Monitor 1", source="datadog")], [], True),
        ([silent("Pod", Forbidden("Kubernetes refused: no.", "Grant it."))], [], False),
        ([], [], False),
    ],
)
def test_only_what_the_cause_needs_is_waited_for(evidence, findings, waits):
    """Where it was found, its object must be known; where it was not, what could show it."""
    assert bool(awaited(number(told_once(evidence)), findings, TARGET)) is waits


def test_it_is_asked_again_at_growing_intervals_and_not_for_ever():
    """30 s, then twice as long each time; none once it was asked often enough, or where settings say so."""
    patience = Patience(silence=0.5, looks=3)

    assert patience.next_looks(0, NOW) == (later(0.5), later(1.5), later(3.5))
    assert patience.next_looks(2, NOW) == (later(2.0),)
    assert patience.next_looks(3, NOW) == Patience(looks=0).next_looks(0, NOW) == ()
