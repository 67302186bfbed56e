"""Where an object's manifests are: of the homes that may hold it, the one place that gives it."""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from remediation.errors import Ambiguous, Refused, Unreadable
from remediation.gitops.applied import as_applied, may_differ
from remediation.gitops.home import Home, narrowed
from remediation.gitops.narrowing import Candidate, Narrowing
from remediation.gitops.projects import Trees
from remediation.gitops.solution import found_in
from remediation.gitops.trace import Tracer
from remediation.terms import Act, Json

_KEPT_TREES = 2


@dataclass(frozen=True, kw_only=True)
class Base:
    """Where an object's manifests are, and the object in them."""

    home: Home
    tracer: Tracer
    candidate: Candidate

    @property
    def in_git(self) -> Json:
        """The object as Git renders it."""
        return self.candidate.obj.value

    @property
    def origin(self) -> str:
        """Who applies the object, from what, and how that is known."""
        rendering = self.candidate.rendering
        owner = next(iter(self.home.owners), rendering.owner.ref if rendering.owner else None)
        place = self.candidate.found.path if self.candidate.found else str(rendering)
        inner = f" in {rendering.within}" if rendering.within else ""
        applies = f"{owner.kind} {owner.namespace}/{owner.name} applies {place}{inner}" if owner else f"{place}{inner}"
        return f"{applies}: {self.home.because}."


class Bases:
    """Looks objects up in homes; of the last trees it keeps what was rendered. For one rehearsal at a time."""

    def __init__(self, trees: Trees) -> None:
        self._trees = trees
        self._tracers: OrderedDict[str, Tracer] = OrderedDict()

    async def of(self, act: Act, live: Mapping[str, Json], homes: Sequence[Home]) -> Base:
        """The one place that gives the object. Raises Refused, ambiguous naming all."""
        project, _, place = act.place.partition(": ")
        found: list[Base] = []
        several: list[str] = []
        refusals: list[Refused] = []
        for home in (each for each in homes if project in ("", each.project.project)):
            try:
                found.append(await self._located(home, act, live, place))
            except Ambiguous as ambiguous:
                several += [f"{home.project.project}: {each}" for each in ambiguous.places]
                refusals.append(ambiguous)
            except Refused as refusal:
                refusals.append(refusal)
            except Unreadable as broken:  # a file of this project; the object may stand in the next
                what = f"A file of {home.project.project} cannot be read: {broken.what}"
                refusals.append(Refused(what, broken.what_to_do or "Mend it first.", kind="templated"))
        if len(found) == 1 and not several:
            return found[0]
        several += [f"{base.home.project.project}: {base.candidate}" for base in found]
        if len(found) > 1:
            named = "; ".join(f"{base.home.project.project}, {base.candidate} ({base.home.because})" for base in found)
            what = f"{act.object} comes from {len(found)} places: {named}."
            raise Ambiguous(what, "Say in settings (gitops) which cluster each is for, or which `targets` come from it.", tuple(several))
        if not refusals:
            raise Refused(f"The place that was chosen, {act.place}, is no candidate any more.", "Let it be found anew.", kind="not_found")
        for each in refusals:
            if isinstance(each, Ambiguous):
                raise Ambiguous(each.what, each.what_to_do, tuple(several))
        raise min(refusals, key=lambda refusal: refusal.kind == "not_found")  # another kind says more

    async def _located(self, home: Home, act: Act, live: Mapping[str, Json], place: str) -> Base:
        tracer = await self._tracer(home)
        candidate = await asyncio.to_thread(found_in, tracer, act.object, narrowed(Narrowing(place=place), home, live))
        return Base(home=home, tracer=tracer, candidate=candidate)

    async def _tracer(self, home: Home) -> Tracer:
        """Of the same trees and owners the same one, with what it rendered."""
        if home.key not in self._tracers:
            self._tracers[home.key] = await asyncio.to_thread(Tracer, home.tree, self._trees.contents, home.around)
            while len(self._tracers) > _KEPT_TREES:
                self._tracers.popitem(last=False)[1].close()
        self._tracers.move_to_end(home.key)
        return self._tracers[home.key]

    async def applied(self, base: Base, act: Act, live: Mapping[str, Json]) -> Json:
        """The object as its owner applied it; None where that is as the branch says it. Raises Refused."""
        past = base.home.past
        if past is None or not await asyncio.to_thread(may_differ, past.tree, base.home.tree, base.candidate.rendering):
            return None
        place = act.place.partition(": ")[2]
        tracer = await self._tracer(past)
        return await asyncio.to_thread(as_applied, tracer, base.candidate, act.object, narrowed(Narrowing(place=place), past, live))
