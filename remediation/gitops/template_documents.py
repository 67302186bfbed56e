"""A chart's template as the YAML that it would be without what Helm fills in, so that a field of it can be written anywhere."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.errors import Refused, Unreadable
from remediation.gitops.document import decoded, spans
from remediation.gitops.fieldpath import MISSING, Item, Path, get, same
from remediation.gitops.index import Tree
from remediation.gitops.renderings import Rendering
from remediation.gitops.sites import FieldSite, value_in
from remediation.gitops.template_lines import other_values, own_templates, shared_template
from remediation.gitops.wanted import Wanted
from remediation.gitops.writes import Choice, Write
from remediation.terms import Json

_ACTION = re.compile(r"\{\{(?:[^{}\n]|\{(?!\{)|\}(?!\}))*+\}\}")
_DECIDES = re.compile(r"\{\{-?\s*(?:if|else|end|with|range|define|block|/\*|\$\w+\s*:?=)")
_INDENT = re.compile(r"\bn?indent\s+(\d+)")
_OFFERED = 3


@dataclass(frozen=True)
class Masked:
    """A template with words in place of Helm's actions. A line of nothing else is a comment where it decides, a key where it prints.

    actions: what stood there, by the word, comment or line of a key.
    """

    text: str
    actions: Mapping[str, str]

    @classmethod
    def of(cls, template: str) -> "Masked":
        """Raises Unreadable where an action goes over several lines."""
        actions: dict[str, str] = {}

        def masked(said: str, before: str = "", after: str = "") -> str:
            word = f"{before}q{len(actions):x}".ljust(len(said) - len(after), "Q") + after
            actions[word] = said
            return word

        lines: list[str] = []
        for line in template.split("\n"):
            said = line.strip()
            if not said or _ACTION.sub("", said).strip():
                lines.append(_ACTION.sub(lambda match: masked(match[0]), line))
            elif _DECIDES.match(said):
                lines.append(line.replace(said, masked(said, "#")))
            else:
                indent = _INDENT.search(said)
                lines.append(masked(line, " " * (int(indent[1]) if indent else len(line) - len(line.lstrip())), ":"))
        text = "\n".join(lines)
        if "{{" in text:
            raise Unreadable("An action of the template goes over several lines.", "Change it by hand.")
        return cls(text, actions)

    def filled(self, text: str) -> str:
        """A masked text that was changed, with the actions in it again. Raises Refused where one of them is gone, or there twice."""
        if any(text.count(word) != 1 for word in self.actions):
            raise Refused("What a template fills in would go.", "Change it by hand.", kind="templated")
        for word, action in self.actions.items():
            text = text.replace(word, action)
        return text


@dataclass(frozen=True, kw_only=True)
class TemplateSite:
    """A field of a template's document. shared_with: a values file that the template may be rendered with, too."""

    path: str
    document: int
    field: Path
    shared_with: str = ""

    def write(self, content: bytes, value: Json) -> bytes:
        """Spliced, with what Helm fills in masked meanwhile."""
        if self.shared_with:
            raise shared_template(self.path, f"{self.shared_with} may be rendered with it, too")
        masked = Masked.of(decoded(content))
        return masked.filled(self._field.write(masked.text.encode(), value).decode()).encode()

    def show(self, content: bytes) -> tuple[int, int, str | None]:
        """Its place in the file."""
        return self._field.show(Masked.of(decoded(content)).text.encode())

    @property
    def _field(self) -> FieldSite:
        return FieldSite(path=self.path, document=self.document, field=self.field)


def said_in_documents(tree: Tree, rendering: Rendering, wanted: Wanted) -> Iterator[Choice]:
    """The documents of the object's kind in the template that made it, where they say the field as it is, or have no such field."""
    other, offered = other_values(tree, rendering), 0
    for path, text in own_templates(tree, rendering.path, wanted):
        try:
            masked = Masked.of(text).text
            values = [(number, value_in(masked.encode(), number)) for number in range(len(spans(masked)))]
        except Unreadable:
            continue
        for number, value in values:
            field = _field_in(value, wanted)
            if offered < _OFFERED and isinstance(value, dict) and value.get("kind") == wanted.obj.ref.kind and field:
                offered += 1
                site = TemplateSite(path=path, document=number, field=field, shared_with=other)
                yield Choice(writes=(Write(site, wanted.value),), key=path, template=path)


def _field_in(value: Json, wanted: Wanted) -> Path:
    """The field's path in a template: by an item's name where it stands there, else by its position; empty where it says something else."""
    field: list[str | int | Item] = []
    for step, token in zip(wanted.named, wanted.tokens, strict=True):
        known = not isinstance(step, Item) or get(value, (*field, step)) is not MISSING or not token.isdecimal()
        field.append(step if known else int(token))
    now = get(value, tuple(field))
    return tuple(field) if now is MISSING or same(now, wanted.now) else ()
