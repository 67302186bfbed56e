"""A Service that leads nowhere: the selector that picks the pods that are meant, and the port that they listen on."""

import re
from collections.abc import Iterator, Mapping, Sequence

from remediation.drawing.basis import Basis
from remediation.drawing.likeness import alike
from remediation.graph import labels_of, selects, workloads
from remediation.observed import Object, place_of
from remediation.terms import Json
from remediation.workloads import containers

_ALIKE = 0.7  # of the letters: a slip of the pen, not another name
_OF_CONTROLLERS = re.compile(
    r"template-hash$|revision-hash$|pod-name$|pod-index$|job-name$|controller-uid$"
)  # no selector in Git is about these


def service_selector(basis: Basis) -> Json:
    """The labels of the selector that change, null for one that goes; with them it picks the workload that is meant and no other."""
    selector: Mapping[str, Json] = (basis.live.get("spec") or {}).get("selector") or {}
    meant = _meant(basis)
    labels = {key: value for key, value in labels_of(meant or {}).items() if not _OF_CONTROLLERS.search(key)}
    mended = _mended(selector, labels)
    if meant is None or not mended or any(map(_OF_CONTROLLERS.search, selector)) or not _likely(basis, meant, selector, mended):
        return None
    if basis.fact("rival"):
        why = f"It may mean {basis.fact('workload')} or {basis.fact('rival')}, which fit equally."
        raise basis.refused(why, "Say which of them the Service is for, and set its selector to their labels.")
    strangers = [thing for thing in _others(basis, meant) if selects(mended, labels_of(thing))]
    if strangers:
        picked = " and ".join(f"{place_of(thing)[0]} {place_of(thing)[2]}" for thing in strangers[:2])
        raise basis.refused(
            f"A selector for {place_of(meant)[2]} would pick {picked}, too.", "Give the pods that are meant a label of their own."
        )
    gone = dict.fromkeys(key for key in selector if key not in mended)
    return {**{key: value for key, value in mended.items() if selector.get(key) != value}, **gone} or None


def _meant(basis: Basis) -> Object | None:
    kind, _, name = basis.fact("workload").partition("/")
    return basis.observed.get(kind, basis.namespace, name) or next(iter(_pods(basis, kind, name)), None)


def _pods(basis: Basis, kind: str, name: str) -> Iterator[Object]:
    for pod in basis.observed.all("Pod", basis.namespace):
        root = basis.observed.root(pod)
        if (root.kind, root.name) == (kind, name):
            yield pod


def _mended(selector: Mapping[str, Json], labels: Mapping[str, Json]) -> dict[str, Json]:
    """The selector in the pods' own labels: a wrong value by the key's, a wrong key by the value's; what they lack goes."""
    mended = {key: labels[key] for key in selector if key in labels}
    for key, value in selector.items():
        same = [own for own, has in labels.items() if has == value and own not in mended]
        if key not in labels and len(same) == 1:
            mended[same[0]] = value
    return mended


def _likely(basis: Basis, meant: Object, selector: Mapping[str, Json], mended: Mapping[str, Json]) -> bool:
    """Whether the Service surely means this workload: it has its name, shares a label with it, or differs from one by a slip."""
    if place_of(meant)[2] == place_of(basis.live)[2] or any(value in selector.values() for value in mended.values()):
        return True
    return any(alike(str(value), str(mended.get(key, ""))) >= _ALIKE for key, value in selector.items())


def _others(basis: Basis, meant: Object) -> Sequence[Object]:
    """What makes pods in the namespace, beside the workload that is meant."""
    own = basis.observed.root(meant)
    return [thing for thing in workloads(basis.observed, basis.namespace) if basis.observed.root(thing) != own]


def service_port(basis: Basis) -> Json:
    """The path of the Service's port that leads nowhere: `spec.ports[0]`."""
    for at, port in enumerate((basis.live.get("spec") or {}).get("ports") or ()):
        if str(port.get("port")) == basis.fact("port") and str(port.get("targetPort") or port.get("port")) == basis.fact("target_port"):
            return f"spec.ports[{at}]"
    return None


def target_port(basis: Basis) -> Json:
    """The number that the pods listen on: their only one, by manifest or log; else the one of the port's name, else of its number."""
    if basis.fact("cause") != "target_port":
        return None
    said = {port.partition("/")[0].strip() for port in basis.fact("ports").split(",")}
    if len(said) == 1 and (only := next(iter(said))).isdecimal():
        return int(only)
    entry, declared = _entry(basis), _declared(basis)
    for fitting in (_called(declared, entry.get("name")), _numbered(declared, entry.get("port"))):
        if fitting:
            return fitting[0].get("containerPort")
    return None


def service_protocol(basis: Basis) -> Json:
    """The protocol of the container's port that the Service leads to."""
    if basis.fact("cause") != "protocol":
        return None
    wanted = basis.fact("target_port")
    found = {
        str(port.get("protocol") or "TCP") for port in _declared(basis) if wanted in (str(port.get("containerPort")), port.get("name"))
    }
    return next(iter(found)) if len(found) == 1 else None


def _entry(basis: Basis) -> Mapping[str, Json]:
    ports = (basis.live.get("spec") or {}).get("ports") or ()
    return next((port for port in ports if str(port.get("port")) == basis.fact("port")), {})


def _declared(basis: Basis) -> list[Mapping[str, Json]]:
    meant = _meant(basis)
    return [port for where, c in containers(meant or {}) if where == "containers" for port in c.get("ports") or ()]


def _called(declared: Sequence[Mapping[str, Json]], name: Json) -> list[Mapping[str, Json]]:
    return [port for port in declared if name and port.get("name") == name]


def _numbered(declared: Sequence[Mapping[str, Json]], number: Json) -> list[Mapping[str, Json]]:
    return [port for port in declared if port.get("containerPort") == number]
