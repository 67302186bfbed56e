"""Prometheus: whether it answers, and whether it knows what our queries ask for."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.checks.tried import Tried, absent, fine
from bot.looking import queries_of
from bot.settings import Settings
from remediation.clients.prometheus import PrometheusClient

SYSTEM = "Prometheus"
SCRAPED = {"container_memory_working_set_bytes": "cAdvisor", "kube_pod_info": "kube-state-metrics"}


async def tried(settings: Settings, client: PrometheusClient | None) -> Sequence[Tried]:
    """A line, and one for each exporter whose metrics it has not. Raises what the client does."""
    queries = queries_of(settings)
    if client is None:
        return [absent(SYSTEM, "PROMETHEUS_URL is not set: no metric of Prometheus is evidence")]
    version, now = await client.version(), datetime.now(UTC)
    lines = [fine(SYSTEM, f"version {version}, {len(queries)} queries")]
    for metric, exporter in SCRAPED.items():
        if not (await client.now(f"count({metric})", now)).series:
            lines.append(absent(f"{SYSTEM} {exporter}", f"it has no {metric}: queries of {exporter}'s metrics answer nothing"))
    return lines
