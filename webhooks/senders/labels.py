"""What an alert is about, by name: read off tags first, then off the words of its title and text."""

import re
from collections.abc import Iterable, Mapping

_LABEL_OF = {
    "kube_cluster_name": "cluster", "kubernetes_cluster": "cluster", "cluster_name": "cluster", "cluster-name": "cluster",
    "cluster": "cluster",
    "kube_namespace": "namespace", "kubernetes_namespace": "namespace", "namespace": "namespace",
    "pod_name": "pod", "kube_pod": "pod", "pod": "pod",
    "kube_deployment": "deployment", "deployment": "deployment",
    "kube_stateful_set": "statefulset", "statefulset": "statefulset",
    "kube_daemon_set": "daemonset", "daemonset": "daemonset",
    "kube_job": "job", "job": "job", "kube_cronjob": "cronjob", "cronjob": "cronjob",
    "kube_container_name": "container", "container_name": "container", "container": "container",
    "service": "service", "host": "host", "hostname": "host",
    "env": "env", "environment": "env", "team": "team",
}  # fmt: skip
_NOTHING = frozenset({"", "*", "n/a", "none", "null", "undefined"})
_LINK = r"(?:\s+|\s*[:=]\s*)[\"'`*]{0,3}"
_NAME = r"(?:[a-z0-9-]+/)?([a-z0-9]+(?:[-.][a-z0-9]+)+)"  # a bare word may be a verb; a name with a hyphen is a name
_NO_VERB = r"(?!(?:is|are|was|has|have|in|on|of|the|a|an|and|or|to|for|with|this|that)\b)"
_QUOTED = r"\s*[:=]?\s*[\"'`]([a-z0-9][a-z0-9.-]*)[\"'`]"

# In lower case, and each begins with a word of its own: `re` finds a literal fast.
_PROSE = {
    "pod": (re.compile(rf"pod{_QUOTED}"), re.compile(rf"pod{_LINK}{_NAME}")),
    "deployment": (re.compile(rf"deployment{_QUOTED}"), re.compile(rf"deployment{_LINK}{_NAME}")),
    "container": (re.compile(rf"container{_QUOTED}"), re.compile(rf"container{_LINK}{_NAME}")),
    "namespace": (re.compile(rf"namespace{_QUOTED}"), re.compile(rf"namespace{_LINK}{_NO_VERB}([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)")),
}
_WORKLOADS = ("pod", "deployment", "statefulset", "daemonset", "job", "cronjob")
_PROSE_LIMIT = 4_000  # characters: what is further down names other things


def labels_of(tags: Iterable[str], *prose: str) -> Mapping[str, str]:
    """Labels by the names of terms.Alert. The first `key:value` tag of a kind wins; words are read only where tags do not say enough."""
    labels: dict[str, str] = {}
    for tag in tags:
        key, _, value = tag.partition(":")
        label = _LABEL_OF.get(key.strip().lower())
        if label is not None and label not in labels:
            value = value.strip()
            if value.lower() not in _NOTHING:
                labels[label] = value
    if "namespace" not in labels or labels.keys().isdisjoint(_WORKLOADS):
        for text in prose:
            _read_prose(text[:_PROSE_LIMIT], labels)
    return labels


def _read_prose(text: str, labels: dict[str, str]) -> None:
    lowered = text.lower()
    for label, patterns in _PROSE.items():
        if label not in labels and label in lowered:
            found = next((match for pattern in patterns if (match := pattern.search(lowered))), None)
            if found:
                labels[label] = found[1].rstrip(".")
