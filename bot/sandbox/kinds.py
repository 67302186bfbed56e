"""The kinds of objects that the sandbox's cluster knows, those of Argo CD and Flux among them, and where each lives in the API."""

from __future__ import annotations

from dataclasses import dataclass

GROUP_PARTS = 2
ANYTHING = "object"  # the schema of a custom resource, whose definition is not looked into


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind. `model` is its class in the Kubernetes client, whose schema is the apiserver's own."""

    api_version: str
    kind: str
    plural: str
    model: str
    namespaced: bool = True
    short: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The API group, empty for core."""
        return self.api_version.split("/")[0] if "/" in self.api_version else ""

    @property
    def custom(self) -> bool:
        """Whether a CustomResourceDefinition made it."""
        return self.model == ANYTHING

    @property
    def resource(self) -> str:
        """The name that errors use: `deployments.apps`, `pods`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified(self) -> str:
        """The kind as errors use it: `Deployment.apps`, `Pod`."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


def _kind(api_version: str, kind: str, plural: str, model: str = "", *short: str, namespaced: bool = True) -> Kind:
    model = model or f"V1{kind}"
    return Kind(api_version=api_version, kind=kind, plural=plural, model=model, namespaced=namespaced, short=short)


KINDS: tuple[Kind, ...] = (
    _kind("v1", "Pod", "pods", "", "po"),
    _kind("v1", "Service", "services", "", "svc"),
    _kind("v1", "Endpoints", "endpoints", "", "ep"),
    _kind("v1", "ConfigMap", "configmaps", "", "cm"),
    _kind("v1", "Secret", "secrets"),
    _kind("v1", "Event", "events", "CoreV1Event", "ev"),
    _kind("v1", "ServiceAccount", "serviceaccounts", "", "sa"),
    _kind("v1", "PersistentVolumeClaim", "persistentvolumeclaims", "", "pvc"),
    _kind("v1", "ResourceQuota", "resourcequotas", "", "quota"),
    _kind("v1", "LimitRange", "limitranges", "", "limits"),
    _kind("v1", "Namespace", "namespaces", "", "ns", namespaced=False),
    _kind("v1", "Node", "nodes", "", "no", namespaced=False),
    _kind("v1", "PersistentVolume", "persistentvolumes", "", "pv", namespaced=False),
    _kind("apps/v1", "Deployment", "deployments", "", "deploy"),
    _kind("apps/v1", "ReplicaSet", "replicasets", "", "rs"),
    _kind("apps/v1", "StatefulSet", "statefulsets", "", "sts"),
    _kind("apps/v1", "DaemonSet", "daemonsets", "", "ds"),
    _kind("batch/v1", "Job", "jobs"),
    _kind("batch/v1", "CronJob", "cronjobs", "", "cj"),
    _kind("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", "V2HorizontalPodAutoscaler", "hpa"),
    _kind("networking.k8s.io/v1", "Ingress", "ingresses", "", "ing"),
    _kind("networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", "", "netpol"),
    _kind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", "", "pdb"),
    _kind("discovery.k8s.io/v1", "EndpointSlice", "endpointslices"),
    _kind("events.k8s.io/v1", "Event", "events", "EventsV1Event", "ev"),
    _kind("storage.k8s.io/v1", "StorageClass", "storageclasses", "", "sc", namespaced=False),
    _kind("argoproj.io/v1alpha1", "Application", "applications", ANYTHING, "app", "apps"),
    _kind("argoproj.io/v1alpha1", "ApplicationSet", "applicationsets", ANYTHING, "appset", "appsets"),
    _kind("apiregistration.k8s.io/v1", "APIService", "apiservices", namespaced=False),
    _kind("argoproj.io/v1alpha1", "AppProject", "appprojects", ANYTHING, "appproj"),
    _kind("source.toolkit.fluxcd.io/v1", "GitRepository", "gitrepositories", ANYTHING, "gitrepo"),
    _kind("source.toolkit.fluxcd.io/v1", "OCIRepository", "ocirepositories", ANYTHING, "ocirepo"),
    _kind("source.toolkit.fluxcd.io/v1", "HelmRepository", "helmrepositories", ANYTHING, "helmrepo"),
    _kind("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "kustomizations", ANYTHING, "ks"),
    _kind("helm.toolkit.fluxcd.io/v2", "HelmRelease", "helmreleases", ANYTHING, "hr"),
    _kind("networking.k8s.io/v1", "IngressClass", "ingressclasses", namespaced=False),
    _kind("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", namespaced=False),
    _kind("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", namespaced=False),
)
BY_TYPE = {(kind.api_version, kind.kind): kind for kind in KINDS}
BY_PATH = {(kind.api_version, kind.plural): kind for kind in KINDS}


def kind_named(name: str) -> Kind:
    """The kind of this name; of the two `Event`s the core one."""
    return next(kind for kind in KINDS if kind.kind == name)
