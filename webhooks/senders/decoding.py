"""A stranger's bytes into a shape; what does not fit is named by its field, and what is no JSON at all by `body`."""

import json
import re
from typing import TypeVar
from urllib.parse import parse_qsl

import msgspec

from remediation.errors import Unreadable

T = TypeVar("T")
_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # an escape of a surrogate, which stands for text only in a pair
_FORM_FIELDS = 200


def from_json(text: bytes | str, decoder: msgspec.json.Decoder[T]) -> T:
    """What the decoder makes of it. Raises Unreadable."""
    try:
        return decoder.decode(text)
    except msgspec.ValidationError as error:
        _read_whole(text)  # a misfit may stand before the place where it stops being JSON
        raise misfit(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _undecodable(error, text) from None


def form_fields(body: bytes, listed: frozenset[str] = frozenset()) -> dict[str, str]:
    """The fields of a URL-encoded form, the last of a name; of `listed` all of a name (`tags=a&tags=b`, `tags[]=a`), with commas between.

    Raises Unreadable.
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_FORM_FIELDS)
    except ValueError as error:  # not UTF-8, or too many fields
        raise _undecodable(error) from None
    fields: dict[str, str] = {}
    for name, value in pairs:
        known = name.removesuffix("[]")
        if known in listed:
            fields[known] = f"{fields[known]},{value}" if known in fields else value
        else:
            fields[name] = value
    return fields


def misfit(error: msgspec.ValidationError) -> Unreadable:
    """The same error, naming the field."""
    place = _PLACE.search(str(error))
    return Unreadable(f"{_PLACE.sub('', str(error))}.", "Send what the documentation of this path shows.", place[1] if place else "body")


def _read_whole(text: bytes | str) -> None:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _undecodable(error, text) from None


def _undecodable(error: Exception, text: bytes | str = b"") -> Unreadable:
    if _HALF.search(text.encode() if isinstance(text, str) else text) and _is_json(text):
        return Unreadable(
            "The body holds half of a character (a lone surrogate such as \\ud800), which is no valid text.", "Send JSON in UTF-8."
        )
    return Unreadable(f"The body cannot be read: {error}.", "Send JSON in UTF-8.")


def _is_json(text: bytes | str) -> bool:
    """To a reader that lets halves of characters pass: then they are all that is wrong."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
