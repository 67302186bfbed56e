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
    given: list[Given] = []
    found: dict[ObjectRef, tuple[Mapping[str, Json], Variables]] = {}
    for at, one in enumerate(map(mapping, listed(spec.get("generators")))):
        given.append(generators.given(one, ("spec", "generators", at)))
        for variables in given[-1].sets[:_MOST] if given[-1].whole else ():
            value = mapping(filled(_over(template, own_template(one)), _values(variables)))
            ref = _named(applicationset, value)
            if OPEN not in ref.name:
                found[ref] = value, variables
    alone = not any(own_template(mapping(one)) for one in listed(spec.get("generators")))
    for app in _made(applicationset, around):
        variables = _elements(template, app.value, given)
        found[app.ref] = mapping(completed(filled(template, _values(variables)), app.value)) if alone else app.value, variables
    for ref, (value, variables) in found.items():
        app = replace(applicationset, ref=ref, value=value)
        yield from argocd.renderings(tree, app, around, holder=applicationset.ref, prefix=("spec", "template"), elements=variables)


def own_template(generator: Mapping[str, Json]) -> Mapping[str, Json]:
    """What a generator says over the set's template; empty where it says nothing."""
    return next((own for each in generator.values() if (own := mapping(mapping(each).get("template")))), {})


def _over(below: Json, above: Json) -> Json:
    """One template over another; what is empty says nothing."""
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        return {**below, **{key: _over(below.get(key), value) for key, value in above.items() if value}}
    return above


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
    """Its parameters: of the one set that the tree tells and that is the likest, with their places; the others without.

    Its name's parameters are the very ones, for no two Applications have one name; the others may be newer in the tree than it is.
    """
    known = read_off(template, application)
    naming = names_in(mapping(template.get("metadata")).get("name")) & known.keys()
    ranked: dict[Variables, tuple[int, int]] = {}
    for variables in (each for one in given for each in one.sets):
        same = [known[each.name] == each.value for each in variables if each.name in known]
        if all(known[each.name] == each.value for each in variables if each.name in naming):
            ranked[variables] = (sum(same), sum(same) - len(same))
    best = [each for each, rank in ranked.items() if rank == max(ranked.values())]
    own = best[0] if len(best) == 1 else ()
    names = {each.name for each in own}
    return (*own, *(Variable(name=name, value=value) for name, value in known.items() if name not in names))
