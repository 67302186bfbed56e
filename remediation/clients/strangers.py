"""What a registry gives strangers: a token for one read, from where its challenge says, if that may be asked."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

_CHALLENGE = re.compile(r'\b(\w+)="([^"]*)"')


async def strangers_token(client: Any, challenge: str, allowed: Callable[[str], bool]) -> Mapping[str, str]:
    """The header to ask again with; empty where the challenge names no such place.

    client: of httpx.  challenge: the `WWW-Authenticate` of a 401.  allowed: whether an address may be asked. Raises what httpx raises.
    """
    asked = dict(_CHALLENGE.findall(challenge))
    realm = asked.pop("realm", "")
    try:
        if not challenge.lower().startswith("bearer") or not urlsplit(realm).hostname or not allowed(realm):
            return {}
    except ValueError:  # no address
        return {}
    answer = await client.get(realm, params=asked)
    try:
        body = answer.json()
    except ValueError:  # a page for people
        return {}
    token = str(body.get("token") or body.get("access_token") or "") if isinstance(body, dict) else ""
    return {"Authorization": f"Bearer {token}"} if token else {}
