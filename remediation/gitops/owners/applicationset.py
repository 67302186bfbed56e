"""ApplicationSets: the Applications that their generators make, by what the tree tells of them and what the cluster has."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from remediation.gitops.index import Tree
from remediation.gitops.owners import argocd
from remediation.gitops.owners.mounts import ALONE, Around
from remediation.gitops.owners.objects import ARGO, ToolObject, listed, mapping, set_of
from remediation.gitops.owners.parameters import Generators, Given, Variables
from remediation.gitops.owners.placeholders import OPEN, completed, filled, names_in, read_off
from remediation.gitops.renderings import Rendering, Variable
from remediation.terms import Json, ObjectRef

_MOST = 500  # applications of one set


def renderings(tree: Tree, applicationset: ToolObject, around: Around = ALONE) -> Iterator[Rendering]:
    """What the set's Applications apply.

    Those that the cluster has are as it has them, with the place of each parameter that the tree tells; the others are of parameters that
    the tree tells whole.
    """
    spec = mapping(applicationset.value.get("spec"))
    template = mapping(spec.get("template"))
    generators = Generators(tree=tree, around=around, owner=applicationset.ref)
    given = [generators.given(mapping(one), ("spec", "generators", at)) for at, one in enumerate(listed(spec.get("generators")))]
    found: dict[ObjectRef, tuple[Mapping[str, Json], Variables]] = {}
    for variables in [each for one in given if one.whole for each in one.sets][:_MOST]:
        value = mapping(filled(template, _values(variables)))
        ref = _named(applicationset, value)
        if OPEN not in ref.name:
            found[ref] = value, variables
    for app in _made(applicationset, around):
        variables = _elements(template, app.value, given)
        found[app.ref] = mapping(completed(filled(template, _values(variables)), app.value)), variables
    for ref, (value, variables) in found.items():
        app = replace(applicationset, ref=ref, value=value)
        yield from argocd.renderings(tree, app, around, holder=applicationset.ref, prefix=("spec", "template"), elements=variables)


def _values(variables: Variables) -> dict[str, str]:
    return {variable.name: variable.value for variable in variables}


def _named(applicationset: ToolObject, value: Mapping[str, Json]) -> ObjectRef:
    metadata = mapping(value.get("metadata"))
    namespace = str(metadata.get("namespace") or applicationset.ref.namespace)
    return ObjectRef(group=ARGO, kind="Application", namespace=namespace, name=str(metadata.get("name", "")))


def _made(applicationset: ToolObject, around: Around) -> Iterator[ToolObject]:
    """The Applications of the cluster that the set made."""
    for tool in around.tools:
        if tool.ref.kind == "Application" and set_of(tool.value) == applicationset.ref.name:
            yield tool


def _elements(template: Mapping[str, Json], application: Mapping[str, Json], given: list[Given]) -> Variables:
    """Its parameters: of the one set that the tree tells of this Application's name, with their places; the others without.

    No two Applications have one name. The set's other parameters may be newer than the Application.
    """
    known = read_off(template, application)
    naming = names_in(mapping(template.get("metadata")).get("name"))
    fitting = [each for one in given for each in one.sets if _agrees(each, {name: known[name] for name in naming & known.keys()})]
    most = max((len(each) for each in fitting), default=0)
    best = [each for each in dict.fromkeys(fitting) if len(each) == most]
    sure = best if len(best) == 1 else [each for each in best if _agrees(each, known)]
    own = sure[0] if len(sure) == 1 else ()
    names = {each.name for each in own}
    return (*own, *(Variable(name=name, value=value) for name, value in known.items() if name not in names))


def _agrees(variables: Variables, known: Mapping[str, str]) -> bool:
    return all(known.get(each.name, each.value) == each.value for each in variables)
