"""How a rendering is rendered from a tree: natively, by Kustomize, by Helm."""

import json
import posixpath
import re
from collections.abc import Iterable, Mapping

from remediation.errors import Refused, Unreadable
from remediation.gitops.binaries import binary
from remediation.gitops.charts import with_dependencies
from remediation.gitops.document import decoded, read
from remediation.gitops.index import SUFFIXES, Tree, is_under
from remediation.gitops.inflation import inflated_files
from remediation.gitops.inputs import check_inputs, folders_of, inflated_in, inputs, kustomization, kustomization_in
from remediation.gitops.kustomization import FILES
from remediation.gitops.plugins import without_plugins
from remediation.gitops.remotes import is_remote, there
from remediation.gitops.rendered import Rendered
from remediation.gitops.renderings import Rendering, Values
from remediation.gitops.substitution import document_substituted
from remediation.gitops.workspace import BESIDE, Workspace, changed, from_beside
from remediation.terms import Json

_WRAPPER = f"../{BESIDE}"  # from the tree, where the renderers run

_COMPUTED = re.compile(r"\{\{-?((?:[^{}]|\{(?!\{)|\}(?!\}))*+)\}\}")  # what a generator's function gives, which nobody knows

KUBERNETES = "1.34.0"  # what a chart is told, which asks; without it Helm says the version that it was built with


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
        return Rendered(tuple(document_substituted(part, variables, whole=whole) for part in Rendered.of(text).texts))
    return Rendered.of(text)


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
    run = changed(tree, without_plugins(tree, *rendering.folders))
    whole = changed(run, {**extra, **_localised(run, rendering)})
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
    tree[last] = _parameter(str(parameter.get("value", "")), forced=bool(parameter.get("forceString")))


def _parameter(text: str, *, forced: bool) -> Json:
    """A parameter's value. What an ApplicationSet computes stays open, in braces that are no YAML's; an odd text is a text."""
    if "{{" in text:
        return _COMPUTED.sub(lambda match: f"${{{match[1].removesuffix('-').strip()}}}", text)
    try:
        return text if forced or not text else read(text).value
    except Unreadable:
        return text
