"""Expressions of PromQL that stand in files of their own, beside the answers that they were asked for: these get their name from them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from remediation.reading.parts import Part

_EXPRESSION = re.compile(r"[\w:(){}\[\]\s\"'=~,./*+<>!|^$%@\\-]{3,2000}")
_CALLS = re.compile(
    r"\b[a-z][\w:]{2,80}\s?\{|"
    r"\b(?:rate|irate|increase|sum|avg|max|min|histogram_quantile|topk)\s?(?:by\s?\([^()]{0,200}\)\s?)?\("
)
_LONGEST = 6  # lines


def named(parts: Sequence[Part]) -> Sequence[Part]:
    """The same parts; series without a name have that of the expression in the file of the same stem, else of the only one there is."""
    asked = {PurePath(part.title).stem: part.text.strip() for part in parts if _is_expression(part)}
    nameless = {id(part) for part in parts if any(not series.metric for series in part.series)}
    if not asked or not nameless:
        return parts
    alone = next(iter(asked.values())) if len(asked) == len(nameless) == 1 else ""
    for part in parts:
        expression = asked.get(PurePath(part.title).stem, alone) if id(part) in nameless else ""
        if expression:
            part.series = [series if series.metric else replace(series, metric=expression) for series in part.series]
    return parts


def _is_expression(part: Part) -> bool:
    text = part.text.strip()
    short = not part.readings and not part.series and text.count("\n") < _LONGEST
    return short and _EXPRESSION.fullmatch(text) is not None and _CALLS.search(text) is not None
