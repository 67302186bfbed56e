"""Downloads: only from allowed hosts, wherever they redirect to, and not without end."""

import asyncio

import httpx
import pytest

from remediation.clients import downloads
from remediation.clients.downloads import Downloads
from remediation.errors import NotFound, Refused, Unreachable


def answering(answers):
    """A network that knows these addresses."""
    return httpx.MockTransport(lambda request: answers.get(str(request.url), httpx.Response(404)))


def from_(answers, *hosts):
    return Downloads(hosts or ("a.example",), transport=answering(answers))


async def test_an_allowed_host_is_read_and_followed_to_another_allowed_one():
    """GitHub's archives stand on another host."""
    moved = httpx.Response(302, headers={"location": "https://b.example/y"})
    remote = from_({"https://a.example/x": moved, "https://b.example/y": httpx.Response(200, content=b"body")}, "a.example", "B.example")
    assert await remote.get("https://a.example/x") == b"body"


@pytest.mark.parametrize("url", ["https://evil.example/x", "http://a.example/x", "file:///etc/passwd", "https://a.example@evil.example/x"])
async def test_another_host_or_scheme_is_refused_with_what_to_allow(url):
    """Before anything is sent."""
    with pytest.raises(Refused, match=r"fetch\.hosts") as caught:
        await from_({}).get(url)
    assert caught.value.kind == "unpinned"


@pytest.mark.parametrize("location", ["https://evil.example/x", "http://a.example/x", "//evil.example/x"])
async def test_a_redirect_does_not_lead_out(location):
    """Nor to an address inside."""
    remote = from_({"https://a.example/x": httpx.Response(301, headers={"location": location})})
    with pytest.raises(Refused):
        await remote.get("https://a.example/x")


async def test_what_fails_says_how(monkeypatch):
    """Absent, broken, endless, too large."""
    answers = {
        "https://a.example/500": httpx.Response(500),
        "https://a.example/loop": httpx.Response(302, headers={"location": "/loop"}),
        "https://a.example/big": httpx.Response(200, content=b"x" * 100),
    }
    monkeypatch.setattr(downloads, "_LARGEST", 50)
    for path, error in (("none", NotFound), ("500", Unreachable), ("loop", Unreachable), ("big", Refused)):
        with pytest.raises(error):
            await from_(answers).get(f"https://a.example/{path}")


async def test_a_network_that_is_down_is_unreachable():
    """Asking again may help."""

    def broken(request):
        raise httpx.ConnectError("no route", request=request)

    with pytest.raises(Unreachable):
        await Downloads(("a.example",), transport=httpx.MockTransport(broken)).get("https://a.example/x")


@pytest.mark.parametrize("url", ["https://[h/x", "https://a.example:port/x", "https://a.example:99999999/x"])
async def test_what_is_no_address_is_refused(url):
    """Before anything is sent."""
    with pytest.raises(Refused, match="no address"):
        await from_({}).get(url)


@pytest.mark.parametrize("url", ["https://[h/x", "https://a.example:99999999/x"])
async def test_a_redirect_to_what_is_no_address_is_refused(url):
    """A stranger wrote it."""
    with pytest.raises(Refused, match="no address"):
        await from_({"https://a.example/x": httpx.Response(302, headers={"location": url})}).get("https://a.example/x")


async def test_a_drip_does_not_last_for_hours():
    """Each read is quick, and there is no end of them."""

    async def drops():
        while True:
            await asyncio.sleep(0.01)
            yield b"x"

    transport = answering({"https://a.example/x": httpx.Response(200, content=drops())})
    with pytest.raises(Unreachable, match=r"not done in 0\.05 s"):
        await Downloads(("a.example",), whole=0.05, transport=transport).get("https://a.example/x")


PLAIN = ("http://a.example:8080",)


async def test_a_host_that_is_written_without_tls_is_spoken_to_without_it():
    """At its very port alone, whatever the address says."""
    answers = {"http://a.example:8080/x": httpx.Response(200, content=b"body")}
    for url in ("http://a.example:8080/x", "https://a.example:8080/x"):
        assert await from_(answers, *PLAIN).get(url) == b"body"
    for url in ("http://a.example/x", "https://a.example/x", "http://b.example:8080/x"):
        with pytest.raises(Refused):
            await from_(answers, *PLAIN).get(url)


async def test_a_host_may_be_allowed_at_one_port():
    """A registry beside the usual one."""
    answers = {"https://a.example:5000/x": httpx.Response(200, content=b"body")}
    assert await from_(answers, "a.example:5000").get("https://a.example:5000/x") == b"body"
    with pytest.raises(Refused):
        await from_(answers, "a.example:5000").get("https://a.example/x")


@pytest.mark.parametrize(("realm", "token"), [("https://a.example/token", "Bearer t"), ("https://evil.example/token", None), ("https://[h/", None)])
async def test_a_strangers_token_comes_from_an_allowed_host_and_stays_with_who_asked_for_it(realm, token):
    """Where the blob lies is told no token."""
    seen = []

    def answer(request):
        seen.append((request.url.host, request.headers.get("authorization")))
        if request.url.path == "/token":
            return httpx.Response(200, json={"token": "t"})
        if request.url.host == "b.example":
            return httpx.Response(200, content=b"body")
        if request.headers.get("authorization"):
            return httpx.Response(307, headers={"location": "https://b.example/blob"})
        return httpx.Response(401, headers={"www-authenticate": f'Bearer realm="{realm}"'})

    remote = Downloads(("a.example", "b.example"), transport=httpx.MockTransport(answer))
    if token:
        assert await remote.get("https://a.example/v2/x") == b"body"
        assert seen == [("a.example", None), ("a.example", None), ("a.example", token), ("b.example", None)]
    else:
        with pytest.raises(Unreachable, match="401"):
            await remote.get("https://a.example/v2/x")
        assert seen == [("a.example", None)]
