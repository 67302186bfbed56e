"""The catalogue of remedies, loaded once at start, and the act that a plan becomes: values in, field edits out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

import templates
from remediation.errors import NotFound, Refused, Unusable
from remediation.gitops.fieldpath import Path as FieldPath
from remediation.gitops.fieldpath import field_edit, flatten
from remediation.gitops.fieldpath import parse as read_path
from remediation.gitops.live import equal
from remediation.quantities import parse as parse_quantity
from remediation.remedy import Bound, Remedy
from remediation.terms import Act, Action, FieldEdit, Finding, Json, NewObject, Plan, Standing
from remediation.workloads import container_list_of, object_ref, pod_spec_path
from remediation.written import fit, parse, text_of

__all__ = ["Catalogue", "Remedy", "action_of", "catalogue", "intended_edits", "intended_objects", "render_act"]


@dataclass(frozen=True)
class Catalogue:
    """The remedies by name."""

    remedies: Mapping[str, Remedy]

    def __contains__(self, name: str) -> bool:
        return name in self.remedies

    def __iter__(self) -> Iterator[Remedy]:
        return iter(self.remedies.values())

    def __getitem__(self, name: str) -> Remedy:
        """The remedy of this name. Raises NotFound naming those that there are."""
        if name not in self.remedies:
            raise NotFound(f"There is no remedy {name[:80]!r}.", f"Choose one of {', '.join(sorted(self.remedies)) or 'none'}.")
        return self.remedies[name]

    def for_finding(self, finding: Finding) -> tuple[Remedy, ...]:
        """The remedies that are for what was found, by name."""
        return tuple(remedy for remedy in self if remedy.answers(finding))

    def for_findings(self, findings: Sequence[Finding]) -> "Catalogue":
        """The catalogue of what any of these findings asks for: policy lets nothing else through."""
        return Catalogue({name: remedy for name, remedy in self.remedies.items() if any(map(remedy.answers, findings))})


def catalogue(own: Path | None = None) -> Catalogue:
    """The remedies of the package, and those of a team's own folder. Raises Unusable naming the file and the field that is wrong."""
    found = [_load(folder) for folder in _folders(files(templates) / "remedies")]
    if own is not None:
        if not own.is_dir():
            raise Unusable(f"{own} is no folder of remedies.", "Name a folder that holds one folder for each remedy.")
        found += [_load(folder) for folder in _folders(own)]
    names = [remedy.name for remedy in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise Unusable(f"The remedy {twice} stands twice.", f"Rename the folder {own}/{twice}.")
    return Catalogue(MappingProxyType({remedy.name: remedy for remedy in found}))


def _folders(root: Traversable) -> list[Traversable]:
    return sorted((f for f in root.iterdir() if f.is_dir() and not f.name.startswith((".", "_"))), key=lambda folder: folder.name)


def _load(folder: Traversable) -> Remedy:
    path = folder / "remedy.yaml"
    written = parse(text_of(path), str(path))
    if not isinstance(written, dict) or {"name", "fragment", "creates"} & set(written):
        what = f"{path}: is no mapping, or gives name, fragment or creates, which are the folder and the files beside it."
        raise Unusable(what, "Mend it there.")
    made = folder / "creates.yaml.j2"
    templates = {"fragment": text_of(folder / "fragment.yaml.j2"), "creates": text_of(made) if made.is_file() else ""}
    return fit(Remedy, {**written, "name": folder.name, **templates}, str(path))


def intended_edits(plan: Plan, remedy: Remedy, live: Mapping[str, Json]) -> tuple[FieldEdit, ...]:
    """The field edits that the plan means, against the live object; a field that has its value already is none.

    Raises Refused naming the parameter that does not fit or would lower what is to be raised, or the kind of object that it is not for.
    """
    if not live:
        raise Refused(f"{plan.target.path} is not among the evidence.", "Give Suture read access to it.", kind="no_live_object")
    kind = str(live.get("kind", ""))
    if kind not in remedy.targets:
        raise Refused(f"{remedy.name} is not for a {kind}.", f"It changes {', '.join(remedy.targets)}.", kind="target_kind")
    parameters = remedy.complete(plan.parameters)
    problems = remedy.problems(parameters)
    if problems:
        raise Refused(f"The parameters of {remedy.name} do not fit: {'; '.join(problems)}.", "See its schema.", kind="parameters")
    fragment = remedy.render({**parameters, **_places(remedy, parameters, live)})
    edits = tuple(edit for edit in _flattened(remedy, fragment, live) if not _stands_already(edit))
    _check_direction(remedy, edits)
    return edits


def _flattened(remedy: Remedy, fragment: Mapping[str, Json], live: Mapping[str, Json]) -> tuple[FieldEdit, ...]:
    """The fragment as edits, wherever the object keeps what it is a part of."""
    kind = str(live["kind"])
    outer = () if remedy.renders == "object" else pod_spec_path(kind)
    if remedy.renders != "fields":
        return flatten(_nested(outer, fragment), live)
    return tuple(found for path, value in fragment.items() if (found := field_edit((*outer, *read_path(path)), value, live)) is not None)


def intended_objects(plan: Plan, remedy: Remedy, live: Mapping[str, Json]) -> tuple[NewObject, ...]:
    """What the plan makes beside the live object, in its namespace; its parameters fit, as `intended_edits` says."""
    if not remedy.creates:
        return ()
    thing = object_ref(live)
    given = {"api_version": str(live.get("apiVersion")), "kind": thing.kind, "name": thing.name}
    value = remedy.render_new({**remedy.complete(plan.parameters), **given})
    value = {**value, "metadata": {**value["metadata"], "namespace": thing.namespace}}
    return (NewObject(object=object_ref(value), value=value),)


def _check_direction(remedy: Remedy, edits: Iterable[FieldEdit]) -> None:
    """A remedy that raises an amount refuses to do the opposite, whoever asks; and one that lowers it, too."""
    for bound in remedy.bounds:
        moved = edit_of(bound, edits)
        if moved is None or "refuse" not in (bound.when_lower, bound.when_higher):
            continue
        value, stood = parse_quantity(moved.value), parse_quantity(moved.expect)
        if value < stood and bound.when_lower == "refuse":
            what = f"{bound.parameter}: {moved.value} is below the {moved.expect} that stands there."
            raise Refused(what, f"{remedy.name} only raises it.", kind="parameters")
        if value > stood and bound.when_higher == "refuse":
            what = f"{bound.parameter}: {moved.value} is above the {moved.expect} that stands there."
            raise Refused(what, f"{remedy.name} only lowers it.", kind="parameters")


def edit_of(bound: Bound, edits: Iterable[FieldEdit]) -> FieldEdit | None:
    """The edit that replaces the amount which a bounded parameter sets; None where nothing stands there yet, or nothing changes."""
    return next((edit for edit in edits if edit.expect is not None and _ends(read_path(edit.path), read_path(bound.field))), None)


def _ends(path: FieldPath, end: FieldPath) -> bool:
    return path[-len(end) :] == end


def _stands_already(edit: FieldEdit) -> bool:
    """Whether the field has this amount, only written otherwise: 1024Mi is 1Gi."""
    return edit.expect is not None and equal(edit.expect, edit.value, read_path(edit.path))


def _places(remedy: Remedy, parameters: Mapping[str, Json], live: Mapping[str, Json]) -> Mapping[str, Json]:
    """What the code knows of where the parameters stand: the list that holds the named container."""
    for name, parameter in remedy.parameters.properties.items():
        if parameter.format != "container" or name not in parameters:
            continue
        where = container_list_of(live, parameters[name])
        if where is None:
            why = f"{name}: {object_ref(live)} has no container {parameters[name]}."
            raise Refused(why, "Name a container of this workload.", kind="parameters")
        return {"container_list": where}
    return {}


def _nested(outer: Iterable[str], fragment: Mapping[str, Json]) -> Mapping[str, Json]:
    for key in reversed(tuple(outer)):
        fragment = {key: fragment}
    return fragment


def render_act(plan: Plan, remedy: Remedy, live: Mapping[str, Json], standing: Standing) -> Act:
    """The plan as an act on the live object. Raises Refused as `intended_edits` does, and when nothing would change."""
    edits = intended_edits(plan, remedy, live)
    if not edits:
        raise Refused(f"{plan.title}: nothing would change, these values stand there already.", "Look for another cause.", kind="no_change")
    return Act(
        kind=remedy.executor,
        target=plan.target,
        object=object_ref(live),
        remedy=remedy.name,
        title=plan.title,
        parameters=remedy.complete(plan.parameters),
        edits=edits,
        level=remedy.level_in(production=standing.production),
        creates=intended_objects(plan, remedy, live),
        branch=standing.target_branch,
    )


def action_of(act: Act) -> Action:
    """What is shown beside a plan, derived from its act alone. command: what is done, in words; nobody runs it.

    is_safe: a revert brings everything back and a person is not needed by the remedy's own level.
    """
    changes = {edit.path: edit.value for edit in act.edits}
    moves = ", ".join(f"{edit.path}: {edit.expect} → {edit.value}" for edit in act.edits)
    beside = "".join(f", and a new {new.object}" for new in act.creates)
    made = ({"resource": str(new.object), "action": "create", "changes": dict(new.value)} for new in act.creates)
    return Action(
        command=f"merge request on {act.object}: {moves}{beside}",
        type=act.remedy,
        level=act.level,
        is_safe=act.level != "N3" and all(edit.op != "remove" for edit in act.edits),
        kubernetes_changes=({"resource": str(act.object), "action": "patch", "changes": changes}, *made),
    )
