"""What was counted, in Prometheus' text format."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from webhooks.counts import Counts

Family = TypeVar("Family", GaugeMetricFamily, CounterMetricFamily)


def text(counts: Counts, waiting: int) -> bytes:
    """The exposition. waiting: how many writes wait for the disk."""
    registry = CollectorRegistry()
    registry.register(_Counted(counts, waiting))
    return generate_latest(registry)


@dataclass(frozen=True, eq=False)
class _Counted:
    """A collector over one count."""

    counts: Counts
    waiting: int

    def collect(self) -> Iterator[Metric]:
        counts = self.counts
        yield _labelled(GaugeMetricFamily("suture_incidents", "Incidents by status.", labels=["status"]), counts.incidents)
        yield _labelled(CounterMetricFamily("suture_incidents_ended", "Ended incidents by outcome.", labels=["outcome"]), counts.outcomes)
        yield _labelled(CounterMetricFamily("suture_verdicts", "What policy said of rehearsed acts.", labels=["status"]), counts.verdicts)
        yield _labelled(CounterMetricFamily("suture_decisions", "Answers to gates.", labels=["answer"]), counts.decisions)
        calls = CounterMetricFamily("suture_model_calls", "Calls of language models.", labels=["model", "role"])
        for (model, role), count in sorted(counts.calls.items()):
            calls.add_metric([model, role], count)
        yield calls
        yield CounterMetricFamily("suture_model_cost_usd", "What they cost, in US dollars.", value=counts.cost_usd)
        yield CounterMetricFamily("suture_alerts_received", "Alerts on disk since the beginning.", value=counts.alerts)
        yield GaugeMetricFamily("suture_alerts_waiting", "Alerts that no incident has taken yet.", value=counts.alerts_waiting)
        yield GaugeMetricFamily("suture_intake_queue", "Writes that wait for the disk.", value=self.waiting)


def _labelled(family: Family, counts: Counter[str]) -> Family:
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family
