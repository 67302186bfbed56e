"""The administrator of a real cluster, through the official client: applies what a test needs there, and takes it away again."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from kubernetes import client, config

Object = Mapping[str, Any]
_APPLY = "application/apply-patch+yaml"
_MANAGER = "suture-tests"
_REFUSED = 300  # statuses from here on


class Refusal(Exception):
    """The server's Status, where it said no."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Administrator:
    """One cluster, as the user of a kubeconfig, who may do everything unless a test is about what a user may not."""

    def __init__(self, kubeconfig: Path) -> None:
        settings = client.Configuration()
        config.load_kube_config(str(kubeconfig), client_configuration=settings, persist_config=False)
        self.kubeconfig, self.host, self.authority = kubeconfig, settings.host, Path(str(settings.ssl_ca_cert))
        self._api = client.ApiClient(settings)
        self._discovered = cache(self._discover)

    def close(self) -> None:
        """Close its connections."""
        self._api.close()

    def apply(self, *objects: Object, manager: str = _MANAGER) -> list[dict[str, Any]]:
        """Each in turn, by server-side apply, with its status where it has one; as the server has them now. Raises Refusal."""
        return [self._applied({**thing, "metadata": _own(thing["metadata"])}, manager) for thing in objects]

    def _applied(self, thing: Object, manager: str) -> dict[str, Any]:
        path, query = self.path(thing), {"fieldManager": manager, "force": "true"}
        apart = "status" in thing and self._has_status(thing)  # an Application keeps its own among the rest
        made = self.ask("PATCH", path, {key: value for key, value in thing.items() if not (apart and key == "status")}, **query)
        if not apart:
            return made
        shown = {key: thing[key] for key in ("apiVersion", "kind", "metadata", "status")}
        return self.ask("PATCH", f"{path}/status", shown, **{**query, "fieldManager": f"{manager}-status"})

    def delete(self, objects: Iterable[Object]) -> None:
        """What is there of them."""
        for thing in objects:
            try:
                self.ask("DELETE", self.path(thing))
            except Refusal as refusal:
                if refusal.code != 404:
                    raise

    def token(self, namespace: str, name: str) -> str:
        """A token of an hour for a service account."""
        asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}}
        made = self.ask("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token", asked)
        return str(made["status"]["token"])

    def path(self, thing: Object) -> str:
        """Where the server keeps it."""
        metadata = thing["metadata"]
        resource = self._resource(thing)
        where = f"namespaces/{metadata['namespace']}/" if resource["namespaced"] else ""
        return f"{_root(thing['apiVersion'])}/{where}{resource['name']}/{metadata['name']}"

    def ask(self, method: str, path: str, body: Object | None = None, **query: str) -> dict[str, Any]:
        """The server's answer. Raises Refusal."""
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = _APPLY if method == "PATCH" else "application/json"
        request = self._api.param_serialize(
            method, path, query_params=[*query.items()], header_params=headers, body=body, auth_settings=["BearerToken"]
        )
        answer = self._api.call_api(*request)
        content = answer.read()
        if answer.status >= _REFUSED:
            raise Refusal(answer.status, _message(content))
        return dict(json.loads(content))

    def _resource(self, thing: Object) -> dict[str, Any]:
        for _ in range(2):
            for each in self._discovered(thing["apiVersion"]):
                if each["kind"] == thing["kind"] and "/" not in each["name"]:
                    return each
            self._discovered.cache_clear()  # a definition may have come since
        raise Refusal(404, f"no {thing['apiVersion']} {thing['kind']} is served here")

    def _has_status(self, thing: Object) -> bool:
        whole = self._resource(thing)["name"]
        return any(each["name"] == f"{whole}/status" for each in self._discovered(thing["apiVersion"]))

    def _discover(self, api_version: str) -> list[dict[str, Any]]:
        return list(self.ask("GET", _root(api_version))["resources"])


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _own(metadata: Object) -> dict[str, Any]:
    """Without what a server sets."""
    set_by_server = ("managedFields", "resourceVersion", "uid", "creationTimestamp", "generation")
    return {key: value for key, value in metadata.items() if key not in set_by_server}


def _message(body: Any) -> str:
    try:
        return str(json.loads(body).get("message"))
    except (ValueError, AttributeError):
        return str(body)
