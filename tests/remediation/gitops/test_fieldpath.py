"""Names of fields on plain objects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediation.errors import Unreadable
from remediation.gitops.fieldpath import MISSING, Item, differences, flatten, format_path, get, leaves, parse, put, same
from remediation.terms import FieldEdit

LIVE = {
    "metadata": {"annotations": {"a.b/c": "1"}},
    "spec": {
        "replicas": 2,
        "containers": [
            {"name": "api", "resources": {"limits": {"memory": "256Mi"}}, "args": ["a", "b"], "env": [{"name": "A", "value": "1"}]},
            {"name": "side", "image": "x"},
        ],
    },
}
STEPS = st.one_of(
    st.text(min_size=1),
    st.integers(min_value=0, max_value=10**6),
    st.builds(Item, st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text()),
)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("spec.containers[name=api].image", ("spec", "containers", Item("name", "api"), "image")),
        ("spec.args[0]", ("spec", "args", 0)),
        (r"data.app\.yaml", ("data", "app.yaml")),
        (r"requests.limits\.memory", ("requests", "limits.memory")),
        ("[0].kind", (0, "kind")),
        ("spec.ports[containerPort=80].name", ("spec", "ports", Item("containerPort", "80"), "name")),
    ],
)
def test_a_path_is_read_and_written_back(text, path):
    """Both directions are one notation."""
    assert parse(text) == path
    assert format_path(path) == text


@pytest.mark.parametrize("text", ["", "a..b", "a[", "a[x]", ".", "a[]"])
def test_a_path_that_cannot_be_read_says_why(text):
    """Nothing is guessed from a misspelt path."""
    with pytest.raises(Unreadable, match="field path"):
        parse(text)


@given(st.lists(STEPS, min_size=1, max_size=5))
def test_every_path_survives_its_notation(steps):
    """Keys may hold dots, brackets and backslashes."""
    assert parse(format_path(steps)) == tuple(steps)


def test_a_field_is_found_by_name_and_by_position():
    """Items of lists have names; an ambiguous or absent one is missing, and null is not."""
    assert get(LIVE, parse("spec.containers[name=side].image")) == "x"
    assert get(LIVE, parse("spec.containers[0].args[1]")) == "b"
    assert get(LIVE, parse("spec.containers[name=none].image")) is MISSING
    assert get({"a": None}, ("a",)) is None


def test_putting_a_value_leaves_the_original_as_it_was():
    """A copy is changed; absent parents are made, and a named item carries its name."""
    made = put(LIVE, parse("spec.containers[name=new].env[name=B].value"), "2")

    assert get(made, parse("spec.containers[name=new]")) == {"name": "new", "env": [{"name": "B", "value": "2"}]}
    assert len(LIVE["spec"]["containers"]) == 2
    assert put(LIVE, parse("spec.replicas"), MISSING)["spec"].keys() == {"containers"}
    assert put(LIVE, parse("spec.absent.deep"), MISSING) == LIVE


def test_a_fragment_becomes_edits_against_the_live_object():
    """Only what changes is an edit; what is absent is added, null takes away, an absent item is added whole."""
    fragment = {
        "spec": {
            "replicas": 2,
            "containers": [
                {
                    "name": "api",
                    "resources": {"limits": {"memory": "512Mi"}, "requests": {"memory": "512Mi"}},
                    "args": ["a"],
                    "env": [{"name": "A", "value": None}, {"name": "B", "value": "2"}],
                }
            ],
        }
    }

    assert flatten(fragment, LIVE) == (
        FieldEdit(path="spec.containers[name=api].resources.limits.memory", op="replace", expect="256Mi", value="512Mi"),
        FieldEdit(path="spec.containers[name=api].resources.requests.memory", op="add", expect=None, value="512Mi"),
        FieldEdit(path="spec.containers[name=api].args", op="replace", expect=["a", "b"], value=["a"]),
        FieldEdit(path="spec.containers[name=api].env[name=A].value", op="remove", expect="1", value=None),
        FieldEdit(path="spec.containers[name=api].env[name=B]", op="add", expect=None, value={"name": "B", "value": "2"}),
    )


def test_true_is_not_one():
    """JSON's types are not Python's."""
    assert not same({"a": True}, {"a": 1})
    assert same((1, 2.0), [1, 2])


def test_differences_are_as_high_as_what_is_absent():
    """A whole map that appears is one difference; a reordered list is told by position."""
    head = put(put(LIVE, parse("spec.containers[name=api].resources.requests.cpu"), 1), parse("spec.replicas"), MISSING)

    assert [(format_path(p), old, new) for p, old, new in differences(LIVE, head)] == [
        ("spec.replicas", 2, MISSING),
        ("spec.containers[name=api].resources.requests", MISSING, {"cpu": 1}),
    ]
    turned = {"c": [{"name": "b"}, {"name": "a"}]}
    assert [format_path(p) for p, _, _ in differences({"c": [{"name": "a"}, {"name": "b"}]}, turned)] == ["c[0].name", "c[1].name"]


def test_leaves_name_every_scalar_once():
    """Each leaf's path leads back to it."""
    found = dict(leaves(LIVE))
    assert all(get(LIVE, path) == value for path, value in found.items())
    assert found[("metadata", "annotations", "a.b/c")] == "1"
