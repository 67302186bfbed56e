"""Charts from real servers on this machine: a Helm repository and an OCI registry; dependencies, charts that Kustomize inflates, owners' charts."""

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from remediation.clients.downloads import Downloads
from remediation.gitops.charts import Chart
from remediation.gitops.fetching import Fetched
from remediation.gitops.registry_charts import MANIFEST
from tests.bot.test_located import CHART, HOST, application, files, flux_source, live, locate, locate_with, settings, source, tracked
from tests.bot.test_located import flux as kustomization
from tests.remediation.gitops.systems import MemoryCluster, MemoryGitLab, archive_of, manifest
from tests.remediation.gitops.test_fetching import refused
from tests.remediation.gitops.test_tasks import needs

PACKED = archive_of({path.removeprefix("charts/api/"): text for path, text in CHART.items()}, folder="api")
LAYER = {"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "digest": f"sha256:{hashlib.sha256(PACKED).hexdigest()}"}
PACKAGE = hashlib.sha256(PACKED).hexdigest()
PAGES = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "layers": [LAYER]}).encode()
PINNED = hashlib.sha256(PAGES).hexdigest()
INDEX = f"apiVersion: v1\nentries:\n  api:\n  - version: 1.2.3\n    digest: {PACKAGE}\n    urls: [api-1.2.3.tgz]\n".encode()


class Face(BaseHTTPRequestHandler):
    """A Helm repository at /stable, and a registry that gives strangers a token first."""

    def do_GET(self):
        self.server.asked.append(self.path)
        packed = {"/stable/index.yaml": INDEX, "/stable/api-1.2.3.tgz": PACKED}
        at = "/v2/charts/api"
        registry = {f"{at}/manifests/{tag}": PAGES for tag in ("1.2.3", f"sha256:{PINNED}")} | {f"{at}/blobs/{LAYER['digest']}": PACKED}
        if self.path.startswith("/token"):
            self.answer(200, b'{"token": "t"}')
        elif self.path in registry and self.headers.get("authorization") != "Bearer t":
            realm = f"http://127.0.0.1:{self.server.server_port}/token"
            self.answer(401, b"", ("www-authenticate", f'Bearer realm="{realm}",service="r",scope="repository:charts/api:pull"'))
        elif self.path in {**packed, **registry}:
            self.answer(200, {**packed, **registry}[self.path])
        else:
            self.answer(404, b"")

    def answer(self, status, body, *headers):
        self.send_response(status)
        for name, value in (*headers, ("content-length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@contextmanager
def served():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Face)
    server.daemon_threads, server.asked = True, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server():
    with served() as running:
        yield running


def repository(server, kind):
    return f"http://127.0.0.1:{server.server_port}/stable" if kind == "helm" else f"oci://127.0.0.1:{server.server_port}/charts"


def fetched(server, **digests):
    """From this server alone. digests: of what is pinned, helm or oci."""
    keys = {kind: Chart(repository=repository(server, kind), name="api", version="1.2.3").key for kind in ("helm", "oci")}
    return Fetched(
        Downloads([f"http://127.0.0.1:{server.server_port}"]), {keys[kind]: f"sha256:{digest}" for kind, digest in digests.items()}
    )


BOTH = pytest.mark.parametrize("kind", ["helm", "oci"])
PINS = {"helm": PACKAGE, "oci": PINNED}
UMBRELLA = """\
apiVersion: v2
name: umbrella
version: 0.1.0
dependencies:
- name: api
  version: ~1.2.0
  repository: {repository}
"""
LOCK = "dependencies:\n- name: api\n  repository: x\n  version: 1.2.3\ndigest: sha256:0\n"


def umbrella(server, kind, values="api:\n  replicas: 2 # ours\n"):
    chart = UMBRELLA.format(repository=repository(server, kind))
    return MemoryGitLab({"platform/shop": {"main": {"deploy/Chart.yaml": chart, "deploy/Chart.lock": LOCK, "deploy/values.yaml": values}}})


@BOTH
async def test_a_dependency_that_is_not_vendored_is_fetched_at_the_version_of_the_lock(server, kind):
    """Pinned by settings; the value is ours, below the dependency's name."""
    needs("helm")
    cluster = MemoryCluster(tracked(), application(source=source()))
    solution = await locate_with(cluster, umbrella(server, kind), fetched(server, **{kind: PINS[kind]}))
    assert files(solution) == {"deploy/values.yaml": "api:\n  replicas: 5 # ours\n"}


async def test_a_dependency_that_nobody_pins_is_refused_with_what_to_write(server):
    """Nothing is asked of its repository."""
    needs("helm")
    refusal = await refused(MemoryCluster(tracked(), application(source=source())), umbrella(server, "helm"), fetched(server))
    assert refusal.kind == "unpinned"
    assert f"pin {repository(server, 'helm')}/api-1.2.3 (fetch.digests)" in refusal.what_to_do
    assert server.asked == []


@BOTH
async def test_another_chart_than_is_pinned_is_not_rendered(server, kind):
    """Somebody changed it, or settings are wrong."""
    needs("helm")
    refusal = await refused(
        MemoryCluster(tracked(), application(source=source())), umbrella(server, kind), fetched(server, **{kind: PINS[kind][::-1]})
    )
    assert refusal.kind == "unpinned"


INFLATED = """\
namespace: shop
helmCharts:
- name: api
  repo: {repository}
  version: 1.2.3
  releaseName: api
  valuesInline:
    replicas: 2 # ours
"""


@BOTH
async def test_a_chart_that_kustomize_inflates_is_fetched_and_its_values_are_changed(server, kind):
    """Kustomize itself asks nobody."""
    needs("helm", "kustomize")
    text = INFLATED.format(repository=repository(server, kind))
    gitlab = MemoryGitLab({"platform/shop": {"main": {"deploy/kustomization.yaml": text}}})
    cluster = MemoryCluster(tracked(), application(source=source()))
    solution = await locate_with(cluster, gitlab, fetched(server, **{kind: PINS[kind]}))
    assert files(solution) == {"deploy/kustomization.yaml": text.replace("replicas: 2", "replicas: 5")}
    refusal = await refused(cluster, gitlab, fetched(server))
    assert (refusal.kind, "fetch.digests" in refusal.what_to_do) == ("unpinned", True)


def with_values(**chart):
    """An Application with a chart from elsewhere, and our values."""
    ours = {"repoURL": f"{HOST}/platform/shop", "targetRevision": "main", "ref": "ours"}
    return application(sources=[{"helm": {"valueFiles": ["$ours/prod.yaml"]}, **chart}, ours])


async def test_an_application_takes_its_chart_from_a_registry(server):
    """Argo CD writes it without `oci://`; the refusal of an unpinned one names the digest that the registry says now."""
    needs("helm")
    gitlab = MemoryGitLab({"platform/shop": {"main": {"prod.yaml": "replicas: 2\n"}}})
    place = repository(server, "oci")
    whole = {"repoURL": f"{place}/api", "targetRevision": "1.2.3", "path": "."}
    for chart in ({"repoURL": place.removeprefix("oci://"), "chart": "api", "targetRevision": "1.2.3"}, whole):
        cluster = MemoryCluster(tracked(), with_values(**chart))
        solution = await locate_with(cluster, gitlab, fetched(server, oci=PINNED))
        assert files(solution) == {"prod.yaml": "replicas: 5\n"}
        assert f"sha256:{PINNED}" in (await refused(cluster, gitlab, fetched(server))).what_to_do


async def test_a_helm_release_takes_its_chart_from_a_registry_by_digest(server):
    """`chartRef` to an OCIRepository: its own digest is the pin."""
    needs("helm", "kustomize")
    text = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: api, namespace: shop}\nspec:\n"
        "  chartRef: {kind: OCIRepository, name: api}\n  values:\n    replicas: 2\n"
    )
    release = manifest(text)
    release["metadata"]["labels"] = {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
    there = flux_source("OCIRepository", url=f"{repository(server, 'oci')}/api", ref={"tag": "1.2.3", "digest": f"sha256:{PINNED}"})
    there["metadata"] = {"name": "api", "namespace": "shop"}
    thing = live(labels={"helm.toolkit.fluxcd.io/name": "api", "helm.toolkit.fluxcd.io/namespace": "shop"})
    cluster = MemoryCluster(thing, release, there, kustomization(), flux_source(url=f"{HOST}/platform/shop"))
    gitlab = MemoryGitLab({"platform/shop": {"main": {"deploy/release.yaml": text}}})
    solution = await locate_with(cluster, gitlab, fetched(server))
    assert files(solution) == {"deploy/release.yaml": text.replace("replicas: 2", "replicas: 5")}
    assert server.asked[0] == f"/v2/charts/api/manifests/sha256:{PINNED}"


async def test_a_dependency_of_the_same_repository_needs_nobody(server):
    """`file://`; its own defaults are changed where the release sets nothing."""
    needs("helm")
    chart = UMBRELLA.format(repository="file://../charts/api").replace("~1.2.0", "0.1.0")
    main = {"deploy/Chart.yaml": chart, "deploy/values.yaml": "api: {replicas: 2}\n", **CHART}
    known = settings({"project": "platform/shop"})
    solution = await locate(
        MemoryCluster(tracked(), application(source=source())), MemoryGitLab({"platform/shop": {"main": main}}), known=known
    )
    assert files(solution) == {"deploy/values.yaml": "api: {replicas: 5}\n"}
    assert server.asked == []
