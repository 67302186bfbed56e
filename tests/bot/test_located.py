"""`suture locate` against a cluster and GitLab: who applies the object decides which project, branch and folder is looked in."""

import pytest

from bot.located import Systems, solved
from bot.settings import Settings
from remediation.errors import Refused, Unreachable
from remediation.gitops.narrowing import Narrowing
from remediation.gitops.projects import Trees
from remediation.gitops.wishes import Asked, wish
from remediation.kinds import ref_called
from remediation.terms import DryRun
from tests.remediation.gitops.systems import MemoryCluster, MemoryGitLab, manifest
from tests.remediation.gitops.test_tasks import needs

HOST = "https://gitlab.example.com"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
spec:
  replicas: 2
"""
CHART = {
    "charts/api/Chart.yaml": "apiVersion: v2\nname: api\nversion: 0.1.0\n",
    "charts/api/values.yaml": "replicas: 1\n",
    "charts/api/templates/d.yaml": DEPLOYMENT.replace("replicas: 2", "replicas: {{ .Values.replicas }}"),
}


def live(replicas=2, labels=None, annotations=None, **metadata):
    thing = manifest(DEPLOYMENT)
    thing["spec"]["replicas"] = replicas
    thing["metadata"] |= {"labels": labels or {}, "annotations": annotations or {}, **metadata}
    return thing


def tracked(app="shop", by="apps/Deployment:shop/api"):
    return live(annotations={"argocd.argoproj.io/tracking-id": f"{app}:{by}"})


def application(name="shop", namespace="argocd", resources=(), **spec):
    spec.setdefault("destination", {"namespace": "shop"})
    return {
        "apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": {"name": name, "namespace": namespace}, "spec": spec,
        "status": {"resources": list(resources)},
    }  # fmt: skip


def source(project="platform/shop", path="deploy", revision="main", **more):
    return {"repoURL": f"{HOST}/{project}.git", "path": path, "targetRevision": revision, **more}


def settings(*projects, **more):
    known = projects or ({"project": "platform/shop"}, {"project": "platform/other"})
    return Settings(gitlab_url=HOST, gitops=known, **more)


async def locate(cluster, gitlab, *, known=None, field="spec.replicas=5", target="deployment/api", fetched=None):
    asked = Asked(wishes=(wish(field),), fragment=None, narrowing=Narrowing())
    clusters = cluster if isinstance(cluster, list) else [cluster]
    systems = Systems(known=known or settings(), clusters=clusters, trees=Trees(gitlab), fetched=fetched)
    return await solved(ref_called(target, "shop"), asked, systems)


async def locate_with(cluster, gitlab, fetched):
    """With what may be fetched from elsewhere."""
    return await locate(cluster, gitlab, known=settings({"project": "platform/shop"}), fetched=fetched)


async def refused(*args, **how):
    with pytest.raises(Refused) as caught:
        await locate(*args, **how)
    return caught.value


def files(solution):
    return {change.path: change.after.decode() for change in solution.changes}


TWO = {"platform/shop": {"main": {"deploy/api.yaml": DEPLOYMENT}}, "platform/other": {"main": {"copy/api.yaml": DEPLOYMENT}}}


async def test_the_application_of_the_tracking_id_says_where_it_is():
    """Two projects have the object, one applies it; the Application itself is in neither."""
    gitlab = MemoryGitLab(TWO)
    solution = await locate(MemoryCluster(tracked(), application(source=source())), gitlab)

    assert files(solution) == {"deploy/api.yaml": DEPLOYMENT.replace("2", "5")}
    assert gitlab.fetched == ["platform/shop@main"]
    assert str(solution.candidate) == "deploy/api.yaml (Application shop)"


async def test_a_tracking_id_that_was_copied_counts_for_nothing():
    """It names another object: then nothing chooses between the two projects, and both are told."""
    refusal = await refused(MemoryCluster(tracked(by="apps/Deployment:shop/web"), application(source=source())), MemoryGitLab(TWO))

    assert refusal.kind == "ambiguous"
    assert "platform/shop, deploy/api.yaml" in refusal.what
    assert "platform/other, copy/api.yaml" in refusal.what


async def test_an_application_in_any_namespace_is_named_with_it():
    """`team-a_shop:…`."""
    app = application(namespace="team-a", source=source("platform/other", "copy"))
    solution = await locate(MemoryCluster(tracked("team-a_shop"), application(source=source()), app), MemoryGitLab(TWO))
    assert list(files(solution)) == ["copy/api.yaml"]


async def test_a_cluster_scoped_object_is_tracked_under_its_applications_namespace():
    """Argo CD writes the destination's namespace there."""
    quota = "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 10\ndescription: a\n"
    thing = manifest(quota)
    thing["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": "shop:scheduling.k8s.io/PriorityClass:shop/high"}
    gitlab = MemoryGitLab({"platform/shop": {"main": {"deploy/p.yaml": quota}}, "platform/other": {"main": {"p.yaml": quota}}})
    solution = await locate(MemoryCluster(thing, application(source=source())), gitlab, field="description=b", target="priorityclass/high")
    assert list(files(solution)) == ["deploy/p.yaml"]


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm, namespace: argocd}\ndata: {%s}\n"


@pytest.mark.parametrize(
    ("config", "labels", "annotations", "resources", "found"),
    [
        ("application.instanceLabelKey: a/b", {"a/b": "shop"}, {}, (), True),
        ("application.resourceTrackingMethod: label", {"app.kubernetes.io/instance": "shop"}, {}, (), True),
        ("application.resourceTrackingMethod: label", {}, {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/api"}, (), False),
        ("application.resourceTrackingMethod: annotation", {"app.kubernetes.io/instance": "shop"}, {}, (), False),
        ("installationID: one", {}, {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/api"}, (), False),
        ("installationID: one", {}, {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/api", "argocd.argoproj.io/installation-id": "one"}, (), True),
        ("", {"app.kubernetes.io/instance": "shop"}, {}, ({"group": "apps", "kind": "Deployment", "namespace": "shop", "name": "api"},), True),
        ("", {"app.kubernetes.io/instance": "shop"}, {}, ({"group": "apps", "kind": "Deployment", "namespace": "shop", "name": "web"},), False),
    ],
)  # fmt: skip
async def test_argo_cd_marks_as_its_configuration_says(config, labels, annotations, resources, found):
    """A label that a chart set itself is no owner: the Application lists what is its own."""
    cluster = MemoryCluster(
        live(labels=labels, annotations=annotations), application(resources=resources, source=source()), CONFIG % config
    )
    if found:
        assert list(files(await locate(cluster, MemoryGitLab(TWO)))) == ["deploy/api.yaml"]
    else:
        assert (await refused(cluster, MemoryGitLab(TWO))).kind == "ambiguous"


async def test_settings_say_the_label_where_argocd_cm_may_not_be_read():
    """`argocd: {method, label}`."""
    cluster = MemoryCluster(live(labels={"team/app": "shop"}), application(source=source()), forbidden=("ConfigMap",))
    known = settings({"project": "platform/shop"}, {"project": "platform/other"}, argocd={"method": "label", "label": "team/app"})
    assert list(files(await locate(cluster, MemoryGitLab(TWO), known=known))) == ["deploy/api.yaml"]


async def test_an_argo_cd_in_another_cluster_is_asked_too():
    """A hub applies to many clusters."""
    clusters = [MemoryCluster(tracked()), MemoryCluster(application(source=source()))]
    assert list(files(await locate(clusters, MemoryGitLab(TWO)))) == ["deploy/api.yaml"]


async def test_an_application_that_no_cluster_has_is_said_to_be_missing():
    """Then the projects are looked through, and the proof says so."""
    solution = await locate(MemoryCluster(tracked("gone")), MemoryGitLab(TWO), known=settings({"project": "platform/shop"}))
    assert any("Application/argocd/gone was not found" in each for each in solution.unknown)


async def test_the_branch_that_the_owner_follows_is_the_one_that_is_changed():
    """Settings say main, the Application production."""
    gitlab = MemoryGitLab({"platform/shop": {"main": {}, "production": {"deploy/api.yaml": DEPLOYMENT}}})
    await locate(MemoryCluster(tracked(), application(source=source(revision="refs/heads/production"))), gitlab)
    assert gitlab.fetched == ["platform/shop@production"]


@pytest.mark.parametrize("revision", ["v1.2.0", "refs/tags/v1.2.0", "0123456789012345678901234567890123456789"])
async def test_an_owner_that_follows_no_branch_is_not_reached_by_a_commit(revision):
    """A merge request would change nothing."""
    refusal = await refused(MemoryCluster(tracked(), application(source=source(revision=revision))), MemoryGitLab(TWO))
    assert refusal.kind == "other_owner"
    assert revision in refusal.what
    assert "no branch" in refusal.what


@pytest.mark.parametrize(
    ("url", "said"),
    [("https://github.com/acme/shop.git", "gitlab_hosts"), (f"{HOST}/platform/secret.git", "project: platform/secret")],
)
async def test_a_foreign_repository_is_refused_with_what_to_add(url, said):
    """The object stands in an allowed project, too, but that is not the one that is applied."""
    refusal = await refused(MemoryCluster(tracked(), application(source={**source(), "repoURL": url})), MemoryGitLab(TWO))
    assert refusal.kind == "other_owner"
    assert said in str(refusal)


async def test_several_sources_in_several_projects_are_one_tree():
    """The chart in one, its values in another: the values are changed, by their own project's path."""
    needs("helm")
    chart = source("platform/charts", "charts/api", helm={"valueFiles": ["$config/prod.yaml"]})
    app = application(sources=[chart, {"repoURL": "git@gitlab.example.com:platform/config.git", "targetRevision": "HEAD", "ref": "config"}])
    gitlab = MemoryGitLab({"platform/charts": {"main": CHART}, "platform/config": {"main": {"prod.yaml": "replicas: 2 # prod\n"}}})
    known = settings({"project": "platform/charts"}, {"project": "platform/config"})
    solution = await locate(MemoryCluster(tracked(), app), gitlab, known=known)

    assert files(solution) == {"prod.yaml": "replicas: 5 # prod\n"}
    assert solution.places[0][0] == "prod.yaml"


async def test_a_chart_in_a_foreign_repository_cannot_be_rendered():
    """Though its values are ours."""
    chart = {
        **source("acme/charts", "charts/api"),
        "repoURL": "https://github.com/acme/charts",
        "helm": {"valueFiles": ["$ours/prod.yaml"]},
    }
    app = application(sources=[chart, {"repoURL": f"{HOST}/platform/shop", "targetRevision": "main", "ref": "ours"}])
    gitlab = MemoryGitLab({"platform/shop": {"main": {"prod.yaml": "replicas: 2\n"}}})
    refusal = await refused(MemoryCluster(tracked(), app), gitlab)
    assert refusal.kind == "unpinned"
    assert "github.com/acme/charts" in refusal.what


async def test_a_drift_that_a_sync_may_end_is_told_so():
    """The branch is ahead of what the owner applied."""
    app = application(source=source())
    app["status"]["sync"] = {"revision": "a" * 40}
    refusal = await refused(MemoryCluster({**tracked(), "spec": {"replicas": 1}}, app), MemoryGitLab(TWO))
    assert refusal.kind == "drift"
    assert "applied aaaaaaaa" in refusal.what


async def test_of_two_sources_that_give_the_object_the_last_wins():
    """As Argo CD applies them."""
    app = application(sources=[source(), source("platform/other", "copy")])
    solution = await locate(MemoryCluster(tracked(), app), MemoryGitLab(TWO))
    assert list(files(solution)) == ["copy/api.yaml"]


async def test_a_source_hydrator_is_changed_where_it_is_dry():
    """Never on the branch that it writes."""
    dry = {"repoURL": f"{HOST}/platform/shop", "targetRevision": "main", "path": "deploy"}
    app = application(sourceHydrator={"drySource": dry, "syncSource": {"targetBranch": "environments/prod", "path": "prod"}})
    gitlab = MemoryGitLab({"platform/shop": {"main": {"deploy/api.yaml": DEPLOYMENT, "prod/manifest.yaml": DEPLOYMENT}}})
    assert list(files(await locate(MemoryCluster(tracked(), app), gitlab))) == ["deploy/api.yaml"]


async def test_what_the_application_holds_itself_is_changed_only_where_that_is_in_git():
    """A parameter of an Application that somebody made by hand has no file."""
    needs("helm")
    app = application(source=source(path="charts/api", helm={"parameters": [{"name": "replicas", "value": "2"}]}))
    refusal = await refused(MemoryCluster(tracked(), app), MemoryGitLab({"platform/shop": {"main": CHART}}))
    assert refusal.kind == "other_owner"
    assert "Application/argocd/shop" in refusal.what
    app["metadata"]["ownerReferences"] = [{"kind": "ApplicationSet", "name": "fleet"}]
    refusal = await refused(MemoryCluster(tracked(), app), MemoryGitLab({"platform/shop": {"main": CHART}}))
    assert "made by the ApplicationSet fleet" in refusal.what


async def test_the_owners_own_manifest_may_be_in_another_project():
    """App of apps: the parameter is changed where the Application stands, and that is the project of the merge request."""
    needs("helm")
    text = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: shop, namespace: argocd}\nspec:\n  destination: {namespace: shop}\n"
        f'  source:\n    repoURL: {HOST}/platform/shop\n    path: charts/api\n    helm:\n      parameters:\n      - name: replicas\n        value: "2"\n'
    )  # fmt: skip
    shop = manifest(text)
    shop["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": "apps:argoproj.io/Application:argocd/shop"}
    apps = application("apps", source=source("platform/other", "apps"))
    gitlab = MemoryGitLab({"platform/shop": {"main": CHART}, "platform/other": {"main": {"apps/shop.yaml": text}}})
    solution = await locate(MemoryCluster(tracked(), shop, apps), gitlab)
    assert files(solution) == {"apps/shop.yaml": text.replace('"2"', '"5"')}


async def test_another_application_of_the_cluster_that_uses_the_file_is_seen():
    """Its manifest is in no project; it would move, too."""
    needs("helm")
    one, two = (application(name, source=source(path="charts/api", helm={"valueFiles": ["../../v.yaml"]})) for name in ("shop", "twin"))
    two["spec"]["destination"] = {"namespace": "twin"}
    gitlab = MemoryGitLab({"platform/shop": {"main": {**CHART, "v.yaml": "replicas: 2\n"}}})
    refusal = await refused(MemoryCluster(tracked(), one, two), gitlab)
    assert refusal.kind == "shared"


FLUX = {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}


def flux(kind="GitRepository", inventory=(), **spec):
    entries = [{"id": each, "v": "v1"} for each in inventory]
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "apps", "namespace": "flux-system"},
        "spec": {"path": "./deploy", "sourceRef": {"kind": kind, "name": "fleet"}, **spec}, "status": {"inventory": {"entries": entries}},
    }  # fmt: skip


def flux_source(kind="GitRepository", status=None, **spec):
    metadata = {"name": "fleet", "namespace": "flux-system"}
    return {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": kind, "metadata": metadata, "spec": spec, "status": status or {}}


async def test_a_flux_kustomization_leads_to_its_git_repository():
    """By its labels, confirmed by its inventory."""
    gitlab = MemoryGitLab({**TWO, "platform/shop": {"prod": {"deploy/api.yaml": DEPLOYMENT}}})
    cluster = MemoryCluster(
        live(labels=FLUX), flux(inventory=["shop_api_apps_Deployment"]),
        flux_source(url="ssh://git@gitlab.example.com:2222/platform/shop.git", ref={"branch": "prod"}),
    )  # fmt: skip
    assert list(files(await locate(cluster, gitlab))) == ["deploy/api.yaml"]


async def test_labels_that_were_copied_from_another_object_are_not_in_the_inventory():
    """Then they name nobody."""
    cluster = MemoryCluster(live(labels=FLUX), flux(inventory=["shop_web_apps_Deployment"]), flux_source(url=f"{HOST}/platform/shop"))
    assert (await refused(cluster, MemoryGitLab(TWO))).kind == "ambiguous"


async def test_an_oci_repository_leads_back_to_git_where_it_says_so():
    """`flux push artifact --source … --revision …` states it."""
    stated = {"org.opencontainers.image.source": f"{HOST}/platform/shop", "org.opencontainers.image.revision": f"main@sha1:{'a' * 40}"}
    fleet = flux_source("OCIRepository", {"artifact": {"metadata": stated}}, url="oci://registry.example.com/fleet")
    assert list(files(await locate(MemoryCluster(live(labels=FLUX), flux("OCIRepository"), fleet), MemoryGitLab(TWO)))) == [
        "deploy/api.yaml"
    ]
    of_a_folder = MemoryGitLab({**TWO, "platform/shop": {"main": {"fleet/deploy/api.yaml": DEPLOYMENT}}})  # pushed with --path=fleet
    solution = await locate(MemoryCluster(live(labels=FLUX), flux("OCIRepository"), fleet), of_a_folder)
    assert list(files(solution)) == ["fleet/deploy/api.yaml"]
    silent = flux_source("OCIRepository", url="oci://registry.example.com/fleet")
    refusal = await refused(MemoryCluster(live(labels=FLUX), flux("OCIRepository"), silent), MemoryGitLab(TWO))
    assert refusal.kind == "other_owner"
    assert "--source" in refusal.what_to_do


@pytest.mark.parametrize("kind", ["ExternalArtifact", "Bucket"])
async def test_a_source_that_is_no_repository_is_refused_clearly(kind):
    """With how to map it by hand."""
    refusal = await refused(MemoryCluster(live(labels=FLUX), flux(kind)), MemoryGitLab(TWO))
    assert refusal.kind == "other_owner"
    assert kind in refusal.what
    assert "targets" in refusal.what_to_do


async def test_a_variable_is_changed_where_git_gives_it_and_not_where_only_the_cluster_does():
    """`substituteFrom`: a ConfigMap of the cluster is known, but has no file."""
    needs("kustomize")
    text = DEPLOYMENT.replace("replicas: 2", "replicas: ${replicas}")
    variables = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\ndata: {replicas: "2"}\n'
    tool = flux(postBuild={"substituteFrom": [{"kind": "ConfigMap", "name": "vars"}]})
    cluster = MemoryCluster(live(labels=FLUX), tool, flux_source(url=f"{HOST}/platform/shop"), variables)
    inside = MemoryGitLab({"platform/shop": {"main": {"deploy/api.yaml": text, "vars.yaml": variables}}})
    assert files(await locate(cluster, inside)) == {"vars.yaml": variables.replace('"2"', '"5"')}
    refusal = await refused(cluster, MemoryGitLab({"platform/shop": {"main": {"deploy/api.yaml": text}}}))
    assert refusal.kind == "other_owner"
    assert "ConfigMap/flux-system/vars" in refusal.what


async def test_a_variable_of_a_secret_is_not_guessed():
    """Git does not have it, and Secrets are not read."""
    needs("kustomize")
    text = DEPLOYMENT.replace("replicas: 2", "replicas: ${replicas}")
    tool = flux(postBuild={"substituteFrom": [{"kind": "Secret", "name": "vars"}]})
    cluster = MemoryCluster(live(labels=FLUX), tool, flux_source(url=f"{HOST}/platform/shop"))
    refusal = await refused(cluster, MemoryGitLab({"platform/shop": {"main": {"deploy/api.yaml": text}}}))
    assert refusal.kind == "encrypted"
    assert "Secret/flux-system/vars" in refusal.what


RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: api
  namespace: shop
spec:
  chart:
    spec:
      chart: ./charts/api
      sourceRef: {kind: GitRepository, name: charts, namespace: flux-system}
  values:
    replicas: 2
"""


async def test_a_helm_release_is_changed_where_its_kustomization_keeps_it():
    """Two steps: the chart in one project, the HelmRelease in another."""
    needs("helm", "kustomize")
    release = manifest(RELEASE)
    release["metadata"]["labels"] = FLUX
    charts = flux_source(url=f"{HOST}/platform/charts")
    charts["metadata"] = {"name": "charts", "namespace": "flux-system"}
    thing = live(
        labels={"helm.toolkit.fluxcd.io/name": "api", "helm.toolkit.fluxcd.io/namespace": "shop"},
        annotations={"meta.helm.sh/release-name": "api", "meta.helm.sh/release-namespace": "shop"},
    )
    cluster = MemoryCluster(thing, release, flux(), flux_source(url=f"{HOST}/platform/shop"), charts)
    gitlab = MemoryGitLab({"platform/shop": {"main": {"deploy/release.yaml": RELEASE}}, "platform/charts": {"main": CHART}})
    solution = await locate(cluster, gitlab, known=settings({"project": "platform/shop"}, {"project": "platform/charts"}))
    assert files(solution) == {"deploy/release.yaml": RELEASE.replace("replicas: 2", "replicas: 5")}


async def test_what_a_controller_made_is_not_looked_for_in_git():
    """Locate what made it."""
    thing = live(ownerReferences=[{"kind": "Widget", "name": "w", "controller": True, "apiVersion": "x/v1", "uid": "1"}])
    refusal = await refused(MemoryCluster(thing), MemoryGitLab(TWO))
    assert refusal.kind == "other_owner"
    assert "Widget/w" in refusal.what


async def test_settings_say_where_an_object_is_that_nobody_claims():
    """`targets`, a glob over namespace/Kind/name."""
    known = settings({"project": "platform/shop"}, {"project": "platform/other", "targets": ["shop/Deployment/*"]})
    assert list(files(await locate(MemoryCluster(live()), MemoryGitLab(TWO), known=known))) == ["copy/api.yaml"]


async def test_kustomizes_origin_names_the_repository():
    """`config.kubernetes.io/origin`, where no tool says more."""
    origin = f"path: deploy/api.yaml\nrepo: {HOST}/platform/shop\nref: main\n"
    thing = live(annotations={"config.kubernetes.io/origin": origin})
    assert list(files(await locate(MemoryCluster(thing), MemoryGitLab(TWO)))) == ["deploy/api.yaml"]


async def test_helms_release_annotations_alone_find_the_release():
    """Nothing applies it but `helm upgrade`."""
    needs("helm")
    thing = live(annotations={"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "shop"})
    chart = {**CHART, "charts/api/templates/d.yaml": CHART["charts/api/templates/d.yaml"].replace("name: api", "name: {{ .Values.name }}")}
    gitlab = MemoryGitLab({"platform/shop": {"main": {**chart, "charts/api/values.yaml": "name: api\nreplicas: 2\n"}}})
    solution = await locate(MemoryCluster(thing), gitlab, known=settings({"project": "platform/shop"}))
    assert files(solution) == {"charts/api/values.yaml": "name: api\nreplicas: 5\n"}
    assert solution.candidate.rendering.release == "shop"


async def test_what_stands_around_the_object_in_the_cluster_is_asked():
    """A quota that has no room, a scaler that owns the field; what could not be read stands in the proof."""
    app = application(source=source())
    scaler = {
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "auto", "namespace": "shop"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "api"}, "maxReplicas": 4},
    }  # fmt: skip
    refusal = await refused(MemoryCluster(tracked(), app, scaler), MemoryGitLab(TWO))
    assert refusal.kind == "other_owner"
    assert "maxReplicas 4" in refusal.what_to_do
    hard = {"pods": "4"}
    quota = {
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": "shop"}, "spec": {"hard": hard},
        "status": {"hard": hard, "used": {"pods": "2"}},
    }  # fmt: skip
    refusal = await refused(MemoryCluster(tracked(), app, quota), MemoryGitLab(TWO))
    assert refusal.kind == "infeasible"
    assert "ResourceQuota q" in refusal.what
    solution = await locate(MemoryCluster(tracked(), app, forbidden=("ResourceQuota",)), MemoryGitLab(TWO))
    assert any("ResourceQuota" in each for each in solution.unknown)


async def test_a_webhook_that_changed_the_object_is_named_with_the_drift():
    """The owner's sync cannot bring it back."""
    hook = {
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": "sidecars"},
        "webhooks": [{"name": "w", "rules": [{"apiGroups": ["apps"], "resources": ["deployments"], "operations": ["*"]}]}],
    }  # fmt: skip
    refusal = await refused(MemoryCluster({**tracked(), "spec": {"replicas": 1}}, application(source=source()), hook), MemoryGitLab(TWO))
    assert refusal.kind == "drift"
    assert "sidecars/w" in refusal.what


async def test_the_api_server_is_asked_for_a_dry_run_of_the_result():
    """What it refuses is refused in its words, for no rule of ours knows its schemas and admission."""
    cluster = MemoryCluster(tracked(), application(source=source()))
    await locate(cluster, MemoryGitLab(TWO))
    assert [(each["metadata"]["namespace"], each["spec"]["replicas"]) for each in cluster.tried] == [("shop", 5)]

    cluster.answer = DryRun(state="refused", reason='unknown field "spec.bogus"')
    refusal = await refused(cluster, MemoryGitLab(TWO), field="spec.bogus=1")
    assert (refusal.kind, 'unknown field "spec.bogus"' in refusal.what) == ("infeasible", True)


@pytest.mark.parametrize("answer", [DryRun(state="not_rehearsed", reason="Suture may not ask."), Unreachable("Kubernetes was busy.")])
async def test_a_dry_run_that_was_not_asked_stands_in_the_proof(answer):
    """By rights, or because the server did not answer."""
    cluster = MemoryCluster(tracked(), application(source=source()), answer=answer)
    solution = await locate(cluster, MemoryGitLab(TWO))
    assert any(each.startswith("The API server was not asked for a dry run. ") for each in solution.unknown)
