"""The clusters that fulfil the Cluster port: one in memory, the sandbox's over HTTP, and a real kube-apiserver."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.apiserver import APPLY, Write
from bot.sandbox.environment import environment
from bot.sandbox.kinds import kind_named
from remediation.clients.kubernetes import KubernetesClient
from tests.real.administrator import Administrator
from tests.real.apiserver import kubeconfig
from tests.remediation.sandboxed import sandboxed
from tests.remediation.sources.shown import ShownCluster

Object = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class World:
    """Where the contract is tried. namespace: of our own, empty.  put: lets objects be there, with their status.

    ours: the port as a user who may read and rehearse.  stranger: as one who may not read Secrets.
    """

    namespace: str
    put: Callable[..., None]
    ours: Any
    stranger: Any


@asynccontextmanager
async def in_memory() -> AsyncIterator[World]:
    """The fake that sources are tried with: it reads only."""
    objects: list[Object] = []
    stranger = ShownCluster(objects, forbidden=("Secret",))
    cluster = ShownCluster(objects)

    def put(*more: Object) -> None:
        cluster._objects += more

    yield World(namespace="contract", put=put, ours=cluster, stranger=stranger)


@asynccontextmanager
async def in_sandbox() -> AsyncIterator[World]:
    """Ours is a developer, who may rehearse whatever there is; the bot's own user is the stranger."""
    async with sandboxed() as sandbox:
        server, port = sandbox.world.server, urlsplit(sandbox.world.origin).port

        def put(*objects: Object) -> None:
            for thing in objects:
                kind, metadata = kind_named(thing["kind"]), thing["metadata"]
                body = {key: value for key, value in thing.items() if key != "status"} | {"metadata": {**metadata}}
                place, how = (metadata.get("namespace", ""), metadata["name"]), Write(manager="tests", force=True)
                made = server.patch(kind, *place, body, how, content_type=APPLY).object
                if "status" in thing:
                    server.cluster.set_status(made, thing["status"])

        put(namespace("contract"))
        developer = KubernetesClient(kubeconfig=environment(port)["KUBECONFIG"], context="developer")
        try:
            yield World(namespace="contract", put=put, ours=developer, stranger=sandbox.kubernetes)
        finally:
            await developer.close()


@asynccontextmanager
async def on_a_real_server(administrator: Administrator, folder: Path) -> AsyncIterator[World]:
    """The stranger is the namespace's own service account, which nobody granted anything."""
    name = f"suture-contract-{secrets.token_hex(4)}"
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}}
    administrator.apply(namespace(name), account)
    token = administrator.token(name, "default")
    stranger = kubeconfig(folder / "stranger", administrator.host, administrator.authority, token)
    clients = [KubernetesClient(kubeconfig=str(path)) for path in (administrator.kubeconfig, stranger)]
    try:
        yield World(namespace=name, put=administrator.apply, ours=clients[0], stranger=clients[1])
    finally:
        for client in clients:
            await client.close()
        administrator.delete([namespace(name)])


def namespace(name: str) -> Object:
    """An empty one."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
