"""The address of a system, as a setting holds it."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def _address(text: str) -> str:
    """What a client can be pointed at. The sentence holds no value, which may be a secret that was pasted there."""
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", text) and (parts.port or 1) > 0
    except ValueError:  # a port that is no number
        whole = False
    if text and not whole:
        raise ValueError("is no address; it begins with https:// (or http://) and names a host")
    return text


def _host(text: str) -> str:
    """Ollama's own variable may be a host and port without a scheme."""
    _address(text if "://" in text else f"http://{text}")
    return text


Address = Annotated[str, AfterValidator(_address)]
Folder = Annotated[Address, AfterValidator(lambda text: f"{text.rstrip('/')}/")]  # the SDK puts its methods' names behind the last slash
HostOrAddress = Annotated[str, AfterValidator(_host)]
