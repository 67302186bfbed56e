"""What analysers of a cluster found, in JSON: k8sgpt's results and Popeye's issues, each said as the event or the object that shows it."""

import re
from collections.abc import Iterator, Mapping

from remediation.kinds import kind_called
from remediation.reading.export import Export
from remediation.reading.foreign import flat, unlimited
from remediation.reading.listed_events import made_event
from remediation.reading.merging import DESCRIBED, ROW
from remediation.terms import Json

_REASONS = tuple((reason, re.compile(words)) for reason, words in (
    ("FailedScheduling", r"nodes are available|didn't trigger scale-up"),
    ("Failed", r"[Ff]ailed to pull|ErrImagePull|pull access denied|manifest (?:for \S+ |unknown)|InvalidImageName"),
    ("BackOff", r"[Bb]ack-?off "),
    ("Unhealthy", r"probe failed"),
    ("FailedMount", r"MountVolume|mount volumes"),
    ("ProvisioningFailed", r"storageclass\S* \"[^\"]{1,253}\" not found"),
    ("FailedCreate", r"is forbidden: |[Ee]rror creating: "),
    ("Failed", r"(?:secret|configmap)s? \"[^\"]{1,253}\" not found|couldn't find key"),
))  # fmt: skip
_ENDED = re.compile(
    r"last termination reason is (?P<reason>[A-Z]\w{2,40})(?: container=(?P<container>[\w.-]{1,253}))?(?: pod=(?P<pod>[\w.-]{1,253}))?"
)
_NO_ENDPOINTS = re.compile(r"has no endpoints, expected label (?P<label>[\w./-]{1,253}=[\w.-]{0,63})|POP-110[05]")
_AVAILABLE = re.compile(r"POP-501\] \D{0,30}(?P<wanted>\d{1,6}) desired but have (?P<have>\d{1,6})")
_ZERO = re.compile(r"POP-500\]")
_UNHAPPY = re.compile(r"POP-207\] \D{0,60}\((?P<phase>[A-Z]\w{2,40})\)")


def add_analysed(export: Export, document: Mapping[str, Json]) -> bool:
    """The complaints of an analyser's answer; whether it is one."""
    complaints = [*_of_k8sgpt(document), *_of_popeye(document)]
    for kind, namespace, name, text in complaints:
        _add(export, {"kind": kind, "namespace": namespace, "name": name}, text)
    return bool(complaints)


def _of_k8sgpt(document: Mapping[str, Json]) -> Iterator[tuple[str, str, str, str]]:
    results = document.get("results")
    for one in results if isinstance(results, list) else ():
        errors = one.get("error") if isinstance(one, Mapping) else None
        for error in errors if isinstance(errors, list) else ():
            if isinstance(error, Mapping) and isinstance(error.get("Text"), str):
                namespace, _, name = str(one.get("name") or "").rpartition("/")
                yield _kind(str(one.get("kind") or "")), namespace, name, error["Text"]


def _of_popeye(document: Mapping[str, Json]) -> Iterator[tuple[str, str, str, str]]:
    popeye = document.get("popeye")
    sections = (popeye.get("sections") or popeye.get("sanitizers")) if isinstance(popeye, Mapping) else None
    for section in sections if isinstance(sections, list) else ():
        issues = section.get("issues") if isinstance(section, Mapping) else None
        for place, listed in issues.items() if isinstance(issues, Mapping) else ():
            namespace, _, name = str(place).rpartition("/")
            for issue in listed if isinstance(listed, list) else ():
                if isinstance(issue, Mapping) and isinstance(issue.get("message"), str):
                    yield _kind(str(section.get("linter") or section.get("sanitizer") or "")), namespace, name, issue["message"]


def _kind(word: str) -> str:
    known = kind_called(word)
    return known.name if known is not None else word


def _add(export: Export, about: Mapping[str, str], text: str) -> None:
    export.told.append(f"{about['kind']} {about['namespace']}/{about['name']}: {text}")
    place = {"metadata": {"namespace": about["namespace"], "name": about["name"]}}
    if (ended := _ENDED.search(text)) is not None:
        pod = {"name": ended["pod"] or about["name"], "namespace": about["namespace"]}
        last = {"name": ended["container"] or "", "restart_count": 1, "last_state": {"terminated": {"reason": ended["reason"]}}}
        export.add_object(unlimited(flat("Pod", {**pod, "containers": [last]})), rank=DESCRIBED)
    elif (unserved := _NO_ENDPOINTS.search(text)) is not None:
        selector = dict([unserved["label"].split("=", 1)]) if unserved["label"] else {}
        export.add_object({"apiVersion": "v1", "kind": "Service", **place, "spec": {"selector": selector}}, rank=ROW)
        export.add_object({"apiVersion": "v1", "kind": "Endpoints", **place, "subsets": []}, rank=ROW)
    elif (short := _AVAILABLE.search(text)) is not None:
        told = {"replicas": int(short["wanted"]), "ready": int(short["have"]), "available": int(short["have"])}
        export.add_object(flat("Deployment", {"namespace": about["namespace"], "name": about["name"], **told}), rank=ROW)
    elif _ZERO.search(text) is not None:
        export.add_object(flat("Deployment", {"namespace": about["namespace"], "name": about["name"], "replicas": 0}), rank=ROW)
    elif (unhappy := _UNHAPPY.search(text)) is not None:
        export.add_object(flat("Pod", {"namespace": about["namespace"], "name": about["name"], "phase": unhappy["phase"]}), rank=ROW)
    elif reason := next((reason for reason, words in _REASONS if words.search(text)), ""):
        row = {"TYPE": "Warning", "REASON": reason, "MESSAGE": text}
        export.add_object(made_event(about, about["namespace"], row, ("", 1)), rank=ROW)
