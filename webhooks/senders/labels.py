"""What an alert is about, by name: read off tags first, then off the words of its title and text."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from remediation.correlate import POD_OF_DEPLOYMENT
from remediation.kinds import is_name, is_namespace

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
_UNFILLED = re.compile(r"\$[A-Z]|\{\{")  # a variable that the sender left as it was
_OBJECTS = frozenset({"pod", "deployment", "statefulset", "daemonset", "job", "cronjob", "container"})
_WORKLOADS = _OBJECTS - {"container"}

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
# A name of which every part is one of these is prose: `roll-out`, `crash-looping`, `zero-downtime`.
_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        """
    auto back based check checks cpu crash crashed crashing cycle day down downtime end error errors event events first
    for fully half health high image in just key last level life live long loop loops looping low memory multi newly non
    not of off on out over per phase point post pre pull rate re read ready related restart restarted restarts roll
    rolled rolling rollout running scale scaled scaling self service short side single specific stand start started
    state stuck term the time to un up wide zero
""",
    )
)
_PROSE_LIMIT = 4_000  # characters: what is further down names other things


def labels_of(tags: Iterable[str], *prose: str) -> Mapping[str, str]:
    """Labels by the names of terms.Alert. The first `key:value` tag of a kind wins; words are read only where tags do not say enough.

    Kubernetes things have names that Kubernetes allows: whatever else stands there is no label.
    """
    labels: dict[str, str] = {}
    for tag in tags:
        label, value = _label(tag)
        if label:
            labels.setdefault(label, value)
    named = not labels.keys().isdisjoint(_WORKLOADS)
    if not named or "namespace" not in labels:
        texts = [text[:_PROSE_LIMIT].lower() for text in prose]
        said = {label: found for label in ("namespace", "container") if (found := _first_said(label, texts))}
        labels = {**said, **({} if named else _workload_said(texts)), **labels}
    return labels


@lru_cache(maxsize=4_000)  # the tags of a cluster come again and again
def _label(tag: str) -> tuple[str, str]:
    """Label and value; two empty texts for a tag that says nothing of what we know."""
    key, _, value = tag.partition(":")
    label, value = _LABEL_OF.get(key.strip().lower(), ""), value.strip()
    return (label, value) if label and _names(label, value) else ("", "")


def _names(label: str, value: str) -> bool:
    if value.lower() in _NOTHING or _UNFILLED.match(value):
        return False
    if label == "namespace":
        return is_namespace(value)
    return label not in _OBJECTS or is_name(value)


def _first_said(label: str, texts: Iterable[str]) -> str:
    """The one name that the first text with any gives; none where it gives several."""
    said = next((names for text in texts if (names := _said(label, text))), set())
    return said.pop() if len(said) == 1 else ""


def _workload_said(texts: Sequence[str]) -> dict[str, str]:
    """The pod or the deployment that all of the words agree on; a full pod name beats a deployment, which may only be given as advice.

    Empty where they contradict each other: a runbook's sentence must not decide what is broken.
    """
    pods, deployments = ({name for text in texts for name in _said(label, text)} for label in ("pod", "deployment"))
    full = {name: match["name"] for name in sorted(pods) if (match := POD_OF_DEPLOYMENT.fullmatch(name))}
    if full:
        return {"pod": next(iter(full))} if len(set(full.values())) == 1 else {}
    if len(deployments) > 1 or (not deployments and len(pods) > 1):
        return {}
    deployment = next(iter(deployments), "")
    if not all(pod == deployment or pod.startswith(f"{deployment}-") for pod in pods if deployment):
        return {}
    return {label: names.pop() for label, names in (("deployment", deployments), ("pod", pods)) if len(names) == 1}


def _said(label: str, text: str) -> set[str]:
    """The names that a text in lower case gives behind the word for such a thing."""
    if label not in text:
        return set()
    found = {match[1].rstrip(".") for pattern in _PROSE[label] for match in pattern.finditer(text)}
    return {name for name in found if _names(label, name) and not _WORDS.issuperset(re.split("[-.]", name))}
