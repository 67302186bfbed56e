"""YAML by its events means what it means by nodes."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from remediation.reading.composing import Loader, composed

_TEXT = st.text(max_size=12)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(_VALUES, max_size=3))
def test_what_was_dumped_is_read_again(values):
    """Numbers, words that look like numbers, nothing, and what nests."""
    assert composed(yaml.safe_dump_all(values)) == values


@pytest.mark.parametrize(
    "text",
    [
        "a: &x {b: 1}\nc: *x\n",
        "base: &x {b: 1}\nc:\n  <<: *x\n  d: 2\n",
        "a: !!str 12\nb: 0o14\nc: 0x1f\nd: 1_000\ne: yes\nf: ~\n",
        "at: 2026-05-01T10:00:00Z\nday: 2026-05-01\n",
        "a: 1\n---\n- b\n---\n",
        "? [a, b]\n: 1\n",
        "|\n  words\n  and words\n",
    ],
)
def test_it_means_what_it_means_by_nodes(text):
    """Anchors, merges, tags, times and keys that are no words included."""
    by_nodes = _outcome(lambda: list(yaml.load_all(text, Loader=Loader)))

    assert _outcome(lambda: composed(text)) == by_nodes


def test_keys_are_texts_beside_an_anchor_too():
    """A person left a value away, or wrote a key that YAML takes for a truth: JSON knows only texts."""
    read = [{"a": {"null": 1, "true": [{"2": 3}]}}]

    assert composed("a: &x {null: 1, true: [{2: 3}]}\n") == read
    assert composed("a: {null: 1, true: [{2: 3}]}\n") == read


def test_what_is_no_yaml_is_said_to_be_none():
    """The caller reads it as text then."""
    with pytest.raises(yaml.YAMLError):
        composed("a: [1\nb: }")


def _outcome(read):
    try:
        return read()
    except yaml.YAMLError as error:
        return type(error)


NINEFOLD = list(zip("abcdefgh", "bcdefghi", strict=True))
BOMBS = {
    "lists": "a: &a [x]\n" + "".join(f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in NINEFOLD),
    "merges": "a: &a {x: 1}\n" + "".join(f"{name}: &{name} {{<<: [{','.join([f'*{before}'] * 9)}]}}\n" for before, name in NINEFOLD),
    "a ring": "a: &a\n  b: *a\n",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_aliases_that_unfold_without_measure_are_no_values(text):
    """Hundreds of bytes would be millions of values for whoever walks through them: the text stays text."""
    with pytest.raises(ValueError, match="unfold"):
        composed(text)
