"""Each question of `suture check`, asked of the sandbox over HTTP: as it should be, and with each thing wrong that people get wrong."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.checks import database, datadog, files, gitlab, kubernetes, models, people, slack
from bot.checks.tried import Tried
from bot.sandbox import kubernetes_discovery
from bot.settings import SettingsError
from bot.slack.client import Slack
from memory.database import migrate_database
from remediation.clients.datadog import DatadogClient
from remediation.clients.gitlab import GitLabClient
from remediation.clients.kubernetes import KubernetesClient
from remediation.entries import Opened
from remediation.errors import Forbidden, RemediationError, Unreachable
from tests.memory.opened import Memory
from tests.memory.test_audit import tamper
from tests.remediation.made import STANDING, TARGET, an_alert


def states(lines: list[Tried]) -> list[str]:
    return [line.state for line in lines]


def said(lines: list[Tried]) -> str:
    return "\n".join(f"{line.system}: {line.what} {line.what_to_do}" for line in lines)


# the record


async def test_a_database_that_is_not_there_yet_is_fine(tmp_path):
    """`suture serve` makes it."""
    lines = await database.tried(f"sqlite:///{tmp_path / 'suture.db'}")

    assert states(lines) == ["fine"]
    assert not (tmp_path / "suture.db").exists()


async def test_the_schema_is_named(tmp_path):
    """An older one is no mistake: the start migrates."""
    url = f"sqlite:///{tmp_path / 'suture.db'}"
    revision = migrate_database(url)

    assert f"schema {revision}" in said(await database.tried(url))
    (tmp_path / "empty.db").touch()
    assert f"brings it to {revision}" in said(await database.tried(f"sqlite:///{tmp_path / 'empty.db'}"))


async def test_a_database_without_its_folder_is_wrong(tmp_path):
    """And nothing is made by asking."""
    lines = await database.tried(f"sqlite:///{tmp_path / 'gone' / 'suture.db'}")

    assert states(lines) == ["wrong"]
    assert str(tmp_path / "gone") in lines[0].what


async def test_a_full_disk_is_wrong(tmp_path, monkeypatch):
    """An alert that cannot be stored is refused."""
    monkeypatch.setattr(database, "LEAST_FREE_MB", 10**12)

    assert "MB left" in said(await database.tried(f"sqlite:///{tmp_path / 'suture.db'}"))


async def test_a_file_that_is_no_database_is_wrong(tmp_path):
    """Somebody named the wrong file."""
    (tmp_path / "notes.txt").write_text("not a database, " * 100)

    with pytest.raises(Unreachable, match="could not be read"):
        await database.tried(f"sqlite:///{tmp_path / 'notes.txt'}")


async def test_a_record_that_was_changed_from_outside_is_wrong(tmp_path):
    """Each chain that does not hold is named with its row; one that does is said to."""
    memory = Memory(url=f"sqlite:///{tmp_path / 'suture.db'}")
    for incident_id in ("INC-1", "INC-2"):
        await memory.record.write(incident_id, "opened", Opened(target=TARGET, standing=STANDING, alert=an_alert()))
    memory.database.close()
    assert "every chain holds" in said(await database.tried(memory.url))

    tamper(memory, "UPDATE entries SET body = '{}' WHERE incident_id = 'INC-2'")
    lines = await database.tried(memory.url)

    assert states(lines) == ["fine", "wrong"]
    assert "incident/INC-2, row 1: Its content is not what was written." in said(lines)


# Slack


@asynccontextmanager
async def slack_of(settings, token: str = "") -> AsyncIterator[Slack]:
    client = Slack(token or settings.slack_bot_token.get_secret_value(), settings.slack_api_url)
    try:
        yield client
    finally:
        await client.aclose()


async def test_slack_as_it_should_be(settings_for):
    """The token works and the bot is in the channel."""
    settings = settings_for(suture_public_url="https://suture.example")
    async with slack_of(settings) as client:
        lines = await slack.tried(settings, client)

    assert states(lines) == ["fine", "fine"]
    assert "https://suture.example/slack/events" in said(lines)


async def test_a_channel_by_its_name_is_warned_of(settings_for):
    """A stand-in may take it; Slack's history wants the id."""
    settings = settings_for(slack_channel="#incidents", suture_public_url="https://suture.example")
    async with slack_of(settings) as client:
        lines = await slack.tried(settings, client)

    assert states(lines) == ["fine", "absent", "fine"]
    assert "SLACK_CHANNEL is no id" in said(lines)


async def test_a_wrong_slack_token_is_refused_without_being_shown(settings_for):
    """The error says which setting it is."""
    async with slack_of(settings_for(), token="xoxb-wrong") as client:
        with pytest.raises(Forbidden, match="SLACK_BOT_TOKEN") as refusal:
            await slack.tried(settings_for(), client)

    assert "xoxb-wrong" not in str(refusal.value)


@pytest.mark.parametrize(("channel", "cure"), [("C0GENERAL", "Invite the bot"), ("C0NOWHERE", "Check SLACK_CHANNEL")])
async def test_a_channel_that_the_bot_cannot_read_is_named_with_the_cure(settings_for, channel, cure):
    """It is not a member, or there is no such channel."""
    settings = settings_for(slack_channel=channel)
    async with slack_of(settings) as client:
        with pytest.raises(RemediationError, match=cure):
            await slack.tried(settings, client)


async def test_what_serve_needs_is_asked_for_by_name(settings_for):
    """All of it at once, before anything is asked of Slack."""
    settings = settings_for(slack_bot_token="", suture_api_token="")
    async with slack_of(settings, token="none") as client:
        lines = await slack.tried(settings, client)

    assert states(lines) == ["wrong", "wrong"]
    assert [line.what.split()[0] for line in lines] == ["SLACK_BOT_TOKEN", "SUTURE_API_TOKEN"]
    assert "api.slack.com/apps" in lines[0].what_to_do


async def test_a_scope_that_the_token_lacks_is_named(settings_for):
    """Slack says beside every answer what the token may do."""

    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "team": "Shop", "user": "suture"}, headers={"x-oauth-scopes": "commands,chat:write"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        settings = settings_for(slack_api_url=str(server.make_url("/api/")))
        async with slack_of(settings) as client:
            lines = await slack.tried(settings, client)

    assert states(lines) == ["wrong"]
    assert "lacks channels:history" in lines[0].what


def test_the_manifest_asks_for_the_scopes_that_are_looked_for():
    """The cure that is named must be one."""
    manifest = yaml.safe_load((Path(__file__).resolve().parents[3] / "deploy" / "slack" / "manifest.yaml").read_text(encoding="utf-8"))

    assert set(manifest["oauth_config"]["scopes"]["bot"]) >= slack.SCOPES | slack.HISTORY


async def test_without_a_public_address_messages_carry_no_links(settings_for):
    """It is said, and it is no mistake; in Socket Mode presses need no address."""
    async with slack_of(settings_for()) as client:
        assert states(await slack.tried(settings_for(suture_public_url=""), client)) == ["fine", "absent"]
        assert "Socket Mode" in said(await slack.tried(settings_for(slack_app_token="xapp-1"), client))


# GitLab


def gitlab_of(settings, *, token: str = "", merge_token: str | None = None) -> GitLabClient:
    merging = settings.gitlab_merge_token.get_secret_value() if merge_token is None else merge_token
    return GitLabClient(settings.gitlab_url, token or settings.gitlab_token.get_secret_value(), merge_token=merging)


async def test_gitlab_as_it_should_be(settings_for):
    """Developer, a protected branch, a token that merges by policy, a webhook's secret."""
    lines = await gitlab.tried(settings_for(), gitlab_of(settings_for()))

    assert states(lines) == ["fine"] * 4
    assert "Developer, cannot merge" in said(lines)
    assert "suture-merge (Maintainer) may merge" in said(lines)


async def test_what_is_lost_without_gitlab_is_said(settings_for):
    """Without a token, without one that merges, without the webhook's secret."""
    settings = settings_for(gitlab_webhook_secret="")

    assert states(await gitlab.tried(settings, None)) == ["absent"]
    lines = await gitlab.tried(settings, gitlab_of(settings, merge_token=""))
    assert states(lines) == ["fine", "fine", "absent", "absent"]


async def test_a_wrong_gitlab_token_is_refused_without_being_shown(settings_for):
    """The error says which setting it is."""
    with pytest.raises(Forbidden, match="GITLAB_TOKEN") as refusal:
        await gitlab.tried(settings_for(), gitlab_of(settings_for(), token="glpat-wrong"))

    assert "glpat-wrong" not in str(refusal.value)


async def test_a_token_that_could_merge_by_itself_is_wrong(settings_for, world):
    """People would be bypassed by whoever has the token."""
    users = world.gitlab.users
    users["suture"] = replace(users["suture"], level=40)

    lines = await gitlab.tried(settings_for(), gitlab_of(settings_for()))

    assert [line.system for line in lines if line.state == "wrong"] == ["GitLab platform/shop main"]
    assert "GITLAB_TOKEN (Maintainer) may merge there by itself" in said(lines)


async def test_a_token_that_cannot_open_a_merge_request_is_wrong(settings_for, world):
    """A Reporter pushes no branch; and a merge token that cannot merge is none."""
    users = world.gitlab.users
    users["suture"] = replace(users["suture"], level=20)
    users["suture-merge"] = replace(users["suture-merge"], level=30)

    lines = await gitlab.tried(settings_for(), gitlab_of(settings_for()))

    assert states(lines) == ["fine", "wrong", "wrong", "fine"]
    assert "Reporter there" in said(lines)
    assert "GITLAB_MERGE_TOKEN (Developer) may not merge to main" in said(lines)


async def test_a_branch_that_is_not_protected_is_wrong(settings_for, world):
    """There, a push needs nobody's consent."""
    world.gitlab.projects[1].protects = lambda _branch: False

    assert "not protected" in said(await gitlab.tried(settings_for(), gitlab_of(settings_for())))


@pytest.mark.parametrize(
    ("gitops", "what"),
    [
        ([], "No project is named"),
        ([{"project": "platform/shop", "branch": "trunk", "cluster": "sandbox"}], "There is no such branch"),
        ([{"project": "platform/shop", "cluster": "elsewhere"}], "the cluster elsewhere"),
    ],
)
async def test_a_project_that_is_configured_wrongly_is_named(settings_for, gitops, what):
    """Before an incident finds out."""
    settings = settings_for(gitops=gitops)

    assert what in said(await gitlab.tried(settings, gitlab_of(settings)))


async def test_a_project_that_is_not_there_is_named(settings_for):
    """GitLab says the same of one that we may not see; the others are tried all the same."""
    settings = settings_for(gitops=[{"project": "platform/gone"}, {"project": "platform/shop"}])

    lines = await gitlab.tried(settings, gitlab_of(settings))

    assert [line.state for line in lines if "platform/gone" in line.system] == ["wrong", "wrong"]
    assert [line.state for line in lines if "platform/shop" in line.system] == ["fine", "fine"]
    assert "member" in said(lines)


async def test_a_merge_token_that_is_refused_is_the_one_that_is_named(settings_for):
    """Nobody looks for the fault in the other token."""
    settings = settings_for(gitops=[{"project": "platform/shop"}], gitlab_merge_token="glpat-wrong")

    wrong = [line for line in await gitlab.tried(settings, gitlab_of(settings)) if line.state == "wrong"]

    assert [line.system for line in wrong] == ["GitLab merging platform/shop"]
    assert "refused GITLAB_MERGE_TOKEN" in said(wrong)
    assert "glpat-wrong" not in said(wrong)


# Kubernetes


@asynccontextmanager
async def cluster_of(kubeconfig: str) -> AsyncIterator[KubernetesClient]:
    client = KubernetesClient(kubeconfig=kubeconfig)
    try:
        yield client
    finally:
        await client.close()


async def test_a_cluster_as_it_should_be(settings_for):
    """Its version, and that everything needed may be read and rehearsed."""
    async with cluster_of(settings_for().kubeconfig) as client:
        lines = await kubernetes.tried("sandbox", client)

    assert states(lines) == ["fine", "fine"]
    assert "v1.35" in said(lines)


async def test_what_is_lost_without_a_cluster_is_said():
    """Nearly everything."""
    assert states(await kubernetes.tried("", None)) == ["absent"]


async def test_a_right_that_is_missing_is_named(settings_for, monkeypatch):
    """Reading is needed; rehearsing is only missed."""
    monkeypatch.setattr(kubernetes_discovery, "may", lambda _user, verb, _group, plural: verb != "patch" and plural != "resourcequotas")
    async with cluster_of(settings_for().kubeconfig) as client:
        unread = await kubernetes.tried("sandbox", client)
        monkeypatch.setattr(kubernetes_discovery, "may", lambda _user, verb, *_what: verb != "patch")
        unrehearsed = await kubernetes.tried("sandbox", client)

    assert states(unread) == ["wrong"]
    assert "may not list ResourceQuota." in said(unread)
    assert states(unrehearsed) == ["fine", "absent"]
    assert "patch Deployment" in said(unrehearsed)


def _with_token(kubeconfig: Path, token: str, folder: Path) -> str:
    """A kubeconfig that is the same but for its token."""
    document = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
    document["users"][0]["user"]["token"] = token
    (folder / "kubeconfig").write_text(yaml.safe_dump(document), encoding="utf-8")
    return str(folder / "kubeconfig")


async def test_a_wrong_token_of_the_cluster_is_refused(settings_for, tmp_path):
    """The error says where it stands."""
    async with cluster_of(_with_token(Path(settings_for().kubeconfig), "wrong", tmp_path)) as client:
        with pytest.raises(Forbidden, match="kubeconfig"):
            await kubernetes.tried("sandbox", client)


# Datadog


@asynccontextmanager
async def datadog_of(settings, **others: str) -> AsyncIterator[DatadogClient]:
    keys = {"api_key": settings.dd_api_key.get_secret_value(), "app_key": settings.dd_app_key.get_secret_value()}
    client = DatadogClient(**{**keys, **others}, api_url=settings.dd_api_url)
    try:
        yield client
    finally:
        await client.close()


async def test_datadog_as_it_should_be(settings_for):
    """Both keys, each kind of read."""
    async with datadog_of(settings_for()) as client:
        assert states(await datadog.tried(settings_for(), client)) == ["fine", "fine"]


@pytest.mark.parametrize("key", ["api_key", "app_key"])
async def test_a_wrong_datadog_key_is_the_one_that_is_named_without_being_shown(settings_for, key):
    """Either of them."""
    async with datadog_of(settings_for(), **{key: "hunter2"}) as client:
        lines = await datadog.tried(settings_for(), client)

    assert states(lines) == ["fine", "wrong"]
    assert f"DD_{key.upper()}" in lines[1].what
    assert "hunter2" not in said(lines)


async def test_a_scope_that_the_application_key_lacks_is_named(settings_for, monkeypatch):
    """A key may read monitors and no logs."""
    async with datadog_of(settings_for()) as client:

        async def refused(*_args: object, **_kwargs: object) -> None:
            raise Forbidden("Datadog refused: Forbidden")

        monkeypatch.setattr(client, "logs", refused)
        lines = await datadog.tried(settings_for(), client)

    assert states(lines) == ["fine", "wrong"]
    assert "lacks logs_read_data" in said(lines)


async def test_what_is_lost_without_datadog_is_said(settings_for):
    """No alert, no evidence."""
    assert states(await datadog.tried(settings_for(datadog_webhook_token=""), None)) == ["absent", "absent"]


# models, files, people


async def test_the_rulebook_asks_no_model(settings_for):
    """It is the default."""
    assert states(await models.tried(settings_for(ollama_host="http://127.0.0.1:1"))) == ["fine"]


async def test_models_that_ollama_has_are_fine(settings_for):
    """Both are looked for; two of one family are said to be so."""
    both = await models.tried(settings_for(suture_actor="ollama/qwen2.5-coder:3b", suture_critic="ollama/phi3:mini"))
    kin = await models.tried(settings_for(suture_actor="ollama/phi3:mini", suture_critic="ollama/phi3:mini"))

    assert states(both) == states(kin) == ["fine"]
    assert "family" not in said(both)
    assert "one family" in said(kin)


async def test_a_model_that_is_not_pulled_is_wrong(settings_for):
    """With the words to pull it."""
    lines = await models.tried(settings_for(suture_actor="ollama/llama9", suture_critic="ollama/phi3:mini"))

    assert states(lines) == ["wrong"]
    assert lines[0].what_to_do == "Run: ollama pull llama9"


async def test_an_ollama_that_does_not_answer_is_named(settings_for):
    """With its address."""
    settings = settings_for(suture_actor="ollama/phi3:mini", ollama_host="http://127.0.0.1:1")

    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1"):
        await models.tried(settings)


async def test_what_people_wrote_is_read_as_at_the_start(settings_for, tmp_path):
    """The policy and the remedies, ours and theirs."""
    assert states(await files.tried(settings_for())) == ["fine", "fine"]
    (tmp_path / "policy.yaml").write_text("gats: {}\n")
    with pytest.raises(SettingsError, match=r"SUTURE_POLICY.*gats"):
        await files.tried(settings_for(suture_policy=str(tmp_path / "policy.yaml")))
    with pytest.raises(SettingsError, match=r"SUTURE_TEMPLATES.*no folder"):
        await files.tried(settings_for(suture_templates=str(tmp_path / "gone")))


async def test_an_environment_without_approvers_is_wrong(settings_for):
    """There, nobody can approve."""
    environments = {
        "production": {"approvers": []},
        "staging": {"approvers": ["@alice"]},
        "qa": {"approvers": ["U1X"], "escalate_to": "oncall"},
    }
    lines = await people.tried(settings_for(environments=environments))

    assert states(lines) == ["wrong", "wrong", "wrong"]
    assert "Nobody can approve" in lines[0].what
    assert "@alice is no Slack user id" in lines[1].what
    assert "oncall is no id of a Slack user group" in lines[2].what


async def test_production_needs_approvers_even_where_nobody_named_it(settings_for):
    """What is unknown counts as production."""
    lines = await people.tried(settings_for(environments={}, standings=[]))

    assert states(lines) == ["wrong", "absent"]
    assert states(await people.tried(settings_for())) == ["fine", "fine"]
