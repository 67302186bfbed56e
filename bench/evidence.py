"""How long `suture explain` takes over a whole namespace's evidence, in each form that it comes in: 2 and 10 MB. Prints JSON.

Each figure is of a process of its own, its start included; seconds by the clock and of its processor. A little of each file is broken.
"""

import csv
import io
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
Json = Any  # what json.loads gives
Thing = dict[str, Json]  # as the API writes an object
ALLOWED = {2: 2.0, 10: 6.0}  # seconds by megabytes
SERVICES = ("cart", "billing", "search", "mail", "stock", "login", "price", "review", "image", "order", "ship", "tax")
LETTERS = "bcdfghjklmnpqrstvwxz2456789"
NOUNS = ("order", "basket", "invoice", "parcel", "session", "token", "page", "batch", "shard", "cursor", "lease", "worker")
VERBS = ("loaded", "stored", "skipped", "priced", "queued", "merged", "expired", "renewed", "sent", "checked", "failed", "rejected")


class Namespace:
    """An endless namespace, the same at every run."""

    def __init__(self) -> None:
        self.dice = random.Random(7)
        self.numbers = count()

    def letters(self, length: int) -> str:
        return "".join(self.dice.choices(LETTERS, k=length))

    def words(self) -> str:
        """Words as no other line has them."""
        return " ".join(f"{self.dice.choice(NOUNS)} {self.dice.choice(VERBS)} {self.letters(5)}" for _ in range(self.dice.randint(2, 6)))

    def at(self) -> str:
        seconds = self.dice.randint(0, 3599)
        return f"2026-03-02T10:{seconds // 60:02}:{seconds % 60:02}Z"

    def workload(self) -> Iterator[Thing]:
        """A Deployment with its Service, slices, pods and events."""
        name = f"{self.dice.choice(SERVICES)}-{next(self.numbers)}"
        labels = {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "shop", "tier": "backend"}
        env: list[Thing] = [{"name": f"{other.upper()}_URL", "value": f"http://{other}-0.shop.svc:8080/v1"} for other in SERVICES[:6]]
        env.append({"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": f"{name}-db", "key": "password"}}})
        container: Thing = {
            "name": "main", "image": f"registry.example.com/shop/{name}:1.4.2", "env": env, "imagePullPolicy": "IfNotPresent",
            "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
            "resources": {"limits": {"cpu": "500m", "memory": "256Mi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
            "readinessProbe": {"httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"}, "periodSeconds": 10, "failureThreshold": 3},
            "volumeMounts": [{"mountPath": "/etc/app", "name": "config"}],
        }  # fmt: skip
        spec = {
            "containers": [container], "serviceAccountName": name, "restartPolicy": "Always", "schedulerName": "default-scheduler",
            "volumes": [{"name": "config", "configMap": {"name": f"{name}-config"}}],
        }  # fmt: skip
        yield self._object("apps/v1", "Deployment", name, labels, spec={
            "replicas": 3, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec},
        }, status={"replicas": 3, "readyReplicas": 3, "availableReplicas": 3, "updatedReplicas": 3})  # fmt: skip
        yield self._object("v1", "Service", name, labels, spec={
            "selector": labels, "ports": [{"name": "http", "port": 8080, "targetPort": "http"}], "type": "ClusterIP",
        }, status={"loadBalancer": {}})  # fmt: skip
        hashed = f"{name}-{self.letters(9)}"
        pods = [self._pod(hashed, labels, spec) for _ in range(3)]
        endpoints = [{"addresses": [pod["status"]["podIP"]], "conditions": {"ready": True, "serving": True},
                      "targetRef": {"kind": "Pod", "name": pod["metadata"]["name"], "namespace": "shop"}} for pod in pods]  # fmt: skip
        slices = self._object("discovery.k8s.io/v1", "EndpointSlice", f"{name}-{self.letters(5)}", {"kubernetes.io/service-name": name})
        yield {**slices, "addressType": "IPv4", "endpoints": endpoints, "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}]}
        yield from pods
        for pod in pods[:2]:
            yield self.event(pod["metadata"]["name"])

    def _object(self, version: str, kind: str, name: str, labels: Thing, **rest: object) -> Thing:
        uid = f"{self.dice.getrandbits(128):032x}"
        metadata = {"name": name, "namespace": "shop", "labels": labels, "uid": uid, "creationTimestamp": self.at(), "generation": 1}
        return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}

    def _pod(self, hashed: str, labels: Thing, spec: Thing) -> Thing:
        well = self.dice.random() > 0.01
        state = {"running": {"startedAt": self.at()}} if well else {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}}
        image = spec["containers"][0]["image"]
        status = {
            "phase": "Running", "podIP": ".".join(str(self.dice.randint(1, 250)) for _ in range(4)), "qosClass": "Burstable",
            "conditions": [{"type": kind, "status": str(well), "lastTransitionTime": self.at()} for kind in ("Ready", "ContainersReady")],
            "containerStatuses": [{
                "name": "main", "ready": well, "restartCount": 0 if well else 9, "image": image, "imageID": f"{image}@sha256:{'a1' * 32}",
                "state": state, "lastState": {} if well else {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": self.at()}},
            }],
        }  # fmt: skip
        node = f"node-{self.dice.randint(1, 40)}"
        pod = self._object("v1", "Pod", f"{hashed}-{self.letters(5)}", labels, spec={**spec, "nodeName": node}, status=status)
        owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": hashed, "controller": True}
        pod["metadata"]["ownerReferences"] = [owner]
        return pod

    def event(self, pod: str = "") -> Thing:
        pod = pod or f"{self.dice.choice(SERVICES)}-{self.letters(9)}-{self.letters(5)}"
        kind, reason, message = self.dice.choice((
            ("Warning", "Unhealthy", f'Readiness probe failed: Get "http://10.0.0.{self.dice.randint(1, 250)}:8080/ready": timeout'),
            ("Warning", "BackOff", f"Back-off restarting failed container main in pod {pod}_shop({self.dice.getrandbits(64):x})"),
            ("Normal", "Pulled", 'Container image "registry.example.com/shop/app:1.4.2" already present on machine'),
            ("Normal", "Scheduled", f"Successfully assigned shop/{pod} to node-{self.dice.randint(1, 40)}"),
            ("Warning", "FailedScheduling", "0/40 nodes are available: 40 Insufficient memory. preemption: 0/40 nodes are available"),
        ))  # fmt: skip
        about = {"apiVersion": "v1", "kind": "Pod", "name": pod, "namespace": "shop", "fieldPath": "spec.containers{main}"}
        return self._object("v1", "Event", f"{pod}.{self.dice.getrandbits(64):x}", {}, type=kind, reason=reason, message=message,
                            involvedObject=about, count=self.dice.randint(1, 90), firstTimestamp=self.at(), lastTimestamp=self.at(),
                            source={"component": "kubelet", "host": "node-1"})  # fmt: skip


def _filled(size: int, piece: Callable[[], str]) -> str:
    """Pieces until there are so many characters."""
    pieces: list[str] = []
    left = size
    while left > 0:
        pieces.append(piece())
        left -= len(pieces[-1])
    return "".join(pieces)


def _things(size: int, kinds: tuple[str, ...], written: Callable[[Thing], str]) -> list[str]:
    namespace, pieces = Namespace(), []
    while size > 0:
        for thing in namespace.workload() if kinds != ("Event",) else [namespace.event()]:
            if not kinds or thing["kind"] in kinds:
                pieces.append(written(thing))
                size -= len(pieces[-1])
    return pieces


def as_yaml(size: int, *kinds: str) -> str:
    """What `kubectl get … -o yaml` prints."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    dumper.ignore_aliases = lambda *_: True  # type: ignore[method-assign]
    items = _things(size, kinds, lambda thing: yaml.dump([thing], Dumper=dumper))
    return "apiVersion: v1\nitems:\n" + "".join(items) + "kind: List\nmetadata:\n  resourceVersion: ''\n"


def as_json(size: int, *kinds: str) -> str:
    """What `kubectl get … -o json` prints."""
    items = _things(size, kinds, lambda thing: json.dumps(thing, indent=4))
    return '{"apiVersion": "v1", "kind": "List", "items": [' + ",\n".join(items) + "]}"


def described(size: int) -> str:
    """What `kubectl describe pods` prints."""
    return "\n\n".join(_things(size, ("Pod",), _description))


def _description(pod: Thing) -> str:
    meta, spec, status = pod["metadata"], pod["spec"], pod["status"]
    container, told = spec["containers"][0], status["containerStatuses"][0]
    state = next(iter(told["state"]))
    reason = f"\n      Reason:       {told['state'][state]['reason']}" if state == "waiting" else ""
    env = "\n".join(f"      {one['name']}:  {one.get('value', '<set to the key in a secret>')}" for one in container["env"])
    labels = "\n".join(f"{'Labels:' if at == 0 else '':18}{key}={value}" for at, (key, value) in enumerate(meta["labels"].items()))
    return f"""\
Name:             {meta["name"]}
Namespace:        shop
Priority:         0
Service Account:  {spec["serviceAccountName"]}
Node:             {spec["nodeName"]}/10.0.0.1
Start Time:       Mon, 02 Mar 2026 10:00:00 +0000
{labels}
Annotations:      <none>
Status:           Running
IP:               {status["podIP"]}
Controlled By:  ReplicaSet/{meta["ownerReferences"][0]["name"]}
Containers:
  main:
    Container ID:   containerd://{meta["uid"]}
    Image:          {container["image"]}
    Port:           8080/TCP
    State:          {state.capitalize()}{reason}
    Ready:          {told["ready"]}
    Restart Count:  {told["restartCount"]}
    Limits:
      cpu:     500m
      memory:  256Mi
    Requests:
      cpu:      100m
      memory:   128Mi
    Readiness:  http-get http://:http/ready delay=0s timeout=1s period=10s #success=1 #failure=3
    Environment:
{env}
    Mounts:
      /etc/app from config (rw)
Conditions:
  Type              Status
  Initialized       True
  Ready             {told["ready"]}
  ContainersReady   {told["ready"]}
Volumes:
  config:
    Type:      ConfigMap (a volume populated by a ConfigMap)
    Name:      {spec["volumes"][0]["configMap"]["name"]}
    Optional:  false
QoS Class:       Burstable
Node-Selectors:  <none>
Events:
  Type     Reason     Age                From     Message
  ----     ------     ----               ----     -------
  Warning  Unhealthy  5m (x12 over 45m)  kubelet  Readiness probe failed: HTTP probe failed with statuscode: 503
"""


def event_table(size: int) -> str:
    """What `kubectl get events` prints."""

    def row(event: Thing) -> str:
        return f"{event['count']:<12}{event['type']:<10}{event['reason']:<18}pod/{event['involvedObject']['name']:<40}{event['message']}\n"

    return "LAST SEEN   TYPE      REASON            OBJECT                                      MESSAGE\n" + "".join(
        line if line[0] == " " else line.replace(" ", "m ", 1) for line in _things(size, ("Event",), row)
    )


def pod_table(size: int) -> str:
    """What `kubectl get pods -o wide` prints."""

    def row(pod: Thing) -> str:
        well = pod["status"]["containerStatuses"][0]["ready"]
        told = "1/1     Running            0          " if well else "0/1     CrashLoopBackOff   9          "
        return (
            f"{pod['metadata']['name']:<40} {told}5d    {pod['status']['podIP']:<16} {pod['spec']['nodeName']:<9} <none>           <none>\n"
        )

    header = f"{'NAME':<40} READY   STATUS             RESTARTS   AGE   {'IP':<16} {'NODE':<9} NOMINATED NODE   READINESS GATES\n"
    return header + "".join(_things(size, ("Pod",), row))


def _lines(size: int, line: Callable[[Namespace], str]) -> str:
    namespace = Namespace()
    return _filled(size, lambda: line(namespace))


def plain_log(size: int) -> str:
    """A service's log: few templates, now and then an error."""

    def line(namespace: Namespace) -> str:
        roll = namespace.dice.random()
        if roll < 0.02:
            return f"{namespace.at()} ERROR dial tcp 10.0.0.{namespace.dice.randint(1, 250)}:5432: connect: connection refused\n"
        user, took = namespace.dice.randint(1, 10**6), namespace.dice.randint(1, 900)
        return f"{namespace.at()} INFO  request handled user={user} session={namespace.letters(12)} path=/v1/basket took {took} ms\n"

    return _lines(size, line)


def json_log(size: int) -> str:
    """The same as entries of JSON."""

    def line(namespace: Namespace) -> str:
        bad, dice = namespace.dice.random() < 0.02, namespace.dice
        said = "connect to stock:5432 failed: connection refused" if bad else "request handled"
        entry = {"time": namespace.at(), "level": "error" if bad else "info", "msg": said, "user": dice.randint(1, 10**6)}
        return json.dumps({**entry, "session": namespace.letters(12), "path": "/v1/basket", "ms": dice.randint(1, 900)}) + "\n"

    return _lines(size, line)


def access_log(size: int) -> str:
    """A web server's."""

    def line(namespace: Namespace) -> str:
        host, minute = namespace.dice.randint(1, 250), namespace.dice.randint(0, 59)
        asked = f"GET /v1/basket/{namespace.letters(8)}?token={namespace.letters(16)} HTTP/1.1"
        answer = f"{namespace.dice.choice((200, 200, 200, 304, 404, 502))} {namespace.dice.randint(10, 9999)}"
        return f'10.0.0.{host} - - [02/Mar/2026:10:{minute:02}:01 +0000] "{asked}" {answer} "-" "curl/8"\n'

    return _lines(size, line)


def traces(size: int) -> str:
    """Stack traces of Java with their causes."""

    def line(namespace: Namespace) -> str:
        frames = "".join(f"\tat com.shop.{namespace.letters(6)}.Basket.{namespace.letters(5)}(Basket.java:{at})\n" for at in range(20))
        return (f"{namespace.at()} ERROR [http-{namespace.dice.randint(1, 90)}] com.shop.Basket - basket {namespace.letters(9)} failed\n"
                f"java.lang.IllegalStateException: no price for {namespace.letters(8)}\n{frames}"
                f"Caused by: java.net.ConnectException: Connection refused: stock/10.0.0.9:5432\n{frames[:300]}\n")  # fmt: skip

    return _lines(size, line)


def unlike_log(size: int) -> str:
    """Every line a template of its own, and each sounds bad."""
    return _lines(size, lambda namespace: f"{namespace.at()} {namespace.dice.choice(('ERROR', 'WARN', 'INFO'))} {namespace.words()}\n")


def mixed(size: int) -> str:
    """A paste of everything, each under its command."""
    share = size // 6
    return (f"$ kubectl get pods -n shop -o yaml\n{as_yaml(share, 'Pod')}\n$ kubectl get events -n shop\n{event_table(share)}\n"
            f"$ kubectl describe pods -n shop\n{described(share)}\n$ kubectl logs -n shop cart-0\n{plain_log(share)}\n"
            f"$ kubectl logs -n shop mail-0\n{unlike_log(share)}\n$ kubectl logs -n shop tax-0\n{json_log(share)}\n")  # fmt: skip


def tsv_export(size: int) -> str:
    """Records of a collector as a database exports them: objects and events as JSON in cells, in quotes, beside what sent them."""
    columns = ("Timestamp", "TraceId", "SeverityText", "ServiceName", "Body", "ResourceAttributes", "LogAttributes")
    attributes = "{'k8s.namespace.name':'shop','k8s.cluster.name':'west'}"
    written = io.StringIO()
    rows = csv.writer(written, delimiter="\t", lineterminator="\n")
    rows.writerow(columns)
    namespace = Namespace()
    while written.tell() < size:
        for thing in namespace.workload():
            envelope = json.dumps({"type": "MODIFIED", "object": thing})
            rows.writerow((namespace.at(), "", "", "", envelope, attributes, "{'k8s.resource.name':'objects'}"))
        line = f"basket {namespace.words()} for user {namespace.dice.randint(1, 10**6)}"
        rows.writerow((namespace.at(), "", "ERROR" if namespace.dice.random() < 0.02 else "INFO", "cart", line, attributes, ""))
    return written.getvalue()


def log_export(size: int) -> str:
    """A service's log as a table."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(("time", "pod", "namespace", "level", "message"))
    rows.writerows((line[:20], "cart-0", "shop", line[21:26].strip(), line[27:]) for line in plain_log(size).splitlines())
    return written.getvalue()


def metrics_export(size: int) -> str:
    """Metrics of pods, a value a row."""
    dice, rows = random.Random(7), ["timestamp,namespace,pod,metric_name,value"]
    left = size
    while left > 0:
        at, pod = 1772445600 + 60 * dice.randint(0, 59), f"{dice.choice(SERVICES)}-{dice.randint(0, 9)}"
        rows.append(f"{at},shop,{pod},memory_bytes,{dice.randint(1, 10**9)}")
        left -= len(rows[-1]) + 1
    return "\n".join(rows) + "\n"


def managed_json(size: int) -> str:
    """What `kubectl get … -o json --show-managed-fields` prints: who set which field, longer than the object itself."""

    def fields(thing: Json) -> Thing:
        return {f"f:{key}": fields(value) for key, value in thing.items()} if isinstance(thing, dict) else {}

    def written(thing: Thing) -> str:
        told = {"manager": "kubectl", "operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": fields(thing)}
        return json.dumps({**thing, "metadata": {**thing["metadata"], "managedFields": [told]}}, indent=4)

    return '{"apiVersion": "v1", "kind": "List", "items": [' + ",\n".join(_things(size, (), written)) + "]}"


def audit_log(size: int) -> str:
    """What an API server writes of its requests, one a line; some are refused."""

    def line(namespace: Namespace) -> str:
        dice, name = namespace.dice, f"{namespace.dice.choice(SERVICES)}-{namespace.letters(5)}"
        refused = {"metadata": {}, "status": "Failure", "message": f'pods "{name}" is forbidden: exceeded quota', "code": 403}
        entry = {
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": f"{dice.getrandbits(128):032x}",
            "stage": "ResponseComplete", "verb": dice.choice(("get", "list", "watch", "patch", "create")),
            "requestURI": f"/api/v1/namespaces/shop/pods/{name}", "user": {"username": "system:serviceaccount:shop:cart"},
            "objectRef": {"resource": "pods", "namespace": "shop", "name": name, "apiVersion": "v1"},
            "responseStatus": refused if dice.random() < 0.01 else {"metadata": {}, "code": 200},
            "requestReceivedTimestamp": namespace.at(), "stageTimestamp": namespace.at(),
        }  # fmt: skip
        return json.dumps(entry) + "\n"

    return _lines(size, line)


def folder(size: int) -> dict[str, str]:
    """What a script left that asks for everything: objects, events, descriptions, use, and the log of each of fifty pods."""
    share, logs = size // 5, {f"logs/{service}-{at}.log": plain_log(size // 250) for service in SERVICES[:10] for at in range(5)}
    use = "NAME   CPU(cores)   MEMORY(bytes)\n" + "".join(f"{name[5:-4]}   {len(name)}m   180Mi\n" for name in logs)
    return {"all.yaml": as_yaml(share), "events.txt": event_table(share), "pods.txt": pod_table(share), "describe.txt": described(share),
            "top.txt": use, **logs}  # fmt: skip


CONTENTS: dict[str, tuple[str, Callable[[int], str | dict[str, str]]]] = {
    "yaml": ("all.yaml", as_yaml),
    "json": ("all.json", as_json),
    "workloads_json": ("workloads.json", lambda size: as_json(size, "Deployment", "Service")),
    "events_yaml": ("events.yaml", lambda size: as_yaml(size, "Event")),
    "events_json": ("events.json", lambda size: as_json(size, "Event")),
    "events_table": ("events.txt", event_table),
    "pods_table": ("pods.txt", pod_table),
    "describe": ("describe.txt", described),
    "plain_log": ("cart.log", plain_log),
    "json_log": ("cart-json.log", json_log),
    "access_log": ("access.log", access_log),
    "traces": ("traces.log", traces),
    "unlike_log": ("unlike.log", unlike_log),
    "mixed": ("paste.txt", mixed),
    "tsv_export": ("export.tsv", tsv_export),
    "log_export": ("logs.csv", log_export),
    "metrics_export": ("metrics.csv", metrics_export),
    "managed_json": ("managed.json", managed_json),
    "audit_log": ("audit.jsonl", audit_log),
    "folder": ("namespace", folder),
}


def explained(path: Path) -> dict[str, float]:
    """Seconds by the clock and of the processor."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "bot", "explain", "--json", str(path)], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"s": round(wall, 2), "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 2)}


def _write(path: Path, content: str | dict[str, str]) -> None:
    """A file, or a folder of files."""
    for name, text in content.items() if isinstance(content, dict) else (("", content),):
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def measure() -> Thing:
    figures: dict[str, Thing] = {}
    with tempfile.TemporaryDirectory(prefix="suture-bench-") as place:
        for content, (name, written) in CONTENTS.items():
            for megabytes, allowed in ALLOWED.items():
                path = Path(place) / f"{megabytes}" / name
                _write(path, written(megabytes * 1_000_000))
                took = explained(path)
                figures.setdefault(content, {})[f"{megabytes}_mb"] = {**took, "allowed_s": allowed, "met": took["s"] <= allowed}
    return figures


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
