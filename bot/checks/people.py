"""Who decides where. An environment without approvers is one in which nobody can approve."""

import re
from collections.abc import Sequence

from bot.checks.tried import Tried, absent, fine, wrong
from bot.settings import Environment, Settings

_USER = re.compile(r"[UW][A-Z0-9_]{2,}")
_GROUP = re.compile(r"S[A-Z0-9_]{2,}")


async def tried(settings: Settings) -> Sequence[Tried]:
    """A line for each environment, and one for what is known of targets."""
    lines = [_environment(name, one) for name, one in settings.environments.items()]
    if "production" not in {settings.environment_of(name) for name in settings.environments}:
        cure = "Name its approvers in `environments`: docs/settings.md. What is unknown counts as production."
        lines.insert(0, wrong("production", "Nobody can approve: no approvers are named.", cure))
    if not settings.standings:
        lines.append(absent("standings", "no target is known: the alert's env and team tags decide, unknown is production"))
    return lines


def _environment(name: str, one: Environment) -> Tried:
    if not one.approvers:
        return wrong(name, "Nobody can approve: its list of approvers is empty.", "Add Slack user ids to its approvers.")
    strange = [user for user in one.approvers if not _USER.fullmatch(user)]
    if strange:
        cure = "In Slack: the person's profile → ⋮ → Copy member ID."
        return wrong(name, f"{', '.join(strange)} is no Slack user id (U…), so nobody is meant by it.", cure)
    if one.escalate_to and not (_GROUP.fullmatch(one.escalate_to) or _USER.fullmatch(one.escalate_to)):
        cure = "Copy the group's id out of the address of its page in Slack."
        return wrong(name, f"escalate_to {one.escalate_to} is no id of a Slack user group (S…) or user (U…).", cure)
    called = f"{one.escalate_to} is called" if one.escalate_to else "the approvers are called"
    return fine(name, f"{len(one.approvers)} may approve; {called} when nobody answers")
