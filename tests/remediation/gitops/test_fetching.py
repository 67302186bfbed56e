"""Bases and charts from elsewhere: pinned, fetched once, rendered, and never edited."""

import hashlib
import threading

import pytest

from remediation.clients.downloads import Downloads
from remediation.errors import NotFound, Refused
from remediation.gitops import chart_fetching, fetching
from remediation.gitops.charts import Chart
from remediation.gitops.fetching import Fetched
from remediation.gitops.index import blob_of
from remediation.gitops.owners.mounts import ALONE
from tests.bot.test_located import CHART, DEPLOYMENT, HOST, application, files, flux_source, live, locate_with, settings, source, tracked
from tests.bot.test_located import flux as kustomization
from tests.remediation.gitops.systems import MemoryCluster, MemoryGitLab, archive_of, manifest
from tests.remediation.gitops.test_tasks import needs

SHA = "0123456789012345678901234567890123456789"
BASE = {"web/kustomization.yaml": "resources: [api.yaml]\n", "web/api.yaml": DEPLOYMENT, "other/b.yaml": DEPLOYMENT}
CHARTS = "https://charts.example.com/stable"


class MemoryRemote:
    """Addresses and what they answer."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    async def get(self, url, *, accept="*/*"):
        self.asked.append(url)
        if url not in self.answers:
            raise NotFound(f"no {url}")
        return self.answers[url]


def chart(version="1.2.3"):
    """A chart's archive, and the index that names it."""
    packed = archive_of({path.removeprefix("charts/api/"): text for path, text in CHART.items()}, folder="api")
    digest = hashlib.sha256(packed).hexdigest()
    index = f"apiVersion: v1\nentries:\n  api:\n  - version: {version}\n    digest: {digest}\n    urls: [api-{version}.tgz]\n"
    return digest, {f"{CHARTS}/index.yaml": index.encode(), f"{CHARTS}/api-{version}.tgz": packed}


def overlay(ref, more=""):
    text = f"resources:\n- https://github.com/acme/bases//web?ref={ref} # theirs\n{more}"
    return MemoryGitLab({"platform/shop": {"main": {"deploy/kustomization.yaml": text}}})


async def refused(*args):
    with pytest.raises(Refused) as caught:
        await locate_with(*args)
    return caught.value


async def test_a_pinned_base_is_rendered_and_patched_in_the_overlay():
    """The field stands in the base; the change goes over it, in our own repository."""
    needs("kustomize")
    remote = MemoryRemote({f"https://github.com/acme/bases/archive/{SHA}.tar.gz": archive_of(BASE)})
    solution = await locate_with(MemoryCluster(tracked(), application(source=source())), overlay(SHA), Fetched(remote))

    changed = files(solution)
    assert all(path.startswith("deploy/") for path in changed)
    assert "replicas: 5" in "".join(changed.values())
    assert "# theirs" in changed["deploy/kustomization.yaml"]
    assert remote.asked == [f"https://github.com/acme/bases/archive/{SHA}.tar.gz"]


async def test_gitlabs_archives_are_asked_for_where_githubs_are_not_there():
    """And each once, for every rehearsal after."""
    needs("kustomize")
    there = f"https://github.com/acme/bases/-/archive/{SHA}/bases-{SHA}.tar.gz"
    fetched = Fetched(MemoryRemote({there: archive_of(BASE)}))
    for _ in range(2):
        await locate_with(MemoryCluster(tracked(), application(source=source())), overlay(SHA), fetched)
    assert fetched.remote.asked[1:] == [there]


@pytest.mark.parametrize(("ref", "said"), [("main", "whole commit"), (SHA, "fetch.hosts")])
async def test_an_unpinned_or_missing_base_is_refused_with_how_to_pin_it(ref, said):
    """A branch may move; a commit needs an allowed host."""
    refusal = await refused(MemoryCluster(tracked(), application(source=source())), overlay(ref), Fetched(Downloads(())))
    assert refusal.kind == "unpinned"
    assert said in refusal.what_to_do


def bases(**names):
    """Each a repository whose only kustomization builds from the next one named, if any; and their archives."""
    address = "https://github.com/acme/{}//web?ref=" + SHA
    made = {}
    for name, following in names.items():
        text = f"resources: [{address.format(following) if following else 'api.yaml'}]\n"
        tree = {"web/kustomization.yaml": text, "web/api.yaml": DEPLOYMENT}
        made[f"https://github.com/acme/{name}/archive/{SHA}.tar.gz"] = archive_of(tree)
    return made


async def test_a_base_of_a_base_is_fetched_though_another_is_missing():
    """The one that fails is asked for once, and told once."""
    remote = MemoryRemote(bases(a="b", b="c", c=None))
    entries = "".join(f"- https://github.com/acme/{name}//web?ref={SHA}\n" for name in ("a", "gone"))
    tree = {"deploy/kustomization.yaml": blob_of(f"resources:\n{entries}".encode())}
    whole, missing = await Fetched(remote).completed(tree, ALONE, ())
    assert sum(path.endswith("kustomization.yaml") for path in whole) == 4
    assert len(missing) == 1
    assert len(remote.asked) == len(set(remote.asked)) == 5


async def test_bases_that_build_from_each_other_end():
    """Round and round, each is fetched once."""
    remote = MemoryRemote(bases(a="b", b="a"))
    tree = {"kustomization.yaml": blob_of(f"resources: ['https://github.com/acme/a//web?ref={SHA}']\n".encode())}
    _, missing = await Fetched(remote).completed(tree, ALONE, ())
    assert missing == ()
    assert len(remote.asked) == 2


CHARTED = {"repoURL": CHARTS, "chart": "api", "targetRevision": "1.2.3"}
VALUES = {"repoURL": f"{HOST}/platform/shop", "targetRevision": "main", "ref": "ours"}


def charted(**more):
    return application(sources=[{**CHARTED, "helm": {"valueFiles": ["$ours/prod.yaml"]}, **more}, VALUES])


async def test_a_chart_that_is_pinned_by_digest_is_rendered_with_our_values():
    """The values are what is changed."""
    needs("helm")
    digest, answers = chart()
    gitlab = MemoryGitLab({"platform/shop": {"main": {"prod.yaml": "replicas: 2\n"}}})
    fetched = Fetched(MemoryRemote(answers), {f"{CHARTS}/api-1.2.3": f"sha256:{digest}"})
    assert files(await locate_with(MemoryCluster(tracked(), charted()), gitlab, fetched)) == {"prod.yaml": "replicas: 5\n"}


async def test_an_index_is_asked_for_again_after_minutes_only():
    """It may be megabytes; a chart that is new in it is found then."""
    clock = [0.0]
    remote = MemoryRemote(chart()[1])
    fetched = Fetched(remote, seconds=lambda: clock[0])
    for at, asked in ((0.0, 1), (200.0, 1), (400.0, 2)):
        clock[0] = at
        with pytest.raises(Refused, match="pinned to no digest"):
            await fetched.charts.files(Chart(repository=CHARTS, name="api", version="v1.2.3"))
        assert len(remote.asked) == asked


async def test_what_is_large_is_unpacked_and_read_beside_the_loop(monkeypatch):
    """An archive and an index take seconds; nobody else waits for them."""
    digest, answers = chart()
    threads = []

    def noting(work):
        return lambda *args, **how: threads.append(threading.current_thread()) or work(*args, **how)

    for module, name in ((fetching, "unpacked"), (chart_fetching, "unpacked"), (chart_fetching, "offers_of")):
        monkeypatch.setattr(module, name, noting(getattr(module, name)))
    remote = MemoryRemote(answers | bases(a=None))
    fetched = Fetched(remote, {f"{CHARTS}/api-1.2.3": digest})
    await fetched.charts.files(Chart(repository=CHARTS, name="api", version="1.2.3"))
    await fetched._base(f"https://github.com/acme/a//web?ref={SHA}")
    assert len(threads) == 3
    assert threading.main_thread() not in threads


@pytest.mark.parametrize(
    ("pins", "app", "said"),
    [({}, charted(), "fetch.digests"), ({f"{CHARTS}/api-1.2.3": "0" * 64}, charted(), "another one"), ({}, charted(targetRevision="1.x"), "exact version")],
)  # fmt: skip
async def test_a_chart_without_the_digest_that_settings_pin_is_not_rendered(pins, app, said):
    """The refusal names the chart, and what to pin."""
    _, answers = chart()
    gitlab = MemoryGitLab({"platform/shop": {"main": {"prod.yaml": "replicas: 2\n"}}})
    refusal = await refused(MemoryCluster(tracked(), app), gitlab, Fetched(MemoryRemote(answers), pins))
    assert refusal.kind == "unpinned"
    assert said in str(refusal)


async def test_a_helm_release_of_a_helm_repository_is_rendered_too():
    """Its values stand in the file that its Kustomization keeps."""
    needs("helm", "kustomize")
    digest, answers = chart()
    text = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: api, namespace: shop}\nspec:\n  chart:\n    spec:\n"
        "      chart: api\n      version: 1.2.3\n      sourceRef: {kind: HelmRepository, name: stable}\n  values:\n    replicas: 2\n"
    )
    release = manifest(text)
    release["metadata"]["labels"] = {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
    stable = flux_source("HelmRepository", url=CHARTS)
    stable["metadata"] = {"name": "stable", "namespace": "shop"}
    thing = live(labels={"helm.toolkit.fluxcd.io/name": "api", "helm.toolkit.fluxcd.io/namespace": "shop"})
    cluster = MemoryCluster(thing, release, stable, kustomization(), flux_source(url=f"{HOST}/platform/shop"))
    gitlab = MemoryGitLab({"platform/shop": {"main": {"deploy/release.yaml": text}}})
    fetched = Fetched(MemoryRemote(answers), {f"{CHARTS}/api-1.2.3": digest})
    assert files(await locate_with(cluster, gitlab, fetched)) == {"deploy/release.yaml": text.replace("replicas: 2", "replicas: 5")}


async def test_a_submodule_is_no_surprise():
    """Its folder is empty in an archive."""
    needs("kustomize")
    gitlab = MemoryGitLab(
        {"platform/shop": {"main": {".gitmodules": '[submodule "b"]\n\tpath = bases\n\turl = x\n', "deploy/kustomization.yaml": "resources: [../bases/web]\n"}}}
    )  # fmt: skip
    refusal = await refused(MemoryCluster(tracked(), application(source=source())), gitlab, None)
    assert refusal.kind == "unpinned"
    assert "submodule bases" in refusal.what


def test_settings_name_what_may_be_fetched():
    """Nothing, unless they do."""
    assert settings().fetch.hosts == ()
