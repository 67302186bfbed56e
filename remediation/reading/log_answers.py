"""Answers of log stores: Datadog, Loki, Elasticsearch, CloudWatch, Google's and others' entries by who wrote them, oldest first."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from remediation.reading.cell_values import stamp_of
from remediation.reading.documents import json_line
from remediation.terms import Json

_LISTS = ("logs", "data", "hits", "lines", "entries", "log_entries", "events", "items", "results", "records")
_INNER = ("attributes", "_source", "content", "fields")
_WORDS = ("message", "msg", "log", "line", "textPayload", "@message", "body", "MESSAGE")
_NAMES = {"pod": ("pod", "pod_name", "kube_pod", "kubernetes.pod_name", "kubernetes.pod.name", "kubernetes.pod", "resource.labels.pod_name",
                  "k8s.pod.name", "host"),
          "container": ("container", "container_name", "kube_container_name", "kubernetes.container_name", "kubernetes.container.name",
                        "resource.labels.container_name", "k8s.container.name"),
          "namespace": ("namespace", "kube_namespace", "namespace_name", "kubernetes.namespace_name", "kubernetes.namespace",
                        "resource.labels.namespace_name", "k8s.namespace.name"),
          "service": ("service", "app", "kube_deployment", "kubernetes.deployment.name", "kubernetes.labels.app",
                      "service.name")}  # fmt: skip
_DEEPEST = 3


def log_texts(document: Json) -> Iterator[tuple[dict[str, str], Sequence[str]]]:
    """The logs that an answer holds: labels (pod, container, namespace, service) and lines."""
    if not isinstance(document, Mapping):
        yield from _grouped(_entries(document))
        return
    for key in _LISTS:
        value = document.get(key)
        if isinstance(value, str) and key in ("logs", "data"):
            yield _labels(document), value.splitlines()
        elif isinstance(value, list) and value and all(isinstance(one, str) for one in value):
            yield _labels(document), [str(one) for one in value]
        elif (entries := _entries(value)) and not (key in ("events", "items") and any("reason" in one for one in entries)):
            yield from _grouped(entries)
        elif isinstance(value, Mapping):
            yield from _streams(value) if "result" in value else log_texts(value)


def _entries(value: Json) -> Sequence[Mapping[str, Json]]:
    """The entries of a list in which all are some with words; of any other none."""
    entries = [one for one in value if isinstance(one, Mapping) and _message(one)] if isinstance(value, list) else []
    return entries if entries and len(entries) == len(value) else ()


def _streams(data: Mapping[str, Json]) -> Iterator[tuple[dict[str, str], Sequence[str]]]:
    for one in data["result"] if isinstance(data["result"], list) else ():
        if isinstance(one, Mapping) and isinstance(one.get("stream"), Mapping):
            values = one.get("values")
            told = [value for value in values if isinstance(value, list) and value[1:]] if isinstance(values, list) else []
            yield _labels(one["stream"]), [str(line) for _, line, *_ in told]


def _grouped(entries: Sequence[Mapping[str, Json]]) -> Iterator[tuple[dict[str, str], Sequence[str]]]:
    """Entries of one answer by who wrote them, oldest first."""
    groups: dict[tuple[tuple[str, str], ...], list[tuple[str, str]]] = {}
    for entry in entries:
        inner = _inner(entry)
        at = str(next((inner[key] for key in ("timestamp", "@timestamp", "time", "receiveTimestamp") if inner.get(key)), ""))
        stamp = (stamp_of(at) or at) if at.isdecimal() else at
        message = _payload(inner) or _message(entry)
        text = " ".join(part for part in (stamp, "" if message.startswith("{") else _level(inner), message) if part)
        groups.setdefault(tuple(sorted(_labels(inner).items())), []).append((at, text))
    for labels, texts in groups.items():
        yield dict(labels), [line for _, text in sorted(texts, key=lambda pair: pair[0]) for line in text.splitlines()]


def _inner(entry: Mapping[str, Json]) -> Mapping[str, Json]:
    """What an entry says, beside what its store adds."""
    inner = next((entry[key] for key in _INNER if entry.get(key)), entry)
    return {**inner, **{key: value for key, value in entry.items() if key not in inner}} if isinstance(inner, Mapping) else entry


def _payload(inner: Mapping[str, Json]) -> str:
    """What an entry of Google's says in fields, as the JSON that its program wrote, with the entry's severity."""
    payload = inner.get("jsonPayload")
    if not isinstance(payload, Mapping) or len(payload) < 2:  # noqa: PLR2004 - a message alone is words
        return ""
    return msgspec.json.encode({"severity": str(inner.get("severity") or ""), **payload}).decode()


def _level(inner: Mapping[str, Json]) -> str:
    log = inner.get("log")
    told = inner.get("status") or inner.get("level") or inner.get("severity") or inner.get("log.level")
    return str(told or (log.get("level") if isinstance(log, Mapping) else "") or "").upper()


def _message(entry: Mapping[str, Json]) -> str:
    inner = next((entry[key] for key in _INNER if entry.get(key)), entry)
    if not isinstance(inner, Mapping):
        return ""
    payload = inner.get("jsonPayload")
    words = next((inner[key] for key in _WORDS if isinstance(inner.get(key), str)), "")
    if not words and isinstance(payload, Mapping):
        words = next((payload[key] for key in _WORDS if isinstance(payload.get(key), str)), "")
    return str(words)


def _labels(entry: Mapping[str, Json]) -> dict[str, str]:
    """Who wrote an entry; as the collector on the node added it to the words, where the store does not say."""
    tags = dict(str(tag).split(":", 1) for tag in entry.get("tags") or () if ":" in str(tag)) if isinstance(entry.get("tags"), list) else {}
    words = str(entry.get("message") or entry.get("@message") or "")
    read = json_line(words) if '"kubernetes"' in words else None
    flat = {**dict(_flat(read or {}, "", 0)), **tags, **dict(_flat(entry, "", 0))}
    return {name: next((flat[key] for key in keys if key in flat), "") for name, keys in _NAMES.items()}


def _flat(entry: Mapping[str, Json], before: str, depth: int) -> Iterator[tuple[str, str]]:
    """Every text below an entry by its way there; what stands in `kubernetes` or `labels` by its own name too."""
    for key, value in entry.items():
        if isinstance(value, Mapping) and depth < _DEEPEST:
            yield from _flat(value, f"{before}{key}.", depth + 1)
        elif isinstance(value, str):
            yield f"{before}{key}", value
            if before in ("kubernetes.", "labels."):
                yield key, value
