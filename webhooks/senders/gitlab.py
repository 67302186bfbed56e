"""GitLab's webhook: POST /webhooks/gitlab. Its word is a hint that something moved; what is true is fetched elsewhere.

GitLab proves itself by `X-Gitlab-Token`, or by newer signed headers (`webhook-id`, `webhook-timestamp`, `webhook-signature`), which
older instances leave out: either proof is enough.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from remediation.errors import Forbidden, Unreadable
from remediation.ports import Clock
from remediation.terms import Json
from webhooks.senders.decoding import from_json

PATH = "/webhooks/gitlab"
TOLERANCE_SECONDS = 300  # between their clock and ours, and for a delivery that is tried again
_DIGITS = 12  # of a time in seconds: a stranger may write hundreds, which are no time at all


@dataclass(frozen=True, kw_only=True)
class Hint:
    """Something moved. project: its path with namespaces.  iid: of the merge request it is about, None for none.  kind: GitLab's word."""

    project: str
    iid: int | None
    kind: str


class _Project(msgspec.Struct):
    path_with_namespace: str = ""


class _Attributes(msgspec.Struct):
    iid: int | None = None


class _MergeRequest(msgspec.Struct):
    iid: int | None = None


class _Hook(msgspec.Struct):
    object_kind: str = ""
    event_name: str = ""
    project: _Project | None = None
    object_attributes: _Attributes | None = None
    merge_request: _MergeRequest | None = None


_HOOKS = msgspec.json.Decoder(_Hook)


class GitlabEndpoint:
    """Checks the proof, reads the hint, passes it on. secret: GITLAB_WEBHOOK_SECRET; with an empty one nobody is let in."""

    def __init__(self, secret: str, now: Clock, on_hint: Callable[[Hint], None]) -> None:
        self._token = secret.encode()
        self._key = signing_key(secret)
        self._now = now
        self._on_hint = on_hint

    def admits(self, headers: Mapping[bytes, bytes], query_token: str) -> bool:  # noqa: ARG002 - GitLab has headers of its own
        """Who sends a proof; a signature is checked once the body is there."""
        return bool(self._token) and (b"webhook-signature" in headers or self._knows_token(headers))

    async def take(self, headers: Mapping[bytes, bytes], body: bytes) -> Json:
        """`{"hints": n}`. Raises Forbidden, Unreadable."""
        if not (self._knows_token(headers) or signed(headers, body, self._key, self._now().timestamp())):
            raise Forbidden("The signature is wrong or older than five minutes.")
        hint = read_hint(body)
        if hint is not None:
            self._on_hint(hint)
        return {"hints": 1 if hint else 0}

    def _knows_token(self, headers: Mapping[bytes, bytes]) -> bool:
        return hmac.compare_digest(headers.get(b"x-gitlab-token", b""), self._token)


def read_hint(body: bytes) -> Hint | None:
    """What a hook is about, None for one that names no project. Raises Unreadable naming the field."""
    hook = from_json(body, _HOOKS)
    kind = hook.object_kind or hook.event_name
    if not kind:
        raise Unreadable("There is no object_kind.", "This is not what GitLab sends.", field="object_kind")
    if hook.project is None or not hook.project.path_with_namespace:
        return None
    return Hint(project=hook.project.path_with_namespace, iid=_iid(hook), kind=kind)


def _iid(hook: _Hook) -> int | None:
    """A hook about something else (a pipeline, a note) has its own iid and names its merge request beside it."""
    if hook.merge_request is not None:
        return hook.merge_request.iid
    return hook.object_attributes.iid if hook.object_attributes is not None and hook.object_kind == "merge_request" else None


def signing_key(secret: str) -> bytes:
    """The key of `whsec_BASE64`; any other secret is its own key."""
    coded = secret.removeprefix("whsec_")
    try:
        return base64.b64decode(coded, validate=True) if coded != secret else secret.encode()
    except binascii.Error:
        return secret.encode()


def signed(headers: Mapping[bytes, bytes], body: bytes, key: bytes, now: float) -> bool:
    """Whether some `v1` signature is ours, over id, timestamp and body, and fresh. now: epoch seconds."""
    identity, timestamp = headers.get(b"webhook-id", b""), headers.get(b"webhook-timestamp", b"")
    if not timestamp.isdigit() or len(timestamp) > _DIGITS or abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    digest = hmac.new(key, b".".join((identity, timestamp, body)), hashlib.sha256).digest()
    return _among(base64.b64encode(digest), headers.get(b"webhook-signature", b"").split())


def _among(expected: bytes, signatures: Iterable[bytes]) -> bool:
    """While a secret is changed there is a signature for the old and one for the new."""
    return any(hmac.compare_digest(signature.removeprefix(b"v1,"), expected) for signature in signatures if signature.startswith(b"v1,"))
