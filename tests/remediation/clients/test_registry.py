"""Registries: whether they know an image, told to strangers; only those that may be asked."""

import httpx
import pytest

from remediation.clients.registry import Registries


def network(seen):
    def answer(request):
        seen.append(f"{request.method} {request.url}")
        if request.url.path == "/token":
            return httpx.Response(200, json={"token": "t"})
        if request.url.host == "private.example":
            given = request.headers.get("authorization") == "Bearer t"
            challenge = {"www-authenticate": 'Bearer realm="https://auth.example/token",service="s",scope="repository:a:pull"'}
            return httpx.Response(200) if given else httpx.Response(401, headers=challenge)
        if request.url.host == "down.example":
            raise httpx.ConnectError("no route", request=request)
        return httpx.Response(200 if request.url.path.endswith(("/1", "/latest", "/sha256:a")) else 404)

    return httpx.MockTransport(answer)


@pytest.mark.parametrize(
    ("image", "known", "asked"),
    [
        ("r.example/team/api:1", True, "HEAD https://r.example/v2/team/api/manifests/1"),
        ("r.example/team/api:2", False, "HEAD https://r.example/v2/team/api/manifests/2"),
        ("r.example/team/api", True, "HEAD https://r.example/v2/team/api/manifests/latest"),
        ("r.example/team/api:2@sha256:a", True, "HEAD https://r.example/v2/team/api/manifests/sha256:a"),
        ("nginx:1", True, "HEAD https://registry-1.docker.io/v2/library/nginx/manifests/1"),
        ("private.example/a:1", True, "HEAD https://private.example/v2/a/manifests/1"),
        ("down.example/a:1", None, "HEAD https://down.example/v2/a/manifests/1"),
        ("other.example/a:1", None, None),
    ],
)
async def test_a_registry_says_whether_it_knows_an_image(image, known, asked):
    """One that is not to be asked, or is down, says nothing."""
    seen = []
    hosts = ("r.example", "docker.io", "private.example", "auth.example", "down.example")
    assert await Registries(hosts, transport=network(seen)).knows(image) is known
    assert (seen[:1] or [None])[0] == asked


async def test_a_token_is_not_fetched_from_a_host_that_may_not_be_asked():
    """The challenge comes from the registry."""
    seen = []
    assert await Registries(("private.example",), transport=network(seen)).knows("private.example/a:1") is None
    assert not any("auth.example" in each for each in seen)


async def test_a_token_page_that_is_no_json_is_as_if_nobody_was_asked():
    """A proxy's page for people."""

    def answer(request):
        if request.url.path == "/token":
            return httpx.Response(200, html="<h1>Sign in</h1>")
        return httpx.Response(401, headers={"www-authenticate": 'Bearer realm="https://r.example/token"'})

    assert await Registries(("r.example",), transport=httpx.MockTransport(answer)).knows("r.example/a:1") is None
