"""Where the manifests of a live object are: the projects, branches and folders that its owner takes them from, in one tree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from remediation.errors import Forbidden, NotFound, Refused, Unusable
from remediation.gitops.fetching import Fetched
from remediation.gitops.home import Home
from remediation.gitops.index import Tree
from remediation.gitops.owners.claims import origin_of
from remediation.gitops.owners.live import Clusters, LiveOwner
from remediation.gitops.owners.mounts import OTHERS, Around, Mount, mounted
from remediation.gitops.owners.objects import ARGO, ToolObject, folder, has_folder, mapping
from remediation.gitops.owners.origins import Origin
from remediation.gitops.projects import Project, Trees, suited
from remediation.gitops.repository import Forge, masked
from remediation.listing import cut_told, is_cut
from remediation.terms import Json, ObjectRef
from remediation.workloads import object_ref

_NEIGHBOURS = {ARGO: ("Application",)}
_FLUX = ("Kustomization", "HelmRelease", "GitRepository")


class Homes:
    """The projects that settings allow, asked for the manifests of live objects."""

    def __init__(self, trees: Trees, projects: Sequence[Project], forge: Forge, fetched: Fetched | None = None) -> None:
        self._trees = trees
        self._fetched = fetched
        self._projects = projects
        self._forge = forge

    async def of(self, ref: ObjectRef, live: Mapping[str, Json], clusters: Clusters, *, place: str = "", branch: str = "") -> list[Home]:
        """Where to look, by the first that says it: its owner in the cluster, settings' `targets`, Kustomize's origin; else everywhere.

        place: the cluster's name.  branch: in place of every other one, where settings say so. Raises Refused.
        """
        homes = await self._found(ref, live, clusters, place, branch)
        return [await self._completed(home, clusters) for home in homes] if self._fetched else homes

    async def _completed(self, home: Home, clusters: Clusters) -> Home:
        """With what it is rendered from and does not hold; where something cannot be had, rendering refuses what needs it."""
        assert self._fetched is not None  # noqa: S101 - asked by the caller
        tree, missing = await self._fetched.completed(home.tree, home.around, home.owners)
        clusters.unknown.extend(said for said in map(str, missing) if said not in clusters.unknown)
        past = await self._completed(home.past, clusters) if home.past else None
        return replace(home, tree=tree, missing=missing, past=past)

    async def _found(self, ref: ObjectRef, live: Mapping[str, Json], clusters: Clusters, place: str, branch: str) -> list[Home]:
        near = suited(self._projects, place)
        owners = await clusters.owners_of(live) if live else ()
        if owners:
            return [await self._owned(owner, clusters, branch) for owner in owners]
        mapped = [project for project in near if project.holds(ref)]
        if mapped:
            return await self._each(mapped, branch, "Suture's settings name this project for it", clusters)
        repository = str(origin_of(live).get("repo") or "")
        if repository:
            named = self._forge.project_of(repository)
            near = [project for project in near if project.project == named] or near
        return await self._each(near, branch, f"it is one of the {len(near)} projects of this cluster", clusters)

    async def _each(self, projects: Sequence[Project], branch: str, because: str, clusters: Clusters) -> list[Home]:
        """Each project; one that is gone, closed to us or broken, or has no such branch, hides no other and is said."""
        found: list[Home] = []
        missing: list[Refused] = []
        for project in projects:
            try:
                found.append(await self._alone(project, branch, because))
            except Refused as refusal:
                missing.append(refusal)
            except (NotFound, Forbidden, Unusable) as error:
                todo = f"Look at its entry in settings (gitops), and at what Suture's token may read. {error.what_to_do}"
                missing.append(Refused(f"{project.project} was not searched: {error.what}", todo.strip(), kind="not_found"))
        if not found:
            raise missing[0]
        clusters.unknown.extend(refusal.what for refusal in missing)
        return found

    async def _alone(self, project: Project, branch: str, because: str) -> Home:
        branch = branch or project.branch
        sha = await self._trees.head(project.project, branch)
        mount = Mount(project=project.project, branch=branch, sha=sha)
        tree = await self._trees.tree(project.project, sha)
        return Home(project=replace(project, branch=branch), tree=tree, around=Around(mounts=(mount,)), because=because)

    async def _owned(self, owner: LiveOwner, clusters: Clusters, branch: str) -> Home:
        """The trees of the owner's sources, and of who holds the owner's own manifest."""
        origins = [origin for each in owner.chain for origin in each.origins if origin.url and not origin.chart]
        found: dict[tuple[str, str], str] = {}  # project and branch → what was applied of it, as the nearest owner says
        refusals: list[Refused] = []
        for origin in origins:
            try:
                project = self._project(self._forge.project_of(origin.url))
                _check_followed(owner, origin)
            except Refused as refusal:
                refusals.append(refusal)
            else:
                at = (project.project, branch or origin.revision or project.branch)
                found[at] = found.get(at) or origin.applied
        if not found:
            todo = "Map the object by hand: gitops in settings, `targets`."
            raise next(iter(refusals), Refused(f"{owner.ref} names no Git repository.", todo, kind="other_owner"))
        clusters.unknown.extend(refusal.what for refusal in refusals)
        mounts = [await self._mount(owner, name, at, number) for number, (name, at) in enumerate(found)]
        tree = await self._mounted(mounts)
        tools = [_tool(value) for each in owner.chain for value in (each.value, *each.sources)]
        tools += [_tool(value) for value in await _neighbours(owner, clusters)]
        home = Home(
            project=replace(self._project(mounts[0].project), branch=mounts[0].branch),
            tree=tree,
            around=Around(mounts=tuple(mounts), tools=tuple({tool.ref: tool for tool in reversed(tools)}.values())),
            because=owner.because,
            owners=frozenset() if _unrooted(owner, tree) else frozenset({owner.ref}),
            applied=tuple(replace(mount, sha=sha or mount.sha) for mount, sha in zip(mounts, found.values(), strict=True)),
        )
        return replace(home, past=await self._past(home, owner, clusters))

    async def _past(self, home: Home, owner: LiveOwner, clusters: Clusters) -> Home | None:
        """The home at the commits that were applied."""
        if home.applied == home.around.mounts:
            return None
        try:
            tree = await self._mounted(home.applied)
        except (NotFound, Forbidden, Unusable, Refused) as error:
            what = f"What {owner.ref.kind} {owner.ref.name} applied last was not read, the branch's head was compared in its place."
            clusters.unknown.append(f"{what} {error}")
            return None
        return replace(home, tree=tree, around=replace(home.around, mounts=home.applied))

    async def _mounted(self, mounts: Sequence[Mount]) -> Tree:
        return mounted([(mount, await self._trees.tree(mount.project, mount.sha)) for mount in mounts])

    def _project(self, name: str) -> Project:
        return next(project for project in self._projects if project.project == name)

    async def _mount(self, owner: LiveOwner, project: str, branch: str, number: int) -> Mount:
        try:
            sha = await self._trees.head(project, branch)
        except Refused as refusal:
            what = f"{owner.ref.kind} {owner.ref.name} follows {branch}, which is no branch of {project}."
            raise Refused(what, "A commit does not reach it: let it follow a branch, or release anew.", kind="other_owner") from refusal
        return Mount(project=project, branch=branch, sha=sha, folder=f"{OTHERS}/{number}" if number else ".")


def _unrooted(owner: LiveOwner, tree: Tree) -> bool:
    """Whether an artifact was made of a folder that nobody names: then its paths are not the repository's, and the object is looked for."""
    spec = mapping(owner.value.get("spec"))
    artifact = owner.ref.kind == "Kustomization" and mapping(spec.get("sourceRef")).get("kind") == "OCIRepository"
    return artifact and not has_folder(tree, folder(spec.get("path")))


def _check_followed(owner: LiveOwner, origin: Origin) -> None:
    if origin.fixed:
        todo = f"A commit to a branch of {masked(origin.url)} does not reach {owner.ref.name}: let it follow a branch, or release anew."
        raise Refused(origin.fixed, todo, kind="other_owner")


async def _neighbours(owner: LiveOwner, clusters: Clusters) -> Iterable[Mapping[str, Json]]:
    """What else the owner's tool applies: it may use the same files."""
    found: list[Mapping[str, Json]] = []
    for kind in _NEIGHBOURS.get(owner.ref.group, _FLUX):
        for cluster in clusters.asked:
            try:
                objects = await cluster.list(kind)
            except NotFound:
                continue
            except Forbidden as error:
                clusters.unknown.append(f"Other {kind} objects were not read. {error}")
                continue
            found += objects
            clusters.unknown.extend([cut_told(kind, objects)] if is_cut(objects) else [])
    return found


def _tool(value: Mapping[str, Json]) -> ToolObject:
    return ToolObject(ref=object_ref(value), value=value, path="")
