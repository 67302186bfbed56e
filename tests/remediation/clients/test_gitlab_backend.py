"""The shorter way of python-gitlab's requests: what it cannot take goes the SDK's own, and where the SDK moves it fails here."""

import asyncio
import inspect
import json

import gitlab
import pytest
import requests
from gitlab._backends.protocol import Backend
from gitlab._backends.requests_backend import OAuthTokenAuth, PrivateTokenAuth, RequestsBackend

from remediation.clients.gitlab_backend import StraightBackend

TOKEN = "glpat-planted"
ASKED = ["self", "method", "url", "json", "data", "params", "timeout", "verify", "stream"]
OK = (200, b"{}")


@pytest.fixture
def backend():
    """Ours, closed at the end."""
    made = StraightBackend()
    yield made
    made.client.close()


def options(**more):
    """What the SDK gives with each request."""
    return {"headers": {"Content-type": "application/json"}, "auth": PrivateTokenAuth(TOKEN), **more}


def test_the_sdk_asks_as_we_answer():
    """The names and their order, in its protocol, in its own backend and in ours: another version may have other ones."""
    for one in (Backend, RequestsBackend, StraightBackend):
        assert list(inspect.signature(one.http_request).parameters)[:-1] == ASKED
    with gitlab.Gitlab("https://gitlab.example", private_token=TOKEN, backend=StraightBackend) as client:
        given = client._get_session_opts()
        assert isinstance(client._backend, StraightBackend)
    assert given.keys() - {"verify", "timeout"} == options().keys()
    assert isinstance(given["auth"], PrivateTokenAuth)


async def test_json_and_parameters_arrive(scripted, backend):
    """The way that nearly every request goes."""
    script = await scripted(OK)
    answer = await asyncio.to_thread(
        backend.http_request, "post", f"{script.url}/x", json={"a": 1}, params={"of": ["b", "c"]}, timeout=5, **options()
    )
    method, path, headers, body = script.asked[0]

    assert (method, path, json.loads(body), answer.json()) == ("POST", "/x?of=b&of=c", {"a": 1}, {})
    assert headers["PRIVATE-TOKEN"] == TOKEN


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"data": b"raw bytes"}, b"raw bytes"),
        ({"data": {"field": "value"}}, b"field=value"),
        ({"data": b"raw", "verify": False}, b"raw"),
        ({"json": {"a": 1}, "verify": "/nowhere/ca.pem"}, b'{"a": 1}'),
        ({"json": {"a": 1}, "cert": None}, b'{"a": 1}'),
    ],
)
async def test_what_is_more_than_that_is_left_to_requests(scripted, backend, given, sent):
    """Nothing that the SDK may hand over is dropped: bytes, forms, authorities and options of one's own."""
    script = await scripted(OK)
    await asyncio.to_thread(backend.http_request, "put", f"{script.url}/x", timeout=5, **given, **options())

    assert (script.asked[0][0], script.asked[0][3]) == ("PUT", sent)
    assert script.asked[0][2]["PRIVATE-TOKEN"] == TOKEN


async def test_another_kind_of_token_goes_as_its_kind(scripted, backend):
    """It must not stand in the header of a private one; and no token at all is none."""
    script = await scripted(OK)
    for auth in (OAuthTokenAuth(TOKEN), None):
        await asyncio.to_thread(backend.http_request, "get", f"{script.url}/x", timeout=5, headers={}, auth=auth)

    assert [headers.get("Authorization") for _, _, headers, _ in script.asked] == [f"Bearer {TOKEN}", None]
    assert not any("PRIVATE-TOKEN" in headers for _, _, headers, _ in script.asked)


async def test_authorities_of_ones_own_are_asked(backend):
    """A file that is not there is said, and not passed over."""
    with pytest.raises(OSError, match="nowhere"):
        await asyncio.to_thread(backend.http_request, "get", "https://127.0.0.1:9/x", verify="/nowhere/ca.pem", timeout=5, **options())


async def test_nobody_there_is_a_connection_error_of_requests(backend):
    """As the SDK expects, which tries again."""
    with pytest.raises(requests.ConnectionError):
        await asyncio.to_thread(backend.http_request, "get", "http://127.0.0.1:9/x", timeout=5, **options())
