"""What a kube-apiserver minds about labels and annotations, in its words."""

import re
from collections.abc import Iterator

from bot.sandbox.fields import Object
from bot.sandbox.pod_rules import VALUE, VALUE_HELP, Cause

_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_NAME_HELP = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or "
    "'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
SUBDOMAIN_HELP = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LONGEST = 63


def causes(metadata: Object, path: str) -> Iterator[Cause]:
    """What is wrong with the labels and annotations that stand at `path`."""
    for key, value in (metadata.get("labels") or {}).items():
        yield from _key(str(key), f"{path}.labels")
        if len(str(value)) > _LONGEST:
            yield f"{path}.labels", f'Invalid value: "{value}": must be no more than {_LONGEST} bytes'
        if not VALUE.fullmatch(str(value)):
            yield f"{path}.labels", f'Invalid value: "{value}": {VALUE_HELP}'
    for key in metadata.get("annotations") or {}:
        yield from _key(str(key).lower(), f"{path}.annotations")


def _key(key: str, path: str) -> Iterator[Cause]:
    """A name, perhaps with a DNS prefix before a slash."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        said = f"a qualified name {_NAME_HELP} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        yield path, f'Invalid value: "{key}": {said}'
        return
    if slash and not prefix:
        yield path, f'Invalid value: "{key}": prefix part must be non-empty'
    elif slash and not SUBDOMAIN.fullmatch(prefix):
        yield path, f'Invalid value: "{key}": prefix part {SUBDOMAIN_HELP}'
    if not name:
        yield path, f'Invalid value: "{key}": name part must be non-empty'
    elif len(name) > _LONGEST:
        yield path, f'Invalid value: "{key}": name part must be no more than {_LONGEST} bytes'
    if not _NAME.fullmatch(name):
        yield path, f'Invalid value: "{key}": name part {_NAME_HELP}'
