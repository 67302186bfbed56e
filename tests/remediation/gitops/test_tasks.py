"""Whole tasks on whole repositories: plain, Kustomize, Argo CD with Helm, Flux; the expected places, or the expected refusal."""

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner

from bot.commands.locate import locate
from tests.remediation.gitops.repositories import unpack

FILES = ("tasks", "layouts", "roots", "sealed", "copies", "chains", "services")
TASKS = [task for name in FILES for task in yaml.safe_load(Path(__file__).with_name(f"{name}.yaml").read_text())]
CHARTS = dict.fromkeys(("argocd", "library", "rootchart", "services"), ("helm",))
ALONE = {"plain": (), "kinds": ()} | CHARTS | dict.fromkeys(
    ("kustomize", "overlays", "rootkustomize", "rootargo", "rootflux", "sealed", "copies", "chains"), ("kustomize",)
)
APP = typer.Typer()
APP.command()(locate)


def needs(*binaries):
    """Skip, saying so, where a renderer is not installed."""
    for name in binaries:
        if not (Path(sys.prefix, "bin", name).exists() or shutil.which(name)):
            pytest.skip(f"{name} is not installed; `make tools` builds it")


def ask(folder, *arguments):
    result = CliRunner().invoke(APP, ["--repo", str(folder), "--json", *arguments])
    return result.exit_code, json.loads(result.stdout)


def files_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts}


def named(task):
    return f"{task['repo']}: {task['object']} {task['set'][:60]} {task.get('more', '')}"


@pytest.mark.parametrize("task", TASKS, ids=named)
def test_a_task_ends_as_it_must(tmp_path, task):
    """The edit stands at its places, passes `git apply` and moves one object; or nothing is written and the kind says why."""
    needs(*ALONE.get(task["repo"], ("kustomize", "helm")))
    folder, twin = (unpack(task["repo"], tmp_path / name) for name in ("repo", "twin"))
    code, said = ask(folder, "--object", task["object"], "--set", task["set"], "--write", *shlex.split(task.get("more", "")))

    if "refused" in task:
        assert (code, said["refused"]["kind"]) == (3, task["refused"]), said["refused"]
        assert said["refused"]["what_to_do"]
        assert (said["files"], said["diff"]) == ([], "")
        assert files_of(folder) == files_of(twin)
        return
    assert code == 0, said["refused"]
    assert [f"{f['path']}:{f['line']}:{f['column']} {f['before']} → {f['after']}" for f in said["files"]] == task["files"]
    assert len(said["proof"]["objects"]) == task.get("objects", 1)
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=twin, input=said["diff"].encode(), check=True)
    assert files_of(folder) == files_of(twin)


def test_the_tasks_are_more_than_refusals():
    """Coverage and precision are told apart: refusing everything would be no safety."""
    done = [task for task in TASKS if "refused" not in task]
    assert len(TASKS) >= 40
    assert len(done) / len(TASKS) > 0.65


def test_several_wishes_and_a_fragment_are_one_edit(tmp_path):
    """Lists of items by name, an absent key, a text that looks like a number."""
    folder = unpack("plain", tmp_path)
    part = tmp_path / "fragment.yaml"
    part.write_text("spec:\n  template:\n    spec:\n      containers:\n      - name: proxy\n        image: proxy:1.20\n        args: [--quiet]\n")
    code, said = ask(folder, "--object", "Deployment/shop/api", "--set", "spec.replicas=4", "--fragment", str(part))

    assert code == 0
    assert [(f["before"], f["after"]) for f in said["files"]] == [("2", "4"), ("proxy:1", "proxy:1.20"), (None, "--quiet")]
    assert said["proof"]["objects"][0]["moved"][0] == "spec.replicas: 2 → 4"


def test_texts_within_what_is_added_stay_texts(tmp_path):
    """A new variable's `on` is no truth value, nor is an annotation's 1.10 a number."""
    folder = unpack("plain", tmp_path)
    part = tmp_path / "fragment.yaml"
    env = "spec:\n  template:\n    spec:\n      containers:\n      - name: api\n        env:\n        - name: NEW\n          value: on\n"
    part.write_text(env + "metadata: {annotations: {version: 1.10}}\n")
    code, said = ask(folder, "--object", "Deployment/shop/api", "--fragment", str(part))

    assert code == 0, said["refused"]
    assert [f["after"] for f in said["files"]] == ["NEW", "on", "1.10"]


def test_a_map_is_changed_field_by_field(tmp_path):
    """What stays of it keeps its bytes; a single value in its place is refused."""
    folder = unpack("kinds", tmp_path)
    container = "spec.template.spec.containers[name=web]"
    probe = "{httpGet: {path: /livez, port: 8080}, periodSeconds: 5}"
    code, said = ask(folder, "--object", "Rollout/web/canary", "--set", f"{container}.livenessProbe={probe}")
    assert code == 0, said["refused"]
    assert [(f["before"], f["after"]) for f in said["files"]] == [("/healthz", "/livez"), ("5", None), (None, "5")]
    code, said = ask(folder, "--object", "Rollout/web/canary", "--set", "spec.template=5")
    assert (code, said["refused"]["kind"]) == (3, "infeasible")


def test_a_live_object_that_differs_is_drift(tmp_path):
    """Both values are told, and nothing is written; an object that is the same is found by itself."""
    folder, live = unpack("plain", tmp_path / "repo"), tmp_path / "live.yaml"
    text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec: {replicas: %s}\n"
    live.write_text(text % 7)
    code, said = ask(folder, "--live", str(live), "--set", "spec.replicas=4", "--write")
    assert (code, said["refused"]["kind"]) == (3, "drift")
    assert "Git says 2, the cluster says 7" in said["refused"]["reason"]
    live.write_text(text % 2)
    assert ask(folder, "--live", str(live), "--set", "spec.replicas=4")[0] == 0


def test_what_stands_beside_the_live_object_is_judged_too(tmp_path):
    """Without a cluster, more documents of --live; what is not there is said to be not asked."""
    folder, live = unpack("plain", tmp_path / "repo"), tmp_path / "live.yaml"
    text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: shop}\nspec: {replicas: 2}\n"
    live.write_text(text)
    code, said = ask(folder, "--live", str(live), "--set", "spec.replicas=4")
    assert code == 0
    assert "ResourceQuota" in said["proof"]["not_asked"][0]
    quota = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q, namespace: shop}\nstatus: {hard: {pods: 3}, used: {pods: 2}}\n"
    live.write_text(f"{text}---\n{quota}")
    code, said = ask(folder, "--live", str(live), "--set", "spec.replicas=4")
    assert (code, said["refused"]["kind"]) == (3, "infeasible")
    assert "ResourceQuota q" in said["refused"]["reason"]


def test_a_live_object_that_was_not_given_is_said_to_be_not_compared(tmp_path):
    """Git and live may differ; nobody looked."""
    folder = unpack("plain", tmp_path)
    assert any("not compared" in each for each in ask(folder, "--object", "Deployment/shop/api", "--set", "spec.replicas=4")[1]["proof"]["not_asked"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["--object", "Deployment/shop/api"],
        ["--object", "Deployment/shop", "--set", "a=1"],
        ["--object", "Deployment/shop/api", "--set", "spec.replicas"],
        ["--object", "Deployment/shop/api", "--set", "spec[.x=1"],
        ["--object", "Deployment/shop/api", "--set", "a=1", "--render", "jsonnet:x"],
        ["--set", "a=1"],
        ["--live", "absent.yaml", "--set", "a=1"],
    ],
)
def test_wrong_usage_is_told_apart_from_a_refusal(tmp_path, arguments):
    """Exit 2, and a sentence that names the option."""
    unpack("plain", tmp_path)
    assert CliRunner().invoke(APP, ["--repo", str(tmp_path), *arguments]).exit_code == 2


def test_a_missing_renderer_is_named_with_how_to_get_it(tmp_path, monkeypatch):
    """`make tools`; what needs no renderer still works."""
    monkeypatch.setattr("remediation.gitops.binaries.shutil.which", lambda *_args, **_how: None)
    folder = unpack("kustomize", tmp_path)
    code, said = ask(folder, "--object", "Deployment/shop/prod-api", "--set", "spec.replicas=5")
    assert (code, said["refused"]["kind"]) == (3, "missing_tool")
    assert "make tools" in said["refused"]["what_to_do"]


@pytest.mark.parametrize(
    ("asked", "owner"),
    [
        (
            "Deployment/podinfo-eu/podinfo-eu",
            {"kind": "ApplicationSet", "name": "regions", "path": "sets/list.yaml", "application": "argocd/podinfo-eu"},
        ),
        ("Deployment/podinfo/podinfo", {"kind": "Application", "name": "podinfo", "path": "apps/templates/podinfo.yaml"}),
    ],
)
def test_the_owner_is_the_object_that_stands_in_its_file(tmp_path, asked, owner):
    """An Application that a set makes is in no file: the set is named, and the Application beside it."""
    needs("kustomize", "helm")
    code, said = ask(unpack("sets", tmp_path), "--object", asked, "--set", "spec.replicas=9")
    assert code == 0, said["refused"]
    assert said["owner"] == {"namespace": "argocd", **owner}
