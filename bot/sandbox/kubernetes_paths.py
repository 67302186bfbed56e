"""Where a request to the Kubernetes API points."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.kinds import BY_PATH, Kind, kind_named

CORE_PARTS, GROUP_PARTS = 2, 3


@dataclass(frozen=True, kw_only=True)
class Target:
    """A collection (no name), an object, or a subresource of one. `namespace` is None for all namespaces."""

    kind: Kind
    namespace: str | None = None
    name: str = ""
    subresource: str = ""

    @property
    def template(self) -> str:
        """The path as the API's documentation writes it."""
        group = f"/apis/{self.kind.api_version}" if self.kind.group else "/api/v1"
        within = "/namespaces/{namespace}" if self.kind.namespaced and self.namespace is not None else ""
        name = "/{name}" if self.name else ""
        return f"{group}{within}/{self.kind.plural}{name}{f'/{self.subresource}' if self.subresource else ''}"


def target_of(path: str) -> Target | None:
    """What `/api/v1/…` or `/apis/GROUP/VERSION/…` names; None for a path that is no resource of this cluster."""
    parts = path.strip("/").split("/")
    if parts[0] == "api" and len(parts) > CORE_PARTS:
        return _resource(parts[1], parts[CORE_PARTS:])
    if parts[0] == "apis" and len(parts) > GROUP_PARTS:
        return _resource("/".join(parts[1:GROUP_PARTS]), parts[GROUP_PARTS:])
    return None


def _resource(api_version: str, parts: list[str]) -> Target | None:
    namespace = None
    if parts[0] == "namespaces" and len(parts) > 2 and parts[2] not in ("status", "finalize"):  # noqa: PLR2004
        namespace, parts = parts[1], parts[2:]
    kind = BY_PATH.get((api_version, parts[0]))
    if kind is None or len(parts) > 3 or (namespace is not None and not kind.namespaced):  # noqa: PLR2004
        return None
    plural, name, subresource = [*parts, "", ""][:3]
    if plural == "namespaces":
        kind = kind_named("Namespace")
    if name and kind.namespaced and namespace is None:
        return None
    return Target(kind=kind, namespace=namespace, name=name, subresource=subresource)
