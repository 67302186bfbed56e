"""A stage for every story, and the checker that looks at the whole record afterwards."""

from collections.abc import AsyncIterator

import pytest

from tests.stage import Stage, staged
from tests.stories.checker import check


@pytest.fixture
async def stage(tmp_path, monkeypatch) -> AsyncIterator[Stage]:
    """Sandbox and bot in this process; whatever the test played, the record is checked as a whole."""
    async with staged(tmp_path, monkeypatch) as stage:
        yield stage
        await check(stage, tmp_path)
