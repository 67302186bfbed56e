"""Settings become the clients that evidence comes from, and the sources on them: of the bot, and of commands that only look.

Nothing is asked yet, and each SDK is imported at its first call. What looks at a system is imported where that system is configured:
together they are a megabyte.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.settings import Settings
from remediation.clients.gitlab import GitLabClient
from remediation.evidence import Limits
from remediation.gitops.projects import Project, Trees
from remediation.masking import learn
from remediation.ports import Source
from remediation.sources.commits import CommitsSource

if TYPE_CHECKING:
    from remediation.clients.datadog import DatadogClient
    from remediation.clients.kubernetes import KubernetesClient
    from remediation.clients.prometheus import PrometheusClient
    from remediation.sources.queries import Query

_INSIDE = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")


@dataclass(frozen=True, kw_only=True)
class Clients:
    """The systems that settings name. trees: of GitLab's projects, fetched once for all who read them."""

    clusters: "Mapping[str, KubernetesClient]"
    datadog: "DatadogClient | None"
    gitlab: GitLabClient | None
    prometheus: "PrometheusClient | None"
    trees: Trees | None

    async def aclose(self) -> None:
        """Close every connection."""
        for client in (*self.clusters.values(), self.datadog, self.gitlab, self.prometheus):
            if client is not None:
                await client.close()


def clients_of(settings: Settings) -> Clients:
    """A client for each system that settings name; from now on our own secrets are masked by heart, wherever they were found."""
    learn(settings.secrets)
    gitlab = _gitlab(settings)
    return Clients(
        clusters=clusters_of(settings),
        datadog=_datadog(settings),
        gitlab=gitlab,
        prometheus=_prometheus(settings),
        trees=Trees(gitlab) if gitlab else None,
    )


def clusters_of(settings: Settings) -> "dict[str, KubernetesClient]":
    """The clusters by name; empty outside of a cluster without a kubeconfig."""
    if not settings.kubeconfig and not _INSIDE.exists():
        return {}
    from remediation.clients.kubernetes import KubernetesClient  # noqa: PLC0415 - see above

    named = {name: cluster.context for name, cluster in settings.clusters.items()} or {"": ""}
    return {name: KubernetesClient(kubeconfig=settings.kubeconfig, context=context) for name, context in named.items()}


def sources_of(settings: Settings, clients: Clients) -> list[Source]:
    """What gives evidence, the cluster first. Raises Unusable for a catalogue of queries that is wrong."""
    found: list[Source] = []
    seconds = settings.suture_source_seconds / 2  # of each read: what was read is not lost with one that hangs
    if clients.clusters:
        from remediation.sources.kubernetes import KubernetesSource  # noqa: PLC0415 - see above

        found.append(KubernetesSource(clients.clusters, default_place=settings.default_place, seconds=seconds))
    if clients.prometheus is not None:
        from remediation.sources.prometheus import PrometheusSource  # noqa: PLC0415 - see above

        found.append(PrometheusSource(clients.prometheus, queries_of(settings), seconds=seconds))
    if clients.datadog is not None:
        from remediation.sources.datadog import DatadogSource  # noqa: PLC0415 - see above

        found.append(DatadogSource(clients.datadog, seconds=seconds))
    if clients.gitlab is not None and clients.trees is not None and settings.gitops:
        found.append(CommitsSource(clients.gitlab, projects_of(settings), clients.trees, seconds=seconds))
    return found


def limits_of(settings: Settings) -> Limits:
    """How much evidence there may be. A source ends a little after the second of its reads that hangs: what it read before is kept."""
    return Limits(seconds=1.1 * settings.suture_source_seconds)


def projects_of(settings: Settings) -> list[Project]:
    """The GitLab projects that hold manifests, and may be changed."""
    return [Project(**place.model_dump()) for place in settings.gitops]


def queries_of(settings: Settings) -> "tuple[Query, ...]":
    """What Prometheus is asked. Raises Unusable naming the file and the field."""
    from remediation.sources.queries import prometheus_queries  # noqa: PLC0415 - see above

    return tuple(prometheus_queries(Path(settings.suture_queries) if settings.suture_queries else None))


def _datadog(settings: Settings) -> "DatadogClient | None":
    api_key, app_key = settings.dd_api_key.get_secret_value(), settings.dd_app_key.get_secret_value()
    if not api_key or not app_key:
        return None
    from remediation.clients.datadog import DatadogClient  # noqa: PLC0415 - see above

    return DatadogClient(api_key=api_key, app_key=app_key, site=settings.dd_site, api_url=settings.dd_api_url)


def _gitlab(settings: Settings) -> GitLabClient | None:
    token = settings.gitlab_token.get_secret_value()
    merge_token = settings.gitlab_merge_token.get_secret_value()
    return GitLabClient(settings.gitlab_url, token, merge_token=merge_token) if token else None


def _prometheus(settings: Settings) -> "PrometheusClient | None":
    if not settings.prometheus_url:
        return None
    from remediation.clients.prometheus import PrometheusClient  # noqa: PLC0415 - see above

    return PrometheusClient(
        settings.prometheus_url,
        token=settings.prometheus_token.get_secret_value(),
        username=settings.prometheus_username,
        password=settings.prometheus_password.get_secret_value(),
    )
