"""The Executor port, on the sandbox's GitLab and Kubernetes over HTTP: rehearse, deliver, follow, finish, withdraw, undo."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.sandbox.apiserver import APPLY, Write
from bot.sandbox.environment import Credentials, environment, write_files
from bot.sandbox.kinds import kind_named
from bot.settings import Settings
from remediation.clients.gitlab import GitLabClient
from remediation.clients.kubernetes import KubernetesClient
from remediation.delivery import marker
from remediation.entries import Attempted, Decided, Proposed
from remediation.errors import Conflict, Refused
from remediation.executors.git import GitExecutor
from remediation.gitops.projects import Project
from remediation.remedies import catalogue, render_act
from remediation.terms import Decision, FieldEdit, FileChange
from tests.bot.sandbox.conftest import port, until, world
from tests.remediation.made import MEMORY, NOW, TARGET, a_plan, a_proposal, a_verdict, an_act, an_incident, investigated

__all__ = ["port", "until", "world"]
REMEDIES = catalogue()
PROJECT = Project(project="platform/shop", branch="main", cluster="sandbox")


@pytest.fixture
async def gitlab(world, port):
    secrets = Credentials.of(port)
    client = GitLabClient(f"{world.origin}/gitlab", secrets.gitlab_token, merge_token=secrets.gitlab_merge_token)
    yield client
    await client.close()


@pytest.fixture
async def executor(world, gitlab, port):
    write_files(port)
    cluster = KubernetesClient(kubeconfig=environment(port)["KUBECONFIG"])
    yield GitExecutor(gitlab, {"sandbox": cluster}, [PROJECT], now=lambda: NOW, policy_digest="p")
    await cluster.close()


@pytest.fixture
def repository(world):
    return next(iter(world.gitlab.projects.values())).repository


def path_of(repository, text=b"# The public API of the shop."):
    """Where the sandbox keeps the api's manifest."""
    files = repository.contents(repository.commits[repository.branches["main"]])
    return next(path for path, content in files.items() if text in content)


def incident_of(rehearsal):
    decision = Decision(digest=rehearsal.digest, answer="approved", by="U_ALICE", reason="@all /close\n/merge", at=NOW)
    attempted = Attempted(plan=a_plan(), act=rehearsal.act, rehearsal=rehearsal, verdict=a_verdict())
    return an_incident(investigated(), Proposed(proposal=a_proposal()), attempted, Decided(decision=decision))


async def delivered(executor, rehearsal, key="INC-1/1"):
    return await executor.deliver(incident_of(rehearsal), rehearsal, key)


def request_of(world, iid=1):
    return next(iter(world.gitlab.projects.values())).merge_requests[iid]


async def test_a_rehearsal_changes_nothing_and_shows_everything(executor, world, repository):
    """One line of one file, proven, tried on the server; no branch, no merge request."""
    rehearsal = await executor.rehearse(an_act())

    assert [line for line in rehearsal.diff.splitlines() if line[0] in "+-" and line[:3] not in ("+++", "---")] == [
        '-              memory: "256Mi"    # measured in spring, SHOP-211',
        '+              memory: "512Mi"    # measured in spring, SHOP-211',
    ]
    assert [(move.path, move.old, move.new) for move in rehearsal.moves] == [(MEMORY, "256Mi", "512Mi")]
    assert rehearsal.dry_run.state == "passed"
    assert (rehearsal.project, rehearsal.branch, rehearsal.unknown) == ("platform/shop", "main", ())
    assert {obj["kind"] for obj in rehearsal.surroundings} >= {"ResourceQuota"}
    assert rehearsal.live["metadata"]["name"] == rehearsal.head["metadata"]["name"] == "api"
    assert "tr0ub4dor-and-3" not in repr(rehearsal.head) + repr(rehearsal.live)
    assert list(repository.branches) == ["main"]


async def test_the_same_change_on_a_moved_base_has_the_same_digest(executor, world):
    """An approval holds while the result is byte-identical, and no longer."""
    project = next(iter(world.gitlab.projects.values()))
    path = path_of(project.repository)
    first = await executor.rehearse(an_act())
    world.gitlab.developer_pushes(project, "bob", "elsewhere", {"README.md": b"new"})
    again = await executor.rehearse(an_act(), like=first)
    assert again.digest == first.digest
    assert again.base_sha != first.base_sha

    content = project.repository.contents(project.repository.commits[project.repository.branches["main"]])[path]
    world.gitlab.developer_pushes(project, "bob", "same file", {path: content + b"# more\n"})
    assert (await executor.rehearse(an_act(), like=first)).digest != first.digest


async def test_what_policy_judges_is_read_anew_before_it_is_done(executor, world):
    """What was listed a moment ago is not listed again, but for that; the object itself is read each time."""
    first = await executor.rehearse(an_act())
    late = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "late", "namespace": "shop"}, "spec": {"limits": []}}
    world.server.patch(kind_named("LimitRange"), "shop", "late", late, Write(manager="tests", force=True), content_type=APPLY)
    before = world.requests.calls("kubernetes")
    assert "late" not in {thing["metadata"]["name"] for thing in (await executor.rehearse(an_act())).surroundings}
    assert "late" in {thing["metadata"]["name"] for thing in (await executor.rehearse(an_act(), like=first)).surroundings}

    asked = Counter(world.requests.calls("kubernetes")) - Counter(before)
    assert asked == {
        "GET /apis/apps/v1/namespaces/{namespace}/deployments/{name}": 2,
        "GET /api/v1/namespaces/{namespace}/resourcequotas": 1,
        "GET /api/v1/namespaces/{namespace}/limitranges": 1,
        "GET /apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers": 1,
        "PATCH /apis/apps/v1/namespaces/{namespace}/deployments/{name}": 2,
    }


async def test_a_delivery_asks_gitlab_little(executor, world):
    """What the rehearsal knows of its own base, and what GitLab says by itself, is not asked for; right after it was proven, nothing is."""
    made = {"POST /projects/{id}/repository/commits": 1, "POST /projects/{id}/merge_requests": 1}
    asked = {"GET /projects/{id}/merge_requests": 1, "GET /projects/{id}/repository/branches/{branch}": 2}
    rehearsal = await executor.rehearse(an_act())
    before = Counter(world.requests.calls("gitlab"))
    await delivered(executor, await executor.rehearse(an_act(), like=rehearsal))
    assert Counter(world.requests.calls("gitlab")) - before == {**asked, **made}

    more = replace(an_act(), title="Other words", remedy="other")
    rehearsal = await executor.rehearse(more)
    before = Counter(world.requests.calls("gitlab"))
    await delivered(executor, rehearsal)
    assert Counter(world.requests.calls("gitlab")) - before == {**asked, **made}


async def test_what_was_found_when_it_was_proven_counts_once(executor, world):
    """Delivered again, its merge request is looked for again."""
    rehearsal = await executor.rehearse(an_act())
    proven = await executor.rehearse(an_act(), like=rehearsal)
    first = await delivered(executor, proven)
    assert await delivered(executor, proven) == first


async def test_one_merge_request_is_opened_however_often_it_is_delivered(executor, world):
    """Found by its branch; its text names who approved which digest, and nothing in it acts."""
    rehearsal = await executor.rehearse(an_act())
    first = await delivered(executor, rehearsal)
    again = await delivered(executor, rehearsal)
    other = await delivered(executor, rehearsal, key="INC-2/1")

    assert first == again
    assert (other.iid, other.sha, other.key) == (first.iid, first.sha, "INC-2/1")
    request = request_of(world)
    assert (request.title, request.source_branch, request.target_branch) == (
        "shop: Raise the memory limit of api",
        f"suture/{rehearsal.fingerprint}",
        "main",
    )
    assert request.labels == ["suture", "automated", "production", "shop", "high"]
    assert rehearsal.digest in request.description
    assert marker("INC-2/1", rehearsal.digest) in request.description
    assert not [line for line in request.description.splitlines() if line.lstrip().startswith("/")]
    assert len(next(iter(world.gitlab.projects.values())).merge_requests) == 1


async def test_a_fix_goes_to_the_branch_of_its_incident_s_own_environment(executor, world, repository):
    """Known from the alert's tag alone: what an automatic gate of staging lets through never lands on production's branch."""
    main = repository.branches["main"]
    repository.branches.update(prod=main, stage=main)
    known = Settings(environments={"production": {"target_branch": "prod"}, "staging": {"target_branch": "stage"}})
    live = (await executor.rehearse(an_act())).live
    rehearsals = [
        await executor.rehearse(render_act(a_plan(), REMEDIES["raise_memory_limit"], live, known.standing_of(TARGET, {"env": word})))
        for word in ("staging", "production")
    ]
    staging, production = rehearsals

    assert (staging.branch, production.branch) == ("stage", "prod")
    assert staging.digest != production.digest
    receipts = [await delivered(executor, each) for each in rehearsals]
    assert [(request_of(world, each.iid).target_branch, request_of(world, each.iid).state) for each in receipts] == [
        ("stage", "opened"),
        ("prod", "opened"),
    ]
    repository.branches["stage"] = receipts[0].sha
    assert (await executor.undo(staging, receipts[0])).branch == "stage"


async def test_other_values_are_committed_to_the_open_merge_request(executor, world):
    """The fingerprint is of the fields, not of their values."""
    first = await delivered(executor, await executor.rehearse(an_act()))
    more = replace(an_act(), edits=(FieldEdit(path=MEMORY, op="replace", expect="256Mi", value="768Mi"),))
    second = await delivered(executor, await executor.rehearse(more), key="INC-2/1")

    assert second.iid == first.iid
    assert second.sha != first.sha == request_of(world).base_sha or second.sha == request_of(world).sha


async def test_a_branch_that_a_person_pushed_to_is_left_alone(executor, gitlab, world, port):
    """Whoever pushed has taken it over."""
    rehearsal = await executor.rehearse(an_act())
    receipt = await delivered(executor, rehearsal)
    repository = next(iter(world.gitlab.projects.values())).repository
    head = repository.commits[repository.branches[receipt.branch]]
    files = {**repository.contents(head), "note.txt": b"mine"}
    repository.commit(receipt.branch, files, "my own", author=world.gitlab.users["carol"].author, parents=(head.id,), at=world.now())

    with pytest.raises(Refused, match="pushed to suture/"):
        await delivered(executor, rehearsal)


async def test_a_fix_that_a_person_closed_is_a_no(executor, world):
    """Its last note is the reason; the next rehearsal of the fix, with whatever values, says so, and policy decides what it means."""
    rehearsal = await executor.rehearse(an_act())
    receipt = await delivered(executor, rehearsal)
    await world.close(receipt.iid, "we raise nothing before the sale", "alice")

    progress = await executor.progress(receipt)
    assert progress.notes[-1] == "alice: we raise nothing before the sale"
    assert (progress.state, progress.by) == ("refused", "alice")
    assert progress.reason == "we raise nothing before the sale"
    more = replace(an_act(), edits=(FieldEdit(path=MEMORY, op="replace", expect="256Mi", value="768Mi"),))
    for again in (await executor.rehearse(an_act()), await executor.rehearse(more)):
        assert (again.closed.by, again.closed.url) == ("alice", receipt.url)
        assert again.closed.reason == "alice: we raise nothing before the sale"


async def test_what_suture_withdrew_itself_may_come_again(executor, world):
    """A recovery before the merge is not a person's no; the branch that is left is used again."""
    rehearsal = await executor.rehearse(an_act())
    receipt = await delivered(executor, rehearsal)
    withdrawn = await executor.withdraw(receipt, "The alert recovered before the merge.")

    assert (withdrawn.state, withdrawn.by) == ("refused", "suture")
    again = await executor.withdraw(receipt, "The alert recovered before the merge.")
    assert replace(again, pipeline="") == replace(withdrawn, pipeline="")  # its pipeline may go on meanwhile
    assert [note.body for note in request_of(world).notes if not note.system] == ["The alert recovered before the merge."]
    again = await executor.rehearse(an_act())
    assert again.closed is None
    second = await delivered(executor, again, key="INC-2/1")
    assert second.iid != receipt.iid


async def ready(executor, receipt):
    progress = await executor.progress(receipt)
    async with asyncio.timeout(10):
        while not progress.ready:
            await asyncio.sleep(0.02)
            progress = await executor.progress(receipt)
    return progress


async def test_it_is_ready_only_when_mergeable_and_merges_at_exactly_its_commit(executor, world):
    """A pipeline runs first; a head that moved is refused."""
    rehearsal = await executor.rehearse(an_act())
    receipt = await delivered(executor, rehearsal)
    assert not (await executor.progress(receipt)).ready
    await ready(executor, receipt)
    with pytest.raises(Refused, match="pushed"):
        await executor.finish(replace(receipt, sha="0" * 40), "by policy")

    merged = await executor.finish(receipt, "by policy")

    assert (merged.state, merged.by) == ("applied", "suture-merge")
    assert merged.sha == request_of(world).merge_commit_sha
    assert (await executor.finish(receipt, "by policy")).state == "applied"
    assert await executor.rehearse(an_act(), like=rehearsal) == rehearsal
    assert (await delivered(executor, rehearsal)).iid == receipt.iid


async def test_an_undo_brings_the_previous_bytes_back(executor, world, until):
    """Rehearsed like any act, a merge request of its own; refused when Git moved on."""
    project = next(iter(world.gitlab.projects.values()))
    path = path_of(project.repository)
    before = project.repository.contents(project.repository.commits[project.repository.branches["main"]])[path]
    rehearsal = await executor.rehearse(an_act())
    receipt = await delivered(executor, rehearsal)
    await ready(executor, receipt)
    await executor.finish(receipt, "by policy")
    api = ("apps/v1", "Deployment", "shop", "api")
    await until(lambda: _memory(world, api) == "512Mi")

    act = await executor.undo(rehearsal, receipt)
    revert = await executor.rehearse(act)

    assert act.undoes == receipt.key
    assert act.edits == (FieldEdit(path=MEMORY, op="replace", expect="512Mi", value="256Mi"),)
    assert revert.files[0].content == before
    assert revert.fingerprint != rehearsal.fingerprint
    assert (await delivered(executor, revert, key="INC-1/2")).iid == 2
    world.gitlab.developer_pushes(project, "bob", "by hand", {path: before.replace(b'"256Mi"', b'"1Gi"')})
    with pytest.raises(Refused, match="since the fix"):
        await executor.undo(rehearsal, receipt)


def _memory(world, key):
    obj = next(o for o in world.cluster.objects() if o["kind"] == "Deployment" and o["metadata"]["name"] == "api" and o["metadata"]["namespace"] == "shop")
    return obj["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"]


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (FieldEdit(path=MEMORY, op="replace", expect="128Mi", value="512Mi"), "drift"),
        (FieldEdit(path="spec.selector.matchLabels.app", op="replace", expect="api", value="b"), "immutable"),
        (FieldEdit(path="metadata.labels.team", op="replace", expect="shop", value="b"), "shared"),
        (FieldEdit(path=MEMORY, op="replace", expect="256Mi", value="256Mi"), "not_found"),
    ],
)
async def test_what_must_not_be_done_is_refused_with_its_kind(executor, world, edit, kind):
    """Nothing is asked of anybody."""
    with pytest.raises(Refused) as refusal:
        await executor.rehearse(replace(an_act(), edits=(edit,)))
    assert refusal.value.kind == kind


async def test_a_file_that_changed_between_rehearsal_and_delivery_is_a_conflict(executor, world):
    """The approval was for other bytes."""
    project = next(iter(world.gitlab.projects.values()))
    path = path_of(project.repository)
    rehearsal = await executor.rehearse(an_act())
    content = project.repository.contents(project.repository.commits[project.repository.branches["main"]])[path]
    world.gitlab.developer_pushes(project, "bob", "same file", {path: content + b"# more\n"})
    with pytest.raises(Conflict):
        await delivered(executor, rehearsal)


async def test_a_merge_request_that_is_gone_is_lost(executor, world):
    """Nothing is remembered that GitLab does not say."""
    receipt = await delivered(executor, await executor.rehearse(an_act()))
    assert (await executor.progress(replace(receipt, iid=99))).state == "lost"


async def test_a_crash_between_commit_and_merge_request_costs_nothing(executor, gitlab, world):
    """The branch that the first try made is found and used."""
    rehearsal = await executor.rehearse(an_act())
    receipt = await delivered(executor, rehearsal)
    del next(iter(world.gitlab.projects.values())).merge_requests[receipt.iid]
    again = await delivered(executor, rehearsal)
    assert (again.sha, again.branch) == (receipt.sha, receipt.branch)


async def test_an_expired_rehearsal_keeps_its_expiry_when_it_is_proven_again(executor, world):
    """The digest binds to the time until which an approval may be given."""
    first = await executor.rehearse(an_act())
    assert first.expires_at == NOW + timedelta(hours=24)
    other = replace(first, expires_at=NOW)
    assert (await executor.rehearse(an_act(), like=other)).digest != first.digest


def project_of(world):
    return next(iter(world.gitlab.projects.values()))


def pushed(world, branch, files, message, who="carol"):
    """A commit on a branch, made on main when it is new; signed with somebody's name."""
    repository = project_of(world).repository
    head = repository.commits[repository.branches.get(branch, repository.branches["main"])]
    everything = {**repository.contents(head), **files}
    made = repository.commit(branch, everything, message, author=world.gitlab.users[who].author, parents=(head.id,), at=world.now())
    world.gitlab.branch_moved(project_of(world), branch, world.gitlab.users[who])
    return made


async def rehearsed_and_forged(executor, world, *, who="suture", **more):
    """A branch that is ready before Suture comes: the rehearsed bytes, our trailer, and what somebody added."""
    rehearsal = await executor.rehearse(an_act())
    files = {file.path: file.content for file in rehearsal.files}
    message = f"Raise the memory limit of api\n\nSuture-Fingerprint: {rehearsal.fingerprint}\n"
    pushed(world, f"suture/{rehearsal.fingerprint}", {**files, **more}, message, who)
    return rehearsal


async def test_a_branch_with_one_more_file_than_was_rehearsed_is_left_alone(executor, world):
    """An approval is for these bytes and no others, whatever the commits say of themselves."""
    rehearsal = await rehearsed_and_forged(executor, world, **{"backdoor.yaml": b"kind: ClusterRoleBinding\n"})
    with pytest.raises(Refused, match=r"backdoor\.yaml"):
        await delivered(executor, rehearsal)
    assert project_of(world).merge_requests == {}


async def test_our_trailer_in_the_commit_of_a_person_makes_it_not_ours(executor, world):
    """An amended or picked commit keeps the trailer; its author says who took the branch over."""
    rehearsal = await rehearsed_and_forged(executor, world, who="carol")
    before = dict(project_of(world).repository.branches)
    with pytest.raises(Refused, match="pushed to suture/"):
        await delivered(executor, rehearsal)
    assert project_of(world).repository.branches == before


async def test_a_standing_merge_request_with_one_more_file_is_not_adopted(executor, world):
    """Found open, the branch is proven as if it were new."""
    rehearsal = await executor.rehearse(an_act())
    receipt = await delivered(executor, rehearsal)
    pushed(world, receipt.branch, {"more.yaml": b"a: 1\n"}, f"more\n\nSuture-Fingerprint: {rehearsal.fingerprint}", "suture")
    with pytest.raises(Refused, match=r"more\.yaml"):
        await delivered(executor, rehearsal)


async def test_a_push_between_commit_and_merge_request_is_seen(executor, gitlab, world, monkeypatch):
    """The receipt names the commit that was made, never what the merge request happens to stand at."""
    rehearsal = await executor.rehearse(an_act())
    opening = gitlab.open_merge_request

    async def late(project, fields):
        pushed(world, fields["source_branch"], {"more.yaml": b"a: 1\n"}, "mine", "carol")
        return await opening(project, fields)

    monkeypatch.setattr(gitlab, "open_merge_request", late)
    with pytest.raises(Refused, match="pushed to"):
        await delivered(executor, rehearsal)


async def test_a_merge_request_into_another_branch_is_not_the_fixs_own(executor, gitlab, world):
    """Our branch may be asked for elsewhere: that is neither adopted nor a no when it is closed."""
    rehearsal = await executor.rehearse(an_act())
    receipt = await delivered(executor, rehearsal)
    project_of(world).repository.branches["other"] = project_of(world).repository.branches["main"]
    request_of(world).target_branch = "other"

    assert (await delivered(executor, rehearsal)).iid != receipt.iid
    with pytest.raises(Refused, match="other"):
        await executor.finish(receipt, "by policy")


async def test_it_is_not_merged_onto_a_file_that_changed_while_it_waited(executor, world):
    """A long pipeline and a push beside it make bytes that nobody rehearsed."""
    rehearsal = await executor.rehearse(an_act())
    receipt = await delivered(executor, rehearsal)
    await ready(executor, receipt)
    repository = project_of(world).repository
    path = rehearsal.files[0].path
    content = repository.contents(repository.commits[repository.branches["main"]])[path]
    monitored = content + b"# one more line at the end\n"
    world.gitlab.developer_pushes(project_of(world), "bob", "same file", {path: monitored})

    with pytest.raises(Refused, match="changed in main"):
        await executor.finish(receipt, "by policy")
    assert request_of(world).state == "opened"


async def test_an_adopted_merge_request_says_what_it_is_now(executor, world):
    """Title, diff, marker and approval are those of the act whose bytes it holds."""
    first = await executor.rehearse(an_act())
    await delivered(executor, first)
    act = replace(an_act(), edits=(FieldEdit(path=MEMORY, op="replace", expect="256Mi", value="768Mi"),), title="Raise it more")
    second = await executor.rehearse(act)
    await delivered(executor, second, key="INC-2/1")

    request = request_of(world)
    assert request.title == "shop: Raise it more"
    assert "768Mi" in request.description
    assert "512Mi" not in request.description
    assert second.digest in request.description
    assert first.digest not in request.description


async def test_a_description_that_a_person_edited_is_kept(executor, world):
    """While it is the same act, what was added by hand stays."""
    rehearsal = await executor.rehearse(an_act())
    await delivered(executor, rehearsal)
    request_of(world).description += "\n\nReviewed with the shop team."
    await delivered(executor, rehearsal)
    assert request_of(world).description.endswith("Reviewed with the shop team.")


async def test_an_undo_of_a_file_that_moved_is_refused(executor, world):
    """A person decides; it is no bug of ours."""
    rehearsal = await executor.rehearse(an_act())
    receipt = await delivered(executor, rehearsal)
    repository = project_of(world).repository
    head = repository.commits[repository.branches["main"]]
    files = {path: content for path, content in repository.contents(head).items() if path != rehearsal.files[0].path}
    repository.commit("main", files, "moved", author=world.gitlab.users["bob"].author, parents=(head.id,), at=world.now())

    with pytest.raises(Refused, match="not there any more") as refusal:
        await executor.undo(rehearsal, receipt)
    assert refusal.value.kind == "not_found"


async def test_notes_are_masked_oldest_first_and_never_shift(executor, gitlab, world):
    """What was there once stands where it stood; a secret that somebody pasted goes no further than GitLab."""
    receipt = await delivered(executor, await executor.rehearse(an_act()))
    request = request_of(world)
    for number in range(30):
        world.gitlab.note(project_of(world), request, world.gitlab.users["alice"], f"note {number}")
    before = (await executor.progress(receipt)).notes
    world.gitlab.note(project_of(world), request, world.gitlab.users["alice"], "password: hunter2-and-more " + "x" * 600)

    after = (await executor.progress(receipt)).notes
    assert before == tuple(f"alice: note {number}" for number in range(30))
    assert after[:-1] == before
    assert after[-1].startswith("alice: password: [masked:password] xxx")
    assert after[-1].endswith("…")


@pytest.mark.parametrize(
    ("variable", "edit"),
    [
        ("DB_PASSWORD", {"op": "add", "expect": None, "value": "correct-horse-battery"}),
        ("DATABASE_URL", {"op": "replace", "expect": "what was planned", "value": "postgres://shop@postgres/shop"}),
    ],
)
async def test_a_field_that_holds_a_secret_is_not_changed(executor, world, variable, edit):
    """Neither its old nor its new value may reach a card, a commit message or the record."""
    edit = FieldEdit(path=f"spec.template.spec.containers[name=api].env[name={variable}].value", **edit)
    with pytest.raises(Refused, match="looks like a secret") as refusal:
        await executor.rehearse(replace(an_act(), edits=(edit,)))
    assert refusal.value.kind == "encrypted"
    assert "correct-horse" not in str(refusal.value)
    assert "tr0ub4dor" not in str(refusal.value)


async def test_a_new_file_is_delivered_once_and_refused_where_it_appeared(executor, world):
    """A patch beside the manifest is one of its files; it counts among the bytes that were approved."""
    rehearsal = await executor.rehearse(an_act())
    files = (*rehearsal.files, FileChange(path="patch.yaml", line=1, blob="", content=b"a: 1\n"))
    rehearsal = replace(rehearsal, files=files)
    receipt = await delivered(executor, rehearsal)
    repository = project_of(world).repository
    assert repository.contents(repository.commits[receipt.sha])["patch.yaml"] == b"a: 1\n"
    assert await delivered(executor, rehearsal) == receipt

    world.gitlab.developer_pushes(project_of(world), "bob", "by hand", {"patch.yaml": b"a: 2\n"})
    with pytest.raises(Conflict, match=r"patch\.yaml"):
        await delivered(executor, rehearsal)
