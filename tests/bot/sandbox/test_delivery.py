"""Argo CD and Flux in the sandbox's cluster: what is pushed is rendered, applied with its owner's marks, and told."""

import httpx
import pytest

from bot.sandbox import renderers
from bot.sandbox.controllers import CONTROLLERS
from bot.sandbox.environment import Credentials
from bot.sandbox.pace import Pace
from bot.sandbox.renderers import MissingTool
from bot.sandbox.repositories import FLUX_FLEET, HELM_PAYMENTS, KUSTOMIZE_SHOP
from bot.sandbox.world import World
from tests.bot.sandbox.stories import needs

TEAMS = {"kustomize": KUSTOMIZE_SHOP, "helm": HELM_PAYMENTS, "flux": FLUX_FLEET}


@pytest.fixture
def installed():
    """Skips, saying so, where a renderer is not installed."""
    needs("flux")


@pytest.fixture
def build(tmp_path):
    def built():
        return World.load(tmp_path / "kept", origin="http://127.0.0.1:9", credentials=Credentials.of(9), pace=Pace.quick())

    return built


def deployment(world, namespace, name):
    return world.cluster.get("Deployment", namespace, name)


def memory(world, namespace, name):
    return deployment(world, namespace, name)["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]


async def test_argo_cd_applies_what_its_applications_render_and_marks_it(build, installed):
    """An app of apps first; then the chart, with the values of each environment; every object names its Application and itself."""
    world = build()
    await world.begin("helm")

    ledger = deployment(world, "payments", "payments-ledger")
    tracking = "payments-production:apps/Deployment:payments/payments-ledger"
    assert ledger["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] == tracking
    assert [ledger["spec"]["replicas"], deployment(world, "payments-staging", "payments-ledger")["spec"]["replicas"]] == [2, 1]
    repository = world.gitlab.projects[HELM_PAYMENTS.id].repository
    apps = {app["metadata"]["name"]: app for app in world.cluster.all("Application")}
    assert set(apps) == {"payments", "payments-production", "payments-staging"}
    for app in apps.values():
        assert app["status"]["sync"]["revision"] == repository.branches["main"]
        assert (app["status"]["sync"]["status"], app["status"]["health"]["status"]) == ("Synced", "Healthy")
    assert apps["payments-production"]["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"].startswith("payments:")
    assert apps["payments-production"]["status"]["sourceType"] == "Helm"


async def test_flux_substitutes_what_a_kustomization_says_and_labels_what_it_applies(build, installed):
    """Its own Kustomization first, then what that makes; a HelmRelease's objects carry its labels and Helm's annotations."""
    world = build()
    await world.begin("flux")

    mailer, worker = (deployment(world, "notifications", name) for name in ("mailer", "sms-worker"))
    assert (memory(world, "notifications", "mailer"), mailer["spec"]["replicas"]) == ("256Mi", 2)
    assert mailer["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/name"] == "apps"
    assert memory(world, "notifications", "sms-worker") == "160Mi"
    assert worker["metadata"]["labels"]["helm.toolkit.fluxcd.io/name"] == "sms"
    assert worker["metadata"]["annotations"]["meta.helm.sh/release-name"] == "sms"
    revision = f"main@sha1:{world.gitlab.projects[FLUX_FLEET.id].repository.branches['main']}"
    assert {tool["status"]["lastAppliedRevision"] for tool in world.cluster.all("Kustomization")} == {revision}
    assert world.cluster.get("GitRepository", "flux-system", "flux-system")["status"]["artifact"]["revision"] == revision


@pytest.mark.parametrize("name", TEAMS)
async def test_a_project_comes_with_a_past_and_nothing_is_wrong_in_it(build, installed, name):
    """Days old, all of it healthy, an hour of metrics; the story's fault comes after."""
    world = build()
    before = {obj["metadata"]["uid"] for obj in world.cluster.objects()}
    await world.begin(name)

    fresh = [pod for pod in world.cluster.all("Pod") if pod["metadata"]["uid"] not in before]
    assert {pod["metadata"]["namespace"] for pod in fresh} == set(TEAMS[name].namespaces)
    assert all(container["ready"] for pod in fresh for container in pod["status"]["containerStatuses"])
    assert len({pod["metadata"]["creationTimestamp"][:10] for pod in fresh} | {f"{world.now():%Y-%m-%d}"}) == 2
    series = world.datadog.series["kubernetes.memory.usage"]
    assert all(any(f"pod_name:{pod['metadata']['name']}" in key for key in series) for pod in fresh)


async def test_a_push_is_rendered_and_applied_and_only_the_project_that_was_pushed(build, until, installed, monkeypatch):
    """One overlay's patch moves one environment."""
    world = build()
    async with world.running():
        await world.begin("kustomize")
        world.nature.demands.clear()
        rendered = []
        monkeypatch.setattr(
            renderers, "_run", lambda name, arguments, files, run=renderers._run: rendered.append(arguments) or run(name, arguments, files)
        )
        await world.begin("helm")
        assert {arguments[0] for arguments in rendered} == {"template"}
        path = "overlays/production/patches/recommendations-model.yaml"
        text = KUSTOMIZE_SHOP.tree()[path].replace(b"768Mi", b"1Gi")
        world.developer_pushes("bob", "a larger model", {path: text}, project=KUSTOMIZE_SHOP.id)
        await until(lambda: memory(world, "storefront", "recommendations") == "1Gi")
        assert memory(world, "storefront-staging", "recommendations") == "192Mi"


async def test_a_tree_that_does_not_render_is_said_by_its_application_and_leaves_the_cluster_alone(build, until, installed):
    """As a real one does: a condition with the renderer's words."""
    world = build()
    async with world.running():
        await world.begin("kustomize")
        world.developer_pushes(
            "bob", "typo", {"overlays/production/kustomization.yaml": b"resources: [nothing]\n"}, project=KUSTOMIZE_SHOP.id
        )

        def conditions():
            app = world.cluster.get("Application", "argocd", "storefront-production")
            return [each["message"] for each in app["status"].get("conditions", []) if each["type"] == "ComparisonError"]

        await until(conditions)
        assert "nothing" in conditions()[0]
        assert deployment(world, "storefront", "checkout") is not None
        world.developer_resets("bob", "back", KUSTOMIZE_SHOP.id)
        await until(lambda: not conditions())


async def test_a_world_that_was_kept_goes_on_delivering(build, until, installed):
    """After a restart a push is applied, and nothing is applied twice."""
    world = build()
    async with world.running():
        await world.begin("flux")
        world.nature.demands.clear()
    again = build()
    async with again.running():
        path = "clusters/production/apps.yaml"
        text = FLUX_FLEET.tree()[path].replace(b"256Mi", b"300Mi")
        again.developer_pushes("bob", "more", {path: text}, project=FLUX_FLEET.id)
        await until(lambda: memory(again, "notifications", "mailer") == "300Mi")


async def test_a_story_whose_tool_is_missing_is_refused_by_name(build, monkeypatch):
    """Nothing is half done, and the shop's stories go on."""
    monkeypatch.setattr(renderers.shutil, "which", lambda *_args, **_more: None)
    world = build()
    before = world.cluster.revision
    with pytest.raises(MissingTool, match=r"kustomize is not installed.*make tools"):
        await world.begin("flux")
    assert (world.cluster.revision, world.delivery.projects) == (before, [])
    await world.begin("oom")


def test_a_custom_resource_is_kept_as_it_is_given(build):
    """No controller of ours touches it, no default is set in it, no amount in it is rewritten."""
    world = build()
    values = {"resources": {"limits": {"memory": "1024Mi"}}, "template": {"spec": {"containers": [{"name": "a"}]}}}
    body = {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "a", "namespace": "shop"},
        "spec": {"values": values},
    }
    world.delivery.install([body])
    assert world.cluster.get("HelmRelease", "shop", "a")["spec"] == {"values": values}
    assert "HelmRelease" not in dict(CONTROLLERS)


async def test_a_program_is_told_which_tool_a_story_needs(world, monkeypatch):
    """By the control, with what to do; the page and the demo show the same sentence."""
    monkeypatch.setattr(renderers.shutil, "which", lambda *_args, **_more: None)
    async with httpx.AsyncClient(base_url=world.origin, trust_env=False) as http:
        answer = await http.post("/control/stories/helm")
    assert answer.status_code == 409
    assert answer.json()["error"].startswith("helm is not installed")
    assert "make tools" in answer.json()["error"]
