"""`pods/log`: what a container wrote, this run or the one before, refused as a kubelet refuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus

from bot.sandbox.cluster import Cluster
from bot.sandbox.fields import Object
from bot.sandbox.refusals import ApiRefusal


def read(cluster: Cluster, pod: Object, query: Mapping[str, str]) -> str:
    """The log as text. Raises ApiRefusal (400)."""
    name = _container(pod, query.get("container", ""))
    key, previous = f"{pod['metadata']['uid']}/{name}", query.get("previous", "") in ("true", "1")
    lines = (cluster.previous_logs if previous else cluster.logs).get(key)
    pod_name = pod["metadata"]["name"]
    if previous and lines is None:
        raise ApiRefusal(HTTPStatus.BAD_REQUEST, f'previous terminated container "{name}" in pod "{pod_name}" not found')
    if lines is None:
        raise ApiRefusal(HTTPStatus.BAD_REQUEST, f'container "{name}" in pod "{pod_name}" is waiting to start: {_why(pod, name)}')
    return _cut(lines, query, cluster.clock())


def _cut(lines: list[list[str]], query: Mapping[str, str], now: datetime) -> str:
    if since := query.get("sinceSeconds"):
        oldest = now - timedelta(seconds=int(since))
        lines = [line for line in lines if datetime.fromisoformat(line[0][:26] + "+00:00") >= oldest]
    if (tail := query.get("tailLines")) is not None:
        lines = lines[len(lines) - min(int(tail), len(lines)) :]
    stamped = query.get("timestamps") in ("true", "1")
    text = "".join(f"{at} {line}\n" if stamped else f"{line}\n" for at, line in lines)
    return text.encode()[: int(query["limitBytes"])].decode(errors="replace") if "limitBytes" in query else text


def _container(pod: Object, wanted: str) -> str:
    names = [container["name"] for container in pod["spec"]["containers"]]
    pod_name = pod["metadata"]["name"]
    if not wanted and len(names) > 1:
        text = f"a container name must be specified for pod {pod_name}, choose one of: [{' '.join(names)}]"
        raise ApiRefusal(HTTPStatus.BAD_REQUEST, text)
    if wanted and wanted not in names:
        raise ApiRefusal(HTTPStatus.BAD_REQUEST, f"container {wanted} is not valid for pod {pod_name}")
    return wanted or names[0]


def _why(pod: Object, name: str) -> str:
    statuses = {s["name"]: s for s in pod["status"].get("containerStatuses", [])}
    reason = statuses.get(name, {}).get("state", {}).get("waiting", {}).get("reason", "ContainerCreating")
    return "trying and failing to pull image" if reason in ("ErrImagePull", "ImagePullBackOff") else str(reason)
