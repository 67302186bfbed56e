"""Whether the environment says how to reach others: HTTP libraries that may look there do it for each request anew."""

import os
from urllib.request import getproxies

_AUTHORITIES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def in_environment() -> bool:
    """Whether a proxy or a bundle of certificate authorities is named there."""
    return bool(getproxies()) or any(os.environ.get(name) for name in _AUTHORITIES)
