"""Who depends on whom in a namespace, as far as the evidence shows it: what a symptom's object stands on, one step after the other."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from remediation.observed import Object, Observed, Place, place_of
from remediation.terms import Json, ObjectRef
from remediation.workloads import containers, pod_spec, scales

CONTROLLERS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Rollout", "ReplicaSet", "ReplicationController", "Pod")
_NO_HOST = re.compile(  # of a DSN
    r"(?:^|(?<=[?&;\s]))(?:user(?: ?(?:name|id))?|uid|pass(?:word|wd)?|pwd|(?:db|database) ?(?:name)?)\s?=\s?[^\s&;]*", re.IGNORECASE
)
_HOST = re.compile(
    r"(?<![\w.@/-])(?:\w{1,30}://)?(?:[^\s/@]{0,128}@)?(?P<host>[a-z][a-z0-9-]*)(?:\.(?P<namespace>[a-z0-9-]+)(?:\.svc[\w.]*)?)?(?::(?P<port>\d{2,5}))?(?![\w.@-])"
)
_ADDRESS_NAMES = re.compile(r"HOST|ADDR|URL|URI|ENDPOINT|SERVICE|SERVER|DSN|BROKER|UPSTREAM|BACKEND", re.IGNORECASE)
_NO_ADDRESS = re.compile(
    r"(?:SERVICE|APP|SERVER|HOST|CLUSTER|POD|NODE)_?NAME$|NAMESPACE$|VERSION$|LEVEL$|USER(?:_?NAME)?$|PASSWORD$|ACCOUNT|"
    r"_(?:ROLE|ADMIN|OWNER|DB|DATABASE|DB_?NAME|TYPE|MODE|KIND|DIALECT|ENGINE|DRIVER)$",
    re.IGNORECASE,
)
_FARTHEST = 6
_NUMBER = re.compile(r"-\d{1,5}$")  # of a pod of a StatefulSet


def selects(selector: Mapping[str, Json], labels: Mapping[str, Json]) -> bool:
    """Whether a plain label selector picks these labels; an empty one picks nothing."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def picks(selector: Mapping[str, Json], labels: Mapping[str, Json]) -> bool:
    """Whether a LabelSelector (matchLabels, matchExpressions) picks these labels; an empty one picks everything."""
    plain = selector.get("matchLabels") or {}
    return all(labels.get(k) == v for k, v in plain.items()) and all(_holds(e, labels) for e in selector.get("matchExpressions") or ())


def _holds(expression: Mapping[str, Json], labels: Mapping[str, Json]) -> bool:
    value, values = labels.get(expression.get("key", "")), expression.get("values") or ()
    match expression.get("operator"):
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
    return False


def labels_of(thing: Object) -> Mapping[str, Json]:
    """The labels of a pod, or of the pods that a workload makes."""
    if thing.get("kind") == "Pod":
        return (thing.get("metadata") or {}).get("labels") or {}
    spec = thing.get("spec") or {}
    template = (spec.get("jobTemplate") or {}).get("spec", {}).get("template") or spec.get("template") or {}
    labels: Mapping[str, Json] = (template.get("metadata") or {}).get("labels") or (spec.get("selector") or {}).get("matchLabels") or {}
    return labels


@lru_cache(maxsize=8)
def workloads(observed: Observed, namespace: str | None = None) -> Sequence[Object]:
    """What makes pods and is made by nobody: one for each root, the ReplicaSet or pod that shows it best where no item shows the root."""
    return tuple(_workloads(observed, namespace))


def _workloads(observed: Observed, namespace: str | None) -> Iterator[Object]:
    told: set[ObjectRef] = set()
    for kind in CONTROLLERS:
        for thing in observed.all(kind, namespace):
            if not (thing.get("metadata") or {}).get("ownerReferences"):
                yield thing
            elif (root := observed.root(thing)) not in told and observed.get(root.kind, root.namespace, root.name) is None:
                told.add(root)
                yield thing


def backers(service: Object, observed: Observed) -> Sequence[Object]:
    """The pods and workloads that a Service's selector picks; where it was printed without its selector, the workload of its name.

    Of what was printed without its labels those that are called as the selector, or the Service, says.
    """
    _, namespace, name = place_of(service)
    selector = (service.get("spec") or {}).get("selector") or {}
    if not selector and (service.get("status") or {}).get("printed"):
        named = [thing for kind in CONTROLLERS if (thing := observed.get(kind, namespace, name)) is not None][:1]
        return named or [pod for pod in observed.all("Pod", namespace) if re.fullmatch(rf"{re.escape(name)}-\d+", place_of(pod)[2])]
    first = next(iter(selector.items()), ("", ""))
    picked = [thing for thing in _by_label(observed, namespace).get(first, ()) if selects(selector, labels_of(thing))]
    if picked or not selector:
        return picked
    called = dict.fromkeys((name, *map(str, selector.values())))
    return next((things for each in called if (things := _unlabelled(observed, namespace).get(each))), [])


def _unlabelled(observed: Observed, namespace: str) -> Mapping[str, Sequence[Object]]:
    """The pods and workloads of a namespace of which nothing shows the labels, by the name of the workload."""
    known = _known_unlabelled(observed)
    return known[namespace] if namespace in known else known.setdefault(namespace, _find_unlabelled(observed, namespace))


@lru_cache(maxsize=2)
def _known_unlabelled(_observed: Observed) -> dict[str, Mapping[str, Sequence[Object]]]:
    """By namespace, what was found out already of this evidence."""
    return {}


def _find_unlabelled(observed: Observed, namespace: str) -> Mapping[str, Sequence[Object]]:
    things = [*observed.all("Pod", namespace), *(w for w in workloads(observed, namespace) if w["kind"] != "Pod")]
    labelled = {observed.root(thing).name for thing in things if labels_of(thing)}
    found: dict[str, list[Object]] = {}
    for thing in things:
        root = observed.root(thing)
        if root.name not in labelled:
            found.setdefault(_NUMBER.sub("", root.name) if root.kind == "Pod" else root.name, []).append(thing)
    return found


def _by_label(observed: Observed, namespace: str) -> Mapping[tuple[str, Json], Sequence[Object]]:
    """The pods and workloads of a namespace by each of their labels."""
    known = _known_by_label(observed)
    return known[namespace] if namespace in known else known.setdefault(namespace, _find_by_label(observed, namespace))


@lru_cache(maxsize=2)
def _known_by_label(_observed: Observed) -> dict[str, Mapping[tuple[str, Json], Sequence[Object]]]:
    """By namespace, what was found out already of this evidence."""
    return {}


def _find_by_label(observed: Observed, namespace: str) -> Mapping[tuple[str, Json], Sequence[Object]]:
    found: dict[tuple[str, Json], list[Object]] = {}
    for thing in [*observed.all("Pod", namespace), *(w for w in workloads(observed, namespace) if w["kind"] != "Pod")]:
        for label in labels_of(thing).items():
            found.setdefault(label, []).append(thing)
    return found


def addresses(thing: Object, observed: Observed) -> Iterator[tuple[str, str, str, int | None]]:
    """Hosts that the environment and arguments of a workload name: variable, host, namespace, port (None where it names none)."""
    _, namespace, _ = place_of(thing)
    for _, container in containers(thing):
        for variable in variables_of(container, observed, namespace):
            name, value = str(variable.get("name", "")), variable.get("value")
            if not isinstance(value, str) or not value or _NO_ADDRESS.search(name):
                continue
            plain = _ADDRESS_NAMES.search(name)
            for match in _HOST.finditer(_NO_HOST.sub("", value)):
                if match["port"] or match["namespace"] or (plain and match[0] == value) or "://" in match[0]:
                    yield name, match["host"], match["namespace"] or namespace, int(match["port"]) if match["port"] else None


def variables_of(container: Mapping[str, Json], observed: Observed, namespace: str) -> Sequence[Mapping[str, Json]]:
    """The variables of a container, with those that stand in ConfigMaps."""
    return [*(container.get("env") or ()), *_from_maps(container, observed, namespace)]


def _from_maps(container: Mapping[str, Json], observed: Observed, namespace: str) -> Iterator[Mapping[str, Json]]:
    """Variables that stand in ConfigMaps."""
    for source in container.get("envFrom") or ():
        found = observed.get("ConfigMap", namespace, str((source.get("configMapRef") or {}).get("name", "")))
        yield from ({"name": key, "value": value} for key, value in ((found or {}).get("data") or {}).items())
    for variable in container.get("env") or ():
        reference = (variable.get("valueFrom") or {}).get("configMapKeyRef") or {}
        found = observed.get("ConfigMap", namespace, str(reference.get("name", "")))
        value = ((found or {}).get("data") or {}).get(reference.get("key"))
        if value:
            yield {"name": variable.get("name"), "value": value}


def stands_on(thing: Object, observed: Observed) -> Iterator[Place]:
    """The objects that this one needs in order to work."""
    kind, namespace, _name = place_of(thing)
    match kind:
        case "Ingress" | "IngressRoute" | "IngressRouteTCP" | "HTTPProxy":
            yield from (("Service", namespace, service) for service, _ in ingress_backends(thing))
        case "Service":
            yield from (root_place(backer, observed) for backer in backers(thing, observed))
        case "HorizontalPodAutoscaler":
            target = (thing.get("spec") or {}).get("scaleTargetRef") or {}
            yield str(target.get("kind")), namespace, str(target.get("name"))
        case "HelmRelease" | "Kustomization" | "Application":
            yield from (root_place(workload, observed) for workload in workloads(observed) if _is_managed(workload, thing, observed))
        case "PersistentVolumeClaim":
            if volume := (thing.get("spec") or {}).get("volumeName"):
                yield "PersistentVolume", "", str(volume)
        case _ if kind in CONTROLLERS:
            yield from _needs_of_workload(thing, observed, namespace)


_MANAGERS = ("app.kubernetes.io/instance", "helm.toolkit.fluxcd.io/name", "kustomize.toolkit.fluxcd.io/name", "argocd.argoproj.io/instance",
             "release")  # fmt: skip


def _is_managed(workload: Object, manager: Object, observed: Observed) -> bool:
    """Whether a release or application made a workload: as its labels say, or by its name."""
    _, namespace, name = place_of(manager)
    spec = manager.get("spec") or {}
    where = spec.get("targetNamespace") or (spec.get("destination") or {}).get("namespace") or namespace
    _, own, called = root_place(workload, observed)
    labels = {**labels_of(workload), **((workload.get("metadata") or {}).get("labels") or {})}
    return own == where and (called == name or called.startswith(f"{name}-") or any(labels.get(key) == name for key in _MANAGERS))


def _needs_of_workload(thing: Object, observed: Observed, namespace: str) -> Iterator[Place]:
    spec = pod_spec(thing)
    for volume in spec.get("volumes") or ():
        if claim := (volume.get("persistentVolumeClaim") or {}).get("claimName"):
            yield "PersistentVolumeClaim", namespace, str(claim)
    if node := spec.get("nodeName"):
        yield "Node", "", str(node)
    for _, host, where, _ in addresses(thing, observed):
        if observed.get("Service", where, host) is not None:
            yield "Service", where, host
    for policy in observed.all("NetworkPolicy", namespace):
        if picks((policy.get("spec") or {}).get("podSelector") or {}, labels_of(thing)):
            yield place_of(policy)


def ingress_backends(ingress: Object) -> Iterator[tuple[str, Json]]:
    """The Services that an Ingress sends to, with their port's name or number."""
    spec = ingress.get("spec") or {}
    paths = [path for rule in spec.get("rules") or () for path in (rule.get("http") or {}).get("paths") or ()]
    for backend in [*(path.get("backend") or {} for path in paths), spec.get("defaultBackend") or {}, spec.get("backend") or {}]:
        service = backend.get("service") or {}
        name = service.get("name") or backend.get("serviceName")
        port = service.get("port") or {}
        if name:
            yield str(name), port.get("number") or port.get("name") or backend.get("servicePort")
    yield from _route_backends(ingress)


def _route_backends(route: Object) -> Iterator[tuple[str, Json]]:
    """Those of an IngressRoute of Traefik's or an HTTPProxy of Contour's that stand in its own namespace."""
    spec = route.get("spec") or {}
    routes = [one for one in (*_listed(spec, "routes"), spec.get("tcpproxy")) if isinstance(one, Mapping)]
    for service in (service for one in routes for service in _listed(one, "services") if isinstance(service, Mapping)):
        if service.get("kind", "Service") == "Service" and service.get("namespace") in (None, place_of(route)[1]) and service.get("name"):
            yield str(service["name"]), service.get("port")


def _listed(thing: Mapping[str, Json], key: str) -> Sequence[Json]:
    inner = thing.get(key)
    return inner if isinstance(inner, list) else ()


def root_place(thing: Object, observed: Observed) -> Place:
    """Of the workload or other object that stands above this one, itself where none does."""
    root = observed.root(thing)
    return root.kind, root.namespace, root.name


def distances(start: Sequence[Place], observed: Observed) -> Mapping[Place, int]:
    """How many steps each object lies below the symptom's objects, which are 0 themselves."""
    found: dict[Place, int] = dict.fromkeys(start, 0)
    edge = list(start)
    for steps in range(1, _FARTHEST + 1):
        edge = list(dict.fromkeys(place for above in edge for place in _below(above, observed) if place not in found))
        found |= dict.fromkeys(edge, steps)
    return found


def _below(place: Place, observed: Observed) -> Sequence[Place]:
    """What stands one step below an object; each is asked of once, for the ways of many findings lead through the same objects."""
    known = _belows(observed)
    if place not in known:
        known[place] = tuple(dict.fromkeys(_needs_of(place, observed)))
    return known[place]


@lru_cache(maxsize=2)
def _belows(_observed: Observed) -> dict[Place, Sequence[Place]]:
    """What was found out already of this evidence."""
    return {}


def _needs_of(place: Place, observed: Observed) -> Iterator[Place]:
    """What an object needs, what its pods need, and the autoscaler that says how many there are."""
    thing = observed.get(*place)
    if thing is not None:
        yield from stands_on(thing, observed)
    if place[0] in CONTROLLERS and place[0] != "Pod":
        ref = ObjectRef(group="", kind=place[0], namespace=place[1], name=place[2])
        for pod in observed.pods_of(ref):
            yield from stands_on(pod, observed)
        yield from (place_of(scaler) for scaler in observed.all("HorizontalPodAutoscaler", place[1]) if scales(scaler, ref))
