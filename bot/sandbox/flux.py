"""Flux in the sandbox's cluster: sources fetched, Kustomizations built, substituted and applied, HelmReleases installed and upgraded."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from bot.sandbox import renderers
from bot.sandbox.apiserver import ApiServer
from bot.sandbox.applying import Inventory, Manifest, known
from bot.sandbox.conditions import condition
from bot.sandbox.fields import Object
from bot.sandbox.renderers import RenderError
from bot.sandbox.sources import Checkout, Sources

KUSTOMIZE, HELM = "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"
MANAGERS = {"Kustomization": "kustomize-controller", "HelmRelease": "helm-controller"}
_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)(?::=([^}]*))?\}")


@dataclass(frozen=True, kw_only=True)
class Flux:
    """Its controllers. `applied`: Kustomization or HelmRelease → what it stood at when it was reconciled last."""

    server: ApiServer
    sources: Sources
    inventory: Inventory
    applied: dict[str, str]

    async def sync(self) -> bool:
        """Reconcile everything whose source or spec moved, a dependency before what depends on it; whether there was any."""
        self._fetch()
        moved = False
        for kind, build in (("Kustomization", _built), ("HelmRelease", _installed)):
            for tool in self.server.cluster.all(kind):
                checkout = self._checkout(tool)
                standing = f"{checkout.sha if checkout else ''} {tool['spec']}"
                if self.applied.get(_key(tool)) != standing and not tool["spec"].get("suspend") and self._depends_on_nothing_unready(tool):
                    self.applied[_key(tool)] = standing
                    await self._reconcile(tool, checkout, build)
                    moved = True
        return moved

    def _fetch(self) -> None:
        """Every GitRepository at the head of its branch."""
        for repository in self.server.cluster.all("GitRepository"):
            branch = repository["spec"].get("ref", {}).get("branch", "master")
            checkout = self.sources.checkout(repository["spec"]["url"], branch)
            if checkout is None:
                said = f"failed to checkout and determine revision: unable to clone '{repository['spec']['url']}': repository not found"
                self._told(repository, {}, ready=False, reason="GitOperationFailed", said=said)
                continue
            revision = f"{branch}@sha1:{checkout.sha}"
            artifact = {**_artifact(repository, checkout.sha), "revision": revision, "lastUpdateTime": self.server.cluster.now()}
            if repository.get("status", {}).get("artifact", {}).get("revision") != revision:
                said = f"stored artifact for revision '{revision}'"
                self._told(repository, {"artifact": artifact}, ready=True, reason="Succeeded", said=said)

    def _checkout(self, tool: Object) -> Checkout | None:
        """What the source of a Kustomization or HelmRelease holds; None while there is none."""
        spec = tool["spec"]
        reference = spec["sourceRef"] if "sourceRef" in spec else spec["chart"]["spec"]["sourceRef"]
        namespace = reference.get("namespace", tool["metadata"]["namespace"])
        source = self.server.cluster.get(reference["kind"], namespace, reference["name"])
        if source is None or "artifact" not in source.get("status", {}):
            return None
        return self.sources.checkout(source["spec"]["url"], source["spec"].get("ref", {}).get("branch", "master"))

    def _depends_on_nothing_unready(self, tool: Object) -> bool:
        for each in tool["spec"].get("dependsOn", []):
            other = self.server.cluster.get(tool["kind"], each.get("namespace", tool["metadata"]["namespace"]), each["name"])
            conditions = (other or {}).get("status", {}).get("conditions", [])
            if not any(c["type"] == "Ready" and c["status"] == "True" for c in conditions):
                return False
        return True

    async def _reconcile(self, tool: Object, checkout: Checkout | None, build: Callable[[Object, Checkout], list[Object]]) -> None:
        if checkout is None:
            self._told(tool, {}, ready=False, reason="ArtifactFailed", said="Source artifact not found, retrying in 30s")
            return
        revision = f"main@sha1:{checkout.sha}"
        try:
            objects = await asyncio.to_thread(build, tool, checkout)
        except RenderError as error:
            self._told(tool, {"lastAttemptedRevision": revision}, ready=False, reason="BuildFailed", said=str(error))
            return
        manifests = [_labelled(tool, manifest) for manifest in known(objects)]
        refused = self.inventory.apply(self.server, _key(tool), manifests, manager=MANAGERS[tool["kind"]])
        more: Object = {"lastAttemptedRevision": revision} | (_inventory(manifests, revision) if tool["kind"] == "Kustomization" else {})
        if tool["kind"] == "HelmRelease":
            more |= {"history": self._releases(tool, checkout), "storageNamespace": tool["metadata"]["namespace"]}
        said = refused or (f"Applied revision: {revision}" if tool["kind"] == "Kustomization" else f"Helm upgrade succeeded at {revision}")
        succeeded = "ReconciliationSucceeded" if tool["kind"] == "Kustomization" else "UpgradeSucceeded"
        self._told(tool, more, ready=not refused, reason="ReconciliationFailed" if refused else succeeded, said=said)

    def _releases(self, tool: Object, checkout: Checkout) -> list[Object]:
        """The release's history, newest first, as the status keeps it."""
        before = tool.get("status", {}).get("history", [])
        chart = yaml.safe_load(checkout.files[f"{_folder(tool['spec']['chart']['spec']['chart'])}/Chart.yaml"])
        now, named = self.server.cluster.now(), {"name": tool["metadata"]["name"], "namespace": tool["metadata"]["namespace"]}
        fresh = {**named, "version": len(before) + 1, "chartName": chart["name"], "chartVersion": chart["version"]}
        fresh |= {"digest": _digest(fresh), "configDigest": _digest(tool["spec"].get("values", {}))}
        first = before[0]["firstDeployed"] if before else now
        return [
            {**fresh, "firstDeployed": first, "lastDeployed": now, "status": "deployed"},
            *({**b, "status": "superseded"} for b in before),
        ]

    def _told(self, tool: Object, more: Object, *, ready: bool, reason: str, said: str) -> None:
        cluster = self.server.cluster
        current = cluster.get(tool["kind"], tool["metadata"]["namespace"], tool["metadata"]["name"]) or tool
        status = "True" if ready else "False"
        told = condition("Ready", status, reason, said) | {"observedGeneration": current["metadata"]["generation"]}
        known_before = current.get("status", {}).get("conditions", [])
        since = next((c["lastTransitionTime"] for c in known_before if c["status"] == status), cluster.now())
        fresh = {**current.get("status", {}), **more, "observedGeneration": current["metadata"]["generation"]}
        cluster.set_status(current, {**fresh, "conditions": [{**told, "lastTransitionTime": since}]})


def _artifact(repository: Object, sha: str) -> Object:
    """Where source-controller would serve the commit; nobody asks it here, so the digest is of its name."""
    path = "gitrepository/{namespace}/{name}".format(**repository["metadata"]) + f"/{sha}.tar.gz"
    return {"path": path, "url": f"http://source-controller.flux-system.svc.cluster.local./{path}", "digest": _digest(path)}


def _digest(of: object) -> str:
    return f"sha256:{hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()}"


def _built(tool: Object, checkout: Checkout) -> list[Object]:
    """The objects of a Kustomization, its variables filled in. Raises RenderError."""
    spec = tool["spec"]
    objects = renderers.kustomized(checkout.files, _folder(spec["path"]))
    if "postBuild" not in spec:
        return objects
    variables: dict[str, str] = spec["postBuild"].get("substitute", {})
    text = _VARIABLE.sub(lambda found: str(variables.get(found[1]) or found[2] or ""), yaml.safe_dump_all(objects, sort_keys=False))
    return [each for each in yaml.safe_load_all(text) if isinstance(each, dict)]


def _installed(tool: Object, checkout: Checkout) -> list[Object]:
    """The objects of a HelmRelease. Raises RenderError."""
    spec, metadata = tool["spec"], tool["metadata"]
    release = spec.get("releaseName", metadata["name"])
    values = [json.dumps(spec.get("values", {})).encode()]
    chart = _folder(spec["chart"]["spec"]["chart"])
    return renderers.templated(checkout.files, chart, release=release, namespace=metadata["namespace"], values=values)


def _labelled(tool: Object, manifest: Manifest) -> Manifest:
    """The object in its namespace, with the labels that name who applies it, and Helm's own annotations."""
    kind, obj = manifest
    metadata, owner = {**obj["metadata"]}, tool["metadata"]
    group = KUSTOMIZE if tool["kind"] == "Kustomization" else HELM
    labels = {**metadata.get("labels", {}), f"{group}/name": owner["name"], f"{group}/namespace": owner["namespace"]}
    if kind.namespaced:
        metadata.setdefault("namespace", owner["namespace"])
    if tool["kind"] == "HelmRelease":
        labels["app.kubernetes.io/managed-by"] = "Helm"
        release = {"meta.helm.sh/release-name": owner["name"], "meta.helm.sh/release-namespace": owner["namespace"]}
        metadata["annotations"] = {**metadata.get("annotations", {}), **release}
    return kind, {**obj, "metadata": {**metadata, "labels": labels}}


def _inventory(manifests: list[Manifest], revision: str) -> Object:
    entries = [
        {"id": f"{m['metadata'].get('namespace', '')}_{m['metadata']['name']}_{k.group}_{k.kind}", "v": k.api_version.rsplit("/", 1)[-1]}
        for k, m in manifests
    ]
    return {"inventory": {"entries": entries}, "lastAppliedRevision": revision}


def _folder(path: str) -> str:
    return path.removeprefix("./").strip("/")


def _key(tool: Object) -> str:
    return f"{tool['kind']}/{tool['metadata']['namespace']}/{tool['metadata']['name']}"
