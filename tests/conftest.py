"""What every test stands on: no network but this machine (pytest-socket), and, where asked, no skipping."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.shared import ABSENT

if TYPE_CHECKING:
    from tests.real.administrator import Administrator

# No test judges by the clock: a busy machine is no mistake of ours, and no property fails for it.
hypothesis.settings.register_profile("suture", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("suture")


@pytest.fixture(scope="session")
def administrator() -> Iterator["Administrator"]:
    """Of one real kube-apiserver for all tests; skips, naming what is missing, where there is none."""
    from tests.real.administrator import Administrator
    from tests.real.apiserver import running

    with running() as kubeconfig:
        made = Administrator(kubeconfig)
        yield made
        made.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    """Name what was skipped; under SUTURE_NO_SKIP a skip is a failure: the CI installs every tool first.

    The corpus cannot be installed: where it is not beside the checkout, what needs it is left out, and said.
    """
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if ABSENT not in str(report.longrepr)]
    if skipped and os.environ.get("SUTURE_NO_SKIP"):
        for report in skipped:
            terminalreporter.write_line(f"skipped although nothing may be: {report.nodeid}: {report.longrepr}")
        terminalreporter._session.exitstatus = pytest.ExitCode.TESTS_FAILED  # type: ignore[union-attr]
