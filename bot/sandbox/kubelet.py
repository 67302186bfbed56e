"""The node's part: containers are pulled, started, killed and started again; their state becomes the pod's status."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.cluster import Cluster, timestamp
from bot.sandbox.faults import Nature, starved, unknown_path, unpullable
from bot.sandbox.fields import Object
from bot.sandbox.pace import Pace

Run = dict[str, Any]  # one container's life so far: phase, until, started, restarts, last, tries
OOM_EXIT = 137


@dataclass(frozen=True, kw_only=True)
class Kubelet:
    """All nodes' kubelets in one."""

    cluster: Cluster
    nature: Nature
    pace: Pace

    def run(self, now: float) -> float | None:
        """Move every container on to `now`; when the next one is due (epoch seconds)."""
        due: list[float] = []
        for pod in self.cluster.all("Pod"):
            if "nodeName" not in pod["spec"] or pod["status"].get("phase") in ("Succeeded", "Failed"):
                continue
            runs = self.cluster.runtime.setdefault(pod["metadata"]["uid"], {})
            for container in pod["spec"]["containers"]:
                run = runs.setdefault(container["name"], _created(now, self.pace))
                due += self._advance(pod, container, run, now)
            self.cluster.set_status(pod, status(pod, runs, now))
        return min((t for t in due if t > now), default=None)

    def _advance(self, pod: Object, container: Object, run: Run, now: float) -> list[float]:
        """Take every step that is due, and say when the next ones are."""
        while (until := self._until(pod, container, run, now)) is not None and until <= now:
            match run["phase"]:
                case "creating" | "pull_error" | "pull_backoff":
                    self._pull(pod, container, run, now)
                case "running":
                    self._end(pod, container, run, now)
                case "backoff":
                    self._start(pod, container, run, now, again=True)
        ready_at = run["started"] + self.pace.ready if run["phase"] == "running" else None
        up = ready_at is not None and ready_at <= now
        run["ready"] = up and self._answers(pod, container, run)
        return [t for t in (until, ready_at) if t is not None]

    def _answers(self, pod: Object, container: Object, run: Run) -> bool:
        """Whether its readiness probe is answered; told once for each start where it is not."""
        if not unknown_path(container, self.nature.process(self.place(pod, container))):
            return True
        if run.get("refused") != run["started"]:
            run["refused"] = run["started"]
            text = "Readiness probe failed: HTTP probe failed with statuscode: 404"
            self.cluster.event(pod, "Warning", "Unhealthy", text, by="kubelet", path=_path(container))
        return False

    def _until(self, pod: Object, container: Object, run: Run, now: float) -> float | None:
        if run["phase"] != "running":
            return None if run["until"] is None else float(run["until"])
        if _job(pod):
            return float(run["started"]) + self.pace.crash
        place = self.place(pod, container)
        if not starved(container, self.nature.needed(place, now)):
            return None
        demand = self.nature.demands.get(place)
        since = max(run["started"], demand.since) if demand else run["started"]
        return float(since) + self.pace.crash

    def place(self, pod: Object, container: Object) -> str:
        """`namespace/Kind/name/container` of the workload."""
        root = self.cluster.root(pod)
        return f"{root['metadata']['namespace']}/{root['kind']}/{root['metadata']['name']}/{container['name']}"

    def _pull(self, pod: Object, container: Object, run: Run, now: float) -> None:
        image, path = container["image"], _path(container)
        if not unpullable(container, self.nature.images):
            text = f'Container image "{image}" already present on machine'
            self.cluster.event(pod, "Normal", "Pulled", text, by="kubelet", path=path)
            self._start(pod, container, run, now)
            return
        run["tries"] += 1
        run["until"] = now + self.pace.pull_retry
        if run["phase"] == "pull_error":
            run["phase"] = "pull_backoff"
            self.cluster.event(pod, "Normal", "BackOff", f'Back-off pulling image "{image}"', by="kubelet", path=path)
            self.cluster.event(pod, "Warning", "Failed", "Error: ImagePullBackOff", by="kubelet", path=path)
        else:
            run["phase"] = "pull_error"
            self.cluster.event(pod, "Normal", "Pulling", f'Pulling image "{image}"', by="kubelet", path=path)
            self.cluster.event(pod, "Warning", "Failed", f'Failed to pull image "{image}": {_missing(image)}', by="kubelet", path=path)
            self.cluster.event(pod, "Warning", "Failed", "Error: ErrImagePull", by="kubelet", path=path)

    def _start(self, pod: Object, container: Object, run: Run, now: float, *, again: bool = False) -> None:
        key = f"{pod['metadata']['uid']}/{container['name']}"
        if again:
            run["restarts"] += 1
            self.cluster.previous_logs[key] = self.cluster.logs.pop(key, [])
        run |= {"phase": "running", "started": now, "until": None, "id": _container_id(key, run["restarts"])}
        name = container["name"]
        self.cluster.event(pod, "Normal", "Created", f"Created container: {name}", by="kubelet", path=_path(container))
        self.cluster.event(pod, "Normal", "Started", f"Started container {name}", by="kubelet", path=_path(container))
        place = self.place(pod, container)
        process = self.nature.process(place)
        strain = process.strains if self.nature.strained(place, now) else ()
        for line in (*process.starts, *strain):
            self.cluster.say(pod, name, line)

    def _end(self, pod: Object, container: Object, run: Run, now: float) -> None:
        if _job(pod):
            run |= {"phase": "done", "until": None, "last": _terminated(run, now, 0, "Completed")}
            return
        run["last"] = _terminated(run, now, OOM_EXIT, "OOMKilled")
        if run["restarts"] == 0:
            self._start(pod, container, run, now, again=True)  # the first restart is at once
            return
        wait = min(self.pace.backoff * 2 ** (run["restarts"] - 1), self.pace.backoff_limit)
        run |= {"phase": "backoff", "until": now + wait, "wait": _kubelet_wait(run["restarts"])}
        self.cluster.event(pod, "Warning", "BackOff", _backing_off(pod, container["name"]), by="kubelet", path=_path(container))


def status(pod: Object, runs: dict[str, Run], now: float) -> Object:
    """The pod's status as its containers' lives make it."""
    old, at = pod["status"], timestamp(datetime.fromtimestamp(now, UTC))
    containers = [_container_status(pod, c, runs[c["name"]]) for c in pod["spec"]["containers"]]
    ready = all(c["ready"] for c in containers)
    done = all(run["phase"] == "done" for run in runs.values())
    waiting = ("creating", "pull_error", "pull_backoff")
    phase = "Succeeded" if done else "Pending" if any(run["phase"] in waiting for run in runs.values()) else "Running"
    unready = [c["name"] for c in containers if not c["ready"]]
    why = {} if ready else {"reason": "PodCompleted"} if done else _unready(unready)
    values = {"PodReadyToStartContainers": (True, {}), "Initialized": (True, {}), "Ready": (ready, why)}
    values |= {"ContainersReady": (ready, why), "PodScheduled": (True, {})}
    conditions = [_condition(old.get("conditions", []), name, ok, at, more) for name, (ok, more) in values.items()]
    digest = hashlib.sha256(pod["metadata"]["uid"].encode()).digest()
    address = {"hostIP": f"10.0.0.{10 + digest[0] % 3}", "podIP": f"10.244.{digest[1]}.{digest[2]}"}
    lists = {"hostIPs": [{"ip": address["hostIP"]}], "podIPs": [{"ip": address["podIP"]}]}
    start = {"startTime": old.get("startTime", at), "qosClass": old.get("qosClass", "Burstable")}
    return {"phase": phase, "conditions": conditions, "containerStatuses": containers, **address, **lists, **start}


def _created(now: float, pace: Pace) -> Run:
    return {"phase": "creating", "until": now + pace.start, "started": now, "restarts": 0, "tries": 0, "ready": False, "last": None}


def _terminated(run: Run, now: float, code: int, reason: str) -> Object:
    started, finished = (timestamp(datetime.fromtimestamp(t, UTC)) for t in (run["started"], now))
    times = {"startedAt": started, "finishedAt": finished, "containerID": run["id"]}
    return {"exitCode": code, "reason": reason, **times}


def _container_status(pod: Object, container: Object, run: Run) -> Object:
    running = run["phase"] == "running"
    shown = {
        "name": container["name"],
        "state": {"terminated": run["last"]} if run["phase"] == "done" else _state(pod, container, run),
        "lastState": {"terminated": run["last"]} if run["last"] and run["phase"] != "done" else {},
        "ready": bool(running and run["ready"]),
        "started": running,
        "restartCount": run["restarts"],
        "image": container["image"],
        "imageID": _image_id(container["image"]) if "id" in run else "",
        "allocatedResources": container.get("resources", {}).get("requests"),
        "resources": container.get("resources") or None,
    }
    shown |= {"containerID": run["id"]} if "id" in run else {}
    return {name: value for name, value in shown.items() if value is not None}


def _state(pod: Object, container: Object, run: Run) -> Object:
    image = container["image"]
    match run["phase"]:
        case "running":
            return {"running": {"startedAt": timestamp(datetime.fromtimestamp(run["started"], UTC))}}
        case "pull_error":
            return {"waiting": {"reason": "ErrImagePull", "message": _missing(image)}}
        case "pull_backoff":
            text = f'Back-off pulling image "{image}": ErrImagePull: {_missing(image)}'
            return {"waiting": {"reason": "ImagePullBackOff", "message": text}}
        case "backoff":
            text = f"back-off {run['wait']} restarting failed container={container['name']} pod={_full_name(pod)}"
            return {"waiting": {"reason": "CrashLoopBackOff", "message": text}}
    return {"waiting": {"reason": "ContainerCreating"}}


def _condition(known: list[Object], kind: str, ok: bool, at: str, more: dict[str, str]) -> Object:
    status = "True" if ok else "False"
    old = next((c for c in known if c["type"] == kind), None)
    since = old["lastTransitionTime"] if old and old["status"] == status else at
    return {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": since, **more}


def _unready(names: list[str]) -> dict[str, str]:
    return {"reason": "ContainersNotReady", "message": f"containers with unready status: [{' '.join(names)}]"}


def _missing(image: str) -> str:
    return (
        f'rpc error: code = NotFound desc = failed to pull and unpack image "{image}": '
        f'failed to resolve reference "{image}": {image}: not found'
    )


def _backing_off(pod: Object, name: str) -> str:
    return f"Back-off restarting failed container {name} in pod {_full_name(pod)}"


def _full_name(pod: Object) -> str:
    metadata = pod["metadata"]
    return f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"


def _kubelet_wait(restarts: int) -> str:
    """What a real kubelet would wait: ten seconds, doubled up to five minutes."""
    seconds = min(10 * 2 ** (restarts - 1), 300)
    return f"{seconds}s" if seconds < 60 else f"{seconds // 60}m{seconds % 60}s"  # noqa: PLR2004 - a minute


def _image_id(image: str) -> str:
    return f"{image.split(':', maxsplit=1)[0]}@sha256:{hashlib.sha256(image.encode()).hexdigest()}"


def _container_id(key: str, restarts: int) -> str:
    return f"containerd://{hashlib.sha256(f'{key} {restarts}'.encode()).hexdigest()}"


def _path(container: Object) -> str:
    return f"spec.containers{{{container['name']}}}"


def _job(pod: Object) -> bool:
    return bool(pod["spec"].get("restartPolicy") == "Never")
