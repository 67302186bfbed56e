"""Placeholders of an ApplicationSet's template: filled in; and, of what they were filled in with, read off an Application again."""

import json
import re
from collections.abc import Iterator, Mapping

from remediation.gitops.fieldpath import MISSING, get, leaves
from remediation.terms import Json

_PLACEHOLDER = re.compile(r"\{\{-?\s*(?:\.?([\w.\-\[\]\"]+?)|index\s+\.([\w.]+)\s+(\d+))\s*-?\}\}")
OPEN = "{{"


def filled(template: Json, values: Mapping[str, str]) -> Json:
    """The template with what is known filled in; the placeholders of anything else, and of functions, stay as they are."""

    def fill(match: re.Match[str]) -> str:
        return json.dumps(values.get(_name(match), match[0]))[1:-1]

    return json.loads(_PLACEHOLDER.sub(fill, json.dumps(template)))


def _name(match: re.Match[str]) -> str:
    return match[1] or f"{match[2]}[{match[3]}]"


def names_in(text: Json) -> set[str]:
    """The parameters that a text names."""
    return {_name(match) for match in _PLACEHOLDER.finditer(str(text))}


def read_off(template: Json, application: Json) -> dict[str, str]:
    """The parameters, by what an Application says where its template has a placeholder.

    Each text gives at most one that is not known yet, so that nothing is guessed; a text that the template does not make says nothing.
    """
    known: dict[str, str] = {}
    while True:
        found = dict(_next(template, application, known))
        if not found:
            return known
        known |= found


def _next(template: Json, application: Json, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for path, text in leaves(template):
        said = get(application, path)
        if not isinstance(text, str) or OPEN not in text or said is MISSING or isinstance(said, Mapping | list):
            continue
        whole = str(filled(text, known))
        open_ones = list(_PLACEHOLDER.finditer(whole))
        if len({_name(each) for each in open_ones}) == 1 and whole.count(OPEN) == len(open_ones):
            before, after = re.escape(whole[: open_ones[0].start()]), re.escape(whole[open_ones[-1].end() :])
            match = re.fullmatch(f"{before}(.*){after}", str(said).lower() if isinstance(said, bool) else str(said), re.DOTALL)
            if match and len(open_ones) == 1:
                yield _name(open_ones[0]), match[1]


def completed(template: Json, application: Json) -> Json:
    """The template, and what the Application says where it still has placeholders, or says nothing."""
    if isinstance(template, Mapping) and isinstance(application, Mapping):
        return {**application, **{key: completed(value, application.get(key, MISSING)) for key, value in template.items()}}
    if isinstance(template, list) and isinstance(application, list) and len(template) == len(application):
        return [completed(one, other) for one, other in zip(template, application, strict=True)]
    unknown = isinstance(template, str) and OPEN in template
    return application if unknown and application is not MISSING else template
