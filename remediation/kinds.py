"""The Kubernetes kinds that Suture reads: group, version, plural and scope, and the short names that people type."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from remediation.errors import Refused, Unusable
from remediation.terms import ObjectRef

_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_NAMESPACE, _NAME = re.compile(_LABEL), re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LONGEST_NAMESPACE, _LONGEST_NAME = 63, 253  # characters


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind. group: empty for core. short: what kubectl calls it."""

    name: str
    group: str
    version: str
    plural: str
    namespaced: bool = True
    short: tuple[str, ...] = ()

    @cached_property
    def api_version(self) -> str:
        """As `apiVersion` of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "") -> str:
        """Where the API server keeps one object, or all of them when no name is given; of every namespace when none is given.

        Raises Unusable for a name that no object can have and that would lead elsewhere.
        """
        parts = [f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"]
        if self.namespaced and namespace:
            parts += ["namespaces", _segment(namespace)]
        return "/".join([*parts, self.plural, *([_segment(name)] if name else [])])


def _segment(name: str) -> str:
    """One part of a path. Names come from strangers: `../secrets` or `x?watch=true` must not become a request of their own."""
    if name in (".", "..") or "/" in name or "%" in name:
        raise Unusable(f"{name[:80]!r} is no name of a Kubernetes object.", "Check the name in the alert or the evidence.")
    return quote(name, safe=":")  # roles may be called `system:node`


def is_namespace(text: str) -> bool:
    """Whether a namespace can be called so (an RFC 1123 label)."""
    return len(text) <= _LONGEST_NAMESPACE and _NAMESPACE.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Whether a workload, a pod or a container can be called so (an RFC 1123 subdomain)."""
    return len(text) <= _LONGEST_NAME and _NAME.fullmatch(text) is not None


def _kinds(api_version: str, *rows: str, namespaced: bool = True) -> Sequence[Kind]:
    group, _, version = api_version.rpartition("/")
    return [
        Kind(name=name, group=group, version=version, plural=plural, namespaced=namespaced, short=tuple(short))
        for name, plural, *short in (row.split() for row in rows)
    ]


_ALL: Sequence[Kind] = (
    *_kinds(
        "v1", "Pod pods po", "Service services svc", "Endpoints endpoints ep", "ConfigMap configmaps cm", "Secret secrets",
        "Event events ev", "ServiceAccount serviceaccounts sa", "PersistentVolumeClaim persistentvolumeclaims pvc",
        "ResourceQuota resourcequotas quota", "LimitRange limitranges limits", "ReplicationController replicationcontrollers rc",
    ),
    *_kinds("v1", "Namespace namespaces ns", "Node nodes no", "PersistentVolume persistentvolumes pv",
            "ComponentStatus componentstatuses cs", namespaced=False),
    *_kinds("apps/v1", "Deployment deployments deploy", "ReplicaSet replicasets rs", "StatefulSet statefulsets sts",
            "DaemonSet daemonsets ds", "ControllerRevision controllerrevisions"),
    *_kinds("batch/v1", "Job jobs", "CronJob cronjobs cj"),
    *_kinds("autoscaling/v2", "HorizontalPodAutoscaler horizontalpodautoscalers hpa"),
    *_kinds("networking.k8s.io/v1", "Ingress ingresses ing", "NetworkPolicy networkpolicies netpol"),
    *_kinds("networking.k8s.io/v1", "IngressClass ingressclasses", namespaced=False),
    *_kinds("policy/v1", "PodDisruptionBudget poddisruptionbudgets pdb"),
    *_kinds("discovery.k8s.io/v1", "EndpointSlice endpointslices"),
    *_kinds("storage.k8s.io/v1", "StorageClass storageclasses sc", namespaced=False),
    *_kinds("rbac.authorization.k8s.io/v1", "Role roles", "RoleBinding rolebindings"),
    *_kinds("rbac.authorization.k8s.io/v1", "ClusterRole clusterroles", "ClusterRoleBinding clusterrolebindings", namespaced=False),
    *_kinds("scheduling.k8s.io/v1", "PriorityClass priorityclasses pc", namespaced=False),
    *_kinds("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration mutatingwebhookconfigurations",
            "ValidatingWebhookConfiguration validatingwebhookconfigurations", namespaced=False),
    *_kinds("apiregistration.k8s.io/v1", "APIService apiservices", namespaced=False),
    *_kinds("config.openshift.io/v1", "ClusterOperator clusteroperators co", namespaced=False),
    *_kinds("argoproj.io/v1alpha1", "Application applications app", "ApplicationSet applicationsets appset", "Rollout rollouts ro"),
    *_kinds("source.toolkit.fluxcd.io/v1", "GitRepository gitrepositories gitrepo", "OCIRepository ocirepositories ocirepo",
            "HelmRepository helmrepositories helmrepo"),
    *_kinds("autoscaling.k8s.io/v1", "VerticalPodAutoscaler verticalpodautoscalers vpa"),
    *_kinds("kustomize.toolkit.fluxcd.io/v1", "Kustomization kustomizations ks"),
    *_kinds("helm.toolkit.fluxcd.io/v2", "HelmRelease helmreleases hr"),
    *_kinds("metrics.k8s.io/v1beta1", "PodMetrics pods"),
)  # fmt: skip
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}


def kind_called(word: str) -> Kind | None:
    """The kind that a person calls so: `Deployment`, `deployments`, `deploy`, `deployment.apps`; None for one that Suture does not read."""
    lowered = word.lower().split(".")[0]
    return next((k for k in _ALL if lowered in {k.name.lower(), k.plural, *k.short} and k.name != "PodMetrics"), None)


def ref(kind: str, namespace: str, name: str) -> ObjectRef:
    """The reference to an object of a kind in `KINDS`. Raises KeyError."""
    known = KINDS[kind]
    return ObjectRef(group=known.group, kind=kind, namespace=namespace if known.namespaced else "", name=name)


def ref_called(target: str, namespace: str) -> ObjectRef:
    """`deployment/api` as a reference. Raises Refused not_found for a kind that Suture does not read."""
    word, _, name = target.partition("/")
    kind = kind_called(word)
    if kind is None or not name:
        raise Refused(f"{target!r} is no object that Suture reads.", "Write kind/name, such as deployment/api.", kind="not_found")
    return ref(kind.name, namespace or "default", name)
