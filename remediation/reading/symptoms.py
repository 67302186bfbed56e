"""What somebody complains of: an alert in whichever shape, or a question; its words, and the place that it names."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from remediation.reading.documents import documents
from remediation.terms import Alert, Json

_LABELS = ("labels", "commonLabels", "subject", "groupLabels", "annotations", "commonAnnotations", "tags")
_WORDS = {"namespace": ("namespace", "kube_namespace", "subject_namespace", "exported_namespace", "namespace_name"),
          "pod": ("pod", "kube_pod", "pod_name", "kube_pod_name"), "container": ("container", "kube_container", "container_name"),
          "deployment": ("deployment", "kube_deployment"), "statefulset": ("statefulset", "kube_stateful_set"),
          "daemonset": ("daemonset", "kube_daemon_set"), "job": ("job_name", "kube_job"), "node": ("node", "kube_node"),
          "service": ("service",), "persistentvolumeclaim": ("persistentvolumeclaim",),
          "hpa": ("horizontalpodautoscaler", "hpa")}  # fmt: skip
_NO_NAMES = frozenset(
    {"the", "in", "this", "that", "our", "my", "a", "of", "is", "same", "which", "each", "every", "all", "and", "any", "default-",
     "at", "into", "to", "from", "on", "for", "with", "within", "inside", "under", "across", "throughout", "per", "by", "or", "its", "your",
     "their", "one", "other", "another", "whole", "entire", "own", "new", "given", "affected", "following", "single", "kubernetes",
     "are", "was", "has", "where", "there", "it", "an", "no", "not", "named", "called"}
)  # fmt: skip
_NAMED = re.compile(
    r"(?:(?<![\w-])(?P<before>[a-z0-9][a-z0-9-]{0,62})[`'\"]? )?\bnamespace(?:(?P<mark>[ :=`'\"]+)(?P<after>[a-z0-9][a-z0-9-]{0,62}))?|"
    r"\s-n (?P<flag>[a-z0-9][a-z0-9-]{1,62})"
)
_LONGEST = 20_000
_ENVELOPES = ("alerts", "alert", "data", "event", "incident", "payload", "essentials", "issue", "problem", "monitor")
_DEEPEST = 3


@dataclass(frozen=True, kw_only=True)
class Symptom:
    """title: a line.  text: everything that was said.  labels: places that it names, as an `Alert` has them.  asked: the question."""

    title: str = ""
    text: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""
    at: datetime | None = None

    @property
    def namespace(self) -> str:
        """The namespace that it names, empty where it names none."""
        return self.labels.get("namespace", "")


def symptom_of(texts: Sequence[str], question: str, at: datetime) -> Symptom:
    """The symptom that alerts or questions in files and a question of the command line make together."""
    found = [document for text in texts for document in (documents(text) or (text,))]
    labels: dict[str, str] = {}
    strings: list[str] = [question] if question else []
    asked = question
    title = question
    for document in found:
        if isinstance(document, Mapping):
            labels = {**_labels(document), **labels}
            asked = asked or _first(document, ("question", "query_text"))
            title = title or _title_of(document)
        strings += list(_strings(document))
    text = "\n".join(dict.fromkeys(strings))[:_LONGEST]
    if "namespace" not in labels and (named := _namespace_in(text)):
        labels["namespace"] = named
    return Symptom(title=title, text=text, labels=labels, asked=asked, at=at)


def as_alert(symptom: Symptom, at: datetime) -> Alert:
    """The symptom as the way of an incident knows it."""
    return Alert(alert_id="explained", source="files", cycle="", state="firing", transition="", title=symptom.title, text=symptom.text,
                 started_at=at, labels=symptom.labels)  # fmt: skip


def _first(document: Mapping[str, Json], keys: Sequence[str]) -> str:
    return next((str(document[key]) for key in keys if isinstance(document.get(key), str) and document[key]), "")


def _title_of(document: Mapping[str, Json], depth: int = 0) -> str:
    """What an alert is called: by itself, by its labels, else by the first alert in it, as groups and envelopes hold them."""
    own = _first(document, ("title", "question", "alertname", "name", "summary", "event_type"))
    labels = [inner for key in _LABELS if isinstance(inner := document.get(key), Mapping)]
    called = next((told for inner in labels if (told := _first(inner, ("alertname",)))), "")
    if own or called or depth >= _DEEPEST:
        return own or called
    held = [inner[0] if isinstance(inner, list) and inner else inner for key in _ENVELOPES if (inner := document.get(key))]
    return next((told for one in held if isinstance(one, Mapping) and (told := _title_of(one, depth + 1))), "")


def _labels(document: Mapping[str, Json], depth: int = 0) -> dict[str, str]:
    """Places that an alert names, in its own labels or in those of the alerts in it."""
    flat = {key: value for key, value in document.items() if isinstance(value, str)}
    for key in _LABELS:
        inner = document.get(key)
        if isinstance(inner, Mapping):
            flat |= {name: value for name, value in inner.items() if isinstance(value, str)}
        elif isinstance(inner, list):
            flat |= dict(str(tag).split(":", 1) for tag in inner if isinstance(tag, str) and ":" in tag)
        elif isinstance(inner, str) and key == "tags":
            flat |= dict(tag.strip().split(":", 1) for tag in inner.split(",") if ":" in tag)
    found = {label: flat[key] for label, keys in _WORDS.items() for key in keys if flat.get(key)}
    found |= _of_subject(flat)
    if depth < 2:  # noqa: PLR2004 - an alert in a group in an envelope
        for inner in document.values():
            for one in inner if isinstance(inner, list) else [inner]:
                if isinstance(one, Mapping):
                    found = {**_labels(one, depth + 1), **found}
    return found


def _of_subject(flat: Mapping[str, str]) -> dict[str, str]:
    """`name` with `kind` or `subject_type`, and a workload with its type, as some tools write them."""
    kind = (flat.get("kind") or flat.get("subject_type") or flat.get("workload_type") or flat.get("resource_type") or "").lower()
    name = flat.get("subject_name") or flat.get("workload_name") or flat.get("resource_name") or (flat.get("name") if kind else "")
    return {kind: name} if kind and name else {}


def _strings(document: Json, depth: int = 0) -> Iterator[str]:
    if isinstance(document, str):
        if len(document) > 1 and not document.startswith(("http://", "https://")):
            yield document
    elif depth < 8:  # noqa: PLR2004 - deeper nobody writes what is wrong
        below = document.values() if isinstance(document, Mapping) else document if isinstance(document, list) else ()
        for value in below:
            yield from _strings(value, depth + 1)


def _namespace_in(text: str) -> str:
    """The first namespace that words name; empty for none."""
    return next(filter(None, map(_one_named, _NAMED.finditer(text))), "")


def _one_named(match: re.Match[str]) -> str:
    """The word before or after `namespace`, whichever is a name: the later one where it is written as one."""
    before, after = ("" if word is None or word in _NO_NAMES else word.rstrip("-") for word in (match["before"], match["after"]))
    written = bool(after) and (match["mark"] != " " or "-" in after or any(map(str.isdigit, after)))
    return str(match["flag"] or (after if written and "-" not in before else before or after))
