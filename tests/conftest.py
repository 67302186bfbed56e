"""What every test stands on: no network but this machine (pytest-socket), and, where asked, no skipping."""

import os

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    """Name what was skipped; under SUTURE_NO_SKIP (the CI installs every tool first) a skip is a failure."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and os.environ.get("SUTURE_NO_SKIP"):
        for report in skipped:
            terminalreporter.write_line(f"skipped although nothing may be: {report.nodeid}: {report.longrepr}")
        terminalreporter._session.exitstatus = pytest.ExitCode.TESTS_FAILED  # type: ignore[union-attr]
