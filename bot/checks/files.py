"""What people wrote: the policy and their remedies."""

from collections.abc import Sequence
from pathlib import Path

from bot.checks.tried import Tried, fine
from bot.settings import Settings
from remediation.policy import load_policy
from remediation.remedies import catalogue


async def tried(settings: Settings) -> Sequence[Tried]:
    """A line each. Raises Unusable naming the file and the field."""
    policy, templates = settings.suture_policy, settings.suture_templates
    load_policy(Path(policy) if policy else None)
    remedies = [remedy.name for remedy in catalogue(Path(templates) if templates else None)]
    return [
        fine("policy", policy or "the packaged policy.yaml"),
        fine("remedies", f"{', '.join(remedies)}" + (f", with those of {templates}" if templates else "")),
    ]
