"""Renderings: one overlay, release or folder as it is applied."""

import json
from dataclasses import dataclass
from typing import Literal

from remediation.gitops.fieldpath import Path
from remediation.gitops.remotes import there
from remediation.terms import ObjectRef


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
        return (self.path, *(there(self.path, str(entry)) for entry in (laid if isinstance(laid, list) else ())))

    @property
    def key(self) -> tuple[str, str, str, int, str]:
        """The same before and after a change."""
        owner = f"{self.owner.ref.group}/{self.owner.ref} in {'' if self.within else self.owner.path}" if self.owner else ""
        values = ",".join(source.path for source in self.values) if self.owner is None else ""
        within = "/".join(map(str, self.within.key)) if self.within else ""
        return self.kind, self.path, owner, self.owner.source if self.owner else 0, f"{within} {self.release} {values}"

    def __str__(self) -> str:
        return f"{self.kind}:{self.path}"
