"""`suture locate`: which file, line and key own a live field, and the proven edit; nothing is opened."""

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from remediation.errors import Refused, RemediationError, Unreadable
from remediation.gitops.around import not_asked
from remediation.gitops.checkout import checkout
from remediation.gitops.document import decoded, read, spans
from remediation.gitops.index import Index
from remediation.gitops.locate import IN_SETTINGS
from remediation.gitops.narrowing import Candidate, Narrowing
from remediation.gitops.owners.claims import owners_of, release_of
from remediation.gitops.owners.mounts import Around
from remediation.gitops.owners.objects import ToolObject
from remediation.gitops.proof import unified_diff
from remediation.gitops.renderings import Owner, Rendering, Values
from remediation.gitops.scalars import json_text
from remediation.gitops.sites import value_in
from remediation.gitops.solution import Solution, found_in, settle
from remediation.gitops.trace import Tracer
from remediation.gitops.wishes import Asked, Contradictory, Wish, check_agreeing, edits_of, wish
from remediation.kinds import kind_called
from remediation.terms import Json, Move, ObjectRef

REFUSED = 3
_KINDS = ("plain", "kustomize", "helm")


def locate(  # noqa: PLR0917 - typer reads each as an option
    target: Annotated[str, typer.Argument(help="A live object, such as deployment/api; needs a cluster and GitLab.")] = "",
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="Its namespace; with --render helm:…, the release's.")] = "",
    repo: Annotated[Path | None, typer.Option("--repo", help="A checkout, in place of a cluster and GitLab.")] = None,
    live: Annotated[Path | None, typer.Option("--live", help="The live object's YAML; more documents are what stands around it.")] = None,
    object_: Annotated[str, typer.Option("--object", help="Kind[.group]/namespace/name, or Kind//name.")] = "",
    sets: Annotated[list[str] | None, typer.Option("--set", help="FIELD=VALUE, YAML; null takes it away.")] = None,
    fragment: Annotated[Path | None, typer.Option("--fragment", help="A file with only the fields that change.")] = None,
    render: Annotated[str, typer.Option("--render", help="kustomize:PATH, helm:CHART or plain:PATH, in the checkout.")] = "",
    values: Annotated[list[str] | None, typer.Option("--values", "-f", help="With helm: a values file, weakest first.")] = None,
    release: Annotated[str, typer.Option("--release", help="With helm: the release's name.")] = "",
    env: Annotated[str, typer.Option("--env", help="Only what belongs to this environment.")] = "",
    path: Annotated[str, typer.Option("--path", help="Only what stands under this glob.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Change the checkout.")] = False,
) -> None:
    """Find the line in Git that owns a live field, and prove the edit. Exit 0 found and proven, 3 refused, 2 wrong usage."""
    wishes, part = _wishes(sets or []), _bytes(fragment, "--fragment")
    if not wishes and part is None:
        raise typer.BadParameter("say what to change: --set FIELD=VALUE, or --fragment FILE.")
    narrowing = Narrowing(environment=env, glob=path, rendering=_rendering(render, values or [], release, namespace))
    asked = Asked(wishes=wishes, fragment=part, narrowing=narrowing)
    if repo is None:
        if not target or write:
            raise typer.BadParameter("name a live object (deployment/api -n shop), or a checkout (--repo DIR).")
        _show(_in_cluster(target, namespace, asked), as_json=as_json)
        return
    if not repo.is_dir():
        raise typer.BadParameter(f"{repo} is no folder.", param_hint="--repo")
    seen, *near = _live(live) or [{}]
    if not object_ and not seen:
        raise typer.BadParameter("name the object: --object Kind/namespace/name, or --live FILE.")
    document, solution = _in_checkout(repo, object_, [seen, *near], asked)
    if solution is not None and write:
        for change in solution.changes:
            there = repo / change.path
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(change.after)
    _show(document, as_json=as_json)


def _in_cluster(target: str, namespace: str, asked: Asked) -> dict[str, Any]:
    try:  # its clients are imported only where they are asked
        ref, solution = import_module("bot.located").in_cluster(target, namespace, asked)
    except Contradictory as error:
        raise typer.BadParameter(str(error), param_hint="--set") from error
    except Refused as refusal:
        return refusal_document(refusal, None)
    return document_of(solution, ref)


def _in_checkout(repo: Path, name: str, seen: Sequence[Mapping[str, Json]], asked: Asked) -> tuple[dict[str, Any], Solution | None]:
    """seen: the live object, empty where it is not known, and what stands around it."""
    live, *near = seen
    candidate: Candidate | None = None
    tracer: Tracer | None = None
    try:
        tracer = Tracer(checkout(repo), around=Around(tools=tuple(ToolObject(ref=_ref_of(each), value=each, path="") for each in near)))
        how = _with_live(asked.narrowing, live)
        how = _with_owner(tracer, how)
        ref, candidate = _found(tracer, name, live, how)
        solution = settle(tracer, ref, candidate, lambda now: edits_of(asked.wishes, asked.fragment, now), live, around=near)
        unasked = not_asked(near, solution.moves) + ([] if live else ["The live object: not compared, none was given (--live)."])
        solution = replace(solution, unknown=(*solution.unknown, *unasked))
    except Contradictory as error:
        raise typer.BadParameter(str(error), param_hint="--set") from error
    except (Refused, Unreadable) as error:
        return refusal_document(error, candidate), None
    finally:
        if tracer is not None:
            tracer.close()
    return document_of(solution, ref), solution


def _found(tracer: Tracer, name: str, live: Mapping[str, Json], how: Narrowing) -> tuple[ObjectRef, Candidate]:
    """The object under each group that its kind may have."""
    refs = list(_refs(tracer.index, name)) if name else [_ref_of(live)]
    first: Refused | None = None
    for ref in refs:
        try:
            return ref, found_in(tracer, ref, how)
        except Refused as refusal:
            first = refusal if first is None or first.kind == "not_found" else first
    if first is not None and first.what_to_do == IN_SETTINGS:  # a checkout has none
        raise Refused(first.what, "Check kind, namespace and name, or say where it is made: --path or --render.", kind=first.kind)
    raise first or Refused(f"There is no {name}.", "Check its name.", kind="not_found")


def _refs(index: Index, text: str) -> Iterator[ObjectRef]:
    parts = text.split("/")
    if len(parts) != 3 or not parts[0] or not parts[2]:  # noqa: PLR2004 - kind, namespace, name
        raise typer.BadParameter(f"{text!r} is not Kind[.group]/namespace/name.", param_hint="--object")
    kind, dot, group = parts[0].partition(".")
    known = kind_called(kind)
    name = known.name if known and kind.lower() != known.name.lower() and not kind[:1].isupper() else kind
    lower = {f.ref.kind: f.ref.kind.lower() for f in index.objects() if not kind[:1].isupper()}
    name = min((each for each, text in lower.items() if kind in (text, f"{text}s")), default=name)
    groups = [group] if dot else [*([known.group] if known else []), *sorted({f.ref.group for f in index.objects() if f.ref.kind == name})]
    for each in dict.fromkeys(groups or [""]):
        yield ObjectRef(group=each, kind=name, namespace=parts[1], name=parts[2])


def _ref_of(live: Mapping[str, Json]) -> ObjectRef:
    metadata = live.get("metadata") or {}
    return ObjectRef(
        group=str(live["apiVersion"]).rpartition("/")[0], kind=str(live["kind"]), namespace=str(metadata.get("namespace") or ""),
        name=str(metadata.get("name")),
    )  # fmt: skip


def _with_live(how: Narrowing, live: Mapping[str, Json]) -> Narrowing:
    return Narrowing(
        rendering=how.rendering, environment=how.environment, glob=how.glob, owners=owners_of(live), release=release_of(live)
    )  # fmt: skip


def _with_owner(tracer: Tracer, how: Narrowing) -> Narrowing:
    """A rendering that was named, as its one owner in the repository defines it, where what was said is the same."""
    named = how.rendering
    if named is None or named.kind == "plain":
        return how
    files = [source.path for source in named.values]
    same = [
        each
        for each in tracer.renderings
        if each.owner
        and (each.kind, each.path) == (named.kind, named.path)
        and (not files or files == [source.path for source in each.values if source.path])
        and named.release in ("", each.release)
        and named.namespace in ("", each.namespace)
    ]
    return Narrowing(rendering=same[0] if len(same) == 1 else named, owners=how.owners, release=how.release)


def _wishes(sets: Sequence[str]) -> tuple[Wish, ...]:
    try:
        wishes = tuple(wish(each) for each in sets)
        check_agreeing(wishes)
    except Unreadable as error:
        raise typer.BadParameter(str(error), param_hint="--set") from error
    return wishes


def _bytes(path: Path | None, option: str) -> bytes | None:
    if path is None:
        return None
    try:
        content = path.read_bytes()
        value = read(decoded(content)[slice(*spans(decoded(content))[0])]).value
    except (OSError, Unreadable) as error:
        raise typer.BadParameter(f"{path} cannot be read: {error}", param_hint=option) from error
    if not isinstance(value, Mapping):
        raise typer.BadParameter(f"{path} is no map; write it like the object.", param_hint=option)
    return content


def _live(path: Path | None) -> list[Mapping[str, Json]]:
    """The file's objects: the first is meant, the others stand around it."""
    content = _bytes(path, "--live")
    if content is None:
        return []
    text = decoded(content)
    values = [value_in(content, number) for number in range(len(spans(text)))]
    found = [each for value in values if value is not None for each in _listed(value)]
    if not found or not all(_is_object(each) for each in found):
        raise typer.BadParameter(f"{path} is no Kubernetes object.", param_hint="--live")
    return found


def _is_object(value: Json) -> bool:
    if not isinstance(value, Mapping) or not (value.get("kind") and value.get("apiVersion")):
        return False
    metadata = value.get("metadata")
    managed = metadata.get("managedFields") or [] if isinstance(metadata, Mapping) else None
    return isinstance(managed, list) and all(isinstance(entry, Mapping) for entry in managed)


def _listed(value: Json) -> list[Json]:
    """The items of a List, as `kubectl get` writes several objects; else the object."""
    listed = isinstance(value, Mapping) and str(value.get("kind", "")).endswith("List") and isinstance(value.get("items"), list)
    return list(value["items"]) if listed else [value]


def _rendering(text: str, values: Sequence[str], release: str, namespace: str) -> Rendering | None:
    if not text:
        return None
    kind, colon, path = text.partition(":")
    if kind not in _KINDS or not colon:
        raise typer.BadParameter(f"{text!r} is not kustomize:PATH, helm:CHART or plain:PATH.", param_hint="--render")
    files = [file for each in values for file in each.split(",") if file]
    return Rendering(
        kind=kind, path=posixpath.normpath(path.strip("/") or "."), release=release, namespace=namespace if kind == "helm" else "",  # type: ignore[arg-type]
        values=tuple(Values(path=posixpath.normpath(file)) for file in files),
    )  # fmt: skip


def document_of(solution: Solution, ref: ObjectRef) -> dict[str, Any]:
    """What `--json` prints of a proven edit."""
    return {
        **_place(solution.candidate),
        "files": [
            {"path": path, "line": place.line, "column": place.column, "before": place.before, "after": place.after}
            for path, place in solution.places
        ],
        "diff": unified_diff(solution.changes),
        "proof": {"objects": _objects(solution.moves, ref), "rendered": solution.rendered, "not_asked": list(solution.unknown)},
        "refused": None,
    }


def refusal_document(error: RemediationError, candidate: Candidate | None) -> dict[str, Any]:
    """What `--json` prints of a refusal."""
    kind = error.kind if isinstance(error, Refused) else "templated"
    return {
        **(_place(candidate) if candidate else {"owner": None, "render": None}),
        "files": [],
        "diff": "",
        "proof": {"objects": [], "rendered": 0, "not_asked": []},
        "refused": {"kind": kind, "reason": error.what, "what_to_do": error.what_to_do},
    }


def _place(candidate: Candidate) -> dict[str, Any]:
    return {"owner": _owner(candidate.rendering.owner), "render": str(candidate.rendering)}


def _owner(owner: Owner | None) -> dict[str, str] | None:
    """The object that people edit in `path`; of an ApplicationSet also the Application that it makes, which stands in no file."""
    if owner is None:
        return None
    ref = owner.made_by or owner.ref
    named = {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name, "path": owner.path}
    return {**named, "application": f"{owner.ref.namespace}/{owner.ref.name}"} if owner.made_by else named


def _objects(moves: Sequence[Move], ref: ObjectRef) -> list[dict[str, Any]]:
    by_object: dict[ObjectRef, list[str]] = {}
    for move in moves:
        by_object.setdefault(move.object, []).append(f"{move.path}: {_word(move.old)} → {_word(move.new)}")
    return [
        {"kind": each.kind, "namespace": each.namespace or ref.namespace, "name": each.name, "moved": moved}
        for each, moved in by_object.items()
    ]


def _word(value: Json) -> str:
    if value is None:
        return "absent"
    return value if isinstance(value, str) and "\n" not in value else json_text(value)


def _show(document: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif document["refused"]:
        refused = document["refused"]
        typer.echo(f"refused ({refused['kind']}): {refused['reason']}\n{refused['what_to_do']}")
    else:
        _tell(document)
    if document["refused"]:
        raise typer.Exit(REFUSED)


def _tell(document: Mapping[str, Any]) -> None:
    owner = document["owner"]
    who = f"{owner['kind']} {owner['namespace']}/{owner['name']} ({owner['path']})" if owner else "none in the repository"
    who += f", which makes the Application {owner['application']}" if owner and "application" in owner else ""
    typer.echo(f"owner   {who}")
    typer.echo(f"render  {document['render']}")
    for file in document["files"]:
        typer.echo(f"file    {file['path']}:{file['line']}:{file['column']}  {file['before']} → {file['after']}")
    for each in document["proof"]["objects"]:
        typer.echo(f"moves   {each['kind']}/{each['namespace']}/{each['name']}: {'; '.join(each['moved'])}")
    typer.echo(f"proven  nothing else moves ({document['proof']['rendered']} compared)")
    for each in document["proof"]["not_asked"]:
        typer.echo(f"unknown {each}")
    typer.echo(f"\n{document['diff']}")
