"""`suture explain` and `suture eval`, as people and programs run them."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot.commands.eval import eval as evaluate
from bot.commands.explain import explain

CASES = Path(__file__).resolve().parents[2] / "cases"


def run(command, *arguments):
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("output", ["text", "yaml", "json"])
def test_every_output_names_the_cause(output):
    """The same document in three forms."""
    result = run(explain, CASES / "image-tag-missing", "-o", output)

    assert result.exit_code == 0
    assert "registry.corp.example/mailer:v9.1.0" in result.output


def test_a_program_finds_the_fields_that_are_promised():
    """The shape is a contract."""
    document = json.loads(run(explain, CASES / "service-selector-typo", "-o", "json").output)

    assert list(document) == ["findings", "cause", "confidence", "other_causes", "plans", "fix_kind", "fix_in_git", "for_a_person"]
    assert set(document["findings"][0]) == {"id", "kind", "subject", "facts", "cites", "text"}
    assert set(document["cause"]) == {"finding", "kind", "subject", "text"}
    assert (document["fix_kind"], document["fix_in_git"]) == ("fix_selector", True)


def test_without_a_cause_it_still_ends_well(tmp_path):
    """Inconclusive is an honest end."""
    (tmp_path / "notes.txt").write_text("all is well")

    result = run(explain, tmp_path, "--question", "is it?")

    assert result.exit_code == 0
    assert "Inconclusive" in result.output


@pytest.mark.parametrize("output", ["text", "json"])
def test_an_empty_folder_shows_no_cause_and_is_said_to_be_empty(tmp_path, output):
    """A program that asks gets the document that it is promised."""
    result = run(explain, tmp_path, "-o", output)

    assert result.exit_code == 0
    assert output == "text" or (json.loads(result.stdout)["cause"], json.loads(result.stdout)["findings"]) == (None, [])
    assert output == "json" or "There is nothing to read" in result.stderr


def test_a_folder_of_cases_is_counted():
    """With the bins of confidence beside it."""
    told = json.loads(run(evaluate, CASES, "--json").output)

    assert told["totals"]["cases"] == len(told["cases"]) >= 60
    assert told["totals"]["wrong_merge_requests"] == 0
    assert sum(one["cases"] for one in told["confidence_bins"]) == told["totals"]["cases"]
