"""`suture demo`: a whole incident on this machine.

The sandbox and the bot run as they would anywhere: as two processes that meet over HTTP.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable
from typing import Annotated

import typer

from bot.sandbox.page.mrkdwn import without_marks
from bot.sandbox.renderers import MissingTool, check_installed
from bot.sandbox.repositories import REPOSITORIES
from bot.sandbox.slack import PEOPLE
from bot.sandbox.stories import STORIES, Merge, Press, Step
from bot.stage import FOLDER, LONGEST_START, Json, Stage, refuse_a_second, staged
from remediation.errors import RemediationError

LONGEST_STORY = 180.0  # seconds, when the demo presses the buttons itself


def demo(
    story: Annotated[str, typer.Option(help=f"Which story: {', '.join(STORIES)}.")] = "oom",
    auto: Annotated[bool, typer.Option("--auto", help="Press the buttons too, and exit 0 only when it ended as it should.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print only the final incident, as JSON; implies --auto.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the sandbox and the bot running.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what earlier demos left in ./.suture-demo.")] = False,
) -> None:
    """Play one incident from its alert to its end, in a sandbox: no account, no key, no model."""
    if story not in STORIES:
        typer.echo(f"There is no story {story!r}. Known: {', '.join(STORIES)}.", err=True)
        raise typer.Exit(2)
    say = _to_stderr if as_json else _to_stdout
    _refuse_without_tools(story)
    refuse_a_second()
    if fresh:
        shutil.rmtree(FOLDER, ignore_errors=True)
    with staged(keep=keep, say=say) as stage:
        document = _play(stage, story, auto=auto or as_json, say=say)
        if as_json:
            typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
        elif auto:
            _print_transcript(stage, document)
        as_it_should = document["outcome"] == STORIES[story].outcome
        say(
            f"\nIt ended {document['outcome']}"
            + (", as it should." if as_it_should else f"; it should have ended {STORIES[story].outcome}.")
        )
        if not auto and not as_json and not keep and sys.stdin.isatty():
            typer.prompt("Look around; press Enter to stop", default="", show_default=False)
    raise typer.Exit(0 if as_it_should else 1)


def _refuse_without_tools(story: str) -> None:
    """Before anything is started. Raises RemediationError naming the program that renders the story's project and is not there."""
    repository = REPOSITORIES.get(STORIES[story].project)
    try:
        check_installed(repository.tools if repository else ())
    except MissingTool as missing:
        raise RemediationError(str(missing)) from None


def _play(stage: Stage, story: str, *, auto: bool, say: Callable[[str], None]) -> Json:
    """Begin the story, tell its progress line by line, and give the incident as it ended."""
    before = {incident["incident_id"] for incident in stage.incidents()}
    stage.do(f"stories/{story}")
    say(f"\n{STORIES[story].title}.\n")
    if not auto:
        say(f"Open {stage.sandbox} and decide in the thread; this terminal tells what happens.\n")
    incident_id = _opened(stage, before)
    person = _Person(stage, STORIES[story].person if auto else ())
    told, deadline = 0, time.monotonic() + LONGEST_STORY
    while True:
        document = stage.incident(incident_id)
        for line in document["timeline"][told:]:
            say(f"{line['at'][11:19]}  {_named(line['what'])}")
        told = len(document["timeline"])
        if _over(document):
            return document
        person.act(document)
        if auto and time.monotonic() > deadline:
            say(f"It did not end within {LONGEST_STORY:g} s.")
            return document
        time.sleep(0.15)


def _named(sentence: str) -> str:
    """With the sandbox's people by name: the record knows them by their Slack ids."""
    for user, name in PEOPLE.items():
        sentence = sentence.replace(user, name)
    return sentence


def _opened(stage: Stage, before: set[str]) -> str:
    deadline = time.monotonic() + LONGEST_START
    while time.monotonic() < deadline:
        for incident in stage.incidents():
            if incident["incident_id"] not in before:
                return str(incident["incident_id"])
        time.sleep(0.1)
    raise RemediationError("No incident was opened.", f"Look into {FOLDER}/serve.log and {FOLDER}/sandbox.log.")


def _over(document: Json) -> bool:
    return document["outcome"] is not None and bool(document["learning"]["vector_db_stored"])


class _Person:
    """Does what the story's person does, each step as soon as it can be done."""

    def __init__(self, stage: Stage, steps: tuple[Step, ...]) -> None:
        self._stage = stage
        self._steps = list(steps)

    def act(self, document: Json) -> None:
        """Take the next step, if its time has come."""
        if self._steps and self._took(self._steps[0], document):
            self._steps.pop(0)

    def _took(self, step: Step, document: Json) -> bool:
        """A button is not there before its card is, and GitLab refuses while the pipeline runs: a person tries again then."""
        match step:
            case Press() if document["status"] == "awaiting_approval":
                return self._did("press", incident=document["incident_id"], action=step.action, user=step.user, reason=step.reason)
            case Merge() if (iid := _merge_request(document, step)) is not None:
                return self._did("merge", iid=iid, user=step.user)
        return False

    def _did(self, what: str, **body: object) -> bool:
        try:
            self._stage.do(what, **body)
        except RemediationError:
            return False
        return True


def _merge_request(document: Json, step: Merge) -> int | None:
    reverts = step.which == "revert"
    return next((int(one["iid"]) for one in document["gitlab_mrs"] if one["reverts"] is reverts), None)


def _print_transcript(stage: Stage, document: Json) -> None:
    """The thread as people read it."""
    thread = document["slack_notification"]
    typer.echo("\nThe thread:\n")
    for message in stage.state()["slack"]["messages"]:
        if message["ts"] == thread["message_ts"] or message.get("thread_ts") == thread["message_ts"]:
            typer.echo("\n".join(f"  {line}" for line in without_marks(message["text"]).splitlines()))
            typer.echo("")


def _to_stdout(line: str) -> None:
    typer.echo(line)


def _to_stderr(line: str) -> None:
    typer.echo(line, err=True)
