"""What a person writes after `--set`, in the type that its field has."""

import pytest

from remediation.gitops.wishes import Contradictory, edits_of, wish

NOW = {"data": {"empty": None}, "spec": {"args": ["x"], "env": [{"name": "A"}], "replicas": None}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("data.empty=1e3", "1e3"),
        ("data.new=no", "no"),
        ("spec.args[1]=8080", "8080"),
        ("spec.args=[1, on]", ["1", "on"]),
        ("spec.env[name=A].value=0x1", "0x1"),
        ("spec.replicas=3", 3),
    ],
)
def test_what_the_server_takes_only_as_text_stays_text(text, value):
    """Though nothing stands there, or an empty key."""
    assert [edit.value for edit in wish(text).edits(NOW)] == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("spec.maxUnavailable=1", 1),
        ("spec.maxUnavailable=50%", "50%"),
        ("spec.ports[0].targetPort=8080", 8080),
        ("data.port=9090", "9090"),
    ],
)
def test_a_number_may_stand_for_a_name_or_a_share(text, value):
    """But a text of digits stays a text."""
    now = {"spec": {"maxUnavailable": "25%", "ports": [{"targetPort": "http"}]}, "data": {"port": "8080"}}
    assert [edit.value for edit in wish(text).edits(now)] == [value]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("spec.args[0]=a", "spec.args[0]=b"),
        ("spec.env[0].value=a", "spec.env[name=A].value=b"),
        ("spec.replicas=3", "spec.replicas=null"),
        ("data={new: a}", "data.new=b"),
    ],
)
def test_one_field_that_is_wished_to_be_two_things_is_named_with_both(one, other):
    """Neither is taken for the one that is meant, however the field is written."""
    with pytest.raises(Contradictory, match="and also") as caught:
        edits_of([wish(one), wish(other)], None, NOW)
    assert caught.value.field == "set"


def test_what_is_wished_twice_stands_once():
    """In a set and in the fragment, too."""
    edits = edits_of([wish("spec.replicas=3"), wish("spec.replicas=3")], b"spec: {replicas: 3}\n", NOW)
    assert [(edit.path, edit.value) for edit in edits] == [("spec.replicas", 3)]
