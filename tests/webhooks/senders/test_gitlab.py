"""GitLab's webhook: proven, read, and passed on as a hint."""

import base64
import hashlib
import hmac
import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.remediation.made import NOW
from tests.shared import corpus
from webhooks.intake import Intake
from webhooks.senders.gitlab import PATH, GitlabEndpoint, Hint, read_hint

KEY = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
BODY = {"object_kind": "merge_request", "project": {"path_with_namespace": "platform/shop"}, "object_attributes": {"iid": 7}}


def a_client(hints, secret=SECRET):
    endpoint = GitlabEndpoint(secret, lambda: NOW, hints.append)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=Intake({PATH: endpoint})), base_url="http://suture")


def signed(body: bytes, key=KEY, age=0.0, identity="msg_1", version="v1") -> dict[str, str]:
    timestamp = str(int(NOW.timestamp() - age))
    digest = hmac.new(key, f"{identity}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,AAAA {version},{base64.b64encode(digest).decode()}"
    return {"webhook-id": identity, "webhook-timestamp": timestamp, "webhook-signature": signature}


@pytest.fixture
def hints():
    return []


@pytest.fixture
async def client(hints):
    async with a_client(hints) as client:
        yield client


@pytest.mark.parametrize("proof", ["token", "signature"])
async def test_either_proof_lets_a_hook_in(client, hints, proof):
    """Older instances send a token, newer ones sign."""
    body = json.dumps(BODY).encode()
    headers = {"X-Gitlab-Token": SECRET} if proof == "token" else signed(body)

    answer = await client.post(PATH, content=body, headers=headers)

    assert (answer.status_code, answer.json()) == (202, {"hints": 1})
    assert hints == [Hint(project="platform/shop", iid=7, kind="merge_request")]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Gitlab-Token": "wrong"},
        {"X-Gitlab-Token": ""},
        signed(json.dumps(BODY).encode(), key=b"other"),
        signed(b"another body"),
        signed(json.dumps(BODY).encode(), age=301),
        signed(json.dumps(BODY).encode(), age=-301),
        signed(json.dumps(BODY).encode(), version="v0"),
        signed(json.dumps(BODY).encode()) | {"webhook-timestamp": "soon"},
        signed(json.dumps(BODY).encode()) | {"webhook-timestamp": "9" * 400},
        signed(json.dumps(BODY).encode()) | {"webhook-timestamp": "9" * 5_000},
        signed(json.dumps(BODY).encode()) | {"webhook-id": "msg_2"},
    ],
)
async def test_a_wrong_proof_is_refused(client, hints, headers):
    """Forged, altered, replayed from another day, or none at all."""
    answer = await client.post(PATH, content=json.dumps(BODY).encode(), headers=headers)

    assert answer.status_code == 401
    assert hints == []


async def test_without_a_secret_nobody_is_let_in(hints):
    """An empty secret is not a secret."""
    async with a_client(hints, secret="") as client:
        answer = await client.post(PATH, json=BODY, headers={"X-Gitlab-Token": ""} | signed(json.dumps(BODY).encode(), key=b""))

    assert answer.status_code == 401


@pytest.mark.parametrize("secret", ["plain", "whsec_not base64!"])
async def test_any_other_secret_is_its_own_key(hints, secret):
    """People type what they like."""
    body = json.dumps(BODY).encode()
    async with a_client(hints, secret=secret) as client:
        assert (await client.post(PATH, content=body, headers=signed(body, key=secret.encode()))).status_code == 202


def test_every_hook_of_the_corpus_is_understood():
    """Merge requests and what speaks of them name project and iid."""
    read = {path.name: read_hint(path.read_bytes()) for path in corpus("gitlab_webhooks").glob("*.json")}

    assert read["gp_merge_request_event.json"] == Hint(project="gitlabhq/gitlab-test", iid=1, kind="merge_request")
    assert read["atl_merge_request_event_subgroup.json"].project == "lkysow-test/subgroup/sub-subgroup/atlantis-example"
    assert read["gp_pipeline_event.json"] == Hint(project="gitlab-org/gitlab-test", iid=1, kind="pipeline")
    assert read["gp_comment_merge_request_event.json"] == Hint(project="gitlab-org/gitlab-test", iid=1, kind="note")
    assert read["gp_push_event.json"] == Hint(project="mike/diaspora", iid=None, kind="push")
    assert read["gp_build_event.json"] is None


async def test_a_hook_about_no_project_is_acknowledged(client, hints):
    """There is nothing to fetch."""
    answer = await client.post(PATH, json={"object_kind": "build"}, headers={"X-Gitlab-Token": SECRET})

    assert (answer.status_code, answer.json(), hints) == (202, {"hints": 0}, [])


@pytest.mark.parametrize(
    ("body", "field"),
    [(b"{", "body"), (b"[]", "body"), (b"{}", "object_kind"), (b'{"object_kind": 5}', "object_kind"),
     (b'{"object_kind": "x", "project": {"path_with_namespace": []}}', "project.path_with_namespace")],
)  # fmt: skip
async def test_what_gitlab_does_not_send_is_refused_by_field(client, body, field):
    """As for every sender."""
    answer = await client.post(PATH, content=body, headers={"X-Gitlab-Token": SECRET})

    assert (answer.status_code, answer.json()["field"]) == (422, field)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=100) | st.dictionaries(st.sampled_from(list(BODY)), st.none() | st.text() | st.integers()).map(json.dumps).map(str.encode))
async def test_hostile_bodies_are_taken_or_refused(hints, body):
    """Never an error of ours."""
    async with a_client(hints) as client:
        answer = await client.post(PATH, content=body, headers={"X-Gitlab-Token": SECRET})

    assert answer.status_code in (202, 422)
