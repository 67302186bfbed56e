"""The index of a Helm repository: which versions of a chart it has, where, and with what digest. A stranger wrote it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from remediation.errors import Unusable
from remediation.gitops.owners.objects import listed, mapping
from remediation.terms import Json

_DEEPEST = 100  # maps and lists in one another; libyaml's composer has no bound of its own, and breaks the process


@dataclass(frozen=True, kw_only=True)
class Offered:
    """One version of a chart. url: absolute, or relative to the repository.  digest: its SHA-256 in hex, empty where none is said."""

    version: str
    url: str
    digest: str


def offers_of(index: bytes, repository: str) -> Mapping[str, tuple[Offered, ...]]:
    """By chart, what can be downloaded. Raises Unusable where it is no index. It takes seconds for thousands of versions."""
    try:
        entries = mapping(mapping(_value(index)).get("entries"))
    except (yaml.YAMLError, UnicodeDecodeError, ValueError) as error:
        raise Unusable(f"The index of {repository} cannot be read.", "Check the repository's address.") from error
    return {name: tuple(_offered(versions)) for name, versions in entries.items()}


def _offered(versions: Json) -> Iterator[Offered]:
    for each in map(mapping, listed(versions)):
        url = next((url for url in listed(each.get("urls")) if isinstance(url, str)), "")
        version, digest = (text if isinstance(text := each.get(key), str) else "" for key in ("version", "digest"))
        if version and url:
            yield Offered(version=version, url=url, digest=digest.removeprefix("sha256:"))


def _value(index: bytes) -> Json:
    """Maps, lists and text; an alias, which no index needs, is empty. By events: the loader calls itself for each level, this does not."""
    within: list[list[Json]] = [[]]  # what each open map or list holds so far
    for event in yaml.parse(index, Loader=yaml.CBaseLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            if len(within) > _DEEPEST:
                raise ValueError("nested too deeply")
            within.append([])
        elif isinstance(event, yaml.CollectionEndEvent):
            held = within.pop()
            ended = isinstance(event, yaml.MappingEndEvent)
            within[-1].append(_map(held) if ended else held)
        elif isinstance(event, yaml.NodeEvent):
            within[-1].append(event.value if isinstance(event, yaml.ScalarEvent) else "")
    return next(iter(within[0]), None)


def _map(held: list[Json]) -> dict[str, Json]:
    """Of keys and values in turn; a key that is no text is left out."""
    return {key: value for key, value in zip(held[::2], held[1::2], strict=True) if isinstance(key, str)}
