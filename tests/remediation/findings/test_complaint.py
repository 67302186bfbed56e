"""What objects of any kind say against themselves."""

import pytest

from remediation.findings.complaint import complaint_of, is_well


def resource(**status):
    return {"apiVersion": "made.example/v1", "kind": "Widget", "metadata": {"name": "w", "namespace": "n"}, "status": status}


def condition(kind, status, reason="", message=""):
    return {"type": kind, "status": status, "reason": reason, "message": message}


@pytest.mark.parametrize(
    "status",
    [
        {"conditions": [condition("Ready", "False", "Refused", "the quota of the account is used up")]},
        {"conditions": [condition("BackendReady", "False")]},
        {"conditions": [condition("SomethingFailed", "True")]},
        {"phase": "Failed", "message": "timed out waiting for agents"},
        {"state": "pending", "reason": "Waiting for propagation of the record"},
        {"health": "red"},
        {"status": "Not enough disk space"},
    ],
)
def test_a_bad_condition_or_phase_of_any_kind_is_a_complaint(status):
    """No kind need be known."""
    assert complaint_of(resource(**status)) is not None
    assert not is_well(resource(**status))


@pytest.mark.parametrize(
    "status",
    [
        {"conditions": [condition("Ready", "True"), condition("Active", "False", "NotActive", "nothing to do")]},
        {"conditions": [condition("ReconciliationPaused", "True")]},
        {"conditions": [condition("Ready", "False", "Paused", "paused by its annotation")]},
        {"phase": "Running"},
        {"state": "pending"},
        {"conditions": "no list"},
    ],
)
def test_what_is_well_or_meant_or_only_young_is_none(status):
    """A pause is somebody's will, and what says nothing complains of nothing."""
    assert complaint_of(resource(**status)) is None


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ('secrets "tls" not found', "reference_missing"),
        ("cannot get bucket: api error NoSuchBucket: the bucket does not exist", "refused"),
        ("error validating credentials: login failed", "wrong_credentials"),
        ("api error AccessDenied: Access Denied", "cloud_denied"),
        ("", "unsaid"),
    ],
)
def test_the_words_of_a_complaint_say_of_what_class_it_is(message, cause):
    """By the same vocabulary as the lines of a log; what a cloud lacks is no reference of a manifest."""
    said = complaint_of(resource(conditions=[condition("Ready", "False", "", message)]))

    assert said is not None
    assert said.cause == cause
