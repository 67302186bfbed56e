"""Lines of a chart's own templates: those that say a field as it is, with no value filled in, and the keys that the others ask for."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediation.errors import Refused, Unreadable
from remediation.gitops.charts import chart_fields, chart_folders
from remediation.gitops.document import decoded, read
from remediation.gitops.fieldpath import MISSING, Path, get, same
from remediation.gitops.helm_keys import derived
from remediation.gitops.helm_values import aliases_of, merged_values
from remediation.gitops.index import Tree, is_under
from remediation.gitops.kustomization import FILES
from remediation.gitops.locate import is_generated
from remediation.gitops.remotes import FETCHED
from remediation.gitops.renderings import Rendering
from remediation.gitops.sites import FieldSite, value_in
from remediation.gitops.wanted import Wanted
from remediation.gitops.writes import Choice, Write
from remediation.terms import Json

_STEPS = 3  # of a field's way, whose lines are looked for
_LINES = 12  # that are tried, the likeliest first
_PUBLISHED = ("home", "icon", "sources")  # what a Chart.yaml says of a chart that was made for many, and copied here
_NO_VALUES = ("Chart.yaml", "requirements.yaml", *FILES)
_ASKED = re.compile(r"\$?\.Values((?:\.[A-Za-z_][\w]*)+)")
_BY_VARIABLE = re.compile(r"(?<![\w\"/.])(?:\$\w*)?((?:\.[A-Za-z_]\w*)+)")
_GLOBAL = frozenset({"Values", "Release", "Chart", "Files", "Capabilities", "Template"})
_KEY = re.compile(r"(?:-[ \t]+)*[\"']?([^\s\"':{]+)[\"']?[ \t]*:(?:[ \t]|$)")


@dataclass(frozen=True, kw_only=True)
class LineSite:
    """A value within one line of a template, which as a whole is no YAML. line: from 0.  field: where it stands in what the line says.

    shared_with: a values file that the template may be rendered with, too.
    """

    path: str
    line: int
    field: Path
    shared_with: str = ""

    def write(self, content: bytes, value: Json) -> bytes:
        """The line, spliced as a document of its own."""
        if self.shared_with:
            raise shared_template(f"{self.path}:{self.line + 1}", f"{self.shared_with} may be rendered with it, too")
        lines = decoded(content).split("\n")
        indent = _indent(lines[self.line])
        said = FieldSite(path=self.path, field=self.field).write(lines[self.line][indent:].encode(), value).decode()
        if "\n" in said:
            raise Refused(f"Line {self.line + 1} of {self.path} holds one line of text.", "Change it by hand.", kind="infeasible")
        lines[self.line] = lines[self.line][:indent] + said
        return "\n".join(lines).encode()

    def show(self, content: bytes) -> tuple[int, int, str | None]:
        """Its place in the file."""
        line = decoded(content).split("\n")[self.line]
        indent = _indent(line)
        _, column, text = FieldSite(path=self.path, field=self.field).show(line[indent:].encode())
        return self.line + 1, indent + column, text


def shared_template(place: str, others: str) -> Refused:
    """Why a template is left alone."""
    what = f"Only the template itself can say it ({place}), and {others}."
    return Refused(what, "Let the template ask the values for it, or change it for all of them by hand.", kind="templated")


def said_in_templates(tree: Tree, rendering: Rendering, wanted: Wanted) -> Iterator[Choice]:
    """Each line that says the field, the one with the likeliest lines above it first. Rendering decides."""
    chart, other = rendering.path, other_values(tree, rendering)
    if MISSING in (wanted.now, wanted.value) or isinstance(wanted.now, dict | list):
        return
    if not other and is_own(tree, chart):
        yield from _version(tree, chart, wanted)
    found: list[tuple[int, LineSite]] = []
    for path, text in own_templates(tree, chart, wanted):
        lines = text.split("\n")
        for number, field in _saying(lines, wanted):
            found.append((_likeness(lines, number, wanted), LineSite(path=path, line=number, field=field, shared_with=other)))
    for _, site in sorted(found, key=lambda each: -each[0])[:_LINES]:
        place = f"{site.path}:{site.line + 1}"
        yield Choice(writes=(Write(site, wanted.value),), key=place, template=place)


def _version(tree: Tree, chart: str, wanted: Wanted) -> Iterator[Choice]:
    """The chart's `appVersion`, which templates take for an image's tag."""
    path = posixpath.normpath(posixpath.join(chart, "Chart.yaml"))
    value = derived(chart_fields(tree, path).get("appVersion"), wanted.now, wanted.value)
    if value is not MISSING:
        yield Choice(writes=(Write(FieldSite(path=path, field=("appVersion",)), value),), key="appVersion", template=path)


def other_values(tree: Tree, rendering: Rendering) -> str:
    """A values file of another environment: in the chart, beside one of the release's, or of its name in a folder beside that."""
    own = {source.path for source in rendering.values if source.path}
    for other in sorted(tree):
        folder, name = posixpath.split(other)
        if other in own or not name.endswith((".yaml", ".yml")) or name in _NO_VALUES:
            continue
        inside = (folder or ".") == rendering.path
        chart = posixpath.normpath(posixpath.join(folder, "Chart.yaml")) in tree
        if not inside and not _may_be_values(tree, other, rendering):
            continue
        if ("values" in name and name != "values.yaml") if inside else not chart and any(_is_beside(other, path) for path in own):
            return other
    return ""


def _may_be_values(tree: Tree, path: str, rendering: Rendering) -> bool:
    """Whether a file says a key that the release's values say, too: manifests and what configures other tools do not."""
    try:
        value = value_in(tree[path].content, 0)
    except Unreadable:
        return True
    known = merged_values(tree, rendering)
    return isinstance(value, dict) and "apiVersion" not in value and isinstance(known, dict) and not known.keys().isdisjoint(value)


def _is_beside(one: str, other: str) -> bool:
    (here, name), (there, called) = posixpath.split(one), posixpath.split(other)
    return here == there or (name == called and posixpath.dirname(here) == posixpath.dirname(there))


def asked_for(tree: Tree, chart: str, above: Path = ()) -> Iterator[Path]:
    """The keys of the values that the templates name, those of charts within the chart below their names."""
    for _, text in _templates(tree, chart, whole=True):
        for match in _ASKED.finditer(text):
            yield (*above, *match[1].split(".")[1:])
    inner = posixpath.normpath(posixpath.join(chart, "charts"))
    for path in tree:
        folder, name = posixpath.split(path)
        if name == "Chart.yaml" and posixpath.dirname(folder) == inner:
            for alias in aliases_of(tree, chart, posixpath.basename(folder)):
                yield from asked_for(tree, folder, (*above, alias))


def asked_on_lines(tree: Tree, chart: str, wanted: Wanted) -> Iterator[list[Path]]:
    """What the lines that say the field ask variables for, and each end of that; then those of the maps around it.

    `probes.period` of `$service.probes.period`, and with what stands below it, where the line says a map.
    """
    for at, step in reversed(list(enumerate(wanted.named))[-_STEPS:]):
        below = wanted.named[at + 1 :]
        if isinstance(step, str) and all(isinstance(each, str) for each in below):
            yield list(dict.fromkeys((*end, *below) for end in _ends(tree, chart, step)))


def _ends(tree: Tree, chart: str, key: str) -> Iterator[Path]:
    says = re.compile(rf"(?:^|[\s\"'{{,]){re.escape(key)}[\"']?:[^\n]*\{{\{{")
    for folder in chart_folders(tree, chart):
        for _, text in _templates(tree, folder, whole=True):
            for line in text.splitlines() if key in text else ():
                for match in _BY_VARIABLE.finditer(line) if says.search(line) else ():
                    steps = tuple(match[1].split(".")[1:])
                    yield from () if _GLOBAL.intersection(steps) else (steps[at:] for at in range(len(steps)))


def is_own(tree: Tree, chart: str) -> bool:
    """Whether a chart was made in this repository, so that its templates may be changed."""
    fields = chart_fields(tree, posixpath.normpath(posixpath.join(chart, "Chart.yaml")))
    return not is_under(chart, FETCHED) and not any(fields.get(key) for key in _PUBLISHED)


def own_templates(tree: Tree, chart: str, wanted: Wanted) -> Iterator[tuple[str, str]]:
    """The chart's template that made the object; each that it may have been, where Helm's word of it is lost. None of others' charts."""
    made = wanted.obj.template and posixpath.normpath(posixpath.join(chart, wanted.obj.template))
    if is_own(tree, chart):
        yield from (each for each in _templates(tree, chart) if made in ("", each[0]))


def _templates(tree: Tree, chart: str, *, whole: bool = False) -> Iterator[tuple[str, str]]:
    """The chart's own templates. whole: those that make no object by themselves, too."""
    folder = posixpath.normpath(posixpath.join(chart, "templates"))
    for path in sorted(tree):
        if is_under(path, folder) and path.endswith((".yaml", ".yml", ".tpl") if whole else (".yaml", ".yml")):
            try:
                text = decoded(tree[path].content)
            except Unreadable:
                continue
            if whole or not is_generated(path, tree[path].content):
                yield path, text


def _saying(lines: list[str], wanted: Wanted) -> Iterator[tuple[int, Path]]:
    """Lines that say the field's value under its last keys, or as an item of a list."""
    last = str(wanted.tokens[-1])
    for number, line in enumerate(lines):
        words = line.strip()
        if not words or "{{" in words or words.startswith("#") or not (last in words or words.startswith("- ")):
            continue
        try:
            said = read(words + "\n").value
        except (Unreadable, Refused):
            continue
        yield from ((number, field) for field in _fields(said, wanted))


def _fields(said: Json, wanted: Wanted) -> Iterator[Path]:
    """Where in a line the end of the field's path stands, with the value of now."""
    for inside in ((), (0,)) if isinstance(said, list) and len(said) == 1 else ((),):
        for at in range(len(wanted.named)):
            below = (*inside, *wanted.named[at:])
            if all(isinstance(step, str) for step in below[len(inside) :]) and same(get(said, below), wanted.now):
                yield below
    if isinstance(said, list) and isinstance(wanted.named[-1], int) and len(said) == 1 and same(said[0], wanted.now):
        yield (0,)


def _likeness(lines: list[str], number: int, wanted: Wanted) -> int:
    """How many of the keys that stand over the line, each less indented than the one below it, are steps of the field."""
    steps = {str(step) for step in wanted.tokens} | {"spec", wanted.obj.ref.kind}
    indent, found = _indent(lines[number]), 0
    for line in reversed(lines[:number]):
        key = _KEY.match(line.strip())
        if key and _indent(line) < indent and "{{" not in key[0]:
            indent = _indent(line)
            found += key[1] in steps
    return found * 2 + any(line.strip() == f"kind: {wanted.obj.ref.kind}" for line in lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
