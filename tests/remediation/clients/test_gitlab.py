"""GitLab's client: which answers become which error, and that no token is in any of them."""

import asyncio
import gzip
import json
import threading
import time
import traceback

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from remediation.clients.gitlab import GitLabClient
from remediation.errors import Conflict, Forbidden, NotFound, Refused, Unreachable, Unusable
from tests.remediation.clients.conftest import Scripted
from tests.shared import corpus

TOKEN = "glpat-planted-never-shown"


@pytest.fixture(params=["", "/etc/ssl/certs/ca-certificates.crt"], ids=["straight", "as the environment says"])
async def client_of(request, monkeypatch):
    """A client of a scripted server, closed at the end: where the environment says nothing of the way to others, and where it does."""
    made = []
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    if request.param:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", request.param)

    def client(script: Scripted, **fields) -> GitLabClient:
        made.append(GitLabClient(script.url, TOKEN, **{"merge_token": f"{TOKEN}-merge", **fields}))
        return made[-1]

    yield client
    for each in made:
        await each.close()


def body(message) -> bytes:
    return json.dumps({"message": message}).encode()


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (401, body("401 Unauthorized"), Forbidden),
        (403, body("403 Forbidden"), Forbidden),
        (404, body("404 Project Not Found"), NotFound),
        (409, body("Another open merge request already exists for this source branch: !3"), Conflict),
        (400, body("The file has changed since you started editing it: a.yaml"), Conflict),
        (400, body("A branch called 'x' already exists. Switch to that branch in order to make changes"), Conflict),
        (400, body("actions is missing"), Unusable),
        (405, body("405 Method Not Allowed"), Refused),
        (422, body("Branch cannot be merged"), Refused),
        (429, b"Retry later", Unreachable),
        (500, body("500 Internal Server Error"), Unreachable),
        (502, b"<html>bad gateway</html>", Unreachable),
        (200, b"<html>a login page</html>", Unreachable),
        (200, b"[]", Unusable),
    ],
)
async def test_each_refusal_is_an_error_of_ours_without_a_token(scripted, client_of, status, answer, error):
    """What may help when asked again is Unreachable; nothing of the request travels in the error."""
    client = client_of(await scripted((status, answer)))
    begun = time.monotonic()
    with pytest.raises(error) as caught:
        await client.merge_request("platform/shop", 7)

    assert type(caught.value) is error
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert TOKEN not in repr(vars(caught.value))
    assert time.monotonic() - begun < 3  # a 429 is not slept on


async def test_a_server_that_is_not_there_or_does_not_answer_is_unreachable(scripted, client_of):
    """Both say so in a sentence."""
    nowhere = Scripted([], url="http://127.0.0.1:9")
    with pytest.raises(Unreachable, match="cannot be reached"):
        await client_of(nowhere).version()

    async def silent(reader, writer):
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        slow = Scripted([], url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(Unreachable, match=r"did not answer in 0\.1 s"):
            await client_of(slow, seconds=0.1).version()


async def test_what_was_moved_is_read_where_it_is_now(client_of):
    """A project that was renamed answers with its new address."""

    async def answer(request):
        if request.path.endswith("/old"):
            raise web.HTTPMovedPermanently("/api/v4/projects/new")
        return web.json_response({"path": request.path})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        client = client_of(Scripted([], url=str(server.make_url("")).rstrip("/")))
        assert await client.project("old") == {"path": "/api/v4/projects/new"}


async def test_a_packed_answer_is_unpacked_and_an_archive_is_not(client_of):
    """A GitLab behind a proxy packs JSON; the archive's own packing is its content."""
    archive = gzip.compress(b"a tree")

    async def answer(request):
        assert "gzip" in request.headers["Accept-Encoding"]
        if request.path.endswith("archive.tar.gz"):
            return web.Response(body=archive, content_type="application/octet-stream")
        packed = gzip.compress(b'{"iid": 7}')
        return web.Response(body=packed, content_type="application/json", headers={"Content-Encoding": "gzip"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        client = client_of(Scripted([], url=str(server.make_url("")).rstrip("/")))
        assert await client.merge_request("p/q", 7) == {"iid": 7}
        assert await client.archive("p/q", "c0ffee") == archive


async def test_one_connection_serves_one_question_after_the_other(scripted, client_of):
    """To connect anew would cost more than to ask; an error and an answer without a body give it back, too."""
    script = await scripted((404, b"{}"), (204, b""), (200, b"{}"))
    client = client_of(script)
    with pytest.raises(NotFound):
        await client.merge_request("p/q", 7)
    await client.delete_branch("p/q", "x")
    await client.merge_request("p/q", 7)
    assert len(script.asked) == 3
    assert len(script.callers) == 1


async def test_merging_uses_its_own_token_and_names_the_commit(scripted, client_of):
    """`auto_merge` and `sha`, which the SDK's own method does not know."""
    script = await scripted((200, b'{"state": "merged"}'))
    await client_of(script).merge("platform/shop", 7, "abc")

    method, path, headers, sent = script.asked[0]
    assert (method, path) == ("PUT", "/api/v4/projects/platform%2Fshop/merge_requests/7/merge")
    assert headers["PRIVATE-TOKEN"] == f"{TOKEN}-merge"
    assert json.loads(sent) == {"sha": "abc", "auto_merge": True, "should_remove_source_branch": True}


async def test_without_a_merge_token_nothing_is_asked(scripted, client_of):
    """The refusal names the setting."""
    script = await scripted((200, b"{}"))
    with pytest.raises(Refused, match="GITLAB_MERGE_TOKEN"):
        await client_of(script, merge_token="").merge("platform/shop", 7, "abc")
    assert script.asked == []


async def test_a_commit_carries_each_files_last_commit(scripted, client_of):
    """So that GitLab itself refuses what changed meanwhile; a new file has none."""
    script = await scripted((201, b'{"id": "c0ffee"}'))
    files = {"a.yaml": (b"a: 1\n", "b" * 40), "new.yaml": (b"\xff", "")}
    assert await client_of(script).commit("p/q", "suture/x", "say", files, start_sha="d" * 40) == "c0ffee"

    sent = json.loads(script.asked[0][3])
    assert sent == {
        "branch": "suture/x", "commit_message": "say", "start_sha": "d" * 40,
        "actions": [
            {"action": "update", "file_path": "a.yaml", "content": "YTogMQo=", "encoding": "base64", "last_commit_id": "b" * 40},
            {"action": "create", "file_path": "new.yaml", "content": "/w==", "encoding": "base64"},
        ],
    }  # fmt: skip


async def test_a_missing_branch_is_told_from_a_missing_project(scripted, client_of):
    """Both answer 404."""
    assert await client_of(await scripted((404, body("404 Branch Not Found")), (200, b"{}"))).head("p/q", "gone") is None
    with pytest.raises(NotFound):
        await client_of(await scripted((404, body("404 Project Not Found")))).head("p/none", "main")


async def test_recorded_answers_are_read(scripted, client_of):
    """Real bodies, of old and new GitLabs."""
    folder = corpus("gitlab_webhooks", "api_responses")
    script = await scripted((200, (folder / "branch.json").read_bytes()))
    assert await client_of(script).head("p/q", "master") == "7b5c3cc8be40ee161ae89a06bba6229da1032a0c"
    script = await scripted((200, (folder / "compare.json").read_bytes()))
    compared = await client_of(script).compare("p/q", "main", "x")
    assert all(commit["message"] and commit["author_email"] for commit in compared["commits"])
    assert all(diff["new_path"] for diff in compared["diffs"])
    script = await scripted((200, (folder / "merges.json").read_bytes()))
    assert [each["state"] for each in await client_of(script).merge_requests("p/q", "fix", "main")]
    script = await scripted((200, (folder / "gitlab-get-merge-request.json").read_bytes()))
    assert (await client_of(script).merge_request("p/q", 8))["iid"] == 8


async def test_merge_requests_of_forks_are_not_ours(scripted, client_of):
    """A fork may have a branch of any name, and its owner may close what he opened."""
    mine, forked = ({"iid": iid, "source_project_id": source, "target_project_id": 1} for iid, source in ((1, 1), (2, 9)))
    script = await scripted((200, json.dumps([forked, mine]).encode()))
    assert await client_of(script).merge_requests("p/q", "suture/x", "main") == (mine,)
    assert "target_branch=main" in script.asked[0][1]


async def test_a_comparison_that_gitlab_gave_up_is_no_answer(scripted, client_of):
    """Its diffs may be incomplete."""
    script = await scripted((200, b'{"commits": [], "diffs": [], "compare_timeout": true}'))
    with pytest.raises(Unreachable, match="comparing"):
        await client_of(script).compare("p/q", "main", "x")


async def test_what_gitlab_says_is_masked(scripted, client_of):
    """Its sentences go into the thread and the log; a hook's output may hold anything."""
    client = client_of(await scripted((400, body("hook declined: password=hunter2-and-more is weak"))))
    with pytest.raises(Unusable, match=r"\[masked:password\]") as caught:
        await client.merge_request("p/q", 1)
    assert "hunter2" not in repr(caught.value)


async def test_who_stops_waiting_frees_no_thread():
    """A question that is given up runs on in its thread: the next one waits for its turn, so that a slow GitLab never has more than a few."""
    client = GitLabClient("http://127.0.0.1:9", "token", parallel=1)
    running, most, let = [], [], threading.Event()

    def slow(ask, merging):
        running.append(ask)
        most.append(len(running))
        let.wait(5)
        running.pop()
        return {"id": 1}

    client._ask = slow
    first = asyncio.create_task(client.project("a"))
    await asyncio.sleep(0.05)
    first.cancel()
    second = asyncio.create_task(client.project("b"))
    await asyncio.sleep(0.05)
    assert len(running) == 1
    let.set()
    assert await second == {"id": 1}
    assert max(most) == 1
