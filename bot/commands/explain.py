"""`suture explain DIR|FILE…|KIND/NAME`: what evidence says, without a model; of files without a cluster or a settings file either."""

import asyncio
import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from remediation.explaining import Explained, reasoned
from remediation.explaining import explain as explained
from remediation.kinds import kind_called
from remediation.reading.files import NothingToRead, nothing
from remediation.remedies import catalogue


class Output(StrEnum):
    """How to print it."""

    text = "text"
    yaml = "yaml"
    json = "json"


def explain(  # noqa: PLR0917 - typer reads each as an option
    what: Annotated[
        list[str] | None,
        typer.Argument(help="Folders and files with what kubectl or other tools printed, alert.json or question.json among them; or a live "
                            "object, such as deployment/api."),
    ] = None,
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="Of the live object; without an object, all of it.")] = "",
    context: Annotated[str, typer.Option("--context", help="A cluster of settings, or a context of the kubeconfig.")] = "",
    question: Annotated[str, typer.Option("--question", "-q", help="What is wrong, in words.")] = "",
    output: Annotated[Output, typer.Option("--output", "-o", help="text, yaml or json.")] = Output.text,
    as_json: Annotated[bool, typer.Option("--json", help="The same as -o json.")] = False,
) -> None:  # fmt: skip
    """Say what broke, by rules alone: findings with their evidence, the likeliest cause, what to do. Exits 0 without a cause too."""
    said = _said(what or [], namespace, context, question)
    if as_json or output is Output.json:
        typer.echo(json.dumps(said.document(), indent=2, ensure_ascii=False, default=str))
    elif output is Output.yaml:
        import yaml  # noqa: PLC0415 - only here

        typer.echo(yaml.safe_dump(json.loads(json.dumps(said.document(), default=str)), sort_keys=False, allow_unicode=True, width=140))
    else:
        _print(said)


def _said(what: list[str], namespace: str, context: str, question: str) -> Explained:
    """Of files where one is named, else of a living cluster."""
    if not what and not namespace and not question:
        raise typer.BadParameter("name files or folders to read, a live object (deployment/api -n shop), or a namespace (-n shop).")
    paths = [Path(one) for one in what]
    live = namespace or context or any(not path.exists() and _names_an_object(str(path)) for path in paths)
    if not live:
        return _read(paths, question)
    if len(what) > 1:
        raise typer.BadParameter(f"one live object at a time, not {len(what)}.")
    from bot.live import explained_live  # noqa: PLC0415 - files are read without the clients of any system

    return asyncio.run(explained_live(what[0] if what else "", namespace, context, question))


def _read(paths: list[Path], question: str) -> Explained:
    try:
        return asyncio.run(explained(paths, question, catalogue()))
    except NothingToRead as empty:
        return asyncio.run(reasoned(nothing(str(empty)), catalogue()))


def _names_an_object(word: str) -> bool:
    """Whether this is written like one: `deployment/api`."""
    kind, _, name = word.partition("/")
    return bool(name) and "/" not in name and kind_called(kind) is not None


def _print(said: Explained) -> None:
    document = said.document()
    for line in said.unread:
        typer.echo(line, err=True)
    cause = document["cause"]
    if cause is None:
        typer.echo("Inconclusive: the evidence shows no cause that I know.")
    else:
        typer.echo(f"Cause ({document['confidence']:.0%}): {cause['text']}\n  on {cause['subject']}")
        where = "in Git" if document["fix_in_git"] else "not in Git"
        typer.echo(f"Fix: {document['fix_kind']} ({where})")
    for plan in document["plans"]:
        typer.echo(f"Plan {plan['id']}: {plan['title']} ({plan['confidence']:.0%})")
    if document["for_a_person"]:
        typer.echo(f"For a person: {document['for_a_person']}")
    for other in document["other_causes"]:
        typer.echo(f"Perhaps: {other['text']}")
    if said.findings:
        typer.echo("\nFindings")
        for finding in said.findings:
            typer.echo(f"  {finding.finding_id} {finding.kind} {finding.subject} [{', '.join(finding.cites)}]")
    typer.echo("\nEvidence")
    for item in said.evidence:
        typer.echo(f"  {item.item} {item.kind}: {item.title}")
