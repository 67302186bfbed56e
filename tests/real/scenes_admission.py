"""What the server refuses when controllers make pods, and when people apply: quotas, ranges, accounts, standards, classes."""

from tests.real.scenes import Object, Scene, asking, deployment, made, node, quota, service

_ONE = (node("worker-04"),)
_RUNS = r"deployment.apps/\S+ +(\d+)/\1 "
_RESTRICTED = made("Namespace", "vault", metadata={"labels": {"pod-security.kubernetes.io/enforce": "restricted"}})
_HARDENED = {
    "securityContext": {
        "allowPrivilegeEscalation": False, "runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
    }
}  # fmt: skip
_RANGE = made(
    "LimitRange", "container-bounds", "lab", spec={"limits": [{"type": "Container", "max": {"memory": "512Mi"}, "default": {"memory": "256Mi"}}]}
)


def _gate(policy: str) -> Object:
    """A webhook of pods whose service is not there. policy: Fail or Ignore."""
    webhook = {
        "name": "gate.policy.example.net", "admissionReviewVersions": ["v1"], "sideEffects": "None", "failurePolicy": policy, "timeoutSeconds": 2,
        "clientConfig": {"service": {"namespace": "policy", "name": "gate", "port": 443}},
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "orders"}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}],
    }  # fmt: skip
    return made("ValidatingWebhookConfiguration", "policy-gate", api="admissionregistration.k8s.io/v1", webhooks=[webhook])


SCENES = (
    Scene(
        name="real-quota-memory", question="checkout has one pod instead of three", namespace="retail", nodes=_ONE,
        objects=(quota("retail", requests_memory="3Gi"), deployment("checkout", "retail", 3, container=asking(cpu="100m", memory="2Gi"))),
        until="exceeded quota", fix_kind="raise_quota", mention=("checkout", "team-share", "memory"), subject="Deployment/retail/checkout",
    ),
    Scene(
        name="real-quota-memory-twin-room", question="checkout has one pod instead of three", namespace="retail", nodes=_ONE,
        objects=(quota("retail", requests_memory="8Gi"), deployment("checkout", "retail", 3, container=asking(cpu="100m", memory="2Gi"))), until=_RUNS,
    ),
    Scene(
        name="real-quota-pods", question="crawler does not reach its size", namespace="search", nodes=_ONE,
        objects=(quota("search", pods="2"), deployment("crawler", "search", 4)), until="exceeded quota",
        fix_kind="raise_quota", mention=("crawler", "team-share", "pods"), subject="Deployment/search/crawler",
    ),
    Scene(
        name="real-quota-pods-twin-enough", question="crawler does not reach its size", namespace="search", nodes=_ONE,
        objects=(quota("search", pods="9"), deployment("crawler", "search", 4)), until=_RUNS,
    ),
    Scene(
        name="real-quota-must-specify", question="no pods of reporter", namespace="insight", nodes=_ONE,
        objects=(quota("insight", limits_cpu="8", limits_memory="16Gi"), deployment("reporter", "insight")), until="must specify",
        fix_kind="add_resource_limits", mention=("reporter", "limits.memory"), subject="Deployment/insight/reporter",
    ),
    Scene(
        name="real-quota-must-specify-twin-set", question="no pods of reporter", namespace="insight", nodes=_ONE,
        objects=(quota("insight", limits_cpu="8", limits_memory="16Gi"), deployment("reporter", "insight", container=asking(cpu="1", memory="1Gi"))), until=_RUNS,
    ),
    Scene(
        name="real-limit-range", question="simulator is not created", namespace="lab", nodes=_ONE,
        objects=(_RANGE, deployment("simulator", "lab", container=asking(memory="2Gi"))), until="maximum memory usage per Container",
        fix_kind="change_resource_request", mention=("simulator", "512Mi"), subject="Deployment/lab/simulator",
    ),
    Scene(
        name="real-limit-range-twin-below", question="simulator is not created", namespace="lab", nodes=_ONE,
        objects=(_RANGE, deployment("simulator", "lab", container=asking(memory="300Mi"))), until=_RUNS,
    ),
    Scene(
        name="real-service-account", question="deployer shows 0 of 1", namespace="platform", nodes=_ONE,
        objects=(deployment("deployer", "platform", serviceAccountName="deploy-bot"),), until="error looking up service account",
        fix_kind="fix_service_account", mention=("deployer", "deploy-bot"), subject="Deployment/platform/deployer",
    ),
    Scene(
        name="real-service-account-twin-there", question="deployer shows 0 of 1", namespace="platform", nodes=_ONE,
        objects=(made("ServiceAccount", "deploy-bot", "platform"), deployment("deployer", "platform", serviceAccountName="deploy-bot")), until=_RUNS,
    ),
    Scene(
        name="real-pod-security", question="signer has no pods", namespace="vault", nodes=_ONE,
        objects=(_RESTRICTED, deployment("signer", "vault")), until="violates PodSecurity",
        fix_kind="fix_security_context", mention=("signer", "restricted"), subject="Deployment/vault/signer",
    ),
    Scene(
        name="real-pod-security-twin-hardened", question="signer has no pods", namespace="vault", nodes=_ONE,
        objects=(_RESTRICTED, deployment("signer", "vault", container=_HARDENED)), until=_RUNS,
    ),
    Scene(
        name="real-priority-class", question="alerts-router is not scheduled", namespace="observe", nodes=_ONE,
        objects=(deployment("alerts-router", "observe", priorityClassName="business-critical"),), until="no PriorityClass with name",
        fix_kind="fix_priority_class", mention=("alerts-router", "PriorityClass"), subject="Deployment/observe/alerts-router",
    ),
    Scene(
        name="real-priority-class-twin-there", question="alerts-router is not scheduled", namespace="observe", nodes=_ONE,
        objects=(
            made("PriorityClass", "business-critical", api="scheduling.k8s.io/v1", value=1000),
            deployment("alerts-router", "observe", priorityClassName="business-critical"),
        ), until=_RUNS,
    ),
    Scene(
        name="real-webhook-gone", question="nothing new starts in orders", namespace="orders", nodes=_ONE,
        objects=(
            _gate("Fail"), deployment("cart", "orders"),
        ), until="failed calling webhook", fix_kind="none_in_gitops_operations", mention=("cart", "gate.policy.example.net"), subject="Deployment/orders/cart",
    ),
    Scene(
        name="real-webhook-gone-twin-ignored", question="nothing new starts in orders", namespace="orders", nodes=_ONE,
        objects=(_gate("Ignore"), deployment("cart", "orders")), until=_RUNS,
    ),
    Scene(
        name="real-apply-immutable", question="the pipeline of pricing fails at apply", namespace="catalog", nodes=_ONE,
        objects=(deployment("pricing", "catalog"), service("pricing", "catalog")), until=_RUNS,
        refused=deployment("pricing", "catalog", labels={"app": "pricing", "tier": "backend"}),
        fix_kind="fix_manifest", mention=("pricing", "immutable"),
    ),
    Scene(
        name="real-apply-request-above-limit", question="deploy job of matcher is red", namespace="ads", nodes=_ONE,
        objects=(deployment("bidder", "ads"),), until=_RUNS,
        refused=deployment("matcher", "ads", container={"resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}}),
        fix_kind="change_resource_request", mention=("matcher", "memory"),
    ),
)  # fmt: skip
