"""The objects of GitOps tools, as a tree means them."""

import posixpath
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from remediation.gitops.index import Tree, is_under
from remediation.gitops.inputs import kustomization_in
from remediation.gitops.renderings import Rendering
from remediation.terms import Json, ObjectRef

ARGO = "argoproj.io"
FLUX_KUSTOMIZE = "kustomize.toolkit.fluxcd.io"
FLUX_HELM = "helm.toolkit.fluxcd.io"
FLUX_SOURCE = "source.toolkit.fluxcd.io"
MARKS = (b"argoproj.io", b"toolkit.fluxcd.io", b"ConfigMap")  # what may say how something else is rendered
KINDS = frozenset({(ARGO, "Application"), (ARGO, "ApplicationSet"), (FLUX_KUSTOMIZE, "Kustomization"), (FLUX_HELM, "HelmRelease")})


@dataclass(frozen=True, kw_only=True)
class ToolObject:
    """One object of a GitOps tool. path: a file that it comes from. within: the rendering that makes it, None for a plain manifest."""

    ref: ObjectRef
    value: Mapping[str, Json]
    path: str
    within: Rendering | None = None


def folder(path: Json) -> str:
    """A folder as trees name it: without `./` and slashes at its ends, `.` for the root."""
    return posixpath.normpath(str(path or ".").strip("/") or ".")


def has_folder(tree: Tree, path: str) -> bool:
    """Whether anything stands in the folder."""
    return path == "." or any(is_under(each, path) for each in tree)


def how(tree: Tree, path: str) -> str:
    """What a folder is by what stands in it: helm, kustomize or plain."""
    if posixpath.normpath(posixpath.join(path, "Chart.yaml")) in tree:
        return "helm"
    return "kustomize" if kustomization_in(tree, path) else "plain"


def mapping(value: Json) -> Mapping[str, Json]:
    """The value where it is a map, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def listed(value: Json) -> list[Json]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def set_of(application: Mapping[str, Json]) -> str:
    """The ApplicationSet that made an Application of the cluster; empty where people did."""
    references = map(mapping, listed(mapping(application.get("metadata")).get("ownerReferences")))
    return next((str(each.get("name")) for each in references if each.get("kind") == "ApplicationSet"), "")


Held = dict[str, tuple[tuple[str, str], str]]  # key → its field and its text


def held(value: Json) -> Held:
    """What a ConfigMap or a Secret holds. What is encrypted is left out."""
    obj = mapping(value)
    if "sops" in obj:
        return {}
    found: Held = {}
    for field in ("data", "stringData"):
        for key, text in mapping(obj.get(field)).items():
            plain = _decoded(str(text)) if field == "data" and obj.get("kind") == "Secret" else str(text)
            if plain is not None:
                found[key] = ((field, key), plain)
    return found


def _decoded(text: str) -> str | None:
    try:
        return b64decode(text, validate=True).decode()
    except ValueError:
        return None


def of_kind(objects: Iterable[ToolObject], group: str, kind: str) -> list[ToolObject]:
    """Those of one kind."""
    return [obj for obj in objects if (obj.ref.group, obj.ref.kind) == (group, kind)]
