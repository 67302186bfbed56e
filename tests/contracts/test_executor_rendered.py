"""The Executor port on what is rendered: Kustomize, Helm with Argo CD, and Flux, on the sandbox's GitLab and Kubernetes over HTTP."""

from dataclasses import replace

import pytest

from bot.sandbox.environment import SETTINGS, environment, write_files
from bot.sandbox.repositories import FLUX_FLEET, HELM_PAYMENTS, KUSTOMIZE_SHOP
from remediation.clients.kubernetes import KubernetesClient
from remediation.errors import Conflict
from remediation.executors.git import GitExecutor
from remediation.gitops.projects import Project
from remediation.gitops.repository import Forge
from remediation.terms import FieldEdit, ObjectRef, Target
from tests.bot.sandbox.conftest import port, until, world
from tests.bot.sandbox.stories import needs
from tests.contracts.test_executor_contract import delivered, gitlab, ready
from tests.remediation.made import NOW, an_act

__all__ = ["gitlab", "port", "until", "world"]
PROJECTS = [Project(**{**place, "targets": tuple(place.get("targets", ()))}) for place in SETTINGS["gitops"]]
OVERLAY = "overlays/production"
STORIES = {  # story → its project, the Deployment, its container, the limit, and the files of the fix
    "kustomize": (KUSTOMIZE_SHOP, "storefront/checkout", "checkout", "256Mi",
                  {f"{OVERLAY}/kustomization.yaml", f"{OVERLAY}/patches/checkout-deployment-patch.yaml"}),
    "helm": (HELM_PAYMENTS, "payments/payments-ledger", "ledger", "192Mi", {"environments/production/values.yaml"}),
    "flux": (FLUX_FLEET, "notifications/mailer", "mailer", "256Mi", {"clusters/production/apps.yaml"}),
}  # fmt: skip


def act_of(story, value="512Mi"):
    _, place, container, limit, _ = STORIES[story]
    namespace, name = place.split("/")
    path = f"spec.template.spec.containers[name={container}].resources.limits.memory"
    target = Target(kind="workload", place="sandbox", path=f"{namespace}/Deployment/{name}")
    edit = FieldEdit(path=path, op="replace", expect=limit, value=value)
    ref = ObjectRef(group="apps", kind="Deployment", namespace=namespace, name=name)
    return replace(an_act(), target=target, object=ref, edits=(edit,))


def memory_of(world, act):
    obj = world.cluster.get("Deployment", act.object.namespace, act.object.name)
    return obj["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]


def tree_of(world, project):
    repository = world.gitlab.projects[project.id].repository
    return repository.contents(repository.commits[repository.branches["main"]])


@pytest.fixture
async def executor(world, gitlab, port):
    write_files(port)
    cluster = KubernetesClient(kubeconfig=environment(port)["KUBECONFIG"])
    forge = Forge(url=f"{world.origin}/gitlab", projects=tuple(p.project for p in PROJECTS), hosts=tuple(SETTINGS["gitlab_hosts"]))
    yield GitExecutor(gitlab, {"sandbox": cluster}, PROJECTS, now=lambda: NOW, policy_digest="p", forge=forge)
    await cluster.close()


@pytest.fixture
async def begun(world, request):
    """The story's project in the cluster, without its fault."""
    needs(request.param)
    await world.begin(request.param)
    world.nature.demands.clear()
    return request.param


@pytest.mark.parametrize("begun", STORIES, indirect=True)
async def test_a_rendered_object_is_mended_in_its_own_environment_and_arrives(executor, world, until, begun):
    """Its owner is asked of the cluster; the merge request holds exactly the rehearsed files; the sync brings the value."""
    project, _, _, limit, paths = STORIES[begun]
    act = act_of(begun)
    rehearsal = await executor.rehearse(act)

    assert rehearsal.project == f"platform/{project.name}"
    assert {file.path for file in rehearsal.files} == paths
    assert [(move.object, move.old, move.new) for move in rehearsal.moves] == [(act.object, limit, "512Mi")]
    assert (rehearsal.dry_run.state, rehearsal.base_sha) == ("passed", world.gitlab.projects[project.id].repository.branches["main"])
    assert {"kustomize": "Application argocd/storefront-production", "helm": "Application argocd/payments-production",
            "flux": "Kustomization flux-system/apps"}[begun] in rehearsal.origin  # fmt: skip

    receipt = await delivered(executor, rehearsal)
    request = world.gitlab.projects[project.id].merge_requests[receipt.iid]
    assert all(path in request.description for path in paths)
    assert await delivered(executor, rehearsal) == receipt
    await ready(executor, receipt)
    assert (await executor.finish(receipt, "by policy")).state == "applied"
    await until(lambda: memory_of(world, act) == "512Mi")


@pytest.mark.parametrize("begun", ["kustomize"], indirect=True)
async def test_a_patch_that_somebody_adds_meanwhile_is_not_overwritten(executor, world, begun):
    """The file was new when it was rehearsed; now it is somebody's."""
    rehearsal = await executor.rehearse(act_of(begun))
    fresh = next(file for file in rehearsal.files if not file.blob)
    world.developer_pushes("bob", "by hand", {fresh.path: b"kind: Deployment\n"}, project=KUSTOMIZE_SHOP.id)
    with pytest.raises(Conflict, match="checkout-deployment-patch"):
        await delivered(executor, rehearsal)


@pytest.mark.parametrize("begun", STORIES, indirect=True)
async def test_an_undo_brings_every_file_back(executor, world, until, begun):
    """Those that were changed and those that were new; and with them the value."""
    project, _, _, limit, _ = STORIES[begun]
    before = tree_of(world, project)
    act = act_of(begun)
    rehearsal = await executor.rehearse(act)
    receipt = await delivered(executor, rehearsal)
    await ready(executor, receipt)
    await executor.finish(receipt, "by policy")
    await until(lambda: memory_of(world, act) == "512Mi")

    revert = await executor.rehearse(await executor.undo(rehearsal, receipt))
    second = await delivered(executor, revert, key="INC-1/2")
    await ready(executor, second)
    await executor.finish(second, "by policy")

    assert [(move.old, move.new) for move in revert.moves] == [("512Mi", limit)]
    await until(lambda: memory_of(world, act) == limit)
    assert tree_of(world, project) == before
