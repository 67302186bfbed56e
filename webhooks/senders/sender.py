"""What every sender of alerts is to the intake: a path, the name of its token's setting, and a pure function from a delivery to alerts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from remediation.terms import Alert


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One request's body as it came. form: it is URL-encoded, not JSON.  at: when it came, aware, UTC."""

    body: bytes
    at: datetime
    form: bool = False


@dataclass(frozen=True, kw_only=True)
class Sender:
    """paths: where it is served, the first one is documented.  token: the setting that holds the secret it must send.

    alerts: the alerts in one delivery, oldest first, masked; raises Unreadable naming the field.
    """

    paths: tuple[str, ...]
    token: str
    alerts: Callable[[Delivery], list[Alert]]
