"""The metric, the value and the threshold that an alert speaks of, out of its query and its words."""

import math
import re
from dataclasses import dataclass
from functools import lru_cache

_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d[\d_]*)(?:\.\d+)?(?:[eE][-+]?\d{1,3}|[kKmMgG]\b)?%?"
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?[kKmMgG]?")
_TIMES = {"k": 10**3, "m": 10**6, "g": 10**9}
_VALUE, _THRESHOLD = rf"(?P<value>{_NUMBER})", rf"(?P<threshold>{_NUMBER})"
_COMPARES = r"(?:>=|<=|==|>|<)"
_METRIC = re.compile(r"(?:^|[\s:(,])([a-zA-Z][\w.]*)\{")
_BRACES = re.compile(r"(?<!by )\{([^{}]{1,2000})\}")
_AND, _CHOICE = re.compile(r",|\sAND\s", re.IGNORECASE), re.compile(r"\b(?:OR|NOT|IN)\b(?=[\s(])", re.IGNORECASE)
_COMPARED = re.compile(rf"{_COMPARES}\s*({_NUMBER})\s*$")

# Each begins with a word of its own: `re` finds a literal fast, and a choice of words slowly.
_PATTERNS = tuple(
    (word, re.compile(rf"{word}{rest}"))
    for word, rest in (
        ("was", rf"\s*\**\s*(?:{_VALUE}\s*\S{{0,3}}?\s*[(,]?\s*)?(?:{_COMPARES}|threshold\s*[:=]?)\s*{_THRESHOLD}"),
        ("is", rf"\s*\**\s*(?:{_VALUE}\s*\S{{0,3}}?\s*[(,]?\s*)?(?:{_COMPARES}|threshold\s*[:=]?)\s*{_THRESHOLD}"),
        ("value", rf"(?:\s+(?:is|was|of)|\s*[:=])\s*\**\s*{_VALUE}"),
        ("threshold", rf"(?:\s+(?:is|was|of)|\s*[:=])?\s*\**\s*{_THRESHOLD}"),
    )
)


@dataclass(frozen=True, kw_only=True)
class Query:
    """What a monitor's query says. tags: what it is narrowed to, `key:value`."""

    text: str = ""
    metric: str = ""
    threshold: float | None = None
    tags: tuple[str, ...] = ()


@lru_cache(maxsize=2_000)  # a monitor's query comes with each of its alerts
def read_query(query: str) -> Query:
    """`avg(last_5m):max:kubernetes.memory.usage_pct{kube_namespace:shop} by {pod_name} > 0.9` and its like."""
    metric, compared = _METRIC.search(query), _COMPARED.search(query)
    narrowed = (tag for braces in _BRACES.findall(query) for tag in _narrowed(braces))
    return Query(
        text=query,
        metric=metric[1] if metric else "",
        threshold=number(compared[1]) if compared else None,
        tags=tuple(tag for tag in narrowed if ":" in tag and not tag.startswith("!") and "*" not in tag),
    )


def _narrowed(scope: str) -> list[str]:
    """The tags that all of it must have; none where it is one of several, or what it is not."""
    return [] if _CHOICE.search(scope) else [tag.strip(" ()") for tag in _AND.split(scope)]


def value_and_threshold(text: str) -> tuple[float | None, float | None]:
    """`Metric value: 0.97`, `was 0.97 > 0.9`, `was > 0.9 at least once`, `threshold: 0.9`; None for what is not said."""
    value = threshold = None
    lowered = text.lower()
    for word, pattern in _PATTERNS:
        if word in lowered and (said := pattern.search(lowered)):
            groups = said.groupdict()
            value = value if value is not None else number(groups.get("value"))
            threshold = threshold if threshold is not None else number(groups.get("threshold"))
    return value, threshold


def number(text: str | None) -> float | None:
    """A finite number, or None for anything else; `97.3%` is 97.3, `1,234.5` has its thousands told apart, `1.2k` is 1200."""
    plain = (text or "").strip().removesuffix("%")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    times = _TIMES.get(plain[-1:].lower(), 1)
    try:
        read = float(plain if times == 1 else plain[:-1]) * times
    except ValueError:
        return None
    return read if math.isfinite(read) else None
