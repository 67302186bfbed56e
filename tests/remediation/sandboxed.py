"""A running sandbox on a port of its own, with our clients pointed at it: the world that sources and the watcher are tried in."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from socket import create_server

from bot.sandbox.app import serving
from bot.sandbox.environment import Credentials, environment, write_files
from bot.sandbox.pace import Pace
from bot.sandbox.world import World
from remediation.clients.datadog import DatadogClient
from remediation.clients.kubernetes import KubernetesClient
from remediation.kinds import ref


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """The world, and how we reach it."""

    world: World
    kubernetes: KubernetesClient
    datadog: DatadogClient

    async def until(self, holds: Callable[[dict], bool], place: str, seconds: float = 20) -> dict:
        """Wait until the object at `namespace/Kind/name` is so."""
        namespace, kind, name = place.split("/")
        async with asyncio.timeout(seconds):
            while not holds(thing := await self.kubernetes.get(ref(kind, namespace, name))):
                await asyncio.sleep(0.05)
        return thing

    async def until_pods(self, holds: Callable[[list[dict]], bool], namespace: str, prefix: str, seconds: float = 20) -> list[dict]:
        """Wait until the pods whose names begin so are so."""
        async with asyncio.timeout(seconds):
            while True:
                pods = [pod for pod in await self.kubernetes.list("Pod", namespace) if pod["metadata"]["name"].startswith(prefix)]
                if holds(pods):
                    return pods
                await asyncio.sleep(0.05)


@asynccontextmanager
async def sandboxed() -> AsyncIterator[Sandbox]:
    """A fresh world, turning fast."""
    with create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    write_files(port)
    world = World(origin=f"http://127.0.0.1:{port}", credentials=Credentials.of(port), pace=Pace.quick())
    async with serving(world, port):
        env = environment(port)
        kubernetes = KubernetesClient(kubeconfig=env["KUBECONFIG"], context="sandbox")
        datadog = DatadogClient(api_key=env["DD_API_KEY"], app_key=env["DD_APP_KEY"], api_url=env["DD_API_URL"])
        try:
            yield Sandbox(world=world, kubernetes=kubernetes, datadog=datadog)
        finally:
            await kubernetes.close()
            await datadog.close()


def killed(pods: list[dict]) -> bool:
    """Whether one of these pods has a container that was killed for memory."""
    statuses = [status for pod in pods for status in pod["status"].get("containerStatuses", [])]
    return any((status.get("lastState") or {}).get("terminated", {}).get("reason") == "OOMKilled" for status in statuses)


def waits_for_image(pods: list[dict]) -> bool:
    """Whether one of these pods waits for an image."""
    statuses = [status for pod in pods for status in pod["status"].get("containerStatuses", [])]
    return any("Image" in (status["state"].get("waiting") or {}).get("reason", "") for status in statuses)
