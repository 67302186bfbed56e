"""What a repository says of charts becomes no option, no address and no path that leads out: renderers are asked in no other way."""

import json

import pytest

from remediation.errors import Refused
from remediation.gitops.charts import Chart, dependencies
from remediation.gitops.index import blob_of
from remediation.gitops.inflation import check_inflations, inflations
from remediation.gitops.inputs import check_inputs
from remediation.gitops.kustomization import Kustomization
from remediation.gitops.render import render
from remediation.gitops.renderings import Rendering
from remediation.gitops.workspace import Workspace
from tests.bot.test_located import CHART
from tests.remediation.gitops.test_tasks import needs

TREE = {path: blob_of(text.encode()) for path, text in CHART.items()}
HELD = {"name": "api", "releaseName": "api"}


def known(*entries, **more):
    return Kustomization("kustomization.yaml", {"helmCharts": list(entries), **more})


def test_a_vendored_chart_needs_nothing():
    """It stands where Kustomize looks; another version of it does not."""
    check_inflations(TREE, known(HELD))
    assert [each.folder(TREE) for each in inflations(known(HELD))] == ["charts/api"]
    assert next(inflations(known({**HELD, "repo": "https://x", "version": "1.0.0"}))).target == "charts/api-1.0.0/api"


@pytest.mark.parametrize(
    ("entry", "more", "kind"),
    [
        ({"releaseName": "--post-renderer=/bin/sh"}, {}, "infeasible"),
        ({"valuesFile": "https://elsewhere.example/v.yaml"}, {}, "infeasible"),
        ({"additionalValuesFiles": ["-x"]}, {}, "infeasible"),
        ({}, {"helmGlobals": {"configHome": "config"}}, "templated"),
        ({}, {"helmGlobals": {"chartHome": "../../charts"}}, "infeasible"),
        ({}, {"helmChartInflationGenerator": [{"chartName": "api", "extraArgs": ["--post-renderer=x"]}]}, "templated"),
        ({}, {"helmChartInflationGenerator": [{"chartName": "web"}]}, "unpinned"),
        ({"name": "web"}, {}, "unpinned"),
        ({"name": "web", "repo": "https://charts.example.com", "version": "1.0.0"}, {}, "unpinned"),
    ],
)
def test_what_would_lead_elsewhere_is_refused(entry, more, kind):
    """Before any program runs."""
    with pytest.raises(Refused) as caught:
        check_inflations(TREE, known({**HELD, **entry}, **more))
    assert caught.value.kind == kind


@pytest.mark.parametrize("where", ["kustomization.yaml", "base/kustomization.yaml", "tools/kustomization.yaml"])
def test_a_generator_beside_inflated_charts_is_refused(where):
    """It may inflate more, with options that nobody checked; wherever it stands in what is built."""
    folders = {
        "kustomization.yaml": {"resources": ["base"], "transformers": ["tools"], "helmCharts": [HELD]},
        "base/kustomization.yaml": {"resources": []}, "tools/kustomization.yaml": {"resources": []},
    }  # fmt: skip
    check_inputs(written(folders), ".")
    with pytest.raises(Refused, match="generators beside helmCharts"):
        check_inputs(written({**folders, where: {**folders[where], "generators": ["g.yaml"]}}), ".")


def written(files):
    return {**TREE, **{path: blob_of(json.dumps(fields).encode()) for path, fields in files.items()}}


def test_a_releases_name_is_never_an_option_of_helm(tmp_path):
    """An Application may name its release as it likes; a post-renderer would run a program of its choice."""
    needs("helm")
    made = tmp_path / "made"
    workspace = Workspace()
    try:
        with pytest.raises(Refused, match="invalid release name"):
            render(workspace, TREE, Rendering(kind="helm", path="charts/api", release=f"--post-renderer=/usr/bin/touch={made}"))
    finally:
        workspace.close()
    assert not made.exists()


def chart(needed, lock=None, **files):
    wanted = {"Chart.yaml": {"name": "a", "dependencies": needed}, **({"Chart.lock": {"dependencies": lock}} if lock else {})}
    return {path: blob_of(json.dumps(text).encode()) for path, text in {**wanted, **files}.items()}


def test_a_dependency_has_the_version_of_the_lock():
    """One chart under two aliases has two entries there, in the same order."""
    needed = [{"name": "db", "repository": "https://x/y", "version": version, "alias": f"db{version[1]}"} for version in ("^1", "^2")]
    lock = [{"name": "db", "version": "1.4.0"}, {"name": "db", "version": "2.1.0"}]
    assert [each.chart.version for each in dependencies(chart(needed, lock), ".")] == ["1.4.0", "2.1.0"]
    assert [each.chart.is_exact for each in dependencies(chart(needed), ".")] == [False, False]


@pytest.mark.parametrize(
    ("held", "lacks"), [("charts/db/Chart.yaml", 0), ("charts/db-1.4.0.tgz", 0), ("charts/db-proxy-1.0.0.tgz", 1), ("charts/x", 1)]
)
def test_a_dependency_that_is_vendored_is_not_looked_for(held, lacks):
    """In a folder or packed, under its own name."""
    assert len(list(dependencies(chart([{"name": "db", "repository": "https://x/y", "version": "1.4.0"}], **{held: ""}), "."))) == lacks


def test_what_pins_a_chart_is_written_as_people_know_it():
    """A registry's charts have tags, a repository's files have versions."""
    assert Chart(repository="https://x/y/", name="a", version="1.0.0").key == "https://x/y/a-1.0.0"
    assert Chart(repository="oci://x/y", name="a", version="1.0.0").key == "oci://x/y/a:1.0.0"
