"""Renderings: one overlay, release or folder as it is applied, and how it is rendered from a tree."""

import json
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from remediation.errors import Refused, Unreadable
from remediation.gitops.binaries import binary
from remediation.gitops.charts import with_dependencies
from remediation.gitops.document import decoded, read
from remediation.gitops.fieldpath import Path
from remediation.gitops.index import SUFFIXES, Tree, is_under
from remediation.gitops.inflation import inflated_files
from remediation.gitops.inputs import check_inputs, folders_of, inflated_in, inputs, kustomization, kustomization_in
from remediation.gitops.kustomization import FILES
from remediation.gitops.remotes import is_remote, there
from remediation.gitops.rendered import Rendered
from remediation.gitops.workspace import BESIDE, Workspace, changed, from_beside
from remediation.terms import Json, ObjectRef

_WRAPPER = f"../{BESIDE}"  # from the tree, where the renderers run
_VARIABLE = re.compile(r"\$?\$\{([A-Za-z_]\w*)(?:(:?[-=])((?:(?!\$\{)[^}])*))?\}")  # an inner one first: defaults may hold some
_LITERAL = "\0{"  # stands for what no variable is: `$${`, and what is within values
_DEEPEST = 5
KUBERNETES = "1.34.0"  # what a chart is told, which asks; without it Helm says the version that it was built with
KEPT_LITERALLY = "kustomize.toolkit.fluxcd.io/substitute: disabled"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """The object of a GitOps tool that applies a rendering. path: its file. source: which of an Application's sources it is.

    made_by: the ApplicationSet that makes it; the file is that one's then.
    """

    ref: ObjectRef
    path: str
    source: int = 0
    suspended: str = ""
    made_by: ObjectRef | None = None


@dataclass(frozen=True, kw_only=True)
class Values:
    """One source of a Helm release's values. path: a file, or a field in it; else an object's field: map, text, parameters or one value."""

    path: str = ""
    holder: ObjectRef | None = None
    field: Path = ()
    form: Literal["file", "map", "text", "parameters", "value"] = "file"
    content: str = ""  # YAML of what is no file: a list of `name, value` for parameters, one of them for a value

    @property
    def keeps(self) -> bool:
        """Whether keys that it does not have may be added to it."""
        return self.form not in ("parameters", "value")


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One variable that an owner fills in, and what gives it: a field of an object, or of a file; neither where only a cluster knows."""

    name: str
    value: str
    holder: ObjectRef | None = None
    path: str = ""
    field: Path = ()


@dataclass(frozen=True, kw_only=True)
class Rendering:
    """How a folder is rendered. values: weakest first. overlay: fields of a kustomization that the owner lays over the folder, as JSON.

    namespace: where objects go that name none.  variables: what Flux substitutes, None where it substitutes nothing.  lacking: what else
    gives some, and is not in Git.  elements: what an ApplicationSet's generator gave.  within: the rendering that holds the owner.
    missing: why it cannot be rendered from this tree.
    laid_by: the field of the owner's object that holds `overlay` and values.  post: what Flux lays over a rendered chart, in order: the
    field of the release, and its fields as `overlay`.
    """

    kind: Literal["plain", "kustomize", "helm"]
    path: str
    values: tuple[Values, ...] = ()
    release: str = ""
    namespace: str = ""
    overlay: str = ""
    laid_by: Path = ()
    post: tuple[tuple[Path, str], ...] = ()
    holder: ObjectRef | None = None
    variables: tuple[Variable, ...] | None = None
    lacking: tuple[str, ...] = ()
    elements: tuple[Variable, ...] = ()
    recurse: bool = True
    owner: Owner | None = None
    within: "Rendering | None" = None
    missing: str = ""

    @property
    def folders(self) -> tuple[str, ...]:
        """What it is built from: its own folder, and the components that only its owner names."""
        laid = json.loads(self.overlay).get("components") if '"components"' in self.overlay else None
        return (self.path, *(there(self.path, str(entry)) for entry in laid or ()))

    @property
    def key(self) -> tuple[str, str, str, int, str]:
        """The same before and after a change."""
        owner = f"{self.owner.ref.group}/{self.owner.ref} in {'' if self.within else self.owner.path}" if self.owner else ""
        values = ",".join(source.path for source in self.values) if self.owner is None else ""
        within = "/".join(map(str, self.within.key)) if self.within else ""
        return self.kind, self.path, owner, self.owner.source if self.owner else 0, f"{within} {self.release} {values}"

    def __str__(self) -> str:
        return f"{self.kind}:{self.path}"


def render(workspace: Workspace, tree: Tree, rendering: Rendering) -> Rendered:
    """What the rendering gives of this tree. Raises Refused: missing_tool, unpinned, infeasible with the renderer's words."""
    if rendering.missing:
        raise Refused(rendering.missing, "Vendor it into the repository, or change the values by hand.", kind="unpinned")
    match rendering.kind:
        case "kustomize":
            text = _kustomized(workspace, tree, rendering)
        case "helm":
            text = _helmed(workspace, tree, rendering)
            for _, overlay in rendering.post:
                text = _post_rendered(workspace, tree, text, overlay)
        case _:
            text = "---\n".join(_plain(tree, rendering))
    if rendering.variables is not None:
        variables = {variable.name: variable.value for variable in rendering.variables}
        whole = not rendering.lacking
        return Rendered(tuple(_document_substituted(part, variables, whole=whole) for part in Rendered.of(text).texts))
    return Rendered.of(text)


def _document_substituted(text: str, variables: Mapping[str, str], *, whole: bool) -> str:
    return text if KEPT_LITERALLY in text else substituted(text, variables, whole=whole)


def _plain(tree: Tree, rendering: Rendering) -> Iterable[str]:
    for path in sorted(tree):
        near = is_under(path, rendering.path) and (rendering.recurse or posixpath.dirname(path) in (rendering.path, ""))
        if near and path.endswith(SUFFIXES):
            try:
                text = decoded(tree[path].content).removeprefix("\ufeff")
            except Unreadable:
                continue
            yield text if text.endswith("\n") else text + "\n"


def _kustomized(workspace: Workspace, tree: Tree, rendering: Rendering) -> str:
    extra = _generated_kustomization(tree, rendering.path) if kustomization_in(tree, rendering.path) is None else {}
    overlay: dict[str, Json] = json.loads(rendering.overlay) if rendering.overlay else {}
    if overlay.get("components"):
        overlay["components"] = [_from_wrapper(folder) for folder in rendering.folders[1:]]
    check_inputs(changed(tree, extra), *rendering.folders)
    wrapper = {"resources": [_from_wrapper(rendering.path)], "buildMetadata": ["originAnnotations"], **overlay}
    whole = changed(tree, {**extra, **_localised(tree, rendering)})
    beside = {"kustomization.yaml": json.dumps(wrapper).encode()}
    flags = ["--load-restrictor", "LoadRestrictionsNone"]
    for each in inflated_in(tree, *rendering.folders):
        whole = {**inflated_files(tree, each), **whole}
        flags = [*flags[:2], "--enable-helm", "--helm-command", binary("helm"), "--helm-kube-version", KUBERNETES]
    return workspace.printed("kustomize", ["build", *flags, _WRAPPER], whole, beside)


def _from_wrapper(folder: str) -> str:
    """A folder as the wrapper names it. Raises Refused infeasible where it leads out of the repository."""
    if folder.startswith(("..", "/")):
        raise Refused(f"{folder} is outside of the repository.", "Move it inside.", kind="infeasible")
    return from_beside(folder)


def _localised(tree: Tree, rendering: Rendering) -> dict[str, bytes]:
    """The kustomizations that build from what was fetched, with its folder in place of its address."""
    found: dict[str, bytes] = {}
    for path in inputs(tree, *rendering.folders):
        known = kustomization(tree, posixpath.dirname(path)) if posixpath.basename(path) in FILES else None
        for entry in folders_of(known.fields) if known else ():
            if is_remote(entry):
                local = posixpath.relpath(there("", entry), posixpath.dirname(path) or ".")
                found[path] = found.get(path, tree[path].content).replace(entry.encode(), local.encode())
    return found


def _generated_kustomization(tree: Tree, folder: str) -> dict[str, bytes]:
    """As Flux makes one: every manifest under the folder; a folder with a kustomization of its own is one entry."""
    own = {posixpath.dirname(path) for path in tree if kustomization_in(tree, posixpath.dirname(path)) == path and is_under(path, folder)}
    entries: set[str] = set()
    for path in tree:
        if is_under(path, folder) and path.endswith((".yaml", ".yml")):
            above = next((one for one in sorted(own) if is_under(path, one)), None)
            entries.add(posixpath.relpath(above if above is not None else path, folder or "."))
    return {posixpath.normpath(posixpath.join(folder, "kustomization.yaml")): json.dumps({"resources": sorted(entries)}).encode()}


def _helmed(workspace: Workspace, tree: Tree, rendering: Rendering) -> str:
    if posixpath.normpath(posixpath.join(rendering.path, "Chart.yaml")) not in tree:
        raise Refused(f"There is no chart at {rendering.path or '.'}.", "Check the chart's path.", kind="not_found")
    beside = {f"values-{at}.yaml": _values_file(source) for at, source in enumerate(rendering.values) if not source.path}
    arguments = ["template", "--include-crds", "--kube-version", KUBERNETES]
    if rendering.namespace:
        arguments += ["--namespace", rendering.namespace]
    for at, source in enumerate(rendering.values):
        arguments += ["--values", source.path or f"{_WRAPPER}/values-{at}.yaml"]
    release = rendering.release or posixpath.basename(rendering.path).strip(".") or "release-name"
    whole = {**tree, **with_dependencies(tree, rendering.path)}
    return workspace.printed("helm", [*arguments, "--", release, rendering.path or "."], whole, beside)  # a name is never an option


def _post_rendered(workspace: Workspace, tree: Tree, text: str, overlay: str) -> str:
    """What Kustomize makes of a rendered chart."""
    wrapper = {**json.loads(overlay), "resources": ["rendered.yaml"]}
    beside = {"kustomization.yaml": json.dumps(wrapper).encode(), "rendered.yaml": text.encode()}
    return workspace.printed("kustomize", ["build", _WRAPPER], tree, beside)


def _values_file(source: Values) -> bytes:
    if source.keeps:
        return source.content.encode()
    tree: dict[str, Json] = {}
    held = json.loads(source.content)
    for parameter in held if source.form == "parameters" else [held]:
        _set(tree, str(parameter.get("name", "")), parameter)
    return json.dumps(tree).encode()


def _set(tree: dict[str, Json], name: str, parameter: Mapping[str, Json]) -> None:
    """As `helm --set` reads one parameter, for names of plain keys."""
    *above, last = [part.replace("\0", ".") for part in name.replace("\\.", "\0").split(".")]
    for key in above:
        tree = tree.setdefault(key, {})
    text = str(parameter.get("value", ""))
    tree[last] = text if parameter.get("forceString") else (read(text).value if text else "")


def defaults(text: Json) -> list[tuple[str, str]]:
    """The variables that a text names, each with its default, empty where it has none."""
    found = _VARIABLE.finditer(text) if isinstance(text, str) else ()
    return [(match[1], match[3] or "") for match in found if not match[0].startswith("$$")]


def substituted(text: str, variables: Mapping[str, str], *, whole: bool = True) -> str:
    """As Flux substitutes: `${name}`, with defaults after `:=`, `:-`, `=` and `-`; `$${name}` stays as it is, without one dollar.

    whole: whether these are all variables; else a name that is none of them stays as it is.
    """

    def value(match: re.Match[str]) -> str:
        if match[0].startswith("$$"):
            return match[0][1:].replace("${", _LITERAL)
        given = variables.get(match[1])
        if given is None and not whole and match[3] is None:
            return match[0].replace("${", _LITERAL)
        empty_counts = not (match[2] or "").startswith(":")
        return (given if given is not None and (given or empty_counts) else match[3] or "").replace("${", _LITERAL)

    for _ in range(_DEEPEST):
        text = _VARIABLE.sub(value, text)
    return text.replace(_LITERAL, "${")
