"""What is written: values at sites, or in objects that may themselves be rendered, and which of them together."""

from dataclasses import dataclass

from remediation.gitops.fieldpath import Path
from remediation.gitops.sites import Site
from remediation.terms import Json, ObjectRef


@dataclass(frozen=True)
class Write:
    """One value to be written at one site. shown: what a person is shown of it, where that is another place; told: whether at all."""

    site: Site
    value: Json
    shown: Site | None = None
    told: bool = True


@dataclass(frozen=True)
class HeldWrite:
    """One value to be written into an object that may itself be rendered. inner: the key within the field's text, where it is a text."""

    holder: ObjectRef
    field: Path
    value: Json
    inner: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What is written together. key: what it stands for; of one key the first that fits is taken.

    certain: worth trying though another one fits, for two that do are ambiguous.  values: of a Helm release, what is set, by path.
    template: its place, where what is written is a line of a template.

    guesses: of a choice that only its name or its place speaks for, the values of all such, to be tried beside the files first: most often
    one rendering tells that none of them moves the field.
    """

    writes: tuple[Write | HeldWrite, ...]
    key: str = ""
    certain: bool = False
    values: tuple[tuple[Path, Json], ...] = ()
    template: str = ""
    guesses: tuple[tuple[Path, Json], ...] = ()
