"""What the server refuses, and why: the facts that every finding of this kind shares."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CreationRefused:
    """cause: quota, must_specify, limit_range, invalid_request, service_account, pod_security, webhook_unreachable, webhook_denied, ….

    webhook_certificate: the webhook's has expired.  too_large: for the store of the API server.

    Not the quota is the mistake but what is asked for: overasked.
    A webhook that says what it minds denies for it: denied_security, denied_resources, denied_image.
    quota: its name.  resource: `limits.cpu`, `memory`, …  requested, used, limited: as the server writes them.  side: maximum or minimum.
    reported: whether the cluster says so, not only the manifests.
    """

    cause: str
    quota: str
    resource: str
    requested: str
    used: str
    limited: str
    side: str
    account: str
    webhook: str
    message: str
    reported: bool


def words_of(facts: CreationRefused) -> str:
    """Why pods are refused, in words."""
    if facts.cause.startswith("denied_"):
        return f"the admission webhook {facts.webhook} denies them for their {facts.cause.removeprefix('denied_')}"
    return {
        "quota": f"ResourceQuota {facts.quota} is used up (exceeded quota): requested {facts.requested}, used {facts.used}, limited "
        f"{facts.limited}",
        "overasked": f"what they ask for does not fit ResourceQuota {facts.quota} (exceeded quota): requested {facts.requested}, used "
        f"{facts.used}, limited {facts.limited}",
        "must_specify": f"ResourceQuota {facts.quota} requires {facts.resource}, which a container does not set (must specify "
        f"{facts.resource})",
        "limit_range": f"the LimitRange allows a {facts.side} of {facts.limited} {facts.resource}, it asks for {facts.requested or 'none'}",
        "invalid_request": f"a request of {facts.resource} is above its limit",
        "service_account": f"the ServiceAccount {facts.account} does not exist",
        "invalid": "the server refuses its manifest as invalid",
        "pod_security": "the namespace's Pod Security standard forbids its security context",
        "webhook_unreachable": f"the admission webhook {facts.webhook} cannot be reached",
        "webhook_certificate": f"the certificate of the admission webhook {facts.webhook} has expired",
        "too_large": "the object is too large for the API server's store (etcd)",
        "webhook_denied": f"the admission webhook {facts.webhook} denies them",
        "namespace_terminating": "its namespace is being deleted (terminating), which takes no new objects",
        "priority_class": "its PriorityClass does not exist",
        "server_certificate": "a certificate of the API server has expired, so that it cannot ask itself whether they are allowed",
        "server": "the API server itself fails while it looks whether they are allowed",
    }[facts.cause]
