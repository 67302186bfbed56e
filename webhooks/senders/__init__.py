"""Everyone who may send us alerts. Adding one is one module here and one line below."""

from webhooks.senders import datadog
from webhooks.senders.sender import Delivery, Sender

SENDERS: tuple[Sender, ...] = (datadog.SENDER,)

__all__ = ["SENDERS", "Delivery", "Sender"]
