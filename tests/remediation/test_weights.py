"""How much a cause weighs."""

import pytest

from remediation.calibration import confidence_at
from remediation.terms import Finding
from remediation.weights import confidence_of, weight_of


def finding(kind, **facts):
    return Finding(finding_id="F1", kind=kind, subject="Deployment/shop/api/api", text="E1: x", cites=("E1",), facts=facts)


def test_what_only_manifests_show_is_less_sure():
    """And what seems to be over too."""
    sure = weight_of(finding("reference_missing", missing="Secret", reported=True))

    assert weight_of(finding("reference_missing", missing="Secret", reported=False)) < sure
    assert weight_of(finding("reference_missing", missing="Secret", over=True)) < sure


@pytest.mark.parametrize(
    ("kind", "facts", "weight"),
    [
        ("reference_missing", {"missing": "Secret"}, 0.9),
        ("reference_missing", {"missing": "Secret", "reported": False}, 0.75),
        ("reference_missing", {"missing": "Secret", "over": True, "aside": True}, 0.65),
        ("reference_missing", {"missing": "Secret", "guessed": True, "reported": False}, 0.5),
        ("wrong_credentials", {}, 0.8),
        ("memory_near_limit", {}, 0.7),
        ("slow_dependency", {}, 0.55),
        ("error_logged", {}, 0.45),
        ("not_understood", {}, 0.3),
        ("not_understood", {"guessed": True, "reported": False}, 0.1),
        ("a_kind_of_a_team", {}, 0.3),
    ],
)
def test_depth_gives_the_weight_and_doubt_takes_from_it_once(kind, facts, weight):
    """Two doubts of one sort are one doubt, and nothing that was found weighs nothing."""
    assert weight_of(finding(kind, **facts)) == weight


def test_a_confidence_is_what_its_weight_was_worth():
    """As measured: the table of calibration is read, not the weight itself."""
    cause = finding("oom_killed", container="api")

    assert confidence_of(cause) == confidence_at(weight_of(cause))
