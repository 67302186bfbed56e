"""Who may do what in the cluster: the bot, by the rules of its roles in a real one (deploy/kubernetes/access.yaml), and a developer."""

from collections.abc import Iterator

BOT = "system:serviceaccount:suture:suture"
DEVELOPER = "alice"  # the kubeconfig's current context, for kubectl and whoever tries the sandbox
VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")

READ = ("get", "list")
_RULES = (  # verbs, group, resources
    (READ, "", "pods pods/log events resourcequotas limitranges services persistentvolumeclaims serviceaccounts nodes persistentvolumes"),
    (("get",), "", "namespaces"),
    (READ, "", "configmaps"),
    (READ, "apps", "deployments replicasets statefulsets daemonsets"),
    (READ, "batch", "jobs cronjobs"),
    (READ, "autoscaling", "horizontalpodautoscalers"),
    (("list",), "discovery.k8s.io", "endpointslices"),
    (READ, "networking.k8s.io", "ingresses networkpolicies ingressclasses"),
    (READ, "policy", "poddisruptionbudgets"),
    (("list",), "storage.k8s.io", "storageclasses"),
    (("list",), "scheduling.k8s.io", "priorityclasses"),
    (("list",), "admissionregistration.k8s.io", "validatingwebhookconfigurations mutatingwebhookconfigurations"),
    (READ, "apiregistration.k8s.io", "apiservices"),
    (READ, "argoproj.io", "applications rollouts"),
    (READ, "kustomize.toolkit.fluxcd.io", "kustomizations"),
    (READ, "helm.toolkit.fluxcd.io", "helmreleases"),
    (READ, "source.toolkit.fluxcd.io", "gitrepositories ocirepositories helmrepositories"),
    (("list",), "autoscaling.k8s.io", "verticalpodautoscalers"),
    (("patch",), "apps", "deployments statefulsets daemonsets"),
    (("patch",), "batch", "cronjobs"),
    (("patch",), "", "services persistentvolumeclaims resourcequotas"),
    (("create", "patch"), "autoscaling", "horizontalpodautoscalers"),
)


def _granted() -> Iterator[tuple[str, str, str]]:
    for verbs, group, resources in _RULES:
        yield from ((verb, group, resource) for verb in verbs for resource in resources.split())


GRANTED = frozenset(_granted())
"""(verb, group, resource or resource/subresource), in every namespace."""


_OPERATORS = ("events", "nodes", "namespaces", "persistentvolumes", "storageclasses")
_INTO_PODS = ("exec", "attach", "portforward", "proxy")


def may(user: str, verb: str, group: str, resource: str) -> bool:
    """Whether this user's roles let them. resource: the plural, with the subresource after a slash."""
    if user == BOT:
        return (verb, group, resource) in GRANTED
    plural, _, subresource = resource.partition("/")
    reads = verb in ("get", "list", "watch")
    return plural != "secrets" and subresource not in _INTO_PODS and (reads or (verb in VERBS and plural not in _OPERATORS))
