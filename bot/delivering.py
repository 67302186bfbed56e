"""Settings become the executors, and what they find and fetch manifests with: of the bot, and of commands that only locate."""

from bot.looking import Clients, projects_of
from bot.settings import Settings
from remediation.clients.downloads import Downloads
from remediation.clients.registry import Registries
from remediation.executors.git import GitExecutor
from remediation.gitops.fetching import Fetched
from remediation.gitops.owners.claims import Tracking
from remediation.gitops.repository import Forge
from remediation.policy import Policy, policy_digest
from remediation.ports import Clock, Executor, People


def executors_of(settings: Settings, clients: Clients, policy: Policy, now: Clock, people: People) -> dict[str, Executor]:
    """One for each kind of act that settings make possible: git, where there is a GitLab."""
    if clients.gitlab is None:
        return {}
    return {
        "git": GitExecutor(
            gitlab=clients.gitlab,
            projects=projects_of(settings),
            clusters=clients.clusters,
            now=now,
            policy_digest=policy_digest(policy),
            forge=forge_of(settings),
            tracking=tracking_of(settings),
            fetched=fetched_of(settings),
            registries=registries_of(settings),
            trees=clients.trees,
            people=people,
        )
    }


def forge_of(settings: Settings) -> Forge:
    """The GitLab, as owners' repository URLs may name it."""
    return Forge(
        url=settings.gitlab_url,
        projects=tuple(place.project for place in settings.gitops),
        hosts=settings.gitlab_hosts,
        mirrors={url: place.project for place in settings.gitops for url in place.urls},
    )


def fetched_of(settings: Settings) -> Fetched | None:
    """What is fetched from elsewhere to render with; None where settings allow no host."""
    return Fetched(Downloads(settings.fetch.hosts), settings.fetch.digests) if settings.fetch.hosts else None


def registries_of(settings: Settings) -> Registries | None:
    """Who is asked whether an image exists; None where settings name nobody."""
    return Registries(settings.fetch.registries) if settings.fetch.registries else None


def tracking_of(settings: Settings) -> Tracking:
    """How the Argo CD marks what it applies."""
    return Tracking(**settings.argocd.model_dump())
