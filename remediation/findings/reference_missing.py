"""A workload names a ConfigMap, Secret or service account, or a key of one, that its namespace does not have."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from functools import lru_cache

from remediation.findings.finding import found, is_past
from remediation.findings.said_absent import items_that_say, said_absent
from remediation.findings.whole import counted, whole
from remediation.graph import workloads
from remediation.needed import holding
from remediation.observed import Object, Observed, Place, about, container_statuses, event_text, place_of
from remediation.terms import Finding, Json, ObjectRef, Target
from remediation.workloads import containers, pod_spec

_NEAR, _SLIP = 0.6, 0.8  # how alike a name that exists must be; that of a workload which runs
_PAST = timedelta(minutes=1)  # a pod that is ready now has been given what it asked for before
_NOT_FOUND = re.compile(
    r"(?P<kind>configmap|secret|serviceaccount|service account)s? \\?\"(?:[\w-]+/)?(?P<name>[\w.-]+)\\?\" not found", re.IGNORECASE
)
_ACCOUNT = re.compile(r"error looking up service account (?P<namespace>[\w-]+)/(?P<name>[\w.-]+): serviceaccount")
_NO_KEY = re.compile(
    r"(?:couldn't|could not) find key (?P<key>[\w.-]+) in (?P<kind>ConfigMap|Secret) (?:[\w-]+/)?(?P<name>[\w.-]+)", re.IGNORECASE
)
_NO_KEYS = re.compile(r"references non-existent (?P<kind>config|secret) key: (?P<key>[\w.-]+)")
_may_tell = holding(("service account", "find key", "non-existent", "not found"))  # one for each pattern, which take long to try
_KINDS = {
    "configmap": "ConfigMap",
    "secret": "Secret",
    "serviceaccount": "ServiceAccount",
    "service account": "ServiceAccount",
    "config": "ConfigMap",
}


@dataclass(frozen=True, kw_only=True)
class ReferenceMissing:
    """missing: ConfigMap, Secret, ServiceAccount or PersistentVolumeClaim.  name, key: what is asked for.

    key is empty where the whole object is missing.  near: a name (or key) that exists and is close to it, empty for none.
    reported: whether the cluster says so, not only the manifests.
    container: that asks for it, empty for a volume of the pod.
    """

    missing: str
    name: str
    key: str
    near: str
    container: str
    reported: bool


def reference_missing(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each thing that a workload asks for in vain."""
    told: set[tuple[str, str, str, str]] = set()
    for root, kind, name, key, things in (*asked_in_vain(observed), *_declared(observed)):
        mark = (str(root), kind, name, key)
        if mark not in told and (key or (str(root), kind, name) not in {m[:3] for m in told}):
            told.add(mark)
            yield _finding(root, (kind, name, key), things, observed)


@lru_cache(maxsize=2)
def asked_in_vain(observed: Observed) -> Sequence[tuple[ObjectRef, str, str, str, tuple[Object, ...]]]:
    """What events and waiting containers say is missing: who asks, kind, name, key, and what shows it."""
    return tuple(_asked_in_vain(observed))


def _asked_in_vain(observed: Observed) -> Iterator[tuple[ObjectRef, str, str, str, tuple[Object, ...]]]:
    for text, shown, thing, place in _said(observed):
        root = observed.root_of(place)
        things = (shown, thing) if thing is not None and thing is not shown else (shown,)
        if match := _ACCOUNT.search(text):
            yield root, "ServiceAccount", match["name"], "", things
        elif match := _NO_KEY.search(text):
            yield root, _KINDS[match["kind"].lower()], match["name"], match["key"], things
        elif match := _NO_KEYS.search(text):
            yield root, _KINDS[match["kind"]], _volume_source(thing, match["kind"], match["key"]), match["key"], things
        elif match := _NOT_FOUND.search(text):
            yield root, _KINDS[match["kind"].lower()], match["name"], "", things


def _said(observed: Observed) -> Iterator[tuple[str, Object, Object | None, Place]]:
    """The words that may tell of it, what they stand in, and the object and place of what they are about."""
    for event in observed.all("Event"):
        text = event_text(event)
        if _may_tell(text) and not is_past(event, observed.get(*about(event)), observed, _PAST):
            yield text, event, observed.get(*about(event)), about(event)
    for pod in observed.all("Pod"):
        for status in container_statuses(pod):
            message = str(((status.get("state") or {}).get("waiting") or {}).get("message"))
            if _may_tell(message):
                yield message, pod, pod, place_of(pod)


def _volume_source(thing: Object | None, kind: str, key: str) -> str:
    for volume in pod_spec(thing).get("volumes") or () if thing else ():
        source = volume.get("configMap" if kind == "config" else "secret") or {}
        if any(item.get("key") == key for item in source.get("items") or ()):
            return str(source.get("name") or source.get("secretName") or "")
    return ""


def _declared(observed: Observed) -> Iterator[tuple[ObjectRef, str, str, str, tuple[Object, ...]]]:
    """What manifests show: a name or key that is not among those of its kind in its namespace, where some of them are known."""
    for thing in workloads(observed):
        asked = [*references_of(thing)]
        _, namespace, _ = place_of(thing)
        runs = asked and counted(place_of(thing), observed) and whole(place_of(thing), observed)  # it was given what it asked for
        near = _SLIP if runs else _NEAR
        for kind, name, key in (*asked, *_claims(thing)):
            known = _known(observed, kind, namespace)
            have = observed.get(kind, namespace, name)
            near_one = have is None and known and get_close_matches(name, known, 1, near)
            absent = not runs and said_absent(kind, namespace, name, observed)
            if near_one or absent or (have is not None and key and _lacks(have, key)):
                yield observed.root(thing), kind, name, key if have is not None else "", (thing, *([have] if have else ()))


def _lacks(have: Object, key: str) -> bool:
    data = {**(have.get("data") or {}), **(have.get("binaryData") or {}), **(have.get("stringData") or {})}
    return bool(data) and key not in data


def _known(observed: Observed, kind: str, namespace: str) -> list[str]:
    return [name for name in (place_of(t)[2] for t in observed.all(kind, namespace)) if name not in ("kube-root-ca.crt", "default")]


def references_of(thing: Object) -> Iterator[tuple[str, str, str]]:
    """Kind, name and key of everything that must be there."""
    spec = pod_spec(thing)
    for volume in spec.get("volumes") or ():
        for kind, source, field in (("ConfigMap", volume.get("configMap"), "name"), ("Secret", volume.get("secret"), "secretName")):
            if source and not source.get("optional") and source.get(field):
                yield kind, str(source[field]), ""
                yield from ((kind, str(source[field]), str(item["key"])) for item in source.get("items") or () if item.get("key"))
    for _, container in containers(thing):
        yield from _asked_by(container)
    if spec.get("serviceAccountName") not in (None, "", "default"):
        yield "ServiceAccount", str(spec["serviceAccountName"]), ""


def _claims(thing: Object) -> Iterator[tuple[str, str, str]]:
    """The claims that its volumes name."""
    for volume in pod_spec(thing).get("volumes") or ():
        if name := (volume.get("persistentVolumeClaim") or {}).get("claimName"):
            yield "PersistentVolumeClaim", str(name), ""


def _asked_by(container: Mapping[str, Json]) -> Iterator[tuple[str, str, str]]:
    for source in container.get("envFrom") or ():
        for kind, field in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            reference = source.get(field) or {}
            if reference.get("name") and not reference.get("optional"):
                yield kind, str(reference["name"]), ""
    for variable in container.get("env") or ():
        for kind, field in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
            reference = (variable.get("valueFrom") or {}).get(field) or {}
            if reference.get("name") and not reference.get("optional"):
                yield kind, str(reference["name"]), str(reference.get("key") or "")


def _finding(root: ObjectRef, what: tuple[str, str, str], things: tuple[Object, ...], observed: Observed) -> Finding:
    kind, name, key = what
    have = observed.get(kind, root.namespace, name)
    keys = list((have or {}).get("data") or {}) if key else _known(observed, kind, root.namespace)
    near = next(iter(get_close_matches(key or name, [k for k in keys if k != (key or name)], 1, 0.6)), "")
    thing = observed.get(root.kind, root.namespace, root.name) or things[-1]
    asking = [str(c.get("name")) for _, c in containers(thing) if any(a[:2] == (kind, name) for a in _asked_by(c))]
    reported = any(t.get("kind") in ("Event", "Pod") for t in things)
    facts = ReferenceMissing(missing=kind, name=name, key=key, near=near, container=asking[0] if asking else "", reported=reported)
    exists = f"; {near} exists" if near else ""
    lacks = f"key {key} of {kind} {name}" if key else f"{kind} {name}"
    state = next((s["state"]["waiting"]["reason"] for p in observed.pods_of(root) for s in container_statuses(p)
                  if (s.get("state") or {}).get("waiting", {}).get("reason")), "")  # fmt: skip
    waits = f", its pods wait ({state})" if state else ""
    said = next((f'; "{event_text(t).strip()}"' for t in things if t.get("kind") == "Event"), "")
    shown = [observed.get("ConfigMap", root.namespace, near)] if near and kind == "ConfigMap" and not key else []
    text = f"{root.name} asks for {lacks}, which does not exist in namespace {root.namespace} (not found){exists}{waits}{said}"
    cites = dict.fromkeys((*observed.cites(*things, *(s for s in shown if s)), *(() if key else items_that_say(kind, name, observed))))
    return found("reference_missing", str(root), facts, text, tuple(cites))
