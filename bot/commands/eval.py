"""`suture eval DIR`: cases with known answers, played against the rulebook or a model, or two of them against each other."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
import yaml

from bot.playing import Play, played
from bot.reasoners import RULEBOOK
from remediation.calibration import measured
from remediation.cases import cases_in, expectations
from remediation.evaluation import Judged, summary
from remediation.terms import Json


def _to_be_written(path: Path | None) -> Path | None:
    """Asked before the cases are played, which takes minutes."""
    if path is not None and path.is_dir():
        raise typer.BadParameter(f"{path} is a folder: name a file.")
    if path is not None and not path.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {path.parent}: make it first.")
    return path


def eval(  # noqa: A001, PLR0917 - the command's name; typer reads each as an option
    folder: Annotated[Path, typer.Argument(help="A folder of cases, each with evidence and an expected.yaml.")],
    model: Annotated[str, typer.Option("--model", help="Who answers: rulebook, or ollama/MODEL.")] = RULEBOOK,
    compare: Annotated[str, typer.Option("--compare", help="Two who answer, side by side: rulebook,ollama/MODEL.")] = "",
    repeat: Annotated[int, typer.Option("--repeat", min=1, help="Play every case so many times.")] = 1,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes that play at once.")] = 1,
    calibrate: Annotated[
        Path | None, typer.Option("--calibrate", callback=_to_be_written, help="A file to write what the rulebook's weights are worth.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say how often the cause, the object and the kind of fix are right, and what confidence was worth."""
    reasoners = [name.strip() for name in compare.split(",")] if compare else [model]
    if compare and len(set(reasoners)) != 2:  # noqa: PLR2004 - a comparison is of two
        raise typer.BadParameter("name two, such as rulebook,ollama/qwen2.5-coder:3b.", param_hint="--compare")
    cases = cases_in(folder)
    expectations(cases)
    plays = [(case, number) for case in cases for number in range(1, repeat + 1)]
    answers = {reasoner: played(plays, reasoner, jobs) for reasoner in reasoners}
    if calibrate is not None and RULEBOOK in answers:
        _write(calibrate, folder, answers[RULEBOOK])
    if as_json:
        typer.echo(json.dumps(_document(answers, plays), indent=2, ensure_ascii=False))
    elif compare:
        _print_both(answers)
    else:
        _print(answers[model])


def _write(path: Path, folder: Path, judged: Sequence[Judged]) -> None:
    """The table of remediation/calibration.py: what a cause of each weight was worth; its rows are told as docs/findings.md has them."""
    table = measured([(one.weight, one.fix_kind_right) for one in judged if one.kind], folder.as_posix())
    written = yaml.safe_dump(table, sort_keys=False, default_flow_style=None, width=140)
    path.write_text(f"# Written by: suture eval {folder.as_posix()} --calibrate {path.as_posix()}\n{written}", encoding="utf-8")
    for row in table["rows"]:
        typer.echo(f"| {row['at_most']:g} | {row['cases']} | {row['right']} | {row['confidence']:.2f} |", err=True)


def _document(answers: Mapping[str, Sequence[Judged]], plays: Sequence[Play]) -> Mapping[str, Json]:
    """One reasoner's summary; of two, the totals and bins by reasoner, and each case with both answers."""
    told = {reasoner: summary(judged) for reasoner, judged in answers.items()}
    if len(told) == 1:
        return next(iter(told.values()))
    rows = [
        {"case": case.name, "play": number, "answers": {reasoner: one["cases"][place] for reasoner, one in told.items()}}
        for place, (case, number) in enumerate(plays)
    ]
    return {
        "reasoners": list(told),
        "totals": {reasoner: one["totals"] for reasoner, one in told.items()},
        "confidence_bins": {reasoner: one["confidence_bins"] for reasoner, one in told.items()},
        "cases": rows,
    }


def _print(judged: Sequence[Judged]) -> None:
    width = max(len(one.case) for one in judged)
    typer.echo(f"{'case':{width}}  cause  object  fix  confidence  seconds  fix kind")
    for one in judged:
        right = "" if one.fix_kind_right else f", expected {one.expected_fix_kind}"
        typer.echo(f"{one.case:{width}}  {_mark(one.cause_named):5}  {_mark(one.object_right):6}  {_mark(one.fix_kind_right):3}  "
                   f"{one.confidence:10.2f}  {one.seconds:7.3f}  {one.fix_kind}{right}")  # fmt: skip
    typer.echo("")
    _print_totals(judged)
    for one in summary(judged)["confidence_bins"]:
        if one["cases"]:
            typer.echo(f"confidence {one['from']:.1f}–{one['to']:.1f}: {one['cases']} cases, {one['right']:.0%} right")


def _print_both(answers: Mapping[str, Sequence[Judged]]) -> None:
    """A line a case: what each says, and whether its cause and its fix are right."""
    (one, first), (other, second) = answers.items()
    width = max(len(judged.case) for judged in first)
    wide = max(len(one), *(len(_answer(judged)) for judged in first))
    typer.echo(f"{'case':{width}}  {one:{wide}}  {other}")
    for left, right in zip(first, second, strict=True):
        typer.echo(f"{left.case:{width}}  {_answer(left):{wide}}  {_answer(right)}")
    for reasoner, judged in answers.items():
        typer.echo(f"\n{reasoner}")
        _print_totals(judged)


def _answer(one: Judged) -> str:
    """Cause and fix right or not, confidence, and the fix."""
    stood_in = " (the rulebook stood in)" if one.stood_in else ""
    return f"{_mark(one.cause_named)}/{_mark(one.fix_kind_right)} {one.confidence:.2f} {one.seconds:.1f} s {one.fix_kind}{stood_in}"


def _print_totals(judged: Sequence[Judged]) -> None:
    totals = summary(judged)["totals"]
    object_right = "" if totals["object_right"] is None else f"object right {totals['object_right']} of {totals['object_asked']}, "
    typer.echo(f"{totals['cases']} cases: cause named {totals['cause_named']}, {object_right}fix kind right {totals['fix_kind_right']}, "
               f"words mentioned {totals['must_mention']}, wrong merge requests {totals['wrong_merge_requests']}, "
               f"{totals['seconds']} s, {totals['tokens']} tokens, {totals['cost']:.4f} USD")  # fmt: skip
    if totals["stood_in"]:
        reason = next(one.stood_in for one in judged if one.stood_in)
        typer.echo(f"In {totals['stood_in']} of them the rulebook stood in. The first time: {reason}")
    if totals["unsteady"]:
        typer.echo(f"{totals['unsteady']} cases were not always answered alike.")


def _mark(right: bool | None) -> str:
    return "–" if right is None else "yes" if right else "no"
