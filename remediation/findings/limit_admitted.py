"""Who set a memory limit that a pod has and its workload's template has not: the webhooks that may change pods of its namespace."""

from collections.abc import Sequence

from remediation.findings.finding import Container
from remediation.graph import labels_of, picks
from remediation.observed import Object, Observed, place_of
from remediation.workloads import containers


def limit_set_by(container: Container, observed: Observed) -> Sequence[Object]:
    """The MutatingWebhookConfigurations that may have; none where the template gives a limit or is not wholly shown."""
    workload = observed.get(container.workload.kind, container.workload.namespace, container.workload.name) or {}
    own = next((inside for _, inside in containers(workload) if inside.get("name") == container.name), {})
    if container.workload.kind == "Pod" or "resources" not in own or (own["resources"] or {}).get("limits"):
        return ()
    if any(observed.all("LimitRange", container.workload.namespace)):
        return ()
    return [config for config in observed.all("MutatingWebhookConfiguration") if _changes(config, container.pod, observed)]


def _changes(config: Object, pod: Object, observed: Observed) -> bool:
    """Whether a webhook of it is asked about such a pod."""
    namespace = place_of(pod)[1]
    known = (observed.get("Namespace", "", namespace) or {}).get("metadata") or {}
    labels = {"kubernetes.io/metadata.name": namespace, **(known.get("labels") or {})}
    return any(
        any(_is_of_new_pods(rule) for rule in webhook.get("rules") or ())
        and picks(webhook.get("namespaceSelector") or {}, labels)
        and picks(webhook.get("objectSelector") or {}, labels_of(pod))
        for webhook in config.get("webhooks") or ()
    )


def _is_of_new_pods(rule: Object) -> bool:
    resources, operations = set(rule.get("resources") or ()), set(rule.get("operations") or ())
    return bool(resources & {"pods", "*", "*/*"} and operations & {"CREATE", "*"})
