"""What a person wrote wrong is said in our words."""

import pytest

from remediation.errors import Unusable
from remediation.policy import load_policy


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("remedies: {production: some}", "remedies.production: must be all, or a list."),
        ("remedies: {production: {a: b}}", "remedies.production: must be all, or a list."),
        ("maximun: {cpu: '2'}", "maximun: there is no such key; did you mean maximum?"),
        ("gates: {production: {N4: one_person}}", "gates.production.N4: there is no such key; known: N1, N2, N3."),
        ("gates: {production: {N1: nobody}}", "gates.production.N1: must be automatic, agreed, one_person or two_people."),
        ("growth: {memory: 0.5}", "growth.memory: must be at least 1.0."),
        ("incidents_per_hour: many", "incidents_per_hour: must be a whole number."),
        ("growth: 2", "growth: must be a mapping."),
        ("maximum: {memory: lots}", "maximum.memory: 'lots' is not a Kubernetes quantity; write it like 512Mi, 250m, 0.5 or 2. Mend"),
    ],
)
def test_a_mistake_in_the_policy_is_a_sentence_of_ours(tmp_path, written, said):
    """By the place in the file, without the names of types in a programming language."""
    own = tmp_path / "policy.yaml"
    own.write_text(written)

    with pytest.raises(Unusable) as wrong:
        load_policy(own)

    assert f"policy.yaml: {said}" in str(wrong.value)
    assert not [word for word in ("Input", "literal[", "tuple[", "Extra", "valid dictionary") if word in str(wrong.value)]
