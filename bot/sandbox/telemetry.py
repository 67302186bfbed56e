"""What the agent on each node sends to Datadog: metrics of every container, and its log lines."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.sandbox import loads
from bot.sandbox.conditions import ready
from bot.sandbox.faults import memory_limit, starved
from bot.sandbox.fields import Object

if TYPE_CHECKING:
    from bot.sandbox.datadog import DatadogState
    from bot.sandbox.kubelet import Kubelet, Run

CLUSTER = "sandbox"
HISTORY_MINUTES = 60
_WAITING = {"pull_error": "errimagepull", "pull_backoff": "imagepullbackoff", "backoff": "crashloopbackoff"}
_KIND_TAGS = {
    "Deployment": "kube_deployment",
    "StatefulSet": "kube_stateful_set",
    "DaemonSet": "kube_daemon_set",
    "CronJob": "kube_cronjob",
}


@dataclass
class Telemetry:
    """The agents. `samples` counts rounds, so that log lines take turns."""

    kubelet: Kubelet
    datadog: DatadogState
    samples: int = 0
    shipped: str = ""  # log lines up to this time are in Datadog

    def sample(self, now: float) -> None:
        """One round over every container: its metrics and, while it runs, a line of its log."""
        self.samples += 1
        newest = self.shipped
        for pod, container, run in self._containers():
            tags = self._tags(pod, container)
            for metric, value, more in self._metrics(pod, container, run, now):
                self.datadog.record(metric, value, [*tags, *more], at=now)
            if run["phase"] == "running":
                self._work(pod, container, now)
            newest = max(newest, self._ship(pod, container, tags))
        self.shipped = newest

    def remember_the_last_hour(self, now: float, namespaces: tuple[str, ...] = ()) -> None:
        """Points for every minute of the hour before now, when nothing was wrong. namespaces: only these, all when empty."""
        for pod, container, run in self._containers():
            if namespaces and pod["metadata"]["namespace"] not in namespaces:
                continue
            tags = self._tags(pod, container)
            for minute in range(HISTORY_MINUTES, 0, -1):
                at = now - minute * 60
                for metric, value, more in self._metrics(pod, container, run, at):
                    self.datadog.record(metric, value, [*tags, *more], at=at)

    def _containers(self) -> list[tuple[Object, Object, Run]]:
        cluster = self.kubelet.cluster
        pods = [(pod, cluster.runtime.get(pod["metadata"]["uid"], {})) for pod in cluster.all("Pod")]
        return [(pod, c, runs[c["name"]]) for pod, runs in pods for c in pod["spec"]["containers"] if c["name"] in runs]

    def _metrics(self, pod: Object, container: Object, run: Run, now: float) -> list[tuple[str, float, list[str]]]:
        limit, used = memory_limit(container), self._memory(pod, container, run, now)
        killed = run["last"] is not None and run["last"]["reason"] == "OOMKilled"
        metrics: list[tuple[str, float, list[str]]] = [
            ("kubernetes.memory.usage", used, []),
            ("kubernetes.containers.restarts", run["restarts"], []),
            *self._cpu(pod, container, now),
            ("kubernetes.containers.state.terminated", float(killed and not run["ready"]), ["reason:oomkilled"]),
        ]
        for phase, reason in _WAITING.items():
            metric = "kubernetes_state.container.status_report.count.waiting"
            metrics.append((metric, float(run["phase"] == phase), [f"reason:{reason}"]))
        if limit is not None:
            metrics += [("kubernetes.memory.limits", limit, []), ("kubernetes.memory.usage_pct", used / limit, [])]
        return metrics

    def _cpu(self, pod: Object, container: Object, now: float) -> Iterator[tuple[str, float, list[str]]]:
        """Nanocores; and the periods of one that is asked for much."""
        cluster = self.kubelet.cluster
        first = container["name"] == pod["spec"]["containers"][0]["name"]
        asked = loads.wanted(cluster, cluster.root(pod)) if first and ready(pod) else None
        cores = loads.QUIET if asked is None else loads.used(container, asked)
        yield "kubernetes.cpu.usage.total", 1e9 * cores * (1 + (0.2 if asked is None else 0.01) * math.sin(now / 41)), []
        if asked is not None and (counted := loads.periods(container, asked)) is not None:
            yield from zip(("kubernetes.cpu.cfs.periods", "kubernetes.cpu.cfs.throttled.periods"), counted, ([], []), strict=True)

    def _memory(self, pod: Object, container: Object, run: Run, now: float) -> float:
        """Bytes in use: what the process needs, give or take; up to the limit and no further where it is starved."""
        if run["phase"] != "running":
            return 0.0
        place = self.kubelet.place(pod, container)
        needed, limit = self.kubelet.nature.needed(place, now), memory_limit(container)
        if limit is not None and starved(container, needed):
            since = float(now - run["started"])
            return limit * min(1.0, 0.72 + 0.28 * since / self.kubelet.pace.crash)
        return needed * (0.95 + 0.04 * math.sin(now / 97 + len(place)))

    def _work(self, pod: Object, container: Object, now: float) -> None:
        """The process does something, and says so."""
        place = self.kubelet.place(pod, container)
        process = self.kubelet.nature.process(place)
        lines = process.strains if self.kubelet.nature.strained(place, now) and process.strains else process.works
        self.kubelet.cluster.say(pod, container["name"], lines[self.samples % len(lines)])

    def _ship(self, pod: Object, container: Object, tags: list[str]) -> str:
        """Send the lines that are new, of this run and of one that just ended; the time of the newest."""
        cluster, key = self.kubelet.cluster, f"{pod['metadata']['uid']}/{container['name']}"
        fresh = [entry for log in (cluster.previous_logs, cluster.logs) for entry in log.get(key, []) if entry[0] > self.shipped]
        service = next(tag.removeprefix("service:") for tag in tags if tag.startswith("service:"))
        for at, line in fresh:
            status = next((level.lower() for level in ("ERROR", "WARN") if level in line), "info")
            when = datetime.fromisoformat(f"{at[:26]}+00:00").timestamp()
            self.datadog.log(line, service=service, tags=tags, status=status, host=pod["spec"]["nodeName"], at=when)
        return max((at for at, _ in fresh), default=self.shipped)

    def _tags(self, pod: Object, container: Object) -> list[str]:
        root = self.kubelet.cluster.root(pod)
        namespace = pod["metadata"]["namespace"]
        return [
            f"kube_cluster_name:{CLUSTER}",
            f"kube_namespace:{namespace}",
            f"{_KIND_TAGS.get(root['kind'], 'kube_ownerref_name')}:{root['metadata']['name']}",
            f"kube_container_name:{container['name']}",
            f"pod_name:{pod['metadata']['name']}",
            f"service:{root['metadata']['name']}",
            f"env:{'staging' if namespace.endswith('staging') else 'production'}",
            f"host:{pod['spec']['nodeName']}",
        ]
