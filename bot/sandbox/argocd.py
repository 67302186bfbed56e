"""Argo CD in the sandbox's cluster: every Application is rendered from its source, applied with its tracking id, and says how it went."""

from __future__ import annotations

import asyncio
import posixpath
from dataclasses import dataclass

from bot.sandbox import renderers
from bot.sandbox.apiserver import ApiServer
from bot.sandbox.applying import Inventory, Manifest, known
from bot.sandbox.cluster import Cluster
from bot.sandbox.fields import Object
from bot.sandbox.renderers import RenderError
from bot.sandbox.sources import Checkout, Sources

MANAGER = "argocd-controller"
TRACKING = "argocd.argoproj.io/tracking-id"
TYPES = {"helm": "Helm", "kustomize": "Kustomize", "plain": "Directory"}


@dataclass(frozen=True, kw_only=True)
class ArgoCD:
    """The application controller. `applied`: Application → what it stood at when it was synced last."""

    server: ApiServer
    sources: Sources
    inventory: Inventory
    applied: dict[str, str]

    async def sync(self) -> bool:
        """Sync every Application whose commit or spec moved; whether there was one."""
        moved = False
        for app in self.server.cluster.all("Application"):
            source = app["spec"]["source"]
            checkout = self.sources.checkout(source["repoURL"], source.get("targetRevision", "HEAD"))
            standing = f"{checkout.sha if checkout else ''} {app['spec']}"
            if self.applied.get(_key(app)) != standing:
                self.applied[_key(app)] = standing
                await self._sync(app, checkout)
                moved = True
        return moved

    async def _sync(self, app: Object, checkout: Checkout | None) -> None:
        if checkout is None:
            self._failed(app, f"failed to get git client for repo {app['spec']['source']['repoURL']}")
            return
        how = _how(app, checkout)
        try:
            objects = await asyncio.to_thread(_rendered, app, checkout, how)
        except RenderError as error:
            self._failed(app, f"Failed to load target state: failed to generate manifest for source 1 of 1: {error}")
            return
        manifests = [_tracked(app, kind_and_object) for kind_and_object in known(objects)]
        self._make_namespace(app)
        refused = self.inventory.apply(self.server, _key(app), manifests, manager=MANAGER)
        self._told(app, checkout, how, manifests, refused)

    def _make_namespace(self, app: Object) -> None:
        options, name = app["spec"].get("syncPolicy", {}).get("syncOptions", []), app["spec"]["destination"]["namespace"]
        if "CreateNamespace=true" in options and self.server.cluster.get("Namespace", "", name) is None:
            made = self.server.cluster.write({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, MANAGER)
            self.server.cluster.set_status(made, {"phase": "Active"})

    def _failed(self, app: Object, message: str) -> None:
        """Nothing could be compared: the last sync's outcome stays."""
        now = self.server.cluster.now()
        told = [{"type": "ComparisonError", "message": message, "lastTransitionTime": now}]
        status = {**app.get("status", {}), "conditions": told, "sync": {"status": "Unknown", "comparedTo": _compared(app)}}
        self.server.cluster.set_status(app, status)

    def _told(self, app: Object, checkout: Checkout, how: str, manifests: list[Manifest], refused: str) -> None:
        cluster, source = self.server.cluster, app["spec"]["source"]
        now, before = cluster.now(), app.get("status", {}).get("history", [])
        entry = {"id": before[-1]["id"] + 1 if before else 0, "revision": checkout.sha, "deployedAt": now, "source": source}
        operation = {"sync": {"revision": checkout.sha, "prune": True}, "initiatedBy": {"automated": True}}
        result = {"revision": checkout.sha, "source": source}
        said = f"one or more objects failed to apply, reason: {refused}" if refused else "successfully synced (all tasks run)"
        state = {"phase": "Failed" if refused else "Succeeded", "message": said, "startedAt": now, "finishedAt": now}
        status: Object = {
            "sync": {"status": "OutOfSync" if refused else "Synced", "revision": checkout.sha, "comparedTo": _compared(app)},
            "health": app.get("status", {}).get("health", {"status": "Progressing"}),
            "operationState": {**state, "operation": operation, "syncResult": result},
            "history": [*before, entry][-10:],
            "resources": [_resource(manifest, refused) for manifest in manifests],
            "sourceType": TYPES[how],
            "reconciledAt": now,
        }
        cluster.set_status(cluster.get(*_where(app)) or app, status)


def show_health(cluster: Cluster) -> None:
    """Let every Application say how its Deployments are."""
    for app in cluster.all("Application"):
        status = app.get("status", {})
        owned = [each for each in status.get("resources", []) if each["kind"] == "Deployment"]
        states = {_health(cluster.get("Deployment", each["namespace"], each["name"])) for each in owned}
        worst = next((state for state in ("Degraded", "Missing", "Progressing") if state in states), "Healthy")
        if status and status.get("health", {}).get("status") != worst:
            cluster.set_status(app, {**status, "health": {"status": worst, "lastTransitionTime": cluster.now()}})


def _health(deployment: Object | None) -> str:
    if deployment is None:
        return "Missing"
    reasons = {c["reason"] for c in deployment.get("status", {}).get("conditions", []) if c["type"] == "Progressing"}
    if "ProgressDeadlineExceeded" in reasons:
        return "Degraded"
    return "Healthy" if deployment.get("status", {}).get("availableReplicas", 0) >= deployment["spec"]["replicas"] else "Progressing"


def _how(app: Object, checkout: Checkout) -> str:
    """What Argo CD takes a folder for: `helm`, `kustomize` or `plain`."""
    folder = app["spec"]["source"]["path"]
    if posixpath.join(folder, "Chart.yaml") in checkout.files:
        return "helm"
    return "kustomize" if renderers.is_kustomized(checkout.files, folder) else "plain"


def _rendered(app: Object, checkout: Checkout, how: str) -> list[Object]:
    source, namespace = app["spec"]["source"], app["spec"]["destination"]["namespace"]
    folder, options = source["path"], source.get("helm", {})
    match how:
        case "kustomize":
            return renderers.kustomized(checkout.files, folder)
        case "plain":
            return renderers.plain(checkout.files, folder)
    paths = [posixpath.normpath(posixpath.join(folder, file)) for file in options.get("valueFiles", [])]
    if missing := next((path for path in paths if path not in checkout.files), None):
        raise RenderError(f"open {missing}: no such file or directory")
    release = options.get("releaseName") or app["metadata"]["name"]
    return renderers.templated(checkout.files, folder, release=release, namespace=namespace, values=[checkout.files[p] for p in paths])


def _tracked(app: Object, manifest: Manifest) -> Manifest:
    """The object in its namespace, with the annotation that names its Application and itself."""
    kind, obj = manifest
    metadata, destination = {**obj["metadata"]}, app["spec"]["destination"]["namespace"]
    if kind.namespaced:
        metadata.setdefault("namespace", destination)
    namespace = metadata.get("namespace", destination)
    tracking = f"{app['metadata']['name']}:{kind.group}/{kind.kind}:{namespace}/{metadata['name']}"
    metadata["annotations"] = {**metadata.get("annotations", {}), TRACKING: tracking}
    return kind, {**obj, "metadata": metadata}


def _resource(manifest: Manifest, refused: str) -> Object:
    kind, obj = manifest
    named = {"kind": kind.kind, "name": obj["metadata"]["name"], "version": kind.api_version.rsplit("/", 1)[-1]}
    named |= {"group": kind.group} if kind.group else {}
    named |= {"namespace": obj["metadata"]["namespace"]} if kind.namespaced else {}
    return {**named, "status": "OutOfSync" if refused and obj["metadata"]["name"] in refused else "Synced"}


def _compared(app: Object) -> Object:
    return {"source": app["spec"]["source"], "destination": app["spec"]["destination"]}


def _where(app: Object) -> tuple[str, str, str]:
    return "Application", app["metadata"]["namespace"], app["metadata"]["name"]


def _key(app: Object) -> str:
    return "/".join(_where(app))
