"""What is no text is said as such, and as nothing else."""

import msgspec
import pytest

from remediation.errors import Unreadable
from webhooks.senders.decoding import from_json

ANYTHING = msgspec.json.Decoder()


@pytest.mark.parametrize("body", [b'{"title":"\\ud800"}', b'{"title":"\\ud800x"}', b'{"title":"\\udfff\\ud83d\\ude00"}'])
def test_half_of_a_character_is_called_that(body):
    """The decoder says that the input was truncated, which sends a reader to look at his network."""
    with pytest.raises(Unreadable, match=r"half of a character .*no valid text") as wrong:
        from_json(body, ANYTHING)

    assert "truncated" not in str(wrong.value)


@pytest.mark.parametrize("body", [b'{"title":', b'{"title":"\\ud83d\\ude00', b'{"title":"\\ud800'])
def test_a_body_that_was_cut_is_still_called_that(body):
    """Whatever characters it holds."""
    with pytest.raises(Unreadable, match="truncated"):
        from_json(body, ANYTHING)
