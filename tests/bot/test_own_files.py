"""What a team wrote for itself; what is wrong there is told with the setting that names it."""

import pytest

from bot.own_files import catalogue_of, policy_of
from bot.settings import Settings, SettingsError


def test_without_files_of_its_own_a_team_has_the_packaged_ones():
    """They are enough to begin with."""
    assert "raise_memory_limit" in [remedy.name for remedy in catalogue_of(Settings())]
    assert policy_of(Settings()).gates


@pytest.mark.parametrize(("read", "setting"), [(policy_of, "SUTURE_POLICY"), (catalogue_of, "SUTURE_TEMPLATES")])
def test_a_file_that_cannot_be_read_is_told_with_its_setting(read, setting, tmp_path):
    """Whoever reads the message must know which variable to mend."""
    with pytest.raises(SettingsError, match=f"^{setting}: "):
        read(Settings(**{setting.lower(): str(tmp_path / "gone")}))
