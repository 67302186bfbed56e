"""The verdict: all rules are asked, the tightest counts."""

from pathlib import Path

import pytest

from remediation.errors import Unusable
from remediation.policy import judge, load_policy, policy_digest
from remediation.policy.rules import RULES
from remediation.terms import DryRun
from tests.remediation.policy.court import PRODUCTION, a_hearing, critique


def verdict(clamped: tuple[str, ...] = (), **changes):
    """The verdict on a hearing."""
    hearing = a_hearing(**changes)
    return judge(hearing.rehearsal, hearing.incident, hearing.plan, hearing.setting, clamped)


def test_what_every_rule_is_content_with_goes_by_itself_in_staging():
    """And each rule has given its reason all the same."""
    said = verdict()

    assert (said.status, said.gate, said.level, said.denied) == ("APPROVED", "automatic", "N2", False)
    assert [ruling.rule for ruling in said.rulings] == [rule.__name__ for rule in RULES]
    assert all(ruling.reason for ruling in said.rulings)


def test_one_no_denies_and_the_others_are_still_asked():
    """A person reads the whole list."""
    said = verdict(dry_run=DryRun(state="refused", reason="no"))

    assert said.denied
    assert len(said.rulings) == len(RULES)


def test_a_clamped_parameter_makes_it_modified():
    """Approved, but not as it was proposed; a no stays a no."""
    assert verdict(("memory_limit: 2Gi became 512Mi.",)).status == "MODIFIED"
    assert verdict(("memory_limit: 2Gi became 512Mi.",)).clamped == ("memory_limit: 2Gi became 512Mi.",)
    assert verdict(("x",), findings=()).status == "DENIED"


@pytest.mark.parametrize(
    ("changes", "gate"),
    [
        ({"standing": PRODUCTION}, "one_person"),
        ({"critiques": (critique("REJECTED"),)}, "one_person"),
        ({"critiques": (critique("ESCALATE"),)}, "one_person"),
        ({"unknown": ("quota",)}, "one_person"),
        ({"dry_run": DryRun(state="not_rehearsed")}, "one_person"),
        ({"standing": PRODUCTION, "act": {"level": "N3"}, "unknown": ("quota",)}, "two_people"),
    ],
)
def test_the_tightest_gate_counts(changes, gate):
    """Never automatic in production, nor when anything is unknown."""
    assert verdict(**changes).gate == gate


def own(tmp_path: Path, text: str) -> Path:
    """A team's policy file."""
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    return path


def test_a_teams_values_win_key_by_key(tmp_path):
    """What it does not name stays as it is."""
    policy = load_policy(own(tmp_path, "growth: {memory: 2}\ngates: {staging: {N1: agreed, N2: one_person, N3: two_people}}\n"))

    assert (policy.growth.memory, policy.growth.cpu) == (2, 4)
    assert (policy.gates["staging"].N2, policy.gates["other"].N2) == ("one_person", "automatic")
    assert load_policy(own(tmp_path, "")) == load_policy()


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("grwoth: {memory: 2}", "grwoth"),
        ("growth: {memory: 0.5}", "growth.memory"),
        ("growth: {ram: 2}", "growth.ram"),
        ("maximum: {memory: plenty}", "maximum.memory"),
        ("maximum: {cpu: many}", "maximum.cpu"),
        ("gates: {production: {N1: automatic}}", "gates"),
        ("gates: {production: {N2: agreed}}", "production.N2: production never goes without a person"),
        ("gates: {staging: {N1: agreed}}", "gates.staging.N2"),
        ("gates: {other: {N2: nobody}}", "gates.other.N2"),
        ("gates: null", "gates"),
        ("remedies: {other: some}", "remedies.other"),
        ("incidents_per_hour: 0", "incidents_per_hour"),
        ("repeat_after_days: -1", "repeat_after_days"),
        ("change_window: {from_hour: 17, until_hour: 9}", "change_window.until_hour"),
        ("change_window: {from_hour: 9, until_hour: 17, days: [monday]}", "change_window.days.0"),
        ("change_window: {from_hour: 24, until_hour: 17}", "change_window.from_hour"),
        ("- a list", "is not a mapping"),
        ("a: [", "is not YAML"),
        ("growth: {memory: 2}\ngrowth: {memory: 8}", "'growth' is written twice"),
    ],
)
def test_a_wrong_policy_stops_the_start_with_file_and_field(tmp_path, text, field):
    """A policy that is half read would be no policy."""
    path = own(tmp_path, text)

    with pytest.raises(Unusable) as wrong:
        load_policy(path)

    assert field in str(wrong.value)
    assert str(path) in str(wrong.value)


def test_the_digest_is_of_the_values_not_of_the_file(tmp_path):
    """An approval binds to what policy says; a comment changes nothing, a value does."""
    assert policy_digest(load_policy(own(tmp_path, "# ours\ngrowth: {memory: 4}"))) == policy_digest(load_policy())
    assert policy_digest(load_policy(own(tmp_path, "growth: {memory: 3}"))) != policy_digest(load_policy())
