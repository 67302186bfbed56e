"""One place to look for the manifests of a live object in: a tree of projects, what stands around it, and why it is looked in."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import msgspec

from remediation.errors import Refused, RemediationError
from remediation.gitops.index import Tree, is_under
from remediation.gitops.narrowing import Narrowing
from remediation.gitops.owners.claims import owners_of, release_of
from remediation.gitops.owners.mounts import Around, Mount
from remediation.gitops.projects import Project
from remediation.gitops.remotes import FETCHED
from remediation.gitops.solution import Solution
from remediation.terms import Json, ObjectRef


@dataclass(frozen=True, kw_only=True)
class Home:
    """One place to look in. around: its mounts, the first of which is `project` at `branch`.  because: why here, for people.

    owners: the live object's own, where the cluster knows them.  applied: the mounts at the commits that they applied last, as far as they
    say, and `past` the same home at these, None where it is no other one or cannot be had.
    missing: why something that it needs from elsewhere was not fetched.
    """

    project: Project
    tree: Tree
    around: Around
    because: str
    owners: frozenset[ObjectRef] = frozenset()
    applied: tuple[Mount, ...] = ()
    past: "Home | None" = None
    missing: tuple[RemediationError, ...] = ()

    @cached_property
    def key(self) -> str:
        """The same for the same trees, what was fetched for them, and owners."""
        tools = [[each.ref, each.value.get("spec")] for each in self.around.tools]
        fetched = sorted((path, blob.id) for path, blob in self.tree.items() if is_under(path, FETCHED))
        return hashlib.sha256(msgspec.json.encode([self.around.mounts, tools, fetched])).hexdigest()

    def told(self, refusal: Refused) -> Refused:
        """The refusal: of a drift with the commit that is not applied yet, of what is not here with why it was not fetched."""
        if refusal.kind == "unpinned" and self.missing:
            near = max(self.missing, key=lambda each: len({*each.what.split()} & {*refusal.what.split()}))  # speaks of the same thing
            return Refused(f"{refusal.what} {near.what}", near.what_to_do, kind="unpinned")
        behind = [(now, then) for now, then in zip(self.around.mounts, self.applied, strict=False) if now.sha != then.sha]
        if refusal.kind != "drift" or not behind:
            return refusal
        now, then = behind[0]
        what = f"{refusal.what} The owner applied {then.sha[:8]}, {now.branch} is at {now.sha[:8]}: it may not be synced yet."
        return Refused(what, f"Wait for the sync, or: {refusal.what_to_do}", kind="drift")

    def placed(self, solution: Solution) -> tuple[Mount, Solution]:
        """The project that the solution changes, and the solution by that project's paths. Raises Refused shared where it changes two."""
        homes = {self.around.home(change.path) for change in solution.changes}
        mount = next(iter(homes))
        if mount is None or len(homes) > 1:
            named = ", ".join(sorted(change.path for change in solution.changes))
            raise Refused(f"The change needs more than one project: {named}.", "Change it by hand, in each of them.", kind="shared")
        cut = 0 if mount.folder == "." else len(mount.folder) + 1
        changes = tuple(replace(each, path=each.path[cut:]) for each in solution.changes)
        return mount, replace(solution, changes=changes, places=tuple((path[cut:], place) for path, place in solution.places))


def narrowed(how: Narrowing, home: Home, live: Mapping[str, Json]) -> Narrowing:
    """What a person said, then what the cluster knows of its owner; else what the object says, in the project's folder."""
    if home.owners:
        return replace(how, owners=home.owners, confirmed=True, release=release_of(live))
    return replace(how, owners=owners_of(live), release=release_of(live), glob=how.glob or home.project.glob)
