"""GitLab's quick actions: a line of a description or note that begins with `/command` is an order, not text."""

from __future__ import annotations

import re
from dataclasses import dataclass

COMMANDS = {
    *("approve", "assign", "assign_me", "close", "copy_metadata", "done", "draft", "due", "estimate", "label", "lock", "merge"),
    *("milestone", "ready", "reassign", "rebase", "relabel", "reopen", "request_review", "reviewer", "spend", "submit_review"),
    *("subscribe", "target_branch", "title", "todo", "unapprove", "unassign", "unlabel", "unlock", "unsubscribe"),
}
_LINE = re.compile(r"^/([a-z_]+)(?:[ \t]+(.*?))?[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_LABEL = re.compile(r'~(?:"([^"]+)"|(\S+))')


@dataclass(frozen=True)
class Order:
    """One quick action with its argument."""

    command: str
    argument: str = ""

    @property
    def labels(self) -> list[str]:
        """The labels that the argument names."""
        return [quoted or plain for quoted, plain in _LABEL.findall(self.argument)]


def taken_out(text: str) -> tuple[str, list[Order]]:
    """The text without its quick actions, and these. What stands in a fence or begins with a space or `>` is text."""
    kept: list[str] = []
    orders: list[Order] = []
    fence = ""
    for line in text.split("\n"):
        if found := _FENCE.match(line):
            fence = "" if fence and line.strip().startswith(fence) else fence or found[1]
        order = None if fence else _LINE.match(line.rstrip("\r"))
        if order is not None and order[1] in COMMANDS:
            orders.append(Order(order[1], order[2] or ""))
        else:
            kept.append(line)
    return "\n".join(kept), orders
