"""What an alert says: its words, masked, and what they mean. Reading them is most of the work, so a sender remembers what it read."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from remediation.masking import mask
from remediation.terms import Json
from webhooks.senders.labels import labels_of
from webhooks.senders.numbers import read_query, value_and_threshold

TITLE_LIMIT, TEXT_LIMIT, QUERY_LIMIT, KEY_LIMIT = 500, 16_000, 4_000, 200  # characters
TAGS_LIMIT = 200


@dataclass(frozen=True, kw_only=True)
class Said:
    """The words of one alert as they came. scope: the tags that it fired for.  status: Datadog's or another's sentence with the numbers."""

    title: str
    text: str = ""
    scope: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    query: str = ""
    status: str = ""


@dataclass(frozen=True, kw_only=True)
class Described:
    """What was read off them; everything masked. place: what it fired for, in one line that stays the same from firing to recovery.

    digest: of the words as they came.
    """

    title: str
    text: str
    tags: tuple[str, ...]
    labels: dict[str, Json]
    query: str
    metric: str
    value: float | None
    threshold: float | None
    place: str
    digest: str


def describe(said: Said) -> Described:
    """Read and mask. Pure, so that a sender may remember the answer."""
    words = _masked(said)
    query = read_query(words.query)
    named = (*words.scope, *words.tags, *query.tags)
    value, threshold = _numbers(words)
    return Described(
        title=words.title,
        text=words.text,
        tags=words.tags,
        labels=dict(labels_of(named, words.title, words.text)),
        query=words.query,
        metric=query.metric,
        value=value,
        threshold=threshold if threshold is not None else query.threshold,
        place=",".join(sorted(tag.lower() for tag in words.scope or labels_of(named, words.title).values())),
        digest=hashlib.sha256(repr((said.title, said.text, said.scope, said.tags, said.query, said.status)).encode()).hexdigest(),
    )


@lru_cache(maxsize=4_000)
def masked(text: str) -> str:
    """A short text without secrets, remembered: keys and tags come again and again."""
    return mask(text)


def _masked(said: Said) -> Said:
    """Within the limits, without secrets; looked for in title and text at once, for most hold none; the rest comes again and again."""
    left_out = len(said.text) - TEXT_LIMIT
    text = f"{said.text[:TEXT_LIMIT]} … ({left_out} characters left out)" if left_out > 0 else said.text
    title, scope, tags = said.title[:TITLE_LIMIT], said.scope[:TAGS_LIMIT], said.tags[:TAGS_LIMIT]
    whole = f"{title}\n{text}"
    if mask(whole) != whole:
        title, text = mask(title), mask(text)
    listed = {tag: masked(tag[:KEY_LIMIT]) for tag in (*scope, *tags)}
    return Said(
        title=title,
        text=text,
        scope=tuple(listed[tag] for tag in scope),
        tags=tuple(listed[tag] for tag in tags),
        query=mask(said.query[:QUERY_LIMIT]),
        status=mask(said.status[:QUERY_LIMIT]),
    )


def _numbers(words: Said) -> tuple[float | None, float | None]:
    """The first value and the first threshold that the status, the title or the text name."""
    found = [value_and_threshold(text) for text in (words.status, words.title, words.text) if text]
    value = next((value for value, _ in found if value is not None), None)
    threshold = next((threshold for _, threshold in found if threshold is not None), None)
    return value, threshold
