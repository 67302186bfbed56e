"""GitLab's API through python-gitlab: what it answers, and what it refuses as a real one does."""

import asyncio
import hashlib
import io
import json
import tarfile

import gitlab
import pytest

MANIFEST = "production/api/api.yaml"
BRANCH = "suture/3f2a"


def _client(world, token):
    return gitlab.Gitlab(f"{world.origin}/gitlab", private_token=token)


@pytest.fixture
async def project(world):
    """The project as the bot's Developer token sees it."""
    return await asyncio.to_thread(_client(world, world.credentials.gitlab_token).projects.get, "platform/shop")


@pytest.fixture
async def merging(world):
    """The project as the token that may merge sees it."""
    return await asyncio.to_thread(_client(world, world.credentials.gitlab_merge_token).projects.get, 1)


async def refused(call, *arguments, **options):
    """Status and message that a call ends with."""
    with pytest.raises(gitlab.GitlabError) as refusal:
        await asyncio.to_thread(call, *arguments, **options)
    return refusal.value.response_code, refusal.value.error_message


def fix(project, branch=BRANCH, memory=b"512Mi", **more):
    """The commit that the bot would make: two spliced scalars, on the head of main, against the file that was read."""
    head = project.branches.get("main").commit["id"]
    found = project.files.get(MANIFEST, ref=head)
    text = found.decode().replace(b'"256Mi"', b'"' + memory + b'"').replace(b"memory: 256Mi ", b"memory: " + memory + b" ")
    action = {"action": "update", "file_path": MANIFEST, "content": text.decode(), "last_commit_id": found.last_commit_id}
    body = {"branch": branch, "start_sha": head, "commit_message": "api: more memory", "actions": [action]}
    return project.commits.create({**body, **more})


def opened(project, branch=BRANCH, **more):
    """A merge request of such a commit."""
    fix(project, branch)
    body = {"source_branch": branch, "target_branch": "main", "title": "Raise memory of api", "labels": ["suture", "automated"]}
    return project.mergerequests.create({**body, **more})


async def ready(project, iid, until):
    """The merge request once its pipeline passed and GitLab looked at it."""
    seen = []

    async def look():
        request = await asyncio.to_thread(project.mergerequests.get, iid)
        seen.append(request.detailed_merge_status)
        return request

    request = await look()
    async with asyncio.timeout(10):
        while request.detailed_merge_status != "mergeable":
            request = await look()
    return request, seen


async def test_the_tree_is_read_in_every_way(world, project):
    """Listing over pages, files, raw bytes, blobs by Git's own ids, an archive of one commit."""
    tree = await asyncio.to_thread(project.repository_tree, recursive=True, get_all=True, per_page=5)
    blobs = {entry["path"]: entry["id"] for entry in tree if entry["type"] == "blob"}
    assert {MANIFEST, ".gitlab-ci.yml", "staging/web/web.yaml"} <= blobs.keys()
    found = await asyncio.to_thread(project.files.get, MANIFEST, ref="main")
    content = found.decode()
    assert hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest() == found.blob_id == blobs[MANIFEST]
    assert await asyncio.to_thread(project.files.raw, MANIFEST, ref="main") == content
    assert await asyncio.to_thread(project.repository_raw_blob, found.blob_id) == content
    packed = await asyncio.to_thread(project.repository_archive, format="tar.gz", sha=found.commit_id)
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        names = {member.name.split("/", 1)[1]: member for member in tar.getmembers()}
        assert tar.extractfile(names[MANIFEST]).read() == content
        assert names.keys() == blobs.keys()
    one_level = await asyncio.to_thread(project.repository_tree, "production", ref="main")
    assert {entry["type"] for entry in one_level} == {"tree"}


async def test_commits_are_found_by_the_file_that_they_touch(world, project):
    """Newest first, with their diffs."""
    # python-gitlab takes `path=` for the address itself
    commits = await asyncio.to_thread(project.commits.list, query_parameters={"path": MANIFEST}, get_all=True)
    assert [c.title for c in commits] == ["Release api 4.12.0 and web 2.4.0", "The shop, as of today"]
    diff = await asyncio.to_thread(commits[0].diff)
    assert "-          image: registry.shop.example/api:4.11.2\n+          image: registry.shop.example/api:4.12.0" in next(
        d["diff"] for d in diff if d["new_path"] == MANIFEST
    )


async def test_what_is_not_there_is_named(world, project):
    """Each 404 in GitLab's own words."""
    cases = [
        (project.files.get, ("nothing.yaml", "main"), "404 File Not Found"),
        (project.files.get, (MANIFEST, "nowhere"), "404 Commit Not Found"),
        (project.branches.get, ("nowhere",), "404 Branch Not Found"),
        (project.mergerequests.get, (99,), "404 Not found"),
        (_client(world, world.credentials.gitlab_token).projects.get, ("no/such",), "404 Project Not Found"),
    ]
    for call, arguments, message in cases:
        assert await refused(call, *arguments) == (404, message)
    assert (await refused(_client(world, "wrong").projects.get, 1))[0] == 401
    assert (await refused(project.manager.gitlab.http_get, "/nothing/here"))[0] == 404


async def test_a_fix_goes_from_commit_to_merge(world, project, merging, until):
    """Commit on a start_sha, merge request, its checks, merge with its sha; main has it, the branch is gone."""
    commit = await asyncio.to_thread(fix, project)
    assert commit.stats == {"additions": 2, "deletions": 2, "total": 4}
    body = {"source_branch": BRANCH, "target_branch": "main", "title": "Raise memory of api", "remove_source_branch": True}
    request = await asyncio.to_thread(project.mergerequests.create, body)
    assert (request.state, request.sha, request.detailed_merge_status) == ("opened", commit.id, "unchecked")
    assert request.diff_refs["head_sha"] == commit.id
    request, seen = await ready(project, request.iid, until)
    assert seen[0] in ("unchecked", "checking")
    assert request.head_pipeline["status"] == "success"
    changes = (await asyncio.to_thread(request.changes))["changes"]
    assert [line for line in changes[0]["diff"].splitlines() if line.startswith("+")] == [
        "+              memory: 512Mi      # equal to the limit: see docs/oncall.md",
        '+              memory: "512Mi"    # measured in spring, SHOP-211',
    ]
    path = f"/projects/1/merge_requests/{request.iid}/merge"
    merged = await asyncio.to_thread(merging.manager.gitlab.http_put, path, post_data={"sha": request.sha})
    assert (merged["state"], merged["merged_by"]["username"]) == ("merged", "suture-merge")
    head = await asyncio.to_thread(project.branches.get, "main")
    assert head.commit["id"] == merged["merge_commit_sha"]
    assert await refused(project.branches.get, BRANCH) == (404, "404 Branch Not Found")
    await until(lambda: world.cluster.get("Deployment", "shop", "api")["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"] == "512Mi")


async def test_a_developer_neither_merges_nor_pushes_to_main(world, project, until):
    """401 and 403, as GitLab has it."""
    request = await asyncio.to_thread(opened, project)
    await ready(project, request.iid, until)
    assert await refused(request.merge) == (401, "401 Unauthorized")
    message = "403 Forbidden - You are not allowed to push into this branch"
    assert await refused(fix, project, "main", start_sha=None) == (403, message)


async def test_a_merge_is_refused_in_the_order_in_which_gitlab_asks(world, project, merging, until):
    """Closed and unfinished pipelines 405, another head 409, a conflict 422; auto_merge waits for the pipeline."""
    world.gitlab.pipeline_seconds = 0.5
    request = await asyncio.to_thread(opened, project)
    put, path = merging.manager.gitlab.http_put, f"/projects/1/merge_requests/{request.iid}/merge"
    assert await refused(put, path) == (405, "405 Method Not Allowed")  # still running
    request, _ = await ready(project, request.iid, until)
    wrong = await refused(put, path, post_data={"sha": "0" * 40})
    assert wrong == (409, f"SHA does not match HEAD of source branch: {request.sha}")
    theirs = world.gitlab.projects[1].repository
    content = theirs.contents(theirs.commits[theirs.branches["main"]])[MANIFEST] + b"# more\n"
    world.developer_pushes("bob", "api: a remark", {MANIFEST: content})
    assert await refused(put, path, post_data={"sha": request.sha}) == (422, "Branch cannot be merged")
    assert (await asyncio.to_thread(project.mergerequests.get, request.iid)).has_conflicts
    other = await asyncio.to_thread(opened, project, "suture/other")
    waiting = await asyncio.to_thread(put, f"/projects/1/merge_requests/{other.iid}/merge", post_data={"auto_merge": True, "sha": other.sha})
    assert waiting["merge_when_pipeline_succeeds"] is True
    await until(lambda: world.gitlab.projects[1].merge_requests[other.iid].state == "merged")
    assert await refused(put, f"/projects/1/merge_requests/{other.iid}/merge") == (405, "405 Method Not Allowed")


async def test_a_failed_pipeline_blocks_the_merge(world, project, merging, until):
    """`ci_must_pass` never becomes `mergeable`."""
    world.gitlab.failing_refs.add(BRANCH)
    request = await asyncio.to_thread(opened, project)
    await until(lambda: world.gitlab.projects[1].pipeline_of(request.sha).status == "failed")
    await asyncio.to_thread(project.mergerequests.get, request.iid)
    await until(lambda: world.gitlab.projects[1].merge_requests[request.iid].checked)
    assert (await asyncio.to_thread(project.mergerequests.get, request.iid)).detailed_merge_status == "ci_must_pass"
    assert await refused(merging.manager.gitlab.http_put, f"/projects/1/merge_requests/{request.iid}/merge") == (405, "405 Method Not Allowed")


async def test_a_second_request_for_the_branch_is_refused_and_named(world, project):
    """409 with the number of the one that is there; after it is closed, a new one is allowed."""
    request = await asyncio.to_thread(opened, project)
    body = {"source_branch": BRANCH, "target_branch": "main", "title": "again"}
    message = ["Another open merge request already exists for this source branch: !1"]
    assert await refused(project.mergerequests.create, body) == (409, message)
    request.state_event = "close"
    await asyncio.to_thread(request.save)
    assert (await asyncio.to_thread(project.mergerequests.create, body)).iid == 2


async def test_commits_are_refused_as_gitlab_refuses_them(world, project):
    """A branch that is there, a file that changed, a file that is not there, a path out of the tree."""
    await asyncio.to_thread(fix, project)
    message = f"A branch called '{BRANCH}' already exists. Switch to that branch in order to make changes"
    assert await refused(fix, project) == (400, message)
    head = (await asyncio.to_thread(project.branches.get, "main")).commit["id"]
    first = (await asyncio.to_thread(project.commits.list, get_all=True))[-1].id
    cases = [
        ({"action": "update", "file_path": MANIFEST, "content": "x", "last_commit_id": first},
         f"The file has changed since you started editing it: {MANIFEST}"),
        ({"action": "update", "file_path": "nothing.yaml", "content": "x"}, "A file with this name doesn't exist"),
        ({"action": "create", "file_path": MANIFEST, "content": "x"}, "A file with this name already exists"),
        ({"action": "create", "file_path": "../x", "content": "x"}, "Path cannot include directory traversal"),
        ({"action": "fly", "file_path": "x"}, "actions[0][action] does not have a valid value"),
        ({"action": "update", "file_path": "x"}, "actions[0][content] is missing"),
    ]  # fmt: skip
    for action, words in cases:
        body = {"branch": "suture/new", "start_sha": head, "commit_message": "m", "actions": [action]}
        assert await refused(project.commits.create, body) == (400, words)
    body = {"branch": "suture/new", "start_sha": "f" * 40, "commit_message": "m", "actions": [cases[0][0]]}
    assert await refused(project.commits.create, body) == (400, f"Cannot find start_sha '{'f' * 40}'")
    assert "suture/new" not in world.gitlab.projects[1].repository.branches


async def test_actions_create_move_and_delete(world, project):
    """One commit, several files."""
    actions = [
        {"action": "create", "file_path": "a/new.yaml", "content": "eDogMQo=", "encoding": "base64"},
        {"action": "move", "file_path": "docs/call.md", "previous_path": "docs/oncall.md"},
        {"action": "delete", "file_path": "README.md"},
    ]
    body = {"branch": "suture/many", "start_branch": "main", "commit_message": "many", "actions": actions, "author_name": "Suture for bob"}
    commit = await asyncio.to_thread(project.commits.create, body)
    kinds = {d["new_path"]: (d["new_file"], d["renamed_file"], d["deleted_file"]) for d in await asyncio.to_thread(commit.diff)}
    assert kinds == {"a/new.yaml": (True, False, False), "docs/call.md": (False, True, False), "README.md": (False, False, True)}
    assert commit.author_name == "Suture for bob"
    assert await asyncio.to_thread(project.files.raw, "a/new.yaml", ref="suture/many") == b"x: 1\n"


async def test_a_merged_fix_can_be_reverted_and_compared(world, project, merging, until):
    """On a branch of its own, for a merge request of its own."""
    request = await asyncio.to_thread(opened, project)
    await ready(project, request.iid, until)
    await world.merge(request.iid)
    merged = await asyncio.to_thread(project.mergerequests.get, request.iid)
    await asyncio.to_thread(project.branches.create, {"branch": "suture/revert", "ref": "main"})
    commit = await asyncio.to_thread(project.commits.get, merged.merge_commit_sha)
    await asyncio.to_thread(commit.revert, "suture/revert")
    compared = await asyncio.to_thread(project.repository_compare, "main", "suture/revert")
    assert [d["new_path"] for d in compared["diffs"]] == [MANIFEST]
    assert [c["title"] for c in compared["commits"]] == [f'Revert "{commit.title}"']
    base = await asyncio.to_thread(project.repository_merge_base, ["main", "suture/revert"])
    assert base["id"] == merged.merge_commit_sha


async def test_requests_are_listed_labelled_and_talked_about(world, project, until):
    """Filters that find an open fix, labels added and taken, notes, discussions, approvals."""
    request = await asyncio.to_thread(opened, project, description="why")
    for filters, found in [({"source_branch": BRANCH, "state": "opened"}, 1), ({"labels": ["suture", "automated"]}, 1),
                           ({"labels": ["other"]}, 0), ({"state": "closed"}, 0), ({"author_username": "suture"}, 1)]:  # fmt: skip
        assert len(await asyncio.to_thread(project.mergerequests.list, get_all=True, **filters)) == found, filters
    request.add_labels, request.remove_labels = ["production"], ["automated"]
    await asyncio.to_thread(request.save)
    assert (await asyncio.to_thread(project.mergerequests.get, 1)).labels == ["production", "suture"]
    await asyncio.to_thread(request.notes.create, {"body": "digest 3f2a"})
    await world.close(1, "Not on a Friday", "bob")
    notes = await asyncio.to_thread(request.notes.list, get_all=True)
    assert [(n.author["username"], n.body) for n in notes] == [("bob", "Not on a Friday"), ("suture", "digest 3f2a")]
    assert len(await asyncio.to_thread(request.discussions.list, get_all=True)) == 2
    closed = await asyncio.to_thread(project.mergerequests.get, 1)
    assert (closed.state, closed.closed_by["username"], closed.detailed_merge_status) == ("closed", "bob", "not_open")
    assert (await asyncio.to_thread(closed.approvals.get)).approved is False


async def test_hooks_tell_of_all_of_it_with_gitlab_s_headers(world, project, until):
    """Open, pipeline, note, close: one delivery each, in order, signed with the secret token."""
    world.gitlab.pipeline_seconds = 0.5
    request = await asyncio.to_thread(opened, project)
    await until(lambda: world.gitlab.projects[1].pipeline_of(request.sha).status == "success")
    await world.close(1, "No")
    await until(lambda: any('"action": "close"' in d.body for d in world.deliveries.log))
    hooks = [d for d in world.deliveries.log if d.system == "gitlab"]
    assert {d.path for d in hooks} == {"/webhooks/gitlab"}
    told = [json.loads(d.body) for d in hooks]
    kinds = [(b["object_kind"], b["object_attributes"].get("action") or b["object_attributes"]["status"]) for b in told]
    assert kinds == [
        ("pipeline", "pending"), ("merge_request", "open"), ("pipeline", "running"), ("pipeline", "success"), ("note", "create"),
        ("merge_request", "close"),
    ]  # fmt: skip
    assert told[3]["merge_request"]["iid"] == 1
    assert told[4]["object_attributes"]["note"] == "No"
    headers = hooks[1].headers
    assert (headers["X-Gitlab-Event"], headers["X-Gitlab-Token"]) == ("Merge Request Hook", world.credentials.gitlab_webhook_secret)
    assert len({d.headers["X-Gitlab-Event-UUID"] for d in hooks}) == len({d.headers["Idempotency-Key"] for d in hooks}) == len(hooks)


async def test_a_person_who_clicks_merge_early_waits_for_the_pipeline(world, project, until):
    """As GitLab's button does; and clicking twice is refused."""
    world.gitlab.pipeline_seconds = 0.5
    request = await asyncio.to_thread(opened, project)
    await world.merge(request.iid)
    assert world.gitlab.projects[1].merge_requests[1].state == "opened"
    await until(lambda: world.gitlab.projects[1].merge_requests[1].state == "merged")
    with pytest.raises(Exception, match="405"):
        await world.merge(request.iid)


async def test_calls_are_counted_by_their_template(world, project):
    """What the tests judge the bot by; the project's encoded path is one part."""
    await asyncio.to_thread(project.files.get, MANIFEST, ref="main")
    assert world.requests.calls("gitlab") == {"GET /projects/{id}": 1, "GET /projects/{id}/repository/files/{path}": 1}


async def test_a_line_that_begins_with_a_slash_is_an_order(world, project, until):
    """So text from outside must be quoted: in a fence, a quote or behind a space it is only text."""
    text = "/label ~surprise\n```\n/close\n```\n> /close\n /close\n/nothing such\nplain"
    request = await asyncio.to_thread(opened, project, description=text)
    request = await asyncio.to_thread(project.mergerequests.get, request.iid)
    assert (request.state, request.labels) == ("opened", ["automated", "surprise", "suture"])
    assert request.description == text.removeprefix("/label ~surprise\n")
    await asyncio.to_thread(request.notes.create, {"body": "found it\n/merge\n/close"})
    kept = world.gitlab.projects[1].merge_requests[request.iid]
    assert (kept.state, kept.auto_merge_by) == ("closed", None)  # a Developer may close, but not merge


async def test_a_request_whose_branch_is_gone_cannot_be_merged(world, project, merging, until):
    """Somebody deleted it by hand."""
    request = await asyncio.to_thread(opened, project)
    await ready(project, request.iid, until)
    await asyncio.to_thread(project.branches.delete, BRANCH)
    assert await refused(merging.manager.gitlab.http_put, f"/projects/1/merge_requests/{request.iid}/merge") == (405, "405 Method Not Allowed")
    assert (await asyncio.to_thread(project.mergerequests.get, request.iid)).detailed_merge_status == "broken_status"
