"""What people wrote: the policy and their remedies."""

from collections.abc import Sequence

from bot.checks.tried import Tried, fine
from bot.own_files import catalogue_of, policy_of
from bot.settings import Settings


async def tried(settings: Settings) -> Sequence[Tried]:
    """A line each. Raises SettingsError naming the file and the field."""
    policy_of(settings)
    policy, templates = settings.suture_policy, settings.suture_templates
    remedies = [remedy.name for remedy in catalogue_of(settings)]
    return [
        fine("policy", policy or "the packaged policy.yaml"),
        fine("remedies", f"{', '.join(remedies)}" + (f", with those of {templates}" if templates else "")),
    ]
