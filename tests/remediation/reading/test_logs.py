"""What may have been written by a program, and what may not."""

from datetime import UTC, datetime

import pytest

from remediation.reading.logs import is_log
from remediation.terms import Evidence

_AT = datetime(2031, 5, 4, tzinfo=UTC)


def _item(text, **more):
    return Evidence(**{"kind": "objects", "source": "files", "title": "a.txt", "at": _AT, "text": text} | more)


@pytest.mark.parametrize("text", ["GLOSS_LICENCE is not set", "panic: no colour\n\ngoroutine 1", "ready after $ 3"])
def test_words_that_no_reader_made_sense_of_may_be_a_programs(text):
    """Whatever their file is called."""
    assert is_log(_item(text))


@pytest.mark.parametrize(
    "text", ["$ curl -v https://gloss\n* expired", "ana@box:~$ dig gloss\n;; no answer", "Error from server (NotFound): pods", '{"a": 1}',
             "NAME   HEALTH\na      bad", "| a | b |", "colour: red\nshade: dark", "✗ certificate expired"],
)  # fmt: skip
def test_what_a_command_answered_is_no_log_nor_a_document_or_table(text):
    """They are searched as the text that they are."""
    assert not is_log(_item(text))


def test_what_was_read_into_objects_is_no_log_and_what_failed_is_none():
    """Nor is a text of a live source, which says what its items are."""
    assert not is_log(_item("boom", objects=({"kind": "Pod"},)))
    assert not is_log(_item("boom", kind="logs", failed=True))
    assert not is_log(_item("boom", source="kubernetes"))
    assert is_log(_item("boom", kind="logs", source="kubernetes"))
