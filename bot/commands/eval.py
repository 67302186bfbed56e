"""`suture eval DIR`: cases with known answers, played against the rulebook."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from remediation.evaluation import Judged, cases_in, play, summary
from remediation.remedies import catalogue


def eval(  # noqa: A001 - the command's name
    folder: Annotated[Path, typer.Argument(help="A folder of cases, each with evidence and an expected.yaml.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    repeat: Annotated[int, typer.Option("--repeat", min=1, help="Play every case so many times.")] = 1,
) -> None:
    """Say how often the cause, the object and the kind of fix are right, and what confidence was worth."""
    judged = asyncio.run(_played(folder, repeat))
    told = summary(judged)
    if as_json:
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    width = max(len(one.case) for one in judged)
    typer.echo(f"{'case':{width}}  cause  object  fix  confidence  seconds  fix kind")
    for one in judged:
        right = "" if one.fix_kind_right else f", expected {one.expected_fix_kind}"
        typer.echo(f"{one.case:{width}}  {_mark(one.cause_named):5}  {_mark(one.object_right):6}  {_mark(one.fix_kind_right):3}  "
                   f"{one.confidence:10.2f}  {one.seconds:7.3f}  {one.fix_kind}{right}")  # fmt: skip
    totals = told["totals"]
    typer.echo(f"\n{totals['cases']} cases: cause named {totals['cause_named']}, fix kind right {totals['fix_kind_right']}, "
               f"wrong merge requests {totals['wrong_merge_requests']}, {totals['seconds']} s")  # fmt: skip
    for one in told["confidence_bins"]:
        if one["cases"]:
            typer.echo(f"confidence {one['from']:.1f}–{one['to']:.1f}: {one['cases']} cases, {one['right']:.0%} right")


def _mark(right: bool | None) -> str:
    return "–" if right is None else "yes" if right else "no"


async def _played(folder: Path, repeat: int) -> list[Judged]:
    known = catalogue()
    return [await play(case, known) for case in cases_in(folder) for _ in range(repeat)]
