"""Sites: places in files that hold a value, and how each is written and shown. A site names files and fields, never bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import yaml

from remediation.errors import Refused, Unreadable
from remediation.gitops.document import decoded, read, spans
from remediation.gitops.fieldpath import MISSING, Item, Path, format_path, get, put
from remediation.gitops.layout import Habits, mapping_lines
from remediation.gitops.places import block_lines, column, trail
from remediation.gitops.splice import splice, standing
from remediation.terms import FieldEdit, Json


class Site(Protocol):
    """A place in a file. path: the file."""

    @property
    def path(self) -> str:
        """The file."""
        ...

    def write(self, content: bytes, value: Json) -> bytes:
        """The file with the value there; MISSING takes it away. Raises Refused."""
        ...

    def show(self, content: bytes) -> tuple[int, int, str | None]:
        """Line and column from 1, and the scalar's text there; None where it is absent."""
        ...


@dataclass(frozen=True, kw_only=True)
class FieldSite:
    """A field of a YAML or JSON document."""

    path: str
    document: int = 0
    field: Path = ()

    def write(self, content: bytes, value: Json) -> bytes:
        """Spliced; absent parents are made, list items too."""
        if _is_empty(content):
            return content + _lines(put(None, self.field, value))
        now = value_in(content, self.document)
        return splice(content, self.document, [_edit(now, self.field, value)]).content

    def show(self, content: bytes) -> tuple[int, int, str | None]:
        """Where it stands."""
        return standing(content, self.document, self.field)


@dataclass(frozen=True, kw_only=True)
class InlineSite:
    """A field of a YAML document that is itself a text in a file: an inline patch, an Application's `helm.values`."""

    path: str
    document: int
    outer: Path
    inner_document: int
    field: Path

    def write(self, content: bytes, value: Json) -> bytes:
        """The inner text is spliced, then stands in its block again; its other lines stay."""
        text = str(get(value_in(content, self.document), self.outer))
        inner = FieldSite(path=self.path, document=self.inner_document, field=self.field).write(text.encode(), value).decode()
        return FieldSite(path=self.path, document=self.document, field=self.outer).write(content, inner)

    def show(self, content: bytes) -> tuple[int, int, str | None]:
        """The place in the file, where the text is a literal block; else the place of the whole text."""
        text = decoded(content)
        begin, end = spans(text)[self.document]
        document = read(text[begin:end])
        node = trail(document, self.outer)[-1][1]
        line, col, found = standing(str(node.value).encode(), self.inner_document, self.field)
        if isinstance(node, yaml.ScalarNode) and node.style == "|":
            first, _, indent = block_lines(document.text, node)
            return text.count("\n", 0, begin + first) + line, indent + col, found
        at = begin + node.start_mark.index
        return text.count("\n", 0, at) + 1, column(text, at) + 1, found


@dataclass(frozen=True, kw_only=True)
class EnvSite:
    """A `KEY=value` line of an env file."""

    path: str
    key: str

    def write(self, content: bytes, value: Json) -> bytes:
        """That line anew, or taken away."""
        lines = decoded(content).split("\n")
        at, _ = self._line(lines)
        if value is MISSING:
            return "\n".join(lines[:at] + lines[at + 1 :]).encode()
        if not isinstance(value, str) or "\n" in value:
            raise Refused(f"{self.key} in {self.path} holds one line of text.", "Change it by hand.", kind="infeasible")
        lines[at] = f"{self.key}={value}" + "\r" * lines[at].endswith("\r")
        return "\n".join(lines).encode()

    def show(self, content: bytes) -> tuple[int, int, str | None]:
        """Where its value begins."""
        at, value = self._line(decoded(content).split("\n"))
        return at + 1, len(self.key) + 2, value

    def _line(self, lines: Sequence[str]) -> tuple[int, str]:
        for at, line in enumerate(lines):
            key, equals, value = line.rstrip("\r").partition("=")
            if equals and key == self.key:
                return at, value
        raise Refused(f"There is no {self.key} in {self.path}.", "Check the file.", kind="not_found")


@dataclass(frozen=True, kw_only=True)
class FileSite:
    """A whole file as one value."""

    path: str

    def write(self, content: bytes, value: Json) -> bytes:  # noqa: ARG002 - a Site knows what stands there
        """The text itself."""
        if not isinstance(value, str):
            raise Refused(f"{self.path} holds text.", "Change it by hand.", kind="infeasible")
        return value.encode()

    def show(self, content: bytes) -> tuple[int, int, str | None]:
        """Its beginning."""
        return 1, 1, decoded(content)


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """A file that is made whole. field: what a person looks for in it, where that is not the whole."""

    path: str
    content: bytes
    field: FieldSite | None = None

    def write(self, content: bytes, value: Json) -> bytes:  # noqa: ARG002 - it is made whole
        """The whole file."""
        return self.content

    def show(self, content: bytes) -> tuple[int, int, str | None]:
        """Where the field stands."""
        return self.field.show(content) if self.field else FileSite(path=self.path).show(content)


@dataclass(frozen=True)
class Gone:
    """A place whose value is taken away: what is shown there afterwards is another's."""

    site: Site

    @property
    def path(self) -> str:
        """The file."""
        return self.site.path

    def write(self, content: bytes, value: Json) -> bytes:
        """As the site does."""
        return self.site.write(content, value)

    def show(self, content: bytes) -> tuple[int, int, str | None]:
        """Where it stood, and nothing."""
        try:
            line, col, _ = self.site.show(content)
        except (Refused, Unreadable, IndexError):
            return 1, 1, None
        return line, col, None


def value_in(content: bytes, number: int) -> Json:
    """What a document means; an empty one is nothing."""
    text = decoded(content)
    cuts = spans(text)
    begin, end = cuts[min(number, len(cuts) - 1)]
    try:
        return read(text[begin:end]).value
    except Unreadable:
        if _is_empty(text[begin:end].encode()):
            return None
        raise


def _is_empty(content: bytes) -> bool:
    lines = decoded(content).removeprefix("\ufeff").splitlines()
    return all(not line.strip() or line.lstrip().startswith("#") or line.strip() == "---" for line in lines)


def _lines(value: Json) -> bytes:
    """A first entry, in the usual layout."""
    habit = Habits(step=2, list_step=0, quote='"', newline="\n")
    return ("\n".join(mapping_lines(value, 0, habit)) + "\n").encode()


def _edit(now: Json, path: Path, value: Json) -> FieldEdit:
    """What `splice` is asked: an absent list item is added whole, with what must stand in it."""
    if get(now, path) is not MISSING:
        op, shown = ("remove", None) if value is MISSING else ("replace", value)
        return FieldEdit(path=format_path(path), op=op, expect=None, value=shown)  # type: ignore[arg-type]
    if value is MISSING:
        raise Refused(f"There is no {format_path(path)} in the file.", "Check the path's spelling.", kind="not_found")
    depth = next(depth for depth in range(len(path) - 1, -1, -1) if get(now, path[:depth]) is not MISSING)
    below = next((at for at in range(depth, len(path)) if not isinstance(path[at], str)), None)
    if below is None:
        return FieldEdit(path=format_path(path), op="add", expect=None, value=value)
    cut = depth + 1
    return FieldEdit(path=format_path(path[:cut]), op="add", expect=None, value=_made(path[cut - 1], path[cut:], value))


def _made(step: str | int | Item, rest: Path, value: Json) -> Json:
    made = put(None, rest, value) if rest else value
    return {step.field: step.value, **made} if isinstance(step, Item) and isinstance(made, dict) else made
