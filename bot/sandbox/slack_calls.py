"""One call of Slack's Web API on its way in, and the no that it may get."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.sandbox.slack import Channel, Json, SlackState


class Refusal(Exception):
    """Slack's no: `{"ok": false, "error": …}`, with the reasons where Slack gives them."""

    def __init__(self, error: str, reasons: Sequence[str] = ()) -> None:
        super().__init__(error)
        self.error = error
        self.body: Json = {"ok": False, "error": error}
        if reasons:
            messages = [f"[ERROR] {reason}" for reason in reasons]
            self.body |= {"errors": list(reasons), "response_metadata": {"messages": messages}}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call: the workspace, the sandbox's address, and the decoded arguments."""

    state: SlackState
    origin: str
    arguments: Json

    def text(self, name: str) -> str:
        """An argument as text, empty when it is not there."""
        value = self.arguments.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        """A boolean as slack_sdk writes it in JSON, query or form."""
        return self.text(name).lower() in ("1", "true")

    def channel(self) -> Channel:
        """The channel named in the arguments."""
        found = self.state.channel(self.text("channel"))
        if found is None:
            raise Refusal("channel_not_found")
        return found
