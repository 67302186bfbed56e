"""What the API says about itself: versions, groups, resources, and who is asking."""

from __future__ import annotations

from typing import Any

from bot.sandbox.kinds import KINDS, Kind
from bot.sandbox.rights import VERBS, may

Body = dict[str, Any]
VERSION = {
    "major": "1",
    "minor": "35",
    "gitVersion": "v1.35.4",
    "gitCommit": "b3b1e2f0c5a94d1c8e5f6a7d8c9b0a1f2e3d4c5b",
    "gitTreeState": "clean",
    "buildDate": "2026-04-15T10:02:31Z",
    "goVersion": "go1.25.8",
    "compiler": "gc",
    "platform": "linux/amd64",
}
_REVIEWS = {"authorization.k8s.io/v1": "SelfSubjectAccessReview", "authentication.k8s.io/v1": "SelfSubjectReview"}
SUBRESOURCES = {"Pod": ("log", "status", "resize"), "Deployment": ("status", "scale"), "StatefulSet": ("status", "scale"),
                "ReplicaSet": ("status", "scale")}  # fmt: skip


def answer(path: str) -> Body | None:  # noqa: PLR0911 - one line a document
    """The discovery document at a path, or None."""
    groups = _groups()
    match path.strip("/").split("/"):
        case ["version"]:
            return dict(VERSION)
        case ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        case ["apis"]:
            return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(g, v) for g, v in groups.items()]}
        case ["api", "v1"]:
            return _resources("v1")
        case ["apis", group] if group in groups:
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(group, groups[group])}
        case ["apis", group, version] if f"{group}/{version}" in groups.values():
            return _resources(f"{group}/{version}")
    return None


def knows(path: str) -> bool:
    """Whether the path is of a group that is served here."""
    parts = path.strip("/").split("/")
    return parts[:2] == ["api", "v1"] or (parts[0] == "apis" and parts[1:2] != [] and parts[1] in _groups())


def review(path: str, body: Body, user: str) -> Body | None:
    """The answer to `kubectl auth can-i` and `kubectl auth whoami`."""
    if path.endswith("/authentication.k8s.io/v1/selfsubjectreviews"):
        return {**body, "status": {"userInfo": {"username": user, "groups": ["system:authenticated"]}}}
    if path.endswith("/authorization.k8s.io/v1/selfsubjectaccessreviews"):
        asked = (body.get("spec") or {}).get("resourceAttributes") or {}
        resource = "/".join(filter(None, (asked.get("resource", ""), asked.get("subresource", ""))))
        allowed = may(user, asked.get("verb", ""), asked.get("group", ""), resource)
        return {**body, "status": {"allowed": allowed} | ({} if allowed else {"reason": "no RBAC policy matched"})}
    return None


def _groups() -> dict[str, str]:
    """Group → its group and version."""
    groups = {kind.group: kind.api_version for kind in KINDS if kind.group}
    return groups | {api_version.split("/")[0]: api_version for api_version in _REVIEWS}


def _group(name: str, api_version: str) -> Body:
    version = {"groupVersion": api_version, "version": api_version.split("/")[1]}
    return {"name": name, "versions": [version], "preferredVersion": version}


def _resources(api_version: str) -> Body:
    resources: list[Body] = []
    for known in [kind for kind in KINDS if kind.api_version == api_version]:
        whole = _resource(known)
        parts = [f"{known.plural}/{sub}" for sub in SUBRESOURCES.get(known.kind, ())]
        resources += [whole, *({**whole, "name": name, "verbs": ["get", "patch", "update"], "shortNames": []} for name in parts)]
    if api_version in _REVIEWS:
        kind = _REVIEWS[api_version]
        resources.append({"name": f"{kind.lower()}s", "namespaced": False, "kind": kind, "verbs": ["create"]})
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version, "resources": resources}


def _resource(kind: Kind) -> Body:
    names = {"name": kind.plural, "singularName": kind.kind.lower(), "namespaced": kind.namespaced, "kind": kind.kind}
    return {**names, "verbs": list(VERBS), "shortNames": list(kind.short)}
