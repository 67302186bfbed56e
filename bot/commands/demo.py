"""`suture demo`: a whole incident on this machine.

The sandbox and the bot run as they would anywhere: as two processes that meet over HTTP.
"""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from bot.sandbox import environment
from bot.sandbox.stories import STORIES, Merge, Press, Step
from remediation.errors import RemediationError
from webhooks.keys import Keys

FOLDER = Path(".suture-demo")
LONGEST_START = 60.0  # seconds
LONGEST_STORY = 180.0  # seconds, when the demo presses the buttons itself
Json = dict[str, Any]


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
    _refuse_a_second()
    if fresh:
        shutil.rmtree(FOLDER, ignore_errors=True)
    with _stage(keep=keep, say=say) as stage:
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


class Stage:
    """The running sandbox and bot, as a program sees them."""

    def __init__(self, sandbox: str, bot: str, token: str) -> None:
        self.sandbox = sandbox
        self.bot = bot
        self._control = httpx.Client(base_url=f"{sandbox}/control", timeout=30, trust_env=False)
        self._api = httpx.Client(base_url=f"{bot}/api", headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False)

    def state(self) -> Json:
        """All that the sandbox saw."""
        return _answered(self._control.get("/state"))

    def do(self, what: str, **body: object) -> Json:
        """One act of a person. Raises RemediationError with the sandbox's own sentence."""
        return _answered(self._control.post(f"/{what}", json=body))

    def incidents(self) -> list[Json]:
        """All incidents, newest first."""
        known: list[Json] = _answered(self._api.get("/incidents"))["incidents"]
        return known

    def incident(self, incident_id: str) -> Json:
        """One incident, whole."""
        return _answered(self._api.get(f"/incidents/{incident_id}"))


def _answered(answer: httpx.Response) -> Json:
    if answer.is_error:
        raise RemediationError(f"{answer.request.url.path} answered {answer.status_code}: {answer.text[:500]}")
    document: Json = answer.json()
    return document


@contextmanager
def _stage(*, keep: bool, say: Callable[[str], None]) -> Iterator[Stage]:
    """Both processes, ready. They are stopped at the end, unless they are to be kept."""
    FOLDER.mkdir(exist_ok=True)
    sandbox_port, bot_port = _ports()
    bot_url, sandbox_url = f"http://127.0.0.1:{bot_port}", f"http://127.0.0.1:{sandbox_port}"
    surroundings = {
        **environment.environment(sandbox_port),
        "DATABASE_URL": f"sqlite:///{(FOLDER / 'suture.db').resolve()}",
        "SUTURE_PUBLIC_URL": bot_url,
    }
    sandbox = _spawn("sandbox", ["--port", str(sandbox_port), "--bot", bot_url, "--folder", str(FOLDER / "world")], {}, keep=keep)
    processes = [sandbox]
    try:
        _ready(f"{sandbox_url}/control/state", sandbox, "sandbox")
        bot = _spawn("serve", ["--port", str(bot_port)], surroundings, keep=keep)
        processes.append(bot)
        _ready(f"{bot_url}/readyz", bot, "bot")
        say(f"Sandbox   {sandbox_url}  (the Slack channel and the merge requests)")
        say(f"Suture    {Keys(surroundings['SUTURE_API_TOKEN']).link(bot_url)}  (the dashboard; the link is good for 15 minutes)")
        yield Stage(sandbox_url, bot_url, surroundings["SUTURE_API_TOKEN"])
        if keep:
            say(f"Both are left running; stop them with: kill {' '.join(str(p.pid) for p in processes)}")
    finally:
        if not keep:
            _stop(processes)


def _refuse_a_second() -> None:
    """Two demos in one folder would share one world. Raises RemediationError while one runs here."""
    try:
        _, bot = json.loads((FOLDER / "ports.json").read_text())
        alive = httpx.get(f"http://127.0.0.1:{bot}/healthz", timeout=2, trust_env=False).is_success
    except (OSError, ValueError, TypeError, httpx.TransportError):
        return
    if alive:
        what = f"A demo runs in {FOLDER.resolve()} already, at http://127.0.0.1:{bot}."
        raise RemediationError(what, "Stop it (its last line said how), or play in another folder.")


def _ports() -> tuple[int, int]:
    """The ports of the last demo where they are free, so that its links still lead somewhere; else any two."""
    noted = FOLDER / "ports.json"
    try:
        sandbox, bot = json.loads(noted.read_text())
        if _free(sandbox) and _free(bot):
            return sandbox, bot
    except (OSError, ValueError, TypeError):
        pass
    # Below those that the system gives away by itself, so that no connection of ours takes one meanwhile.
    free = (port for port in random.sample(range(12_000, 32_000), 500) if _free(port))
    ports = (next(free), next(free))
    noted.write_text(json.dumps(ports))
    return ports


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _spawn(command: str, arguments: list[str], surroundings: Mapping[str, str], *, keep: bool) -> "subprocess.Popen[bytes]":
    log = (FOLDER / f"{command}.log").open("ab")
    argv = [sys.executable, "-m", "bot", command, *arguments]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return subprocess.Popen(
        argv, env={**inherited, **surroundings}, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=keep
    )


# What a real set-up has in its environment must not reach the demo's bot.
_OURS = ("SUTURE_", "SLACK_", "GITLAB_", "DD_", "DATADOG_", "KUBECONFIG", "OLLAMA_", "DATABASE_URL")


def _ready(url: str, process: "subprocess.Popen[bytes]", name: str) -> None:
    log = FOLDER / ("sandbox.log" if name == "sandbox" else "serve.log")
    deadline = time.monotonic() + LONGEST_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(url, timeout=5, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    tail = log.read_text(errors="replace")[-2000:]
    raise RemediationError(f"The {name} did not start. The end of {log}:\n{tail}", "Try again with --fresh.")


def _stop(processes: "list[subprocess.Popen[bytes]]") -> None:
    for process in reversed(processes):
        process.send_signal(signal.SIGINT)
    for process in reversed(processes):
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()


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
            say(f"{line['at'][11:19]}  {line['what']}")
        told = len(document["timeline"])
        if _over(document):
            return document
        person.act(document)
        if auto and time.monotonic() > deadline:
            say(f"It did not end within {LONGEST_STORY:g} s.")
            return document
        time.sleep(0.15)


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
            typer.echo("\n".join(f"  {line}" for line in message["text"].splitlines()))
            typer.echo("")


def _to_stdout(line: str) -> None:
    typer.echo(line)


def _to_stderr(line: str) -> None:
    typer.echo(line, err=True)
