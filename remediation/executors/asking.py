"""What a rehearsal asks of the cluster that its act is for: the live object, what bears on it, and a dry run."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from remediation.errors import Absent, Forbidden, NotFound, Refused, RemediationError
from remediation.gitops.around import around, bearing_on
from remediation.listing import cut_told, is_cut
from remediation.masking import mask_object
from remediation.terms import Act, DryRun, Json, ObjectRef

_SURROUNDINGS = ("ResourceQuota", "LimitRange", "HorizontalPodAutoscaler")


class Cluster(Protocol):
    """What a rehearsal asks of a cluster."""

    async def get(self, ref: ObjectRef) -> dict[str, Json]:
        """The live object. Raises NotFound."""
        ...

    async def list(self, kind: str, namespace: str = "", *, lately: bool = False) -> list[dict[str, Json]]:
        """Objects of one kind. lately: an answer of a few seconds ago will do."""
        ...

    async def dry_run(self, obj: Mapping[str, Json]) -> DryRun:
        """What the server says of this whole object."""
        ...


@dataclass(frozen=True, kw_only=True)
class Asking:
    """The questions of one rehearsal. cluster: None where none is configured.  unknown: what could not be read, in sentences.

    proves: whether it is the last before the act is done, for which policy judges what is so now.
    """

    act: Act
    cluster: Cluster | None
    proves: bool = False
    unknown: list[str] = field(default_factory=list)

    async def live(self) -> dict[str, Json]:
        """The live object; empty where it may not be read. Raises Refused where it is not there."""
        if self.cluster is None:
            self.unknown.append(f"The live object was not compared: no cluster {self.act.target.place or 'is'} configured.")
            return {}
        try:
            return await self.cluster.get(self.act.object)
        except NotFound as error:
            raise Absent(f"{self.act.object} is not in the cluster.", "Sync the cluster first.", kind="drift") from error
        except Forbidden as error:
            self.unknown.append(f"The live object was not compared. {error}")
            return {}

    async def check_absent(self) -> None:
        """Raises Refused where the cluster has what the act would make."""
        if self.cluster is None:
            return
        for new in self.act.creates:
            try:
                await self.cluster.get(new.object)
            except NotFound:
                continue
            raise Refused(f"{new.object} is in the cluster already.", "Look at who made it.", kind="drift")

    async def dry_run(self, heads: Sequence[Mapping[str, Json]]) -> DryRun:
        """What the server says of each; the first that it does not take."""
        if self.cluster is None:
            return DryRun(state="not_rehearsed", reason="No cluster is configured.")
        answers = [await self.cluster.dry_run(head) for head in heads]
        return min(answers, key=lambda answer: ("refused", "not_rehearsed", "passed").index(answer.state))

    async def surroundings(self) -> tuple[Mapping[str, Json], ...]:
        """What policy judges the object among, masked."""
        if self.cluster is None or not self.act.object.namespace:
            return ()
        namespace, lately = self.act.object.namespace, not self.proves
        asked = [self._listed(self.cluster.list(kind, namespace, lately=lately), kind) for kind in _SURROUNDINGS]
        return tuple(mask_object(without_managed_fields(obj)) for objects in await asyncio.gather(*asked) for obj in objects)

    async def near(self) -> list[Mapping[str, Json]]:
        """What bears on the act and is not policy's to judge."""
        if self.cluster is None:
            return []
        near, unread = await around(self.cluster, self.act.object, bearing_on(self.act.edits))
        self.unknown.extend(unread)
        return near

    async def _listed(self, asked: Awaitable[list[dict[str, Json]]], kind: str) -> list[dict[str, Json]]:
        try:
            objects = await asked
        except RemediationError as error:
            self.unknown.append(f"The namespace's {kind} objects were not read. {error}")
            return []
        self.unknown.extend([cut_told(kind, objects)] if is_cut(objects) else [])
        return objects


def without_managed_fields(obj: Mapping[str, Json]) -> dict[str, Json]:
    """The object without who manages which field of it."""
    metadata = {key: value for key, value in (obj.get("metadata") or {}).items() if key != "managedFields"}
    return {**obj, "metadata": metadata} if obj else {}
