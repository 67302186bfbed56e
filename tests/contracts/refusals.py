"""What a kube-apiserver says to a rehearsed object: what is there before, what is tried, and its words; empty where it would take it.

Taken from a kube-apiserver 1.35; the sandbox is held to the same.
"""

from dataclasses import dataclass
from typing import Any

from tests.contracts.objects import IMAGE, Object, container, deployment, made, pod, stateful_set


@dataclass(frozen=True, kw_only=True)
class Case:
    """One question. before: what is there.  tried: the object that is rehearsed.  said: words of the refusal, none where it passes."""

    name: str
    tried: Object
    said: str = ""
    before: tuple[Object, ...] = ()


def cases(ns: str) -> list[Case]:
    """Every question, in this namespace."""
    return [*_workloads(ns), *_pods(ns), *_others(ns)]


def _limited(limit: str, request: str = "", **more: Any) -> Object:
    resources = {"limits": {"memory": limit}} | ({"requests": {"memory": request}} if request else {})
    return container(resources=resources, **more)


def _workloads(ns: str) -> list[Case]:
    api = deployment("api", ns, _limited("256Mi", "128Mi"))

    def of(*containers: Object, **spec: Any) -> Object:
        return deployment("api", ns, *containers, **spec)

    unknown = of(_limited("512Mi"))
    unknown["spec"]["template"]["spec"]["containers"][0]["resources"]["limit"] = {"memory": "1Gi"}
    other = {"matchLabels": {"app": "other"}}
    moved = of(selector=other)
    moved["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    probe = {"httpGet": {"path": "/healthz", "port": 8080}}
    term = {"labelSelector": {"matchLabels": {"app": "api"}}, "topologyKey": "kubernetes.io/hostname"}
    apart = {"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": term}]}}}
    key_of = {"configMapKeyRef": {"name": "settings", "key": "level"}}
    rows: list[tuple[str, Object, str]] = [
        ("more memory", of(_limited("512Mi", "256Mi")), ""),
        ("another image", of(container(image="registry.example.com/shop/api:1.0.1")), ""),
        ("more replicas", of(replicas=4), ""),
        ("no replicas", of(replicas=0), ""),
        ("a probe", of(container(livenessProbe=probe)), ""),
        ("placed apart", of(template=apart), ""),
        ("a tolerated taint", of(template={"tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}]}), ""),
        ("a field that is unknown", unknown, "resources.limit: field not declared in schema"),
        ("a request above its limit", of(_limited("256Mi", "512Mi")), 'requests: Invalid value: "512Mi": must be less than or equal to memory limit of 256Mi'),
        ("an amount that is none", of(_limited("lots")), "quantities must match the regular expression"),
        ("an amount below zero", of(_limited("-1Mi")), "must be greater than or equal to 0"),
        ("another selector", moved, "field is immutable"),
        ("a selector that its pods do not match", of(selector=other), "`selector` does not match template `labels`"),
        ("replicas below zero", of(replicas=-1), "spec.replicas: Invalid value: -1: must be greater than or equal to 0"),
        ("replicas that are a word", of(replicas="three"), ".spec.replicas: expected numeric (int or float), got string"),
        ("no image, where one is", of({"name": "main"}), ""),
        ("an image that is a number", of(container(image=5)), '.spec.template.spec.containers[name="main"].image: expected string, got &value.valueUnstructured{Value:5}'),
        ("a flag that is a word", of(paused="yes"), ".spec.paused: expected boolean, got &{yes}"),
        ("a list that is a map", of(container(env={"A": "1"})), 'containers[name="main"].env: expected list, got &{map[A:1]}'),
        ("a map that is a list", of(container(resources=["a"])), 'containers[name="main"].resources: expected map, got &{[a]}'),
        ("an amount that is a number", of(container(resources={"limits": {"memory": 268435456}})), ""),
        ("a variable's name twice", of(container(env=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}])), '.env: duplicate entries for key [name="A"]'),
        ("a container's name twice", of(container(), container()), '.spec.template.spec.containers: duplicate entries for key [name="main"]'),
        ("a container's name in capitals", of({"name": "Main", "image": IMAGE}), 'containers[1].name: Invalid value: "Main"'),
        ("a port out of range", of(container(ports=[{"containerPort": 70000}])), "must be between 1 and 65535, inclusive"),
        ("a probe's port out of range", of(container(livenessProbe={"tcpSocket": {"port": 0}})), "must be between 1 and 65535, inclusive"),
        ("a probe with nothing to do", of(container(livenessProbe={"periodSeconds": 5})), "livenessProbe: Required value: must specify a handler type"),
        ("a probe that asks twice over", of(container(livenessProbe={**probe, "tcpSocket": {"port": 1}})), "may not specify more than 1 handler type"),
        ("a probe of no patience", of(container(livenessProbe={**probe, "periodSeconds": -1})), "livenessProbe.periodSeconds: Invalid value: -1"),
        ("a liveness that succeeds twice", of(container(livenessProbe={**probe, "successThreshold": 2})), "livenessProbe.successThreshold: Invalid value: 2: must be 1"),
        ("a variable twice given", of(container(env=[{"name": "A", "value": "1", "valueFrom": key_of}])), "may not be specified when `value` is not empty"),
        ("a variable without name", of(container(env=[{"name": "", "value": "1"}])), "env[0].name: Required value"),
        ("a mount of no volume", of(container(volumeMounts=[{"name": "data", "mountPath": "/data"}])), 'volumeMounts[0].name: Not found: "data"'),
        ("pods that end", of(template={"restartPolicy": "Never"}), 'restartPolicy: Unsupported value: "Never": supported values: "Always"'),
        ("a label's value with a space", of(template={"nodeSelector": {"disk": "very fast"}}), "nodeSelector"),
        ("a toleration of an unknown effect", of(template={"tolerations": [{"key": "a", "operator": "Exists", "effect": "Never"}]}), 'Unsupported value: "Never"'),
        ("recreated and rolling", of(strategy={"type": "Recreate", "rollingUpdate": {"maxSurge": 1}}), "may not be specified when strategy `type` is 'Recreate'"),
        ("nothing rolls", of(strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}), "may not be 0 when `maxSurge` is 0"),
        ("a deadline before it is ready", of(minReadySeconds=700), "progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds"),
        ("an unknown pull policy", of(container(imagePullPolicy="Sometimes")), 'imagePullPolicy: Unsupported value: "Sometimes"'),
    ]  # fmt: skip
    db = stateful_set("db", ns)
    return [
        *(Case(name=name, tried=tried, said=said, before=(api,)) for name, tried, said in rows),
        Case(name="a new deployment", tried=deployment("new", ns)),
        Case(name="no image", tried=deployment("bare", ns, {"name": "main"}), said="spec.template.spec.containers[0].image: Required value"),
        Case(name="no container", tried=deployment("bare", ns, template={"containers": []}), said="spec.template.spec.containers: Required value"),
        Case(name="a name in capitals", tried=deployment("Api", ns), said='metadata.name: Invalid value: "Api"'),
        Case(name="a namespace that is not there", tried=deployment("api", "nowhere-at-all"), said='namespaces "nowhere-at-all" not found'),
        Case(name="a stateful set's replicas", tried=stateful_set("db", ns, replicas=3), before=(db,)),
        Case(name="a stateful set's service", tried=stateful_set("db", ns, serviceName="o"), before=(db,), said="updates to statefulset spec for fields other than"),
    ]  # fmt: skip


def _pods(ns: str) -> list[Case]:
    limits = made("v1", "LimitRange", "most", ns, spec={"limits": [{"type": "Container", "max": {"memory": "256Mi"}}]})
    least = made("v1", "LimitRange", "least", ns, spec={"limits": [{"type": "Container", "min": {"memory": "64Mi"}}]})
    return [
        Case(name="a pod within bounds", tried=pod("p", ns, _limited("128Mi")), before=(limits,)),
        Case(name="a pod above bounds", tried=pod("p", ns, _limited("512Mi")), before=(limits,), said="maximum memory usage per Container is 256Mi, but limit is 512Mi"),
        Case(name="a pod below bounds", tried=pod("p", ns, _limited("32Mi")), before=(least,), said="minimum memory usage per Container is 64Mi, but request is 32Mi"),
        Case(name="a deployment above bounds, whose pods are refused later", tried=deployment("api", ns, _limited("512Mi")), before=(limits,)),
        Case(name="a pod's command", tried=pod("q", ns, _limited("128Mi", command=["no"])), before=(pod("q", ns, _limited("128Mi")),), said="pod updates may not change fields other than"),
    ]  # fmt: skip


def _others(ns: str) -> list[Case]:
    ports = [{"port": 80, "targetPort": 8080}]
    service = made("v1", "Service", "api", ns, spec={"selector": {"app": "api"}, "ports": ports})

    def svc(**spec: Any) -> Object:
        return made("v1", "Service", "api", ns, spec={"selector": {"app": "api"}, "ports": ports, **spec})

    def scaler(least: int, most: int) -> Object:
        target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}
        return made("autoscaling/v2", "HorizontalPodAutoscaler", "api", ns, spec={"scaleTargetRef": target, "minReplicas": least, "maxReplicas": most})

    def claim(size: str, **spec: Any) -> Object:
        asked = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, "storageClassName": "contract", **spec}
        return made("v1", "PersistentVolumeClaim", "data", ns, spec=asked)

    def quota(**hard: str) -> Object:
        return made("v1", "ResourceQuota", "q", ns, spec={"hard": hard})

    def cron(schedule: str, policy: str = "Never") -> Object:
        template = {"spec": {"restartPolicy": policy, "containers": [container()]}}
        return made("batch/v1", "CronJob", "nightly", ns, spec={"schedule": schedule, "jobTemplate": {"spec": {"template": template}}})

    budget = {"selector": {"matchLabels": {"app": "api"}}, "minAvailable": 1, "maxUnavailable": 1}
    return [
        Case(name="a service's selector", tried=svc(selector={"app": "web"}), before=(service,)),
        Case(name="a service's target port", tried=svc(ports=[{"port": 80, "targetPort": "http"}]), before=(service,)),
        Case(name="a service's port out of range", tried=svc(ports=[{"port": 70000}]), before=(service,), said="spec.ports[1].port: Invalid value: 70000: must be between 1 and 65535, inclusive"),
        Case(name="a second port without a name", tried=svc(ports=[{"port": 81}]), before=(service,), said="spec.ports[0].name: Required value"),
        Case(name="a service's target out of range", tried=svc(ports=[{"port": 80, "targetPort": 70000}]), before=(service,), said="spec.ports[0].targetPort: Invalid value: 70000"),
        Case(name="a service without ports", tried=made("v1", "Service", "bare", ns, spec={"selector": {"app": "api"}, "ports": []}), said="spec.ports: Required value"),
        Case(name="a service of an unknown type", tried=svc(type="Inner"), before=(service,), said='spec.type: Unsupported value: "Inner"'),
        Case(name="a scaler's maximum", tried=scaler(1, 5), before=(scaler(1, 3),)),
        Case(name="a scaler's maximum below its minimum", tried=scaler(4, 3), before=(scaler(1, 3),), said="spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`"),
        Case(name="a claim's class", tried=claim("1Gi", storageClassName="o"), before=(claim("1Gi"),), said="spec is immutable after creation except resources.requests"),
        Case(name="a higher quota", tried=quota(pods="20"), before=(quota(pods="10"),)),
        Case(name="a quota that is no amount", tried=quota(pods="many"), before=(quota(pods="10"),), said="quantities must match the regular expression"),
        Case(name="a schedule", tried=cron("0 4 * * *"), before=(cron("0 3 * * *"),)),
        Case(name="a schedule that is none", tried=cron("at four"), before=(cron("0 3 * * *"),), said="spec.schedule: Invalid value"),
        Case(name="a job whose pods never end", tried=cron("0 3 * * *", "Always"), before=(cron("0 3 * * *"),), said="restartPolicy: "),
        Case(name="a budget with two bounds", tried=made("policy/v1", "PodDisruptionBudget", "b", ns, spec=budget), said="minAvailable and maxUnavailable cannot be both set"),
        Case(name="a key that no file can have", tried=made("v1", "ConfigMap", "c", ns, data={"a/b": "1"}), said='data[a/b]: Invalid value: "a/b"'),
    ]  # fmt: skip
