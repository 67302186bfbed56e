"""What a team wrote for itself, its policy and remedies: what is wrong in them is told with the setting that names them."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bot.settings import Settings, SettingsError
from remediation.errors import Unusable
from remediation.policy import Policy, load_policy
from remediation.remedies import Catalogue, catalogue

_Read = TypeVar("_Read")


def policy_of(settings: Settings) -> Policy:
    """The team's policy over the packaged one. Raises SettingsError naming SUTURE_POLICY and what is wrong there."""
    return _read(load_policy, settings.suture_policy, "SUTURE_POLICY")


def catalogue_of(settings: Settings) -> Catalogue:
    """The packaged remedies with the team's own. Raises SettingsError naming SUTURE_TEMPLATES and what is wrong there."""
    return _read(catalogue, settings.suture_templates, "SUTURE_TEMPLATES")


def _read(reader: Callable[[Path | None], _Read], path: str, setting: str) -> _Read:
    try:
        return reader(Path(path) if path else None)
    except Unusable as wrong:
        raise SettingsError(f"{setting}: {wrong.what}", wrong.what_to_do) from wrong
