"""The page of findings: what plans, policies and people may ask for by name stands there."""

import re
from pathlib import Path

import pytest

from remediation.mends import MENDS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "findings.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^#{2,3} ([^\n]+)$\n(.*?)(?=^#{2,3} |\Z)", PAGE, re.MULTILINE | re.DOTALL))
LOGS = SECTIONS["What an application says of itself"]
DERIVED = re.compile(r"_unsaid$|/shown$|/once$|/must_specify_")  # words of the table of mends alone: no fact has them
KINDS = sorted({key.partition("/")[0] for key in MENDS})


def named(word, text):
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)


@pytest.mark.parametrize("kind", KINDS)
def test_each_cause_of_a_kind_is_named_where_its_kind_is_told(kind):
    """A cause that nobody can read of cannot be asked for, nor understood in a thread."""
    causes = [key.partition("/")[2] for key in MENDS if key.startswith(f"{kind}/") and not DERIVED.search(key)]
    section = SECTIONS.get(kind, LOGS)

    assert kind in SECTIONS or f"`{kind}`" in LOGS
    assert [cause for cause in causes if not named(cause, section)] == []
