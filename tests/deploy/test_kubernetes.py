"""The cluster files: held against Kubernetes' own API document, and against what Suture really asks of a cluster."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft4Validator

from bot import settings
from bot.checks import kubernetes as check
from bot.sandbox import rights
from remediation.gitops import around
from remediation.kinds import KINDS
from remediation.sources.customs import WATCHED
from remediation.sources.look import CONTROLLERS, NEEDED
from tests.shared import specs

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
FILES = ("access.yaml", "rehearsal-only.yaml", "bot.yaml")
GROUPS = {"": "core", "rbac.authorization.k8s.io": "rbac", "admissionregistration.k8s.io": "admissionregistration"}


def objects() -> list[dict[str, Any]]:
    return [thing for name in FILES for thing in yaml.safe_load_all((DEPLOY / "kubernetes" / name).read_text(encoding="utf-8"))]


def named(kind: str, name: str = "suture") -> dict[str, Any]:
    return next(thing for thing in objects() if (thing["kind"], thing["metadata"]["name"]) == (kind, name))


@cache
def definitions() -> dict[str, Any]:
    """The document's shapes, made strict: a field that it does not name is a mistake, as it is for the server."""
    shapes = json.loads(specs("kubernetes_swagger.json").read_text(encoding="utf-8"))["definitions"]
    strict = {name: {"additionalProperties": False, **shape} if "properties" in shape else shape for name, shape in shapes.items()}
    return strict | {"io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"type": ["string", "integer"]}}


def problems(thing: dict[str, Any], shape: str) -> list[str]:
    """What does not fit, with its place."""
    validator = Draft4Validator({"$ref": f"#/definitions/{shape}", "definitions": definitions()})
    return sorted(f"{error.json_path}: {error.message}" for error in validator.iter_errors(thing))


@pytest.mark.parametrize("thing", objects(), ids=lambda thing: f"{thing['kind']}/{thing['metadata']['name']}")
def test_every_object_fits_the_api_document(thing):
    """No field that the server would not know."""
    group, _, version = thing["apiVersion"].rpartition("/")

    assert problems(thing, f"io.k8s.api.{GROUPS.get(group, group)}.{version}.{thing['kind']}") == []


def test_the_document_would_find_a_mistake():
    """The test above is only worth something if it can fail."""
    wrong = {"spec": {"replica": 1, "selector": {}, "template": {"spec": {"containers": [{"name": 1}]}}}}

    found = {problem.split(":")[0] for problem in problems(wrong, "io.k8s.api.apps.v1.Deployment")}
    assert found == {"$.spec", "$.spec.template.spec.containers[0].name"}


def test_every_file_is_applied_and_the_policy_comes_before_the_right_to_patch():
    """In the moment between them, Suture could write."""
    kustomization = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text(encoding="utf-8"))

    assert sorted(kustomization["resources"]) == sorted(FILES)
    assert kustomization["sortOptions"] == {"order": "fifo"}
    assert kustomization["resources"].index("rehearsal-only.yaml") < kustomization["resources"].index("access.yaml")


def everything_granted() -> set[tuple[str, str, str]]:
    """(verb, group, resource) of both roles."""
    return {
        (verb, group, resource)
        for role in ("suture-reads", "suture-rehearses")
        for rule in named("ClusterRole", role)["rules"]
        for verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def test_the_sandbox_grants_the_bot_exactly_as_much():
    """Else a story would go well on rights that nobody has in a real cluster."""
    assert everything_granted() == rights.GRANTED


def test_the_role_grants_what_suture_asks_for_and_no_more_than_reading_and_rehearsing():
    """`suture check` asks for each of these."""
    granted = everything_granted()
    wanted = {("get", "", "pods/log")}
    wanted |= {("list", KINDS[kind].group, KINDS[kind].plural) for kind in (*NEEDED, *CONTROLLERS, *check.AROUND)}
    wanted |= {(verb, KINDS[kind].group, KINDS[kind].plural) for verb in ("get", "list") for kind in (*WATCHED, "Application")}
    wanted |= {("get", KINDS[kind].group, KINDS[kind].plural) for kind in (*CONTROLLERS, "Pod", "Node")}
    wanted |= {("list", KINDS[kind].group, KINDS[kind].plural) for kind in (*around._NAMESPACED, *around._CLUSTER)}
    sources = ("GitRepository", "OCIRepository", "HelmRepository", "ConfigMap")
    wanted |= {("get", KINDS[kind].group, KINDS[kind].plural) for kind in sources}
    wanted |= {("patch", KINDS[kind].group, KINDS[kind].plural) for kind in check.REHEARSED}

    made = {("create", KINDS[kind].group, KINDS[kind].plural) for kind in check.MADE}

    assert wanted | made <= granted
    assert {each for each in granted if each[0] not in {"get", "list", "patch"}} == made
    assert "secrets" not in {resource for _, _, resource in granted}


def test_the_policy_speaks_of_the_service_account_that_the_bot_runs_as():
    """A policy about another name would bind nobody."""
    account, deployment = named("ServiceAccount"), named("Deployment")
    user = f"system:serviceaccount:{account['metadata']['namespace']}:{account['metadata']['name']}"
    policy = named("ValidatingAdmissionPolicy", "suture-may-only-rehearse")
    bound = named("ValidatingAdmissionPolicyBinding", "suture-may-only-rehearse")

    assert deployment["spec"]["template"]["spec"]["serviceAccountName"] == account["metadata"]["name"]
    assert policy["spec"]["matchConditions"][0]["expression"] == f"request.userInfo.username == '{user}'"
    assert bound["spec"]["policyName"] == policy["metadata"]["name"]
    assert bound["spec"]["validationActions"] == ["Deny"]


def test_the_configuration_in_the_config_map_is_valid(monkeypatch, tmp_path):
    """People begin from it."""
    (tmp_path / "suture.yaml").write_text(named("ConfigMap")["data"]["suture.yaml"], encoding="utf-8")
    monkeypatch.setenv("SUTURE_CONFIG", str(tmp_path / "suture.yaml"))

    assert settings.read().gitops[0].cluster == settings.read().default_place


def test_the_bot_is_alone_with_its_files_and_may_do_little():
    """Two processes on one SQLite file would each run every workflow."""
    spec = named("Deployment")["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    paths = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
    variables = {variable["name"]: variable["value"] for variable in container["env"]}

    assert (spec["replicas"], spec["strategy"]["type"]) == (1, "Recreate")
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert variables["DATABASE_URL"].removeprefix("sqlite:///").startswith(next(path for path in paths if path.startswith("/var")))
    assert set(variables) <= {name.upper() for name in settings.Settings.model_fields} | {"SUTURE_CONFIG"}
