"""The sandbox's world: its systems, what causes what between them, its time, and where it is kept."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from bot.sandbox import beginning, gitlab_hooks
from bot.sandbox.apiserver import STRATEGIC, ApiServer, Write
from bot.sandbox.cluster import Cluster
from bot.sandbox.datadog import DatadogState
from bot.sandbox.deliveries import Deliveries
from bot.sandbox.delivery import Delivery
from bot.sandbox.environment import Credentials
from bot.sandbox.faults import Nature
from bot.sandbox.fields import Object
from bot.sandbox.gitlab import Event, GitLabRefusal, GitLabState, MergeRequest, Project, User
from bot.sandbox.gitops import GitOps
from bot.sandbox.kinds import kind_named
from bot.sandbox.kubelet import Kubelet
from bot.sandbox.life import Life
from bot.sandbox.models import ModelsState
from bot.sandbox.onboarding import onboard
from bot.sandbox.outages import Outages
from bot.sandbox.pace import Pace
from bot.sandbox.repositories import REPOSITORIES, Repository
from bot.sandbox.requests import RequestLog
from bot.sandbox.slack import SlackState
from bot.sandbox.sources import Sources
from bot.sandbox.stories import PROCESSES, STORIES
from bot.sandbox.telemetry import Telemetry

FILE = "world.json"
SAVE_SECONDS = 3.0
LONGEST_SLEEP = 1.0
HOOK_PATH = "/webhooks/gitlab"


class World:
    """Everything that the sandbox is. All of it lives on one event loop."""

    def __init__(
        self, *, origin: str, credentials: Credentials, pace: Pace | None = None, bot_url: str | None = None, folder: Path | None = None
    ) -> None:
        """A fresh world; `World.load` goes on with one that was kept in `folder`."""
        self.origin, self.credentials, self.pace, self.folder = origin, credentials, pace or Pace(), folder
        self._frozen: float | None = None
        self._wake, self._dirty, self._saved_at = asyncio.Event(), False, 0.0
        self._outbox: list[tuple[str, bytes]] = []
        self._sync_due: float | None = None
        self._sample_due = 0.0
        self._delivery_due: float | None = None
        self._onboarding = asyncio.Lock()
        self._pending: list[str] = []
        self.deliveries = Deliveries(bot_url)
        self.slack, self.models, self.requests, self.outages = SlackState(), ModelsState(), RequestLog(), Outages()
        self.datadog = DatadogState(self.deliveries, webhook_token=credentials.datadog_webhook_token, origin=origin)
        self.gitlab = self._gitlab()
        self.cluster = Cluster(clock=self.now, changed=self.touch)
        self.server, self.gitops = ApiServer(cluster=self.cluster), GitOps()
        self.delivery = Delivery(self.server, Sources(lambda: [*self.gitlab.projects.values()]))
        self.nature = Nature(images=beginning.images(), processes=dict(PROCESSES))
        self.kubelet = Kubelet(cluster=self.cluster, nature=self.nature, pace=self.pace)
        self.life, self.telemetry = Life(self.cluster, self.kubelet), Telemetry(self.kubelet, self.datadog)
        for story in STORIES.values():
            self.datadog.register(story.monitor)
        if not self._restored():
            self._live_through_the_past()

    @classmethod
    def load(cls, folder: Path, *, origin: str, credentials: Credentials, pace: Pace | None = None, bot_url: str | None = None) -> World:
        """The world that is kept in `folder`, or a fresh one that will be."""
        return cls(origin=origin, credentials=credentials, pace=pace, bot_url=bot_url, folder=folder)

    # time

    def time(self) -> float:
        """Now, in epoch seconds."""
        return time.time() if self._frozen is None else self._frozen

    def now(self) -> datetime:
        """Now, aware, UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def touch(self) -> None:
        """Something changed: look at it, and save it soon."""
        self._dirty = True
        self._wake.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[World]:
        """Let time pass while the block runs; save at its end."""
        self.deliveries.resume()
        living = asyncio.create_task(self._live())
        try:
            yield self
        finally:
            living.cancel()
            with suppress(asyncio.CancelledError):
                await living
            await self.deliveries.aclose()
            self.save()

    # what people do

    async def begin(self, name: str) -> None:
        """Play a story, anew if it was played before: what is left of its fault is taken away first.

        Raises KeyError for an unknown name, MissingTool when a program that renders its project is not installed.
        """
        story = STORIES[name]
        await self._deliver(REPOSITORIES.get(story.project))
        if story.measure(self.cluster):
            story.calm(self)
            self._pending.append(name)
        else:
            story.begin(self)
        self.touch()

    async def merge(self, iid: int, user: str = "alice") -> None:
        """Click Merge; while the pipeline runs, that sets the merge request to merge when it succeeds.

        Raises GitLabRefusal.
        """
        project, request, person = self._find(iid, user)
        self.gitlab.merge(project, request, person, auto_merge=True)
        self.touch()

    async def close(self, iid: int, note: str = "", user: str = "alice") -> None:
        """Write a note, if there is something to say, and click Close. Raises GitLabRefusal."""
        project, request, person = self._find(iid, user)
        if note and request.state == "opened":
            self.gitlab.note(project, request, person, note)
        self.gitlab.close(project, request, person)
        self.touch()

    async def _deliver(self, repository: Repository | None) -> None:
        """From now on this project, too, runs in the cluster; it has for days."""
        async with self._onboarding:
            if repository is None or repository.id in self.delivery.projects:
                return
            await onboard(repository, self.delivery, self.kubelet, self.time() - beginning.PAST.total_seconds())
            self.telemetry.remember_the_last_hour(self.time(), repository.namespaces)

    def developer_pushes(self, username: str, message: str, files: dict[str, bytes], *, project: int = beginning.PROJECT) -> None:
        """Somebody pushes whole files to the tracked branch; nothing happens when they are already so."""
        self.gitlab.developer_pushes(self.gitlab.projects[project], username, message, files)

    def developer_resets(self, username: str, message: str, project: int) -> None:
        """Somebody brings a project's whole tree back to what it was in the beginning."""
        tree = REPOSITORIES[project].tree()
        self.gitlab.developer_pushes(self.gitlab.projects[project], username, message, tree, whole=True)

    def edit_live(self, target: str, patch: Object, *, manager: str) -> None:
        """Somebody changes `namespace/Kind/name` in the cluster, past Git."""
        namespace, kind, name = target.split("/")
        self.server.patch(kind_named(kind), namespace, name, patch, Write(manager=manager), content_type=STRATEGIC)

    def sync_again(self, folder: str) -> None:
        """Somebody presses Sync for one application."""
        self.gitops.applied[folder] = ""
        self._sync_due = self.time() + self.pace.sync

    # persistence

    def save(self) -> None:
        """Write the world to its folder, whole or not at all."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / f".{FILE}.new"
        fresh.touch(mode=0o600)  # it holds logs and evidence
        fresh.write_text(json.dumps(self._snapshot()), encoding="utf-8")
        fresh.replace(self.folder / FILE)
        self._dirty, self._saved_at = False, time.monotonic()

    def _snapshot(self) -> dict[str, Any]:
        return {
            "slack": self.slack.snapshot(),
            "datadog": self.datadog.snapshot(),
            "models": self.models.snapshot(),
            "requests": self.requests.snapshot(),
            "deliveries": self.deliveries.snapshot(),
            "gitlab": self.gitlab.snapshot(),
            "cluster": self.cluster.snapshot(),
            "gitops": self.gitops.snapshot(),
            "delivery": self.delivery.snapshot(),
            "nature": self.nature.snapshot(),
            "pending": self._pending,
        }

    def _restored(self) -> bool:
        file = self.folder and self.folder / FILE
        if file is None or not file.exists():
            return False
        try:
            self._restore(json.loads(file.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise ValueError(f"{file} is not a world that this version kept ({problem!r}). Remove it, or begin with --fresh.") from problem
        return True

    def _restore(self, saved: dict[str, Any]) -> None:
        for state in (self.slack, self.datadog, self.models):
            state.restore(saved[{SlackState: "slack", DatadogState: "datadog", ModelsState: "models"}[type(state)]])
        self.requests.restore(saved["requests"])
        self.deliveries.restore(saved["deliveries"])
        self.gitlab.restore(saved["gitlab"])
        self._found_projects()
        self.cluster.restore(saved["cluster"])
        self.gitops.restore(saved["gitops"])
        self.delivery.restore(saved.get("delivery", self.delivery.snapshot()))
        self.nature.restore(saved["nature"])
        self._pending = saved["pending"]
        self._sync_due = self._delivery_due = self.time()
        self.telemetry.shipped = f"{self.now():%Y-%m-%dT%H:%M:%S}"  # earlier lines are in Datadog

    # how the world turns

    async def _live(self) -> None:
        while True:
            due = await self._turn()
            pause = min(max(due - self.time(), 0.0), LONGEST_SLEEP) if due is not None else LONGEST_SLEEP
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):  # wait_for of Python 3.11 loses a cancellation that comes with the wake
                    await self._wake.wait()

    async def _turn(self) -> float | None:
        """Everything that is due by now; when the next thing is."""
        await self._deliver_what_moved()
        due = self._move()
        self._wake.clear()  # what it moved itself needs no second look
        now = self.time()
        if now >= self._sample_due:
            self.telemetry.sample(now)
            self._sample_due = now + self.pace.sample
        await self._watch()
        await self._post()
        if self._dirty and time.monotonic() - self._saved_at > SAVE_SECONDS:
            self.save()
        return min((d for d in (due, self._sample_due, self._delivery_due) if d is not None), default=None)

    async def _deliver_what_moved(self) -> None:
        """Argo CD and Flux look at the projects that were pushed to; rendering takes no time of the loop."""
        if self._delivery_due is not None and self._delivery_due <= self.time():
            self._delivery_due = None
            await self.delivery.sync()

    def _move(self) -> float | None:
        """GitLab, GitOps, controllers and kubelets, until nothing moves any more; when the next thing is due."""
        now = self.now()
        forge_due = self.gitlab.advance(now)
        if self._sync_due is not None and self._sync_due <= now.timestamp():
            self._sync_due = None
            self._sync()
        life_due = self.life.settle(now)
        self.delivery.show_health()
        dues = [life_due, self._sync_due, _seconds(forge_due), self.nature.next_turn(now.timestamp())]
        return min((due for due in dues if due is not None), default=None)

    def _sync(self) -> None:
        repository = self.gitlab.projects[beginning.PROJECT].repository
        self.gitops.sync(self.server, repository.contents(repository.commits[repository.branches["main"]]))

    async def _watch(self) -> None:
        """The monitors look; a story that waited for calm begins once its monitor is quiet."""
        for name, story in STORIES.items():
            value = story.measure(self.cluster)
            await self.datadog.evaluate(story.monitor.id, firing=value >= 1, value=value)
            if name in self._pending and not value:
                self._pending.remove(name)
                story.begin(self)
                self.touch()

    async def _post(self) -> None:
        """Send what GitLab has to say, in order."""
        while self._outbox:
            kind, body = self._outbox.pop(0)
            await self.deliveries.post("gitlab", HOOK_PATH, body, self._hook_headers(kind))

    def _hook_headers(self, kind: str) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "User-Agent": "GitLab/18.5.1-ee",
            "X-Gitlab-Event": gitlab_hooks.HEADERS[kind],
            "X-Gitlab-Token": self.credentials.gitlab_webhook_secret,
            "X-Gitlab-Instance": f"{self.origin}/gitlab",
            "X-Gitlab-Webhook-UUID": str(uuid.uuid5(uuid.NAMESPACE_URL, self.origin)),
            "X-Gitlab-Event-UUID": str(uuid.uuid4()),
            "Idempotency-Key": str(uuid.uuid4()),
        }

    # what GitLab and the cluster tell

    def _told(self, event: Event) -> None:
        if self._frozen is None:
            body = gitlab_hooks.body_of(event, self.gitlab, f"{self.origin}/gitlab")
            self._outbox.append((event[0], json.dumps(body).encode()))
        self.touch()

    def _pushed(self, project: Project, branch: str) -> None:
        if branch == project.default_branch:
            if project.id == beginning.PROJECT:
                self._sync_due = self.time() + self.pace.sync
            elif project.id in self.delivery.projects:
                self._delivery_due = self.time() + self.pace.sync
        self.touch()

    def _find(self, iid: int, username: str) -> tuple[Project, MergeRequest, User]:
        user = self.gitlab.users.get(username)
        if user is None:
            raise GitLabRefusal(HTTPStatus.UNAUTHORIZED, "401 Unauthorized")
        for project in self.gitlab.projects.values():
            if iid in project.merge_requests:
                return project, project.merge_requests[iid], user
        raise GitLabRefusal(HTTPStatus.NOT_FOUND, "404 Not found")

    # the past

    def _gitlab(self) -> GitLabState:
        return GitLabState(
            clock=self.now,
            pipeline_seconds=self.pace.pipeline,
            check_seconds=self.pace.check,
            users=beginning.users(),
            tokens=beginning.tokens(self.credentials),
            projects={beginning.PROJECT: beginning.project()},
            tell=self._told,
            pushed=self._pushed,
        )

    def _live_through_the_past(self) -> None:
        """Three quiet days with two releases, so that nothing in the world was born this minute."""
        self._frozen = time.time() - beginning.PAST.total_seconds()
        beginning.populate(self.cluster)
        project, alice = self.gitlab.projects[beginning.PROJECT], self.gitlab.users["alice"]
        project.repository.commit("main", beginning.earlier_shop(), "The shop, as of today", author=alice.author, parents=(), at=self.now())
        self.gitlab.branch_moved(project, "main", alice)
        self._found_projects()
        self._fast_forward()
        self._frozen += timedelta(days=1).total_seconds()
        self.developer_pushes("bob", "Release api 4.12.0 and web 2.4.0", beginning.shop())
        self._fast_forward()
        for event in self.cluster.all("Event"):  # an apiserver forgets them after an hour
            self.cluster.delete(event)
        self._frozen = None
        self.telemetry.remember_the_last_hour(self.time())

    def _found_projects(self) -> None:
        """The projects of the other teams, where they are not there yet; what they hold is delivered when a story asks for it."""
        for repository in REPOSITORIES.values():
            if repository.id not in self.gitlab.projects:
                project, owner = repository.project(), self.gitlab.users[repository.author]
                self.gitlab.projects[project.id] = project
                text = f"{repository.name}, as of today"
                project.repository.commit("main", repository.tree(), text, author=owner.author, parents=(), at=self.now())
                self.gitlab.branch_moved(project, "main", owner)

    def _fast_forward(self) -> None:
        while (due := self._move()) is not None:
            self._frozen = max(due, self.time() + 0.001)


def _seconds(at: datetime | None) -> float | None:
    return at.timestamp() if at is not None else None
