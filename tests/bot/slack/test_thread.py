"""The thread port on the sandbox's Slack, over HTTP: found before it is posted, updated in place, silent where nothing changed."""

import pytest

from bot.sandbox.slack import SLACK_CHANNEL
from bot.slack.thread import SlackThread
from remediation.entries import Called, Turned
from remediation.errors import Forbidden, Gone, Unreachable
from remediation.telling import Teller
from tests.bot.slack.conftest import TOKEN
from tests.bot.slack.made import DIGEST
from tests.memory.opened import memory

__all__ = ["memory"]


async def posted(thread, told, *, upto):
    """The head and every message of the entries so far, posted under keys in order."""
    ts = await thread.post(told.incident, "head", told.entries[0])
    told.threaded(ts)
    for step in upto:
        begin = len(told.entries)
        getattr(told, step)()
        for n, entry in enumerate(told.entries[begin:], start=begin):
            await thread.post(told.incident, f"k{n}", entry)
    return ts


async def test_the_head_announces_the_incident_and_replies_hang_under_it(thread, workspace, told):
    """Programs find the incident by the head's metadata; every message says whose it is and under which key."""
    ts = await posted(thread, told, upto=["investigated", "reasoned", "asked"])
    head, *replies = workspace.thread(SLACK_CHANNEL, ts)

    assert head.metadata == {"event_type": "suture_incident", "event_payload": {"incident_id": told.incident.incident_id, "key": "head"}}
    assert all(reply.metadata["event_type"] == "suture_message" for reply in replies)
    assert [reply.metadata["event_payload"]["key"] for reply in replies] == ["k2", "k3", "k4", "k6"]


async def test_what_was_posted_is_found_by_its_key(slack, thread, told):
    """A process that died after posting finds its message instead of posting it again; also the head, before the record knows it."""
    fresh = SlackThread(slack, SLACK_CHANNEL)
    before = told.incident
    ts = await posted(thread, told, upto=["investigated"])

    assert await fresh.find(before, "head") == ts
    assert await fresh.find(told.incident, "k2") is not None
    assert await fresh.find(told.incident, "k9") is None


async def test_an_entry_that_says_nothing_posts_nothing(thread, workspace, told):
    """A turned press is told to the presser alone."""
    ts = await posted(thread, told, upto=[])

    assert await thread.post(told.incident, "k1", Turned(user="U_STRANGER", action="approve", reason="no")) == ""
    assert len(workspace.thread(SLACK_CHANNEL, ts)) == 1


async def test_the_incident_is_announced_once(thread, workspace, told):
    """That the head stands is an entry of its own, which may have the head's key: it says nothing."""
    ts = await posted(thread, told, upto=[])

    assert await thread.post(told.incident, "head", told.entries[-1]) == ""
    assert await thread.post(told.incident, "opened", told.entries[0]) == ""
    assert [message.ts for message in workspace.messages] == [ts]


async def test_refresh_brings_head_and_card_up_to_date_and_is_silent_when_they_are(slack, thread, workspace, told):
    """Updated in place; a second refresh sends nothing, and metadata stays."""
    ts = await posted(thread, told, upto=["investigated", "reasoned", "asked"])
    told.approved()
    await thread.refresh(told.incident)
    version = workspace.version
    await thread.refresh(told.incident)
    head, card = workspace.find(SLACK_CHANNEL, ts), workspace.thread(SLACK_CHANNEL, ts)[-1]

    assert workspace.version == version
    assert "Fix on its way" in head.text
    assert head.metadata["event_type"] == "suture_incident"
    assert "Approved by <@U_ALICE>" in card.text
    assert not [block for block in card.blocks if block["type"] == "actions"]


async def test_after_a_restart_the_card_is_found_again(slack, thread, workspace, told):
    """Memory saves calls and holds no truth."""
    ts = await posted(thread, told, upto=["investigated", "reasoned", "asked"])
    told.approved()
    await SlackThread(slack, SLACK_CHANNEL).refresh(told.incident)
    card = workspace.thread(SLACK_CHANNEL, ts)[-1]

    assert card.metadata["event_payload"]["card"] == DIGEST
    assert "Approved by" in card.text


@pytest.fixture
async def asked(memory, slack, told):
    """A teller whose incident waits for a decision, told in the workspace: the teller, the incident, and its head's ts."""
    told.investigated(), told.reasoned(), told.asked()
    teller = Teller(memory.record, memory.effects, SlackThread(slack, SLACK_CHANNEL))
    for n, entry in enumerate(told.entries):
        incident = await teller.put(told.incident.incident_id, f"k{n}", entry)
    return teller, incident


async def test_a_thread_that_was_deleted_goes_on_under_a_new_head_with_its_card(asked, workspace, memory):
    """People can decide there, the record follows, and it happens once, however often it is asked."""
    teller, incident = asked
    workspace.messages.clear()
    incident = await teller.put(incident.incident_id, "called", Called(reason="Nobody answered."))
    incident = await teller.put(incident.incident_id, "again", Called(reason="Still nobody."))

    head, *replies = workspace.messages
    assert head.metadata["event_type"] == "suture_incident"
    assert (await memory.record.incident(incident.incident_id)).thread.ts == head.ts
    assert [reply.thread_ts for reply in replies] == [head.ts] * 3
    assert [any(block["type"] == "actions" for block in reply.blocks) for reply in replies].count(True) == 1
    assert teller.is_level(incident.incident_id, (await memory.record.incident(incident.incident_id)).entries)


async def test_a_card_that_was_deleted_is_posted_again(asked, workspace, told):
    """In the same thread, as it is now: without it nobody could decide."""
    teller, incident = asked
    card = next(one for one in workspace.messages if one.metadata["event_payload"].get("card"))
    workspace.messages.remove(card)
    told.approved()
    await teller.put(incident.incident_id, "approved", told.entries[-2])

    again = [one for one in workspace.messages if one.metadata["event_payload"].get("card")]
    assert [one.thread_ts for one in again] == [incident.thread.ts]
    assert "Approved by" in again[0].text


async def test_a_channel_that_does_not_come_back_is_said_in_one_line_of_the_log(asked, slack, capsys, monkeypatch):
    """The record goes on, and the thread is tried again without a word."""
    teller, incident = asked

    async def gone(*_said, **_more):
        raise Gone("Slack refused: thread_not_found.")

    monkeypatch.setattr(slack, "post", gone)
    monkeypatch.setattr(slack, "update", gone)
    incident = await teller.put(incident.incident_id, "called", Called(reason="Nobody answered."))
    told = [await teller.catch_up(incident) for _ in range(5)]

    assert told == [False] * 5
    assert capsys.readouterr().out.count("thread is behind the record") == 1


async def test_a_whisper_reaches_one_person_in_the_thread(thread, workspace, told):
    """Approvers' ids become names; what a stranger wrote stays words."""
    ts = await posted(thread, told, upto=[])
    await thread.whisper(told.incident, "U_BOB", "It was approved by U_ALICE already. <!channel>")
    said = workspace.messages[-1]

    assert (said.ephemeral_to, said.thread_ts) == ("U_BOB", ts)
    assert said.text == "It was approved by <@U_ALICE> already. &lt;!channel&gt;"


async def test_a_long_thread_is_read_to_its_end(slack, thread, told, monkeypatch):
    """What stands on the second page is found too."""
    monkeypatch.setattr("bot.slack.client.PAGE", 2)
    await posted(thread, told, upto=["investigated", "reasoned", "asked"])

    assert await thread.find(told.incident, "k6") is not None


async def test_blocks_that_are_refused_are_sent_again_as_plain_text(thread, workspace, told, monkeypatch):
    """A workspace that does not take our layout still gets the words and the buttons."""
    monkeypatch.setattr("bot.sandbox.slack_blocks.PROPERTIES", {k: v for k, v in _properties().items() if k not in ("header", "context")})
    ts = await posted(thread, told, upto=["investigated", "reasoned", "asked"])
    card = workspace.thread(SLACK_CHANNEL, ts)[-1]

    assert [block["type"] for block in card.blocks] == ["section", "actions"]


async def test_a_wrong_token_is_said_with_what_to_do_and_without_the_token(thread, slack, told):
    """No secret reaches an error, which ends in logs and threads."""
    slack.web.token = "xoxb-other-secret"

    with pytest.raises(Forbidden) as caught:
        await thread.post(told.incident, "head", told.entries[0])
    assert "invalid_auth" in str(caught.value)
    assert "SLACK_BOT_TOKEN" in str(caught.value)
    assert "xoxb-other" not in repr(caught.value)
    assert caught.value.__suppress_context__


async def test_a_slack_that_is_away_may_be_asked_again(slack, told):
    """No answer is Unreachable, which is tried again; it holds no token."""
    slack.web.base_url = "http://127.0.0.1:9/api/"

    with pytest.raises(Unreachable) as caught:
        await SlackThread(slack, SLACK_CHANNEL).post(told.incident, "head", told.entries[0])
    assert TOKEN not in repr(caught.value)


async def test_retry_after_is_waited_out(thread, workspace, told, monkeypatch):
    """429 is no failure: the message stands after the pause."""
    workspace.rate_limited = True
    monkeypatch.setattr("bot.sandbox.slack_limits.BURST", 1.0)
    ts = await posted(thread, told, upto=["investigated"])

    assert len(workspace.thread(SLACK_CHANNEL, ts)) == 2


def _properties():
    from bot.sandbox.slack_blocks import PROPERTIES

    return PROPERTIES
