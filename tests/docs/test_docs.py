"""The documentation: what it names is there. Words cannot be tested; names, links and commands can."""

import re
from pathlib import Path

import pytest
from prometheus_client.core import CounterMetricFamily

from bot.__main__ import COMMANDS
from bot.settings import Settings
from webhooks.counts import Counts
from webhooks.families import _Counted

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
LINK = re.compile(r"\]\((?!https?://)([^)#\s]+)")
VARIABLE = re.compile(r"\b(?:SUTURE|SLACK|GITLAB|DD|DATADOG|OLLAMA|PROMETHEUS)_[A-Z_]*[A-Z]\b")
COMMAND = re.compile(r"(?:`|^\s*|bin/|suture \|.*)suture ([a-z]+)", re.MULTILINE)
AWAITED = {"docs/gitops.md", "docs/images/thread.png"}  # take each off once it is there
METRIC = re.compile(r"`(suture_[a-z_]+)")

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@each_page
def test_every_link_leads_somewhere(page):
    """Inside the project; the web is not ours to test."""
    links = LINK.findall(page.read_text(encoding="utf-8"))

    missing = {(page.parent / link).resolve().relative_to(ROOT).as_posix() for link in links if not (page.parent / link).exists()}
    assert missing - AWAITED == set()


@each_page
def test_every_variable_that_is_named_is_a_setting(page):
    """A misspelt one would be copied and do nothing. What tests read is read there."""
    real = set(VARIABLE.findall("".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "real").glob("*.py"))))
    known = {name.upper() for name in Settings.model_fields} | {"SUTURE_CONFIG"} | real
    named = {name.removesuffix("_FILE") for name in VARIABLE.findall(page.read_text(encoding="utf-8"))}

    assert named - known == set()


@each_page
def test_every_command_that_is_named_is_one(page):
    """`suture NAME`, wherever it is shown as something to type."""
    assert set(COMMAND.findall(page.read_text(encoding="utf-8"))) - set(COMMANDS) == set()


def test_the_readme_names_every_command():
    """One line each."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [name for name in COMMANDS if f"`suture {name}" not in readme] == []


def test_every_metric_that_is_named_is_exposed_and_the_other_way_round():
    """Counters end in `_total` where Prometheus reads them."""
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    exposed = {family.name + ("_total" if isinstance(family, CounterMetricFamily) else "") for family in _Counted(Counts(), 0).collect()}

    assert set(METRIC.findall(page)) | set(re.findall(r"`(suture_model_cost_usd_total)`", page)) == exposed
