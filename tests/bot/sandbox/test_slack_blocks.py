"""What the sandbox's Slack refuses of Block Kit, one limit and one mistake at a time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.slack_blocks import problems, too_long

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "text", "elements", "fields", "element", "rows", "label", "x"]), inner, max_size=4)
    ),
    max_leaves=20,
)
KINDS = st.sampled_from(["section", "header", "context", "actions", "input", "markdown", "table", "rich_text", "image", "divider", "other"])


def mrkdwn(length):
    return {"type": "mrkdwn", "text": "x" * length}


def plain(length=3):
    return {"type": "plain_text", "text": "x" * length}


def button(**more):
    return {"type": "button", "text": plain(), "action_id": "a", **more}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


GOOD = [
    {"type": "section", "text": mrkdwn(3000)},
    {"type": "section", "fields": [mrkdwn(2000)] * 10},
    {"type": "section", "text": mrkdwn(1), "accessory": button()},
    {"type": "header", "text": plain(150)},
    {"type": "context", "elements": [mrkdwn(10), {"type": "image", "image_url": "http://x/y.png", "alt_text": "y"}]},
    {"type": "divider"},
    actions(button(style="danger", value="x" * 2000), button(action_id="x" * 255, text=plain(75))),
    {"type": "markdown", "text": "x" * 12_000},
    {"type": "rich_text", "elements": []},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]},
    {"type": "input", "label": plain(), "element": {"type": "plain_text_input", "action_id": "a"}},
]

BAD = [
    ({"type": "section", "text": mrkdwn(3001)}, "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    ({"type": "section", "text": mrkdwn(0)}, "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ({"type": "section"}, "missing required field: text or fields [json-pointer:/blocks/0]"),
    ({"type": "section", "text": "words"}, "must provide an object [json-pointer:/blocks/0/text]"),
    ({"type": "section", "fields": [mrkdwn(1)] * 11}, "no more than 10 items allowed [json-pointer:/blocks/0/fields]"),
    ({"type": "section", "fields": [mrkdwn(2001)]}, "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]"),
    ({"type": "header", "text": plain(151)}, "must be less than 151 characters [json-pointer:/blocks/0/text/text]"),
    ({"type": "header", "text": mrkdwn(3)}, "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"),
    ({"type": "header"}, "missing required field: text [json-pointer:/blocks/0]"),
    ({"type": "context", "elements": [mrkdwn(1)] * 11}, "no more than 10 items allowed [json-pointer:/blocks/0/elements]"),
    ({"type": "context", "elements": []}, "no fewer than 1 items allowed [json-pointer:/blocks/0/elements]"),
    ({"type": "hologram"}, "unsupported type: hologram [json-pointer:/blocks/0/type]"),
    ({"text": plain()}, "missing required field: type [json-pointer:/blocks/0]"),
    ({"type": "divider", "colour": "red"}, "invalid additional property: colour [json-pointer:/blocks/0]"),
    ({"type": "divider", "block_id": "x" * 256}, "must be less than 256 characters [json-pointer:/blocks/0/block_id]"),
    (actions(button(text=plain(76))), "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]"),
    (actions(button(value="x" * 2001)), "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]"),
    (actions(button(action_id="x" * 256)), "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]"),
    (actions(button(style="green")), "value must be one of primary, danger [json-pointer:/blocks/0/elements/0/style]"),
    (actions(button(disabled=True)), "invalid additional property: disabled [json-pointer:/blocks/0/elements/0]"),
    (actions(button(), button()), "`action_id` 'a' already exists for another element [json-pointer:/blocks/0/elements/1/action_id]"),
    (actions(*[button(action_id=str(n)) for n in range(26)]), "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
    (actions({"type": "plain_text_input"}), "unsupported type: plain_text_input [json-pointer:/blocks/0/elements/0/type]"),
    (actions({"type": "static_select", "action_id": "s"}), "missing required field: options [json-pointer:/blocks/0/elements/0]"),
    ({"type": "markdown", "text": "x" * 12_001}, "must be less than 12001 characters [json-pointer:/blocks/0/text]"),
    ({"type": "markdown", "text": 3}, "must be a string [json-pointer:/blocks/0/text]"),
    ({"type": "table", "rows": [[]] * 101}, "no more than 100 items allowed [json-pointer:/blocks/0/rows]"),
    ({"type": "input", "label": plain(), "element": button()}, "unsupported type: button [json-pointer:/blocks/0/element/type]"),
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: block["type"])
def test_what_slack_takes_is_taken(block):
    """Up to the very limit."""
    assert problems([block]) == []


@pytest.mark.parametrize(("block", "expected"), BAD)
def test_what_slack_refuses_is_named_by_its_place(block, expected):
    """The words and the JSON pointer are Slack's."""
    assert expected in problems([block])


def test_a_message_has_at_most_fifty_blocks_with_different_ids():
    """And all of them together about 13,200 characters."""
    divider = {"type": "divider"}
    again = "`block_id` 'b' already exists for another block [json-pointer:/blocks/1/block_id]"

    assert problems([divider] * 50) == []
    assert problems([divider] * 51) == ["no more than 50 items allowed [json-pointer:/blocks]"]
    assert problems([divider | {"block_id": "b"}] * 2) == [again]
    assert problems("blocks") == ["must be an array [json-pointer:/blocks]"]
    assert too_long([{"type": "section", "text": mrkdwn(3000)}] * 5)
    assert not too_long([{"type": "section", "text": mrkdwn(3000)}] * 4)


@given(
    st.lists(
        st.dictionaries(st.just("type"), KINDS).flatmap(
            lambda kind: st.dictionaries(st.text(max_size=5), JSON, max_size=3).map(lambda rest: rest | kind)
        )
        | JSON,
        max_size=4,
    )
    | JSON
)
def test_no_json_makes_the_check_itself_fail(blocks):
    """Whatever a bot sends is judged, never an error of the sandbox."""
    assert isinstance(problems(blocks), list)
