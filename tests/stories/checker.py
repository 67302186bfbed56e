"""What must be true of the whole record after any story: one thread an incident, one merge request a fix, nobody bypassed, no secret out."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.stage import Json, Stage

# What the stories plant where a careless bot would let it out; the sandbox's own faces hold them, the bot's words must not.
PLANTED = ("tr0ub4dor-and-3", "AKIAZ7QSANDBOX4PLANT", "SRCH-PLANTED-eyJhbGciOiJIUzI1NiJ9")
_HEAD = "suture_incident"


async def check(stage: Stage, folder: Path) -> None:
    """Raises AssertionError naming what is wrong."""
    state = await stage.state()
    documents = [await stage.incident(one["incident_id"]) for one in await stage.incidents()]
    _one_thread_an_incident(state, documents)
    _no_message_twice(state)
    _one_merge_request_a_fix(state)
    for document in documents:
        _merged_only_what_was_decided(document)
    _no_secret(state, documents, folder)


def _metadata(message: Json) -> Json:
    return (message.get("metadata") or {}).get("event_payload") or {}


def _one_thread_an_incident(state: Json, documents: list[Json]) -> None:
    heads = [_metadata(m)["incident_id"] for m in state["slack"]["messages"] if (m.get("metadata") or {}).get("event_type") == _HEAD]
    assert sorted(heads) == sorted({d["incident_id"] for d in documents}), "not one head message for each incident"


def _no_message_twice(state: Json) -> None:
    keys = [(_metadata(m)["incident_id"], _metadata(m)["key"]) for m in state["slack"]["messages"] if m.get("metadata")]
    assert len(keys) == len(set(keys)), f"said twice: {sorted(key for key in keys if keys.count(key) > 1)}"


def _one_merge_request_a_fix(state: Json) -> None:
    opened = [m["source_branch"] for m in state["gitlab"]["merge_requests"] if m["state"] == "opened"]
    assert len(opened) == len(set(opened)), "two open merge requests of one fix"


def _merged_only_what_was_decided(document: Json) -> None:
    for attempt in document["attempts"]:
        if (attempt["progress"] or {}).get("state") != "applied":
            continue
        allowed = {*document["standing"]["approvers"], "policy", "gitlab:alice", "gitlab:bob", "gitlab:carol"}
        answers = [d for d in attempt["decisions"] if d["answer"] == "approved" and d["digest"] == attempt["rehearsal"]["digest"]]
        assert answers, f"{document['incident_id']} merged a digest that nobody approved"
        assert {d["by"] for d in answers} <= allowed, "decided by someone who may not"


def _no_secret(state: Json, documents: list[Json], folder: Path) -> None:
    places = {
        "slack": json.dumps(state["slack"]["messages"]),
        "merge requests": json.dumps([[m["title"], m["description"]] for m in state["gitlab"]["merge_requests"]]),
        "models": json.dumps(state["models"]["calls"]),
        "api": json.dumps(documents),
        "tables": "\n".join(dump(folder / "suture.db")),
        "engine": "\n".join(dump(folder / "suture.workflows.db")),
    }
    for place, text in places.items():
        for secret in PLANTED:
            assert secret not in text, f"{secret} stands in {place}: …{text[max(0, text.index(secret) - 80) : text.index(secret) + 40]}…"
        assert not re.search(r"xoxb-sandbox-\w{10}|glpat-\w{10}", text), f"a token of ours stands in {place}"


def dump(path: Path) -> list[str]:
    """Every row of a database as text."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return [str(line) for line in connection.iterdump()]
