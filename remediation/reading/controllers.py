"""What controllers log of the objects that they look after: an event about the object, or of a custom resource its condition.

Sentences about pods are read by `messages`; here is what has an Ingress, a claim, a release, a certificate, … as its subject.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.kinds import KINDS, kind_called
from remediation.reading.cells import Object
from remediation.reading.listed_events import made_event
from remediation.reading.log_fields import fields_of, telling_lines, unquoted

BACKEND_NOT_FOUND = "BackendNotFound"  # of a Service or Secret that an ingress controller needs
NO_ENDPOINTS = "NoEndpoints"
_MOST = 200  # objects of one text
_PLACE = r"[\"']?(?P<namespace>[a-z0-9][a-z0-9-]*)/(?P<name>[a-z0-9][\w.-]*)[\"']?"
_TRAEFIKS_OWN = r"\b[^\n]{0,200}?\bingress=(?P<name>[\w.-]+)[^\n]{0,100}?\bnamespace=(?P<namespace>[\w-]+)"  # fields behind its words
_GRAVE = re.compile(
    r"[Ss]ervice not found |not in the parent resource namespace|"
    r"\b[EFW]\d{4} \d\d:\d\d|\b(?:ERROR|ERR|error|Error|FATAL|FTL|fatal|WARN|WRN|warn|warning)\b|^\S+ \S+ [EW] \|"
)
_PASSES = re.compile(r"object has been modified|context canceled|Operation cannot be fulfilled|client rate limiter")  # and is tried again
_CALM = ("info", "debug", "0")  # levels
_WELL = re.compile(r"succeeded|successfully|\b(?:is|now) ready\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What a line says of which object. kind: as the API calls it."""

    kind: str
    namespace: str
    name: str
    reason: str
    message: str


@dataclass(frozen=True, kw_only=True)
class _Sentence:
    """How a controller speaks. literal: that a line must hold.  pattern: names `namespace`, `name`, `message`; `kind` where that varies."""

    kind: str
    reason: str
    literal: str
    pattern: re.Pattern[str]


_SENTENCES: Sequence[_Sentence] = tuple(
    _Sentence(kind=kind, reason=reason, literal=literal, pattern=re.compile(pattern)) for kind, reason, literal, pattern in (
        ("Ingress", "FailedBackend", "ngress '", rf"[Ii]ngress {_PLACE}: (?P<message>.+)"),
        ("TraefikService", "FailedBackend", "building TraefikService",
         r"building TraefikService: (?P<message>[^\"]+)\"[^\n]{0,200}?\bserviceName=(?P<name>[\w.-]+)"),
        ("IngressRoute", "FailedBackend", "not in the parent resource namespace",
         rf"(?P<message>(?:\b\w{1,60} )?service [\w.-]+/[\w.-]+ (?:is )?not in the parent resource namespace [\w-]+){_TRAEFIKS_OWN}"),
        ("IngressRoute", "FailedBackend", "service not found ",
         rf"(?P<message>[^\"]{{0,60}}service not found [\w-]+/[\w.-]+)\"[^\n]{{0,100}}?providerName=kubernetescrd{_TRAEFIKS_OWN}"),
        ("Service", BACKEND_NOT_FOUND, "service '", rf"\bservice {_PLACE} (?P<message>does not exist)"),
        ("Service", BACKEND_NOT_FOUND, "Endpoints for Service ", rf"Endpoints for Service {_PLACE}: (?P<message>no object matching.+)"),
        ("Secret", BACKEND_NOT_FOUND, "SSL certificate ", rf"SSL certificate {_PLACE}: (?P<message>.*not found.*)"),
        ("Certificate", "Expired", "certificate in Secret ", rf"(?P<message>certificate in Secret {_PLACE} has expired.*)"),
        ("Service", NO_ENDPOINTS, "any active Endpoint", rf"Service {_PLACE} (?P<message>does not have any active Endpoint)"),
        ("HorizontalPodAutoscaler", "FailedComputeMetricsReplicas", "desired number of replicas",
         rf"based on listed metrics for \w+/{_PLACE}: (?P<message>.+)"),
        ("ReplicaSet", "FailedCreate", " failed with pod", rf"[Ss]ync {_PLACE} failed with (?P<message>pods? .+)"),
        ("DaemonSet", "FailedCreate", " failed with : ", rf"\] {_PLACE} failed with : (?P<message>.+)"),
        ("StatefulSet", "FailedCreate", ", requeuing: ", rf"StatefulSet {_PLACE}, requeuing: (?P<message>.+)"),
        ("Service", "SyncLoadBalancerFailed", "processing service ", rf"processing service {_PLACE} \([^)]*\): (?P<message>.+)"),
        ("PersistentVolumeClaim", "ProvisioningFailed", " for claim ", rf" for claim {_PLACE}: (?P<message>.+)"),
        ("", "FailedReconcile", "ailed to reconcile ", rf"ailed to reconcile (?P<kind>[A-Z]\w+) {_PLACE}[.:,;]? (?P<message>.+)"),
        ("", "FailedReconcile", "Reconciliation #",
         r"Reconciliation #\d+\(\w+\) (?P<kind>[A-Z]\w+)\((?P<namespace>[\w-]+)/(?P<name>[\w.-]+)\): (?P<message>.+)"),
        ("", "FailedReconcile", "controller: Re-queuing item",
         rf"\] (?P<kind>[a-z-]+) controller: Re-queuing item {_PLACE} due to error processing: (?P<message>.+)"),
    ))  # fmt: skip
_FIELDED = ("econciler error", "econciliation failed", "due to error processing", "ngress=", 'ngress":', "pplication=", "resource_name",
            "backup=", "restore=", "rollout=", "monitor=", "prometheusrule=", "rror syncing", "controllerKind",
            'kind": "', 'kind":"', '"ScaledObject"', '"ScaledJob"', '{"name":', " kind=")  # fmt: skip
_LITERALS = tuple(dict.fromkeys([*(sentence.literal for sentence in _SENTENCES), *_FIELDED]))
_NAMING = (
    "ingress",
    "application",
    "backup",
    "restore",
    "rollout",
    "servicemonitor",
    "podmonitor",
    "prometheusrule",
)  # fields that name it
_KINDS = ("controllerKind", "object.kind", "reconciler kind", "reconcilerKind", "resource_kind")
ROUTES = (
    "TraefikService",
    "IngressRoute",
    "IngressRouteTCP",
    "HTTPProxy",
    "VirtualServer",
    "ApisixRoute",
    "HTTPRoute",
)  # that are no Ingress but serve as one
_TRAEFIKS: Mapping[str, str] = {"kubernetescrd": "IngressRoute", "kubernetesgateway": "HTTPRoute"}  # by providerName
_OF_CERTIFICATES = re.compile(r"cert-manager[/.](?:controller[/.])?(?P<called>[a-z]+)")
_CUSTOMS: Mapping[str, str] = {name.lower(): name for name in (
    "Certificate", "CertificateRequest", "Challenge", "Order", "Issuer", "ClusterIssuer", "HelmRelease", "HelmRepository", "HelmChart",
    "GitRepository", "OCIRepository", "Kustomization", "ExternalSecret", "SecretStore", "ClusterSecretStore", "ScaledObject", "ScaledJob",
    "NodePool", "NodeClaim", "ServiceMonitor", "PodMonitor", "PrometheusRule", "Application", "Rollout", "Backup", "Restore",
)}  # fmt: skip


def in_log(text: str) -> Iterator[Object]:
    """What the lines of a log tell of objects: the last of each object and reason, none of what went well afterwards."""
    found: dict[tuple[str, str, str], _Told] = {}
    well: set[tuple[str, str]] = set()
    for line in telling_lines(text, _LITERALS):
        grave, good = _GRAVE.search(line), _WELL.search(line)
        told = _told(line) if (grave or good) and not _PASSES.search(line) else None
        if told is not None and good:
            well.add((told.namespace, told.name))
        elif told is not None and told.message and (told.namespace, told.name) not in well:
            found.setdefault((f"{told.kind}/{told.namespace}", told.name, told.reason), told)
    yield from map(_made, reversed(list(found.values())[:_MOST]))


def _told(line: str) -> _Told | None:
    for sentence in _SENTENCES:
        if sentence.literal in line and (match := sentence.pattern.search(unquoted(line))) is not None:
            said = match.groupdict()
            kind = sentence.kind or _called(said["kind"])
            return _Told(
                kind=kind,
                namespace=said.get("namespace") or "",
                name=said["name"],
                reason=sentence.reason,
                message=said["message"].strip(' "'),
            )
    return _of_fields(line, fields_of(line)) if any(map(line.__contains__, _FIELDED)) else None


def _of_fields(line: str, fields: Mapping[str, str]) -> _Told | None:
    """What a line says whose fields name its object."""
    kind, namespace, name = _named(fields) or _reconciled(line, fields)
    if not kind or not name:
        return None
    said = fields.get("msg") or fields.get("message") or ""
    error = fields.get("error") or fields.get("err") or (said if _PLAIN.search(line) else "")
    told = "" if error == said or not said or _SAYS_NOTHING.search(said) else f"{said}: "
    backend = f": {fields['serviceName']}" if fields.get("serviceName", error) not in error else ""
    message = f"{told}{error}{backend}" if error and fields.get("level", "").lower() not in _CALM else ""
    return _Told(kind=kind, namespace=namespace, name=name, reason="FailedReconcile", message=message)


_SAYS_NOTHING = re.compile(r"econciler error|due to error processing|econciliation failed|error while validating")
_PLAIN = re.compile(r"level\"?[=:] ?\"?(?:error|warn|fatal)")  # without an error of its own: the words are it


def _named(fields: Mapping[str, str]) -> tuple[str, str, str] | None:
    """The object that a field names which is called like its kind."""
    for key in _NAMING:
        namespace, slash, name = fields.get(key, "").rpartition("/")
        namespace = namespace or fields.get("namespace") or fields.get("app-namespace") or ""
        if name and (slash or namespace):
            return (_TRAEFIKS.get(fields.get("providerName", "")) if key == "ingress" else None) or _called(key), namespace, name
    return None


def _reconciled(line: str, fields: Mapping[str, str]) -> tuple[str, str, str]:
    """The object that a controller works at, by its kind and its name or key."""
    certificates = _OF_CERTIFICATES.search(line)
    worded = (fields.get("controller", ""), fields.get("type", ""), fields.get("kind", ""), certificates["called"] if certificates else "")
    named = next((fields[key] for key in _KINDS if fields.get(key)), "")
    kind = _called(named) or next(filter(None, map(_known, worded)), "")
    for key in (key for key in fields if key.endswith(".kind") and not kind):
        whole = f"{key.removesuffix('kind')}metadata."
        if name := fields.get(f"{whole}name"):
            return _called(fields[key]), fields.get(f"{whole}namespace", ""), name
    kind = kind or next((custom for custom in _CUSTOMS.values() if f"{custom}.name" in fields), "")
    for before in (f"{kind}.", "object.", "resource_", ""):
        if name := fields.get(f"{before}name"):
            return kind, fields.get(f"{before}namespace", ""), name
    namespace, _, name = (fields.get("key") or fields.get("request") or "").rpartition("/")
    return kind, namespace, name


def _called(word: str) -> str:
    """The kind that a controller calls so: `challenges`, `helmrelease`, `Kafka`."""
    return _known(word) or (word if word[:1].isupper() else "")


def _known(word: str) -> str:
    """The kind of a word that applications may use for something else: empty for one that we do not know."""
    known, lowered = kind_called(word), word.lower()
    return known.name if known else _CUSTOMS.get(lowered) or _CUSTOMS.get(lowered.removesuffix("s"), "")


def _is_own(kind: str) -> bool:
    """Whether a kind is Kubernetes' own, whose controllers speak in events; others' set conditions."""
    group = KINDS[kind].group if kind in KINDS else "."
    return "." not in group or group.endswith(".k8s.io")


def _made(told: _Told) -> Object:
    metadata = {"name": told.name, "namespace": told.namespace if told.kind not in KINDS or KINDS[told.kind].namespaced else ""}
    if _is_own(told.kind) or told.kind in ROUTES:
        row = {"TYPE": "Warning", "REASON": told.reason, "MESSAGE": told.message}
        return made_event({"kind": told.kind, **metadata}, told.namespace, row, ("", 1))
    condition = {"type": "Ready", "status": "False", "reason": told.reason, "message": told.message}
    return {"apiVersion": "", "kind": told.kind, "metadata": metadata, "status": {"conditions": [condition]}}
