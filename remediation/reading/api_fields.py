"""What the API says that the fields of its objects are, as far as anybody here reads them."""

from collections.abc import Mapping
from typing import Any

from remediation.quantities import parse
from remediation.terms import Json

WRONG = object()
"""What stands for a value that cannot be what its field is."""

_LARGEST = 2**63
_MOST_DIGITS = 18

# A mapping stands for an object with these fields and any others, a list for a list of such values, a tuple for an object of any fields
# with such values; a function gives the value as the API would, or WRONG. Null is nothing, and an object that is null is not there.


def plain(value: Json) -> Json:
    """A text, a number or a truth."""
    return WRONG if isinstance(value, Mapping | list) else value


def text(value: Json) -> Json:
    """A text; a number or a truth that lost its quotes is one again."""
    return value if isinstance(value, str) else WRONG if isinstance(value, Mapping | list) else str(value)


def number(value: Json) -> Json:
    """A number that 64 bits hold, or the digits of a whole one; what is null has not been counted."""
    if isinstance(value, str):
        return value if value.isdecimal() and len(value) <= _MOST_DIGITS else WRONG
    return value if isinstance(value, int | float) and -_LARGEST < value < _LARGEST else WRONG


def quantity(value: Json) -> Json:
    """What Kubernetes reads as a quantity."""
    try:
        parse(plain(value))
    except ValueError:
        return WRONG
    return value


def _of(kind: Any, *names: str) -> dict[str, Any]:
    return dict.fromkeys(names, kind)


_REFERENCE: Any = _of(text, "kind", "name", "namespace", "apiVersion", "key", "fieldPath")
_SELECTOR: Any = {"matchLabels": (plain,), "matchExpressions": [{"key": plain, "operator": plain, "values": [plain]}]}
_PROBE: Any = {
    "httpGet": _of(plain, "port", "path", "scheme", "host"),
    "tcpSocket": {"port": plain},
    "exec": {"command": [plain]},
    "grpc": {"port": plain},
    **_of(number, "initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold"),
}
_AMOUNTS: Any = {"limits": (quantity,), "requests": (quantity,)}
_FROM: Any = _of(_REFERENCE, "configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef")
_CONTAINER: Any = {
    **_of(text, "name", "image", "imagePullPolicy", "workingDir"),
    "command": [plain],
    "args": [plain],
    "env": [
        {"name": text, "value": plain, "valueFrom": _of(_REFERENCE, "configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef")}
    ],
    "envFrom": [_of(_REFERENCE, "configMapRef", "secretRef")],
    "ports": [_of(plain, "containerPort", "hostPort", "name", "protocol")],
    "volumeMounts": [_of(text, "name", "mountPath", "subPath")],
    "resources": _AMOUNTS,
    **_of(_PROBE, "livenessProbe", "readinessProbe", "startupProbe"),
    "securityContext": {},
    "lifecycle": {},
}
_ENDED: Any = {**_of(text, "reason", "message", "finishedAt", "startedAt"), **_of(number, "exitCode", "signal")}
_STATE: Any = {"waiting": _of(text, "reason", "message"), "running": {"startedAt": text}, "terminated": _ENDED}
_CONTAINER_STATUS: Any = {
    **_of(text, "name", "image", "imageID"),
    "restartCount": number,
    "ready": plain,
    "state": _STATE,
    "lastState": _STATE,
}
METADATA: Any = {
    **_of(text, "name", "namespace", "generateName", "uid", "creationTimestamp", "deletionTimestamp"),
    "labels": (plain,),
    "annotations": (text,),
    "ownerReferences": [_REFERENCE],
    "finalizers": [plain],
    "generation": number,
}
_SOURCE: Any = {**_of({"name": text, "secretName": text}, "configMap", "secret"), "serviceAccountToken": {}}
_CHOSEN: Any = {"nodeSelectorTerms": [{"matchExpressions": _SELECTOR["matchExpressions"]}]}
_NODES: Any = {"requiredDuringSchedulingIgnoredDuringExecution": _CHOSEN}
_TERM: Any = {"labelSelector": _SELECTOR, "topologyKey": text}
_PODS: Any = {
    "requiredDuringSchedulingIgnoredDuringExecution": [_TERM],
    "preferredDuringSchedulingIgnoredDuringExecution": [{"podAffinityTerm": _TERM}],
}
_POD: Any = {
    "containers": [_CONTAINER],
    "initContainers": [_CONTAINER],
    "volumes": [
        {"name": text, **_SOURCE, "persistentVolumeClaim": {"claimName": text}, "hostPath": {"path": text},
         **_of({}, "emptyDir", "csi", "nfs"), "projected": {"sources": [_SOURCE]}}
    ],
    "tolerations": [_of(plain, "key", "operator", "value", "effect", "tolerationSeconds")],
    "nodeSelector": (plain,),
    "affinity": {"nodeAffinity": _NODES, **_of(_PODS, "podAffinity", "podAntiAffinity")},
    "topologySpreadConstraints": [{"labelSelector": _SELECTOR}],
    "imagePullSecrets": [{"name": text}],
    "securityContext": {},
    "hostAliases": [{"ip": text, "hostnames": [plain]}],
    "dnsConfig": {"nameservers": [plain], "searches": [plain], "options": [{}]},
    **_of(text, "nodeName", "serviceAccountName", "schedulerName", "dnsPolicy", "priorityClassName", "restartPolicy", "runtimeClassName"),
    "terminationGracePeriodSeconds": number,
}  # fmt: skip
_TEMPLATE: Any = {"metadata": METADATA, "spec": _POD}
_BACKEND: Any = {"service": {"name": text, "port": _of(plain, "number", "name")}, "serviceName": text, "servicePort": plain}
_PEER: Any = {"podSelector": _SELECTOR, "namespaceSelector": _SELECTOR, "ipBlock": {"cidr": text, "except": [plain]}}
_PORT: Any = _of(plain, "port", "targetPort", "nodePort", "name", "protocol", "endPort")
_SPEC: Any = {
    **_POD,
    "template": _TEMPLATE,
    "jobTemplate": {"metadata": METADATA, "spec": {"template": _TEMPLATE}},
    "selector": _SELECTOR,
    "ports": [_PORT],
    "taints": [_of(plain, "key", "value", "effect")],
    "rules": [{"host": text, "http": {"paths": [{"path": text, "backend": _BACKEND}]}}],
    **_of(_BACKEND, "defaultBackend", "backend"),
    "tls": [{"hosts": [text], "secretName": text}],
    "volumeClaimTemplates": [{"metadata": METADATA, "spec": {"resources": _AMOUNTS}}],
    "scaleTargetRef": _REFERENCE,
    "claimRef": _REFERENCE,
    "metrics": [{"resource": {"name": plain, "target": {}}}],
    "hard": (quantity,),
    "limits": [_of((quantity,), "max", "min", "default", "defaultRequest")],
    "resources": _AMOUNTS,
    "capacity": (quantity,),
    "podSelector": _SELECTOR,
    "ingress": [{"from": [_PEER], "ports": [_PORT]}],
    "egress": [{"to": [_PEER], "ports": [_PORT]}],
    "policyTypes": [plain],
    "accessModes": [plain],
    **_of({"type": text, "rollingUpdate": _of(plain, "maxSurge", "maxUnavailable")}, "strategy", "updateStrategy"),
    **_of(number, "replicas", "minReplicas", "maxReplicas", "backoffLimit", "completions", "parallelism", "activeDeadlineSeconds",
          "progressDeadlineSeconds", "startingDeadlineSeconds", "revisionHistoryLimit"),
    **_of(text, "type", "clusterIP", "externalName", "serviceName", "volumeName", "storageClassName", "ingressClassName", "schedule",
          "timeZone", "concurrencyPolicy", "targetNamespace"),
    "destination": _of(text, "namespace", "server", "name"),
}  # fmt: skip
_CONDITION: Any = _of(text, "type", "status", "reason", "message", "lastTransitionTime", "lastUpdateTime", "lastProbeTime")
_SYNCED: Any = {**_REFERENCE, **_of(text, "status", "message", "hookPhase", "syncPhase"), "health": _of(text, "status", "message")}
_STATUS: Any = {
    "conditions": [_CONDITION],
    **_of([_CONTAINER_STATUS], "containerStatuses", "initContainerStatuses"),
    "loadBalancer": {"ingress": [_of(text, "ip", "hostname")]},
    **_of((quantity,), "capacity", "allocatable", "used", "hard"),
    **_of(text, "phase", "reason", "message", "podIP", "hostIP", "startTime", "completionTime", "lastScheduleTime", "lastSuccessfulTime"),
    **_of(number, "replicas", "readyReplicas", "availableReplicas", "updatedReplicas", "unavailableReplicas", "observedGeneration",
          "currentReplicas", "desiredReplicas", "desiredNumberScheduled", "numberReady", "numberAvailable", "numberUnavailable",
          "updatedNumberScheduled", "currentNumberScheduled", "failed", "succeeded", "currentHealthy", "desiredHealthy", "expectedPods",
          "disruptionsAllowed", "currentStepIndex"),
    "nodeInfo": {"labelColumns": (plain,)},
    "operationState": {**_of(text, "phase", "message"), "syncResult": {"resources": [_SYNCED]}},
    "sync": {"status": text, "revision": text},
    "health": _of(text, "status", "message"),
    "resources": [_SYNCED],
    "currentMetrics": [{"resource": {"name": plain, "current": {}}}],
}  # fmt: skip
_OBJECT: Any = {"apiVersion": text, "metadata": METADATA, "spec": _SPEC, "status": _STATUS, "data": (plain,)}
_EVENT: Any = {
    **_OBJECT,
    "involvedObject": _REFERENCE,
    **_of(text, "reason", "message", "type", "firstTimestamp", "lastTimestamp", "eventTime"),
    "count": number,
    "source": _of(text, "component", "host"),
    "series": {"count": number, "lastObservedTime": text},
}
_ANYBODYS: Any = {"apiVersion": text, "metadata": METADATA, "spec": {}, "status": {}}
_ROUTE: Any = {
    **_ANYBODYS,
    "spec": {"parentRefs": [{}], "rules": [{"backendRefs": [{}]}], "listeners": [{}]},
    "status": {"conditions": [_CONDITION], **_of([{"conditions": [_CONDITION]}], "parents", "listeners", "ingress")},
}
_TO: Any = {"destination": {"host": text, "port": {"number": plain}}}
_ASKED: Any = {"namespaceSelector": _SELECTOR, "objectSelector": _SELECTOR, "rules": [_of([plain], "resources", "operations", "apiGroups")]}
_OWN: Any = {
    **_of({**_OBJECT, "webhooks": [_ASKED]}, "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"),
    "VirtualService": {**_ANYBODYS, "spec": {"http": [{"route": [_TO]}]}, "status": _ROUTE["status"]},
    "Event": _EVENT,
    "Service": {**_OBJECT, "spec": {**_SPEC, "selector": (plain,)}},
    **_of(_ROUTE, "Gateway", "HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "Route"),
}


def fields_of(kind: str, *, known: bool) -> Any:
    """The fields of a kind. known: whether it is Kubernetes' own; of another, what every object has."""
    return _OWN.get(kind, _OBJECT if known else _ANYBODYS)
