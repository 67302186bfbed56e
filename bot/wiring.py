"""Settings become clients, clients a World, the World a running bot: the only place that builds real ones, and only those configured."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from fastapi import FastAPI
from slack_bolt.async_app import AsyncApp
from starlette.types import ASGIApp

from bot import access
from bot.delivering import executors_of
from bot.looking import Clients, clients_of, clusters_of, limits_of, sources_of
from bot.own_files import catalogue_of, policy_of
from bot.reasoners import model_of
from bot.settings import Settings
from bot.slack import app as slack_app
from bot.slack.budget import Budget
from bot.slack.client import Slack
from bot.slack.door import SlackDoor
from bot.slack.people import People
from bot.slack.thread import SlackThread
from bot.warming import warm
from memory.database import Database, sqlite_path
from memory.document import Documents
from memory.effects import SqlEffects
from memory.inbox import SqlInbox
from memory.journal import Journal
from memory.recall.embedded import EmbeddedRecall
from memory.record import SqlRecord
from memory.signals import SqlSignals
from remediation.correlate import Correlator
from remediation.course import Bells
from remediation.deliberation.rulebook import Rulebook
from remediation.ports import Actor, Critic
from remediation.reconcile import Reconciler
from remediation.remedies import Catalogue
from remediation.watch import ClusterWatcher
from remediation.world import Patience, World
from webhooks import app as http_app
from webhooks.intake import Intake, endpoints_of
from webhooks.keys import Keys
from webhooks.metrics import Exposition
from webhooks.senders import SENDERS
from webhooks.senders import gitlab as gitlab_hooks

log = structlog.get_logger(__name__)


def now() -> datetime:
    """The time, aware, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Store:
    """The record's file and the ports that stand on it."""

    database: Database
    record: SqlRecord
    inbox: SqlInbox
    signals: SqlSignals
    effects: SqlEffects
    recall: EmbeddedRecall

    @classmethod
    def open(cls, url: str) -> "Store":
        """Migrated and ready. Raises UnsupportedDatabase."""
        database = Database.open(url)
        journal, effects = Journal(now, database.writer.ends), SqlEffects(database, now)
        return cls(
            database=database,
            record=SqlRecord(database, journal, effects, now),
            inbox=SqlInbox(database, journal, now),
            signals=SqlSignals(database, now),
            effects=effects,
            recall=EmbeddedRecall(database, now),
        )


@dataclass(frozen=True, kw_only=True)
class Outside(Clients):
    """The clients of the systems that settings name, Slack's among them; what is absent was said in the log."""

    slack: Slack

    async def aclose(self) -> None:
        """Close every connection."""
        await self.slack.aclose()
        await super().aclose()


def absences(settings: Settings) -> list[str]:
    """What is not configured, and what is lost without it; a sentence each."""
    known = {
        "GITLAB_TOKEN": (settings.gitlab_token.get_secret_value(), "no merge request can be opened"),
        "gitops": (settings.gitops, "no manifest can be found"),
        "KUBECONFIG": (clusters_of(settings), "no cluster is looked at"),
        "DD_API_KEY, DD_APP_KEY": (settings.dd_api_key.get_secret_value(), "Datadog gives alerts but no evidence"),
        "DATADOG_WEBHOOK_TOKEN": (settings.datadog_webhook_token.get_secret_value(), "no alert of Datadog is taken"),
        "GITLAB_WEBHOOK_SECRET": (settings.gitlab_webhook_secret.get_secret_value(), "merges are noticed by polling"),
        "environments": (settings.environments, "nobody may approve anything"),
    }
    return [f"{name} is not set: {lost}." for name, (value, lost) in known.items() if not value]


def outside(settings: Settings) -> Outside:
    """Clients, none of which asks anything yet: each SDK is imported at its first call."""
    slack = Slack(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, Budget(per_second=settings.suture_slack_per_second))
    return Outside(slack=slack, **vars(clients_of(settings)))


def assemble(settings: Settings) -> ASGIApp:
    """The whole bot as one ASGI app; its lifespan launches and stops everything that runs. Raises RemediationError naming what is wrong."""
    store, clients, bells = Store.open(settings.database_url), outside(settings), Bells(settings.suture_poll_seconds)
    people, keys = People(clients.slack), Keys(settings.suture_api_token.get_secret_value())
    world = _world(settings, store, clients, people)
    correlator = Correlator(store.inbox, settings.default_place, settings.standing_of)
    reconciler = Reconciler(world, correlator, bells, _engine_path(settings.database_url), settings.suture_poll_seconds)
    reconciler.engine.claim()
    heard = slack_app.build(
        slack=clients.slack,
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        record=store.record,
        signals=store.signals,
        wake=reconciler.heard,
        why_not=access.why_not,
        link_to=lambda path: keys.link(settings.suture_public_url, path),
    )
    running = _Running(settings, store, clients, reconciler, heard)
    return http_app.build(
        intake=_intake(settings, store, reconciler),
        slack=None if settings.slack_app_token.get_secret_value() else _door(settings, heard).answer,
        keys=keys,
        documents=Documents(store.database.reader),
        names=people.names,
        metrics=Exposition(store.database.reader, lambda: store.database.writer.waiting),
        why_not_ready=running.why_not_ready,
        lifespan=running.lifespan,
    )


def _door(settings: Settings, heard: AsyncApp) -> SlackDoor:
    return SlackDoor(heard, settings.slack_signing_secret.get_secret_value())


class _Running:
    """What lives as long as the app: engine, reconciler, Socket Mode, clients, files. All is closed in the order that loses nothing."""

    def __init__(self, settings: Settings, store: Store, clients: Outside, reconciler: Reconciler, heard: AsyncApp) -> None:
        self._app_token = settings.slack_app_token.get_secret_value()
        self._store = store
        self._clients = clients
        self._reconciler = reconciler
        self._heard = heard
        self._loop: asyncio.Task[None] | None = None

    def why_not_ready(self) -> str:
        """Empty while intake and engine run, and what comes can be kept."""
        if self._loop is None:
            return "Starting."
        return "The reconciler stopped; the log says why." if self._loop.done() else self._store.database.writer.failure

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        """Launch, serve, stop."""
        async with AsyncExitStack() as stack:
            stack.callback(self._store.database.close)
            stack.push_async_callback(self._clients.aclose)
            await self._reconciler.engine.launch()
            stack.push_async_callback(self._reconciler.engine.close)
            if self._app_token:
                await stack.enter_async_context(slack_app.socket_mode(self._heard, self._clients.slack, self._app_token))
            self._loop = asyncio.create_task(self._reconciler.run())
            stack.push_async_callback(_cancelled, self._loop)
            stack.push_async_callback(_cancelled, asyncio.create_task(warm(self._clients)))
            gc.freeze()  # what stands now stands until the end: no collection need look at it again
            gc.enable()  # it rested while this was made
            yield


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait([task])


def _intake(settings: Settings, store: Store, reconciler: Reconciler) -> Intake:
    tokens = {"DATADOG_WEBHOOK_TOKEN": settings.datadog_webhook_token.get_secret_value()}
    alerts = endpoints_of(
        SENDERS, tokens, store.inbox.store, now, on_commit=reconciler.wake, allow_query_token=settings.suture_token_in_query
    )
    secret = settings.gitlab_webhook_secret.get_secret_value()
    gitlab = gitlab_hooks.GitlabEndpoint(secret, now, lambda hint: reconciler.look(hint.project, hint.iid))
    return Intake({**alerts, gitlab_hooks.PATH: gitlab})


def _world(settings: Settings, store: Store, clients: Outside, people: People) -> World:
    known, policy = catalogue_of(settings), policy_of(settings)
    actor, critic = _reasoners(settings, known)
    minutes = {name: getattr(settings, f"suture_{name}_minutes") for name in ("answer", "apply", "soak", "window", "silence")}
    return World(
        record=store.record,
        signals=store.signals,
        effects=store.effects,
        thread=SlackThread(clients.slack, settings.slack_channel),
        recall=store.recall,
        sources=sources_of(settings, clients),
        executors=executors_of(settings, clients, policy, now, people),
        watcher=ClusterWatcher(clients.clusters, default_place=settings.default_place, datadog=clients.datadog, now=now),
        actor=actor,
        critic=critic,
        catalogue=known,
        policy=policy,
        standing_of=settings.standing_of,
        why_not=access.why_not,
        now=now,
        patience=Patience(**minutes, looks=settings.suture_silence_looks),
        limits=limits_of(settings),
    )


def _reasoners(settings: Settings, known: Catalogue) -> tuple[Actor, Critic]:
    rulebook = Rulebook(known)
    actor, critic = model_of(settings, settings.suture_actor), model_of(settings, settings.suture_critic)
    if actor is None and critic is None:
        return rulebook, rulebook
    from remediation.deliberation.model_actor import ModelActor  # noqa: PLC0415 - the schemas of answers are a megabyte
    from remediation.deliberation.model_critic import ModelCritic  # noqa: PLC0415

    return (
        ModelActor(actor, rulebook, known) if actor is not None else rulebook,
        ModelCritic(critic, rulebook, known) if critic is not None else rulebook,
    )


def _engine_path(database_url: str) -> Path:
    """Beside the record, in a file of its own: in one file the two starve each other."""
    path = sqlite_path(database_url)
    return path.with_name(f"{path.stem}.workflows.db")
