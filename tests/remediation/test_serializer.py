"""What the engine stores comes back the same, types and all."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from remediation import errors, serializer
from remediation.entries import Entry
from remediation.serializer import dumps, loads
from tests.remediation.made import a_rehearsal, an_incident, up_to_the_merge


@pytest.mark.parametrize(
    "value",
    [
        None, 1, 1.5, "x", (1, (2, [3])), {"a": (1,), 2: None}, datetime(2026, 1, 1, tzinfo=UTC),
        a_rehearsal(), an_incident(*up_to_the_merge()), {"args": ("INC-1",), "kwargs": {}}, *up_to_the_merge(),
    ],
)  # fmt: skip
def test_a_value_comes_back_equal_and_of_its_type(value):
    """A replay must see what the first run saw."""
    again = loads(dumps(value))

    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize("kind", [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, Exception)])
def test_each_kind_of_error_comes_back_with_its_words(kind):
    """The workflow decides by kind, and people read both sentences."""
    error = kind("It broke.", "Mend it.")

    again = loads(dumps(error))

    assert type(again) is kind
    assert again.args == error.args
    assert again.what_to_do == "Mend it."


def test_a_strange_error_keeps_its_type_and_words():
    """An exception that cannot be encoded would leave a workflow pending for ever."""
    again = loads(dumps(ZeroDivisionError("division by zero")))

    assert type(again) is serializer.Unrecorded
    assert "ZeroDivisionError: division by zero" in str(again)


def test_a_strange_errors_words_are_masked():
    """A library's error may hold what it was called with, and the thread and the engine's file show it."""
    text = dumps(ValueError("GET https://gitlab.example?private_token=glpat-abcdefghij0123456789 failed"))

    assert "glpat-" not in text
    assert "[masked:" in str(loads(text))


def test_what_is_not_ours_is_refused():
    """No silent pickle, no str() of an object."""
    with pytest.raises(TypeError, match="cannot be recorded"):
        dumps(object())


def test_every_entry_kind_is_known_by_name():
    """The record finds its entries' types there."""
    assert all(serializer._DATACLASSES[kind.__name__] is kind for kind in get_args(Entry))
