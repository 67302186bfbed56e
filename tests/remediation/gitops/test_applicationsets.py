"""ApplicationSets in a cluster: what a generated Application says tells what the template reads; that is changed, and never the Application."""

import json

import pytest

from remediation.gitops.owners import applicationset
from remediation.gitops.owners.mounts import ALONE, Around
from remediation.gitops.owners.objects import ToolObject
from remediation.gitops.owners.parameters import Generators
from remediation.gitops.owners.placeholders import completed, filled, read_off
from remediation.terms import ObjectRef
from tests.bot.test_located import CHART, HOST, application, files, locate, refused, settings, source, tracked
from tests.remediation.gitops.systems import MemoryCluster, MemoryGitLab, manifest
from tests.remediation.gitops.test_inflation import TREE
from tests.remediation.gitops.test_tasks import ask, needs

TEMPLATE = """\
  template:
    metadata:
      name: '{{name}}-api'
    spec:
      destination: {server: '{{server}}', namespace: '{{values.place}}'}
      source:
        repoURL: %s/platform/shop
        targetRevision: main
        path: charts/api
        helm:
          parameters:
          - name: replicas
            value: '%s'
"""
HEAD = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: fleet, namespace: argocd}\nspec:\n  generators:\n"
CLUSTERS = "  - clusters:\n      selector: {matchLabels: {tier: edge}}\n      values:\n        place: shop\n        size: '2'\n"
LIST = "  - list:\n      elements:\n      - {name: eu, size: '2'}\n      - {name: us, size: '2'}\n"
MERGE = (
    "  - merge:\n      mergeKeys: [name]\n      generators:\n      - clusters:\n          values: {place: shop}\n"
    "      - list:\n          elements:\n          - name: eu\n            size: '2'\n          - name: us\n            size: '4'\n"
)
KNOWN = settings({"project": "platform/shop"})


def made(name="eu", replicas="2", place="shop"):
    """The Application that the set made for a cluster, as the hub has it."""
    helm = {"parameters": [{"name": "replicas", "value": replicas}]}
    app = application(
        f"{name}-api", source=source(path="charts/api", helm=helm), destination={"server": f"https://{name}", "namespace": place}
    )
    app["spec"]["source"]["repoURL"] = f"{HOST}/platform/shop"
    app["metadata"]["ownerReferences"] = [{"kind": "ApplicationSet", "name": "fleet"}]
    return app


def fleet(generators, says):
    return MemoryGitLab({"platform/shop": {"main": {**CHART, "sets/fleet.yaml": HEAD + generators + TEMPLATE % (HOST, says)}}})


def text(gitlab):
    return gitlab.projects["platform/shop"]["main"]["sets/fleet.yaml"]


@pytest.mark.parametrize(
    ("generators", "says", "old", "new"),
    [
        (CLUSTERS, "{{values.size}}", "size: '2'", "size: '5'"),
        (CLUSTERS, "2", "value: '2'", "value: '5'"),
        (MERGE, "{{size}}", "name: eu\n            size: '2'", "name: eu\n            size: '5'"),
    ],
)
async def test_what_the_template_reads_is_changed(generators, says, old, new):
    """A clusters generator's own values, the template's own word, an element that is merged into a cluster's parameters."""
    needs("helm")
    gitlab = fleet(generators, says)
    solution = await locate(MemoryCluster(tracked("eu-api"), made()), gitlab, known=KNOWN)
    assert files(solution) == {"sets/fleet.yaml": text(gitlab).replace(old, new)}
    assert solution.candidate.rendering.owner.made_by.kind == "ApplicationSet"


async def test_a_list_in_the_tree_is_changed_though_the_cluster_has_its_applications():
    """Each is seen once: as the set makes it, and not as the cluster has it beside that."""
    needs("helm")
    gitlab = fleet(LIST.replace("eu, size: '2'", "eu, size: '2', server: x, values: {place: shop}"), "{{size}}")
    solution = await locate(MemoryCluster(tracked("eu-api"), made()), gitlab, known=KNOWN)
    assert files(solution) == {"sets/fleet.yaml": text(gitlab).replace("eu, size: '2'", "eu, size: '5'")}


async def test_what_moves_another_cluster_too_is_refused():
    """The set makes two Applications of the one word."""
    needs("helm")
    refusal = await refused(MemoryCluster(tracked("eu-api"), made(), made("us", place="web")), fleet(CLUSTERS, "2"), known=KNOWN)
    assert refusal.kind == "shared"


@pytest.mark.parametrize(
    ("says", "more", "said"),
    [("{{metadata.labels.size}}", "", "a generator fills it in"), ("2", "  templatePatch: '{}'\n", "templatePatch")],
)
async def test_what_only_the_cluster_knows_is_refused(says, more, said):
    """Its text would be every Application's; a patch may say it anew."""
    needs("helm")
    refusal = await refused(
        MemoryCluster(tracked("eu-api"), made()), fleet(more + CLUSTERS if not more else CLUSTERS + more, says), known=KNOWN
    )
    assert refusal.kind == "templated"
    assert said in refusal.what


def test_what_the_cluster_knows_of_an_owner_may_stand_beside_the_live_object(tmp_path):
    """On a checkout, an Application that a set made of a cluster's parameters says which they were."""
    needs("helm")
    folder, seen = tmp_path / "repo", tmp_path / "live.yaml"
    for path, text in {**CHART, "sets/fleet.yaml": HEAD + CLUSTERS + TEMPLATE % (HOST, "{{values.size}}")}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    seen.write_text(f"{json.dumps(tracked('eu-api'))}\n---\n{json.dumps(made())}\n")
    code, said = ask(folder, "--live", str(seen), "--set", "spec.replicas=5")
    assert code == 0, said["refused"]
    assert [(f["path"], f["before"], f["after"]) for f in said["files"]] == [("sets/fleet.yaml", "2", "5")]
    assert (said["owner"]["kind"], said["owner"]["application"]) == ("ApplicationSet", "argocd/eu-api")


TWO = """\
  - merge:
      mergeKeys: [server, environment]
      generators:
      - matrix:
          generators:
          - clusters:
              values: {size: '2'}
          - list:
              elements:
              - {environment: staging, place: shop-staging}
              - {environment: prod, place: shop}
      - list:
          elements:
          - server: https://eu
            environment: staging
            values.size: '1'
"""


@pytest.mark.parametrize(
    ("server", "place", "size", "field"),
    [
        ("https://eu", "shop-staging", "1", ("merge", "generators", 1, "list", "elements", 0, "values.size")),
        ("https://us", "shop-staging", "2", ("merge", "generators", 0, "matrix", "generators", 0, "clusters", "values", "size")),
        ("https://eu", "shop", "2", ("merge", "generators", 0, "matrix", "generators", 0, "clusters", "values", "size")),
        ("https://us", "shop", "7", ("merge", "generators", 0, "matrix", "generators", 0, "clusters", "values", "size")),
    ],
)
def test_of_sets_that_a_cluster_completes_the_likest_is_meant(server, place, size, field):
    """By what the Application says, though its name tells nothing; what the tree says is newer than the Application."""
    text = (
        HEAD
        + TWO
        + TEMPLATE.replace("{{name}}-api", "{{name}}-{{environment}}").replace("{{values.place}}", "{{place}}") % (HOST, "{{values.size}}")
    )
    app = made("a-b", size, place)
    app["spec"]["destination"]["server"] = server
    tool = ToolObject(ref=ObjectRef(group="argoproj.io", kind="Application", namespace="argocd", name="a-b-api"), value=app, path="")
    fleet_ref = ObjectRef(group="argoproj.io", kind="ApplicationSet", namespace="argocd", name="fleet")
    fleet_tool = ToolObject(ref=fleet_ref, value=manifest(text), path="fleet.yaml")
    (rendering,) = applicationset.renderings(TREE, fleet_tool, Around(tools=(tool,)))
    (given,) = [each for each in rendering.elements if each.name == "values.size" and each.holder][-1:]
    assert given.field == ("spec", "generators", 0, *field)


def test_a_generators_own_template_wins_over_the_sets():
    """What it leaves empty is the set's."""
    own = "      template:\n        metadata: {}\n        spec:\n          source: {path: other}\n"
    text = HEAD + LIST.replace("us, size: '2'}\n", "us, size: '2'}\n" + own) + TEMPLATE % (HOST, "2")
    fleet_ref = ObjectRef(group="argoproj.io", kind="ApplicationSet", namespace="argocd", name="fleet")
    tree = {path.replace("charts/api", "other"): blob for path, blob in TREE.items()}
    found = list(applicationset.renderings(tree, ToolObject(ref=fleet_ref, value=manifest(text), path="fleet.yaml")))
    assert [(each.path, each.release) for each in found] == [("other", "eu-api"), ("other", "us-api")]


def generated(*generators, tree=TREE):
    """Each set of parameters, and whether these are all."""
    owner = ObjectRef(group="argoproj.io", kind="ApplicationSet", namespace="argocd", name="fleet")
    reader = Generators(tree=tree, around=ALONE, owner=owner)
    found = [reader.given(each, ("spec", "generators", at)) for at, each in enumerate(generators)]
    return [({v.name: v.value for v in each}, one.whole) for one in found for each in one.sets]


def elements(*each):
    return {"list": {"elements": list(each)}}


def test_the_second_of_a_matrix_is_made_of_the_firsts_parameters():
    """As Argo CD does it: folders below what a list names."""
    folders = {"git": {"repoURL": "x", "directories": [{"path": "{{top}}/*"}], "values": {"both": "{{top}}/{{path.basename}}"}}}
    ((found, whole),) = generated({"matrix": {"generators": [elements({"top": "charts"}), folders]}})
    assert whole
    assert (found["path"], found["values.both"]) == ("charts/api", "charts/api")


def test_a_merge_says_anew_what_has_the_same_keys():
    """What has no partner in the first counts for nothing."""
    base, more = elements({"n": "a", "size": "1"}, {"n": "b", "size": "1"}), elements({"n": "b", "size": "2"}, {"n": "c", "size": "3"})
    found = generated({"merge": {"mergeKeys": ["n"], "generators": [base, more]}})
    assert found == [({"n": "a", "size": "1"}, True), ({"n": "b", "size": "2"}, True)]


def test_a_selector_leaves_out_what_it_does_not_name():
    """Of a list, which the tree tells whole."""
    assert generated({**elements({"n": "a"}, {"n": "b"}), "selector": {"matchLabels": {"n": "b"}}}) == [({"n": "b"}, True)]


@pytest.mark.parametrize("kind", ["clusters", "scmProvider", "pullRequest", "plugin", "clusterDecisionResource"])
def test_what_others_know_is_not_made_up(kind):
    """But for what the generator gives by itself."""
    assert generated({kind: {"values": {"a": "1"}}}) == [({"values.a": "1"}, False)]
    ((found, whole),) = generated({"matrix": {"generators": [{kind: {}}, elements({"n": "a"})]}})
    assert (found, whole) == ({"n": "a"}, False)


@pytest.mark.parametrize(
    ("template", "said", "known"),
    [
        ({"a": "{{name}}"}, {"a": "eu"}, {"name": "eu"}),
        ({"a": "x-{{.name}}", "b": "{{.name}}-{{.size}}"}, {"a": "x-e-u", "b": "e-u-2"}, {"name": "e-u", "size": "2"}),
        ({"a": "{{name}}-{{size}}"}, {"a": "e-u-2"}, {}),
        ({"a": "{{name | upper}}"}, {"a": "EU"}, {}),
        ({"a": "{{name}}"}, {}, {}),
        ({"a": "x-{{name}}"}, {"a": "y-eu"}, {}),
        ({"a": "{{index .path.segments 1}}"}, {"a": "eu"}, {"path.segments[1]": "eu"}),
    ],
)
def test_only_what_is_certain_is_read_off_an_application(template, said, known):
    """Where two parameters stand side by side, either may be the longer one."""
    assert read_off(template, said) == known
    assert completed(filled(template, known), said) == (said or template)
    assert json.dumps(filled(template, {})) == json.dumps(template)
