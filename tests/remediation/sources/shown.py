"""A cluster that shows given objects and logs, as an API server lists them: by kind, namespace, selectors and cap."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from bot.sandbox.kinds import KINDS as SERVED
from bot.sandbox.kubernetes_selectors import selected
from remediation.errors import Forbidden, NotFound
from remediation.listing import Cut
from remediation.terms import ObjectRef


class ShownCluster:
    """forbidden: kinds that our user may not read.  asked: how often what was read."""

    def __init__(
        self,
        objects: Iterable[Mapping[str, Any]],
        logs: Mapping[tuple[str, str, bool], str] | None = None,
        *,
        forbidden: Iterable[str] = (),
        hangs: str = "",
    ) -> None:
        self._objects = list(objects)
        self._logs = logs or {}
        self._forbidden = set(forbidden)
        self._hangs = hangs
        self.asked: Counter[str] = Counter()

    async def get(self, ref: ObjectRef) -> dict[str, Any]:
        """One object."""
        await self._ask(f"get {ref.kind}", ref.kind)
        for thing in self._objects:
            metadata = thing["metadata"]
            if (thing["kind"], metadata.get("namespace", ""), metadata["name"]) == (ref.kind, ref.namespace, ref.name):
                return dict(thing)
        raise NotFound(f"Kubernetes has no such thing: {ref}", "Check its name and namespace.")

    async def list(self, kind: str, namespace: str = "", *, labels: str = "", fields: str = "", cap: int = 500) -> list[dict[str, Any]]:
        """Objects of one kind, by name, selected as the server does."""
        await self._ask(f"list {kind}", kind)
        found = [dict(o) for o in self._objects if o["kind"] == kind and namespace in ("", o["metadata"].get("namespace"))]
        ordered = sorted(found, key=lambda thing: thing["metadata"]["name"])
        known = next((one for one in SERVED if one.kind == kind), None)  # a definition's own kinds have no fields to select by
        chosen = selected(ordered, known, labels, fields) if known is not None else ordered
        return Cut(chosen[:cap]) if len(chosen) > cap else chosen

    async def serves(self, kind: str) -> bool:
        """What it has objects of."""
        return any(thing["kind"] == kind for thing in self._objects)

    async def logs(self, namespace: str, pod: str, container: str, *, previous: bool = False, tail: int = 200) -> str:
        """The last lines."""
        await self._ask("log", "log")
        if (pod, container, previous) not in self._logs:
            raise NotFound("previous terminated container not found", "There is no such run of this container.")
        return "\n".join(self._logs[pod, container, previous].splitlines()[-tail:])

    async def _ask(self, what: str, kind: str) -> None:
        self.asked[what] += 1
        if kind == self._hangs:
            await asyncio.Event().wait()
        if kind in self._forbidden:
            raise Forbidden(f'Kubernetes refused: {kind} is forbidden: User "suture" cannot list it', "Grant this verb in Suture's ClusterRole.")
