"""`suture eval`, as people and programs run it."""

import json
import shutil
import threading
from pathlib import Path

import pytest
import typer
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from typer.testing import CliRunner

from bot.commands.eval import eval as evaluate
from bot.sandbox.models import ModelsState
from bot.sandbox.ollama_face import ollama_face
from remediation.errors import Unreachable, Unusable

CASES = Path(__file__).resolve().parents[2] / "cases"
MODEL = "ollama/qwen2.5-coder:3b"
FEW = ("image-tag-missing", "job-completed", "oom-sidecar")


def run(*arguments):
    app = typer.Typer()
    app.command()(evaluate)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def told(*arguments):
    result = run(*arguments, "--json")
    assert result.exception is None, result.exception
    return json.loads(result.output)


@pytest.fixture
def few(tmp_path):
    """A folder of three cases."""
    for name in FEW:
        shutil.copytree(CASES / name, tmp_path / "cases" / name)
    return tmp_path / "cases"


@pytest.fixture
def ollama(monkeypatch, tmp_path):
    """The sandbox's small models, in a thread of their own: the command runs its own loop."""
    models = ModelsState()
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=[Mount("/", ollama_face(models))]), port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    monkeypatch.setenv("OLLAMA_HOST", f"http://127.0.0.1:{port}")
    monkeypatch.chdir(tmp_path)
    yield models
    server.should_exit = True
    thread.join()


def test_totals_and_cases_have_the_fields_that_are_promised(few):
    """The shape is a contract; an object that is not asked for is neither right nor wrong."""
    document = told(few)

    assert list(document) == ["totals", "confidence_bins", "cases"]
    assert set(document["totals"]) >= {
        "cases", "cause_named", "object_right", "fix_kind_right", "must_mention", "wrong_merge_requests", "seconds", "tokens", "cost",
    }  # fmt: skip
    assert document["totals"]["cases"] == 3
    assert {one["object_right"] for one in document["cases"]} <= {True, False, None}
    assert all(one["seconds"] >= 0 and one["tokens"] == 0 for one in document["cases"])


def test_processes_give_what_one_process_gives(few):
    """In the same order."""
    alone, together = told(few), told(few, "--jobs", 2)
    answers = [[{**one, "seconds": 0} for one in document["cases"]] for document in (alone, together)]

    assert answers[0] == answers[1]


def test_played_again_the_rulebook_says_the_same(few):
    """Each play is a row; a case that was not always answered alike would be counted."""
    document = told(few, "--repeat", 2)

    assert [(one["case"], one["play"]) for one in document["cases"]][:2] == [("image-tag-missing", 1), ("image-tag-missing", 2)]
    assert document["totals"]["unsteady"] == 0


def test_a_model_is_compared_with_the_rulebook(few, ollama):
    """Case by case, with what it cost; who stands in for a model that knows nothing is named, and counted."""
    document = told(few, "--compare", f"rulebook,{MODEL}")

    assert document["reasoners"] == ["rulebook", MODEL]
    assert document["totals"][MODEL]["tokens"] > 0
    assert document["totals"]["rulebook"]["tokens"] == 0
    assert [row["case"] for row in document["cases"]] == list(FEW)
    assert {row["answers"][MODEL]["by"] for row in document["cases"]} == {"rulebook"}
    assert document["totals"][MODEL]["stood_in"] == len(FEW)
    assert document["totals"][MODEL]["wrong_merge_requests"] == 0
    assert len(ollama.calls) >= 3


def test_a_comparison_is_a_table_with_the_totals_of_both(few, ollama):
    """For people."""
    output = run(few, "--compare", f"rulebook,{MODEL}").output

    assert output.splitlines()[0].split() == ["case", "rulebook", MODEL]
    assert output.count("3 cases: cause named") == 2


def test_where_the_rulebook_stands_in_it_is_said(few, ollama):
    """A model's score must not be the rulebook's in disguise."""
    for _ in range(12):
        ollama.say("qwen2.5-coder:3b", "not an answer")
    document = told(few, "--model", MODEL)

    assert document["totals"]["stood_in"] == 3
    assert MODEL in document["cases"][0]["stood_in"]
    assert "In 3 of them the rulebook stood in." in run(few, "--model", MODEL).output


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        (("--model", "ollama/llama9"), Unusable, "ollama pull llama9"),
        (("--model", "anthropic/claude"), Unusable, "is no reasoner that Suture knows"),
        (("--model", "ollama/"), Unusable, "is no reasoner that Suture knows"),
        (("--compare", "rulebook,gpt"), Unusable, "'gpt' is no reasoner"),
    ],
)
def test_a_reasoner_that_is_not_there_is_an_error(few, ollama, arguments, error, said):
    """Before anything is played."""
    failure = run(few, *arguments).exception

    assert isinstance(failure, error)
    assert said in str(failure)


def test_an_ollama_that_is_down_is_an_error(few, monkeypatch, tmp_path):
    """Not a row of zeros."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OLLAMA_HOST", "http://127.0.0.1:9")

    assert isinstance(run(few, "--model", MODEL).exception, Unreachable)


@pytest.mark.parametrize("compare", ["rulebook", "rulebook,rulebook", "a,b,c", ","])
def test_a_comparison_is_of_two(few, compare):
    """Wrong usage."""
    assert run(few, "--compare", compare).exit_code == 2


def test_a_folder_that_is_not_there_or_holds_no_case_is_named(tmp_path):
    """With what it should hold."""
    assert "There is no" in str(run(tmp_path / "gone").exception)
    assert "holds no case" in str(run(tmp_path).exception)
    (tmp_path / "file").write_text("x")
    assert "holds no case" in str(run(tmp_path / "file").exception)


def test_every_case_without_an_answer_is_named(few):
    """A case that is left out would flatter."""
    for name in ("half-done", "empty"):
        (few / name).mkdir()
    (few / "half-done" / "pods.txt").write_text("NAME READY")
    failure = run(few).exception

    assert isinstance(failure, Unusable)
    assert "without an expected.yaml: empty, half-done." in str(failure)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("must_mention: [a", "is not YAML"),
        ("just a word", "is no mapping"),
        ("", "is no mapping"),
        ("must_mention: a word", "must_mention is no list"),
        ("expected_fix_kind: [a, b]", "expected_fix_kind is no word"),
        ("root_cause: somebody knows", "expects nothing"),
    ],
)
def test_an_answer_that_cannot_be_read_is_named(few, written, said):
    """All of them at once, before anything is played."""
    for name in ("one", "two"):
        (few / name).mkdir()
        (few / name / "expected.yaml").write_text(written)
    failure = str(run(few).exception)

    assert failure.count(said) == 2
    assert "Write expected_fix_kind" in failure


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_case_without_evidence_is_named(few, jobs):
    """In this process or another."""
    (few / "bare").mkdir()
    (few / "bare" / "expected.yaml").write_text("expected_fix_kind: none")
    failure = run(few, "--jobs", jobs).exception

    assert isinstance(failure, Unusable)
    assert "bare: There is nothing to read" in str(failure)


def test_one_case_is_a_folder_too():
    """Its evidence may lie in folders of its own."""
    assert told(CASES / FEW[0])["totals"]["cases"] == 1


@pytest.mark.parametrize(("path", "said"), [(".", "is a folder: name a file."), ("missing/weights.yaml", "make it first.")])
def test_where_weights_cannot_be_written_is_said_before_the_work(few, tmp_path, path, said):
    """A sentence and exit code 2; no case is played."""
    result = run(few, "--calibrate", tmp_path / path, "--json")

    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())
    assert not result.stdout
