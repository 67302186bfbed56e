"""Parameters of every type, held against their JSON Schema words by code."""

import pytest

from remediation.errors import Unusable
from remediation.remedy import Remedy

PARAMETERS = {
    "replicas": {"type": "integer", "description": "d", "minimum": 1, "maximum": 10, "default": 2},
    "share": {"type": "number", "description": "d", "minimum": 0.5},
    "paused": {"type": "boolean", "description": "d"},
    "strategy": {"type": "string", "description": "d", "enum": ["Recreate", "RollingUpdate"]},
    "key": {"type": "string", "description": "d", "pattern": "[a-z]+", "maxLength": 5},
}
REMEDY = Remedy.model_validate(
    {
        "title": "t", "headline": "h", "fixes": "f", "fix_kind": "none", "executor": "git", "targets": ["Deployment"], "requires": ["oom_killed"],
        "parameters": {"type": "object", "additionalProperties": False, "properties": PARAMETERS, "required": ["replicas"]},
        "level": {"production": "N3", "other": "N2"}, "risks": [], "rollback": "r", "verification": "v", "expected_result": "e",
        "estimated_minutes": 1, "name": "scale", "fragment": "spec: {replicas: {{ replicas }}, paused: {{ paused }}, share: {{ share }}}",
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("replicas", 3, None),
        ("replicas", 0, "replicas: 0 is below 1"),
        ("replicas", 11, "replicas: 11 is above 10"),
        ("replicas", 1.5, "replicas: 1.5 is no integer"),
        ("replicas", True, "replicas: True is no integer"),
        ("share", 1, None),
        ("share", 0.1, "share: 0.1 is below 0.5"),
        ("paused", False, None),
        ("paused", "no", "paused: 'no' is no boolean"),
        ("strategy", "Recreate", None),
        ("strategy", "OnDelete", "strategy: 'OnDelete' is none of Recreate, RollingUpdate"),
        ("key", "abc", None),
        ("key", "ABC", "key: 'ABC' does not match [a-z]+"),
        ("key", "abcdef", "key: is longer than 5 characters"),
        ("key", ["a"], "key: ['a'] is no string"),
    ],
)
def test_a_value_fits_its_schema_or_is_refused_by_name(name, value, problem):
    """The parameter's name leads."""
    problems = REMEDY.problems({"replicas": 2, name: value})

    assert problems == ((problem,) if problem else ())


def test_a_default_stands_in_for_what_was_left_out():
    """And is overruled by what was given."""
    assert REMEDY.complete({}) == {"replicas": 2}
    assert REMEDY.complete({"replicas": 5}) == {"replicas": 5}


def test_numbers_and_truths_are_written_as_such():
    """Not as text."""
    assert REMEDY.render({"replicas": 3, "paused": True, "share": 0.5}) == {"spec": {"replicas": 3, "paused": True, "share": 0.5}}


def test_a_fragment_that_is_no_mapping_is_unusable():
    """An act changes fields of an object."""
    with pytest.raises(Unusable, match="not a mapping"):
        REMEDY.model_copy(update={"fragment": "- {{ replicas }}"}).render({"replicas": 1})


def test_two_values_beside_another_are_unusable_not_joined():
    """The template's author hears it in the first test, and nothing is guessed."""
    with pytest.raises(Unusable, match="does not render"):
        REMEDY.model_copy(update={"fragment": "image: {{ key }}:{{ key }}"}).render({"key": "a"})


def test_parameters_of_a_remedy_that_raises_nothing_are_compared_whole():
    """The same values are the same try."""
    assert REMEDY.no_more({"replicas": 2}, {"replicas": 2})
    assert not REMEDY.no_more({"replicas": 1}, {"replicas": 2})
    assert not REMEDY.same({"replicas": 2}, {"replicas": 2, "key": "a"})
