"""What an act makes or takes away beside the object that it edits: whole objects, of which exactly these may come and go."""

from collections.abc import Sequence
from dataclasses import dataclass

from remediation.errors import Refused
from remediation.gitops.fieldpath import MISSING, same
from remediation.gitops.rendered import Difference
from remediation.terms import Act, Json, NewObject, ObjectRef


@dataclass(frozen=True, kw_only=True)
class Beside:
    """created: as the cluster will have them.  removed: what an earlier act had created."""

    created: tuple[NewObject, ...] = ()
    removed: tuple[ObjectRef, ...] = ()

    @classmethod
    def of(cls, act: Act) -> "Beside":
        """What the act says."""
        return cls(created=act.creates, removed=act.removes)

    def __bool__(self) -> bool:
        return bool(self.created or self.removed)

    def named(self, ref: ObjectRef) -> ObjectRef:
        """The reference as the act has it: what is rendered need not say its namespace."""
        known = (*(new.object for new in self.created), *self.removed)
        return next((each for each in known if _is(ref, each)), ref)

    def others(self, moved: Sequence[Difference]) -> list[Difference]:
        """What differs beside them. Raises Refused where one of them does not come, or go, as it is meant."""
        for new in self.created:
            found = [pair for pair in moved if _is(pair[0], new.object)]
            if len(found) != 1 or found[0][1] is not MISSING or not _as_meant(found[0][2], new):
                raise Refused(f"{new.object} would not come of it as it is meant.", "Add it by hand.", kind="templated")
        for ref in self.removed:
            if [pair[2] for pair in moved if _is(pair[0], ref)] != [MISSING]:
                raise Refused(f"{ref} would not go.", "Take it away by hand.", kind="templated")
        return [pair for pair in moved if self.named(pair[0]) not in self._known]

    @property
    def _known(self) -> frozenset[ObjectRef]:
        return frozenset((*(new.object for new in self.created), *self.removed))


NOTHING = Beside()


def _is(found: ObjectRef, meant: ObjectRef) -> bool:
    same_place = found.namespace in ("", meant.namespace)
    return same_place and (found.group, found.kind, found.name) == (meant.group, meant.kind, meant.name)


def _as_meant(value: Json, new: NewObject) -> bool:
    """Whether all but the labels and annotations that a renderer adds is as it is meant."""
    parts = ({key: child for key, child in each.items() if key != "metadata"} for each in (value, dict(new.value)))
    return same(*parts)
