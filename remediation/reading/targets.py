"""Which object a symptom is about: named by its labels, or in its words."""

import re
from collections.abc import Iterator, Sequence

from remediation.kinds import kind_called
from remediation.observed import Observed, Place, place_of
from remediation.reading.symptoms import Symptom
from remediation.terms import Target

_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Rollout", "CronJob", "Job", "Pod", "HorizontalPodAutoscaler",
          "PersistentVolumeClaim", "Ingress", "Service", "Node", "Application", "Kustomization", "HelmRelease", "ReplicaSet",
          "NetworkPolicy", "ResourceQuota")  # fmt: skip
_LABELS = (
    "pod",
    "deployment",
    "statefulset",
    "daemonset",
    "cronjob",
    "job",
    "persistentvolumeclaim",
    "hpa",
    "ingress",
    "service",
    "replicaset",
    "node",
)
_SHORTEST = 4
_APPLICATION = re.compile(  # several words that name a whole application, of which none is a workload's name
    r"\b(?:application|app|system|platform)(?: called| named)? (?P<after>(?!in |of |on |at |is |and )[A-Za-z]+(?: [A-Za-z]+){1,3}?)"
    r"(?=,| ?\(| (?:deployed|running|in|on) )|"
    r"\b(?:[Uu]sers|[Cc]ustomers) of (?:the )?(?P<of>[A-Za-z]+(?: [A-Za-z]+){1,3}?)(?= ?\(namespace| in namespace)|"
    r"\b[Tt]he (?P<before>[A-Za-z]+(?: [A-Za-z]+){1,2}?) (?:application|platform|system)\b|"
    r"\((?P<within>[A-Za-z]+(?: [A-Za-z]+){1,3}?), namespace "
)
_A_PART = re.compile(
    r"(?i)\b(?:service|server|deployment|pods?|statefulset|workload|api|backend|job|database|component|worker|gateway|proxy)s?\b"
)
_COMMON_WORDS = frozenset({"service", "deployment", "pod", "pods", "node", "cluster", "namespace", "default", "app", "server",
                           "error", "errors", "kube", "test",
                           "what", "this", "with", "from", "that", "there", "have", "does", "user", "users", "high", "latency", "issue",
                           "alert", "data"})  # fmt: skip


def target_of(symptom: Symptom, observed: Observed) -> Target:
    """The workload or object that the symptom means, with an empty path `namespace//` where it names none that the evidence shows."""
    place = next(iter([*_labelled(symptom, observed), *_spoken(symptom, observed), *_alike(symptom, observed)]), None)
    if place is None:
        return Target(kind="workload", place="", path=f"{symptom.namespace}//")
    kind, namespace, name = place
    return Target(kind="workload", place="", path=f"{namespace}/{kind}/{name}")


def _root(place: Place, observed: Observed) -> Place:
    ref = observed.root_of(place)
    return ref.kind, ref.namespace, ref.name


def _labelled(symptom: Symptom, observed: Observed) -> Iterator[Place]:
    """Objects that a label names and the evidence shows; a workload by the name of one of its pods too."""
    for label in _LABELS:
        name = symptom.labels.get(label)
        if not name:
            continue
        known = kind_called(label)
        for kind in ([known.name] if known else []) + [k for k in _KINDS if known is None or k != known.name]:
            if label == "node" and kind != "Node":
                continue
            found = [p for p in map(place_of, observed.all(kind)) if p[2] == name and (symptom.namespace in ("", p[1]) or not p[1])]
            yield from (_root(place, observed) for place in found)
        if known and label in ("deployment", "statefulset", "daemonset"):  # which only its pods show
            roots = dict.fromkeys(map(observed.root, observed.all("Pod")))
            yield from (
                (r.kind, r.namespace, r.name)
                for r in roots
                if (r.kind, r.name) == (known.name, name) and symptom.namespace in ("", r.namespace)
            )
        if label in ("pod", "deployment", "statefulset", "daemonset", "job", "replicaset"):
            yield from _prefixed(name, symptom, observed)


def _prefixed(name: str, symptom: Symptom, observed: Observed) -> Iterator[Place]:
    """A workload whose name begins the given one, as that of a pod which is gone; the longest first."""
    every = [
        p
        for kind in _KINDS[:5]
        for p in map(place_of, observed.all(kind))
        if name.startswith(f"{p[2]}-") and symptom.namespace in ("", p[1])
    ]
    yield from sorted(every, key=lambda p: -len(p[2]))


def _every(observed: Observed, symptom: Symptom) -> Sequence[Place]:
    places = [place_of(thing) for kind in _KINDS for thing in observed.all(kind)]
    here = [p for p in places if symptom.namespace in ("", p[1]) or not p[1]]
    abouts = [
        (a["kind"], a.get("namespace", ""), a["name"])
        for e in observed.all("Event")
        if (a := e.get("involvedObject") or {}).get("name") and a.get("kind") and symptom.namespace in ("", a.get("namespace") or "")
    ]
    return [*(here or places), *dict.fromkeys(abouts)]


def _spoken(symptom: Symptom, observed: Observed) -> Iterator[Place]:
    """Objects whose whole name stands in the words: first of the title or question, the longest name first."""
    places = [p for p in _every(observed, symptom) if len(p[2]) >= 3 and p[2] not in _COMMON_WORDS]  # noqa: PLR2004 - shorter says nothing
    for text in map(_without_application, (symptom.asked or symptom.title, symptom.text)):
        told = {name for _, _, name in places if name in text}
        whole = {name for name in told if re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text)}
        named = [p for p in places if p[2] in whole]
        yield from (_root(p, observed) for p in sorted(named, key=lambda p: (-len(p[2]), _order(p, text))))


def _without_application(text: str) -> str:
    """The words without the name of the whole application: of `the application web shop` no workload called shop is meant."""
    return _APPLICATION.sub(lambda match: match[0] if _A_PART.search(match[0]) else " ", text)


def _order(place: Place, text: str) -> tuple[bool, int]:
    """The kind that the words name first."""
    return place[0].lower() not in text.lower(), _KINDS.index(place[0]) if place[0] in _KINDS else len(_KINDS)


def _alike(symptom: Symptom, observed: Observed) -> Iterator[Place]:
    """Objects whose name begins with a word of the question."""
    text = _without_application(symptom.asked or symptom.title).lower()
    words = [w for w in re.findall(r"[a-z][a-z0-9-]{3,}", text) if w not in _COMMON_WORDS and len(w) >= _SHORTEST]
    places = _every(observed, symptom) if words else ()
    for word in words:
        yield from (_root(p, observed) for p in places if p[2].startswith(word) or word in p[2].split("-"))
