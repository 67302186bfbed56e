"""What Kubernetes takes as a name, a key, a label's value, a port and an image."""

import re
from dataclasses import dataclass

from remediation.gitops.placeholders import TEMPLATED
from remediation.terms import Json

_DNS_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
_WORD = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_PORT_NAME = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9](?:[-a-z0-9]{0,13}[a-z0-9])?")
_HOST = r"(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?"
_FOLDER = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_IMAGE = re.compile(rf"(?:{_HOST}/)?{_FOLDER}(?:/{_FOLDER})*(?::\w[\w.-]{{0,127}})?(?:@[A-Za-z0-9+._-]+:[0-9A-Za-z]+)?", re.ASCII)
_LONGEST_SUBDOMAIN = 253
_MOST = 2**31 - 1


@dataclass(frozen=True)
class Fault:
    """What is wrong, a clause without a full stop; and a sentence with what to write."""

    what: str
    what_to_do: str


def is_open(value: Json) -> bool:
    """Whether something else fills the text in, so that nobody knows it yet."""
    return isinstance(value, str) and TEMPLATED.search(value) is not None


def is_dns_label(text: Json) -> bool:
    """As containers and volumes are called."""
    return isinstance(text, str) and _DNS_LABEL.fullmatch(text) is not None


def is_subdomain(text: str) -> bool:
    """As most objects are called."""
    return len(text) <= _LONGEST_SUBDOMAIN and all(_DNS_LABEL.fullmatch(part) for part in text.split("."))


def is_key(text: str) -> bool:
    """A label's or annotation's key: `name`, `example.com/name`."""
    prefix, slash, name = text.rpartition("/")
    return _WORD.fullmatch(name) is not None and (not slash or is_subdomain(prefix))


def is_label_value(text: str) -> bool:
    """Empty, or a word of 63 characters."""
    return not text or _WORD.fullmatch(text) is not None


def is_port_name(text: Json) -> bool:
    """At most 15 characters, a letter among them."""
    return isinstance(text, str) and _PORT_NAME.fullmatch(text) is not None


def is_image(text: Json) -> bool:
    """`host:port/folder/name:tag@digest`."""
    return isinstance(text, str) and _IMAGE.fullmatch(text) is not None


def is_whole(number: Json, least: int, most: int = _MOST) -> bool:
    """A whole number within bounds."""
    whole = isinstance(number, int) or (isinstance(number, float) and number.is_integer())
    return whole and not isinstance(number, bool) and least <= number <= most


def shown(value: Json) -> str:
    """A value within a sentence."""
    return repr(value)[:80] if isinstance(value, str) else str(value)[:80]
