"""Whose a metric is: the container, the pod, the workload and the namespace that its labels name, as Prometheus and Datadog call them."""

from collections.abc import Sequence

from remediation.observed import Object, place_of
from remediation.terms import Series

_CONTAINER = ("kube_container_name", "container_name", "container")  # Datadog's, Datadog's older, Prometheus'
_POD = ("pod_name", "pod")
_WORKLOAD = ("kube_deployment", "kube_stateful_set", "kube_daemon_set", "deployment", "statefulset", "daemonset")
_NAMESPACE = ("kube_namespace", "namespace")


def container_of(series: Series) -> str | None:
    """The container that it names, empty for a whole pod's as cgroups count it; None where no label is for one."""
    return _first(series, _CONTAINER)


def pod_of(series: Series) -> str:
    """The pod that it names, empty for none."""
    return _first(series, _POD) or ""


def namespace_of(series: Series) -> str:
    """The namespace that it names, empty for none."""
    return _first(series, _NAMESPACE) or ""


def workload_of(series: Series) -> str:
    """The workload that it names, empty for none."""
    return _first(series, _WORKLOAD) or ""


def names_pod(series: Series, pod: Object) -> bool:
    """Whether it is this pod's by name, and of no other namespace."""
    _, namespace, name = place_of(pod)
    return pod_of(series) == name and namespace_of(series) in ("", namespace)


def _first(series: Series, labels: Sequence[str]) -> str | None:
    return next((series.labels[label] for label in labels if label in series.labels), None)
