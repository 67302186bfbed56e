"""Settings: where a value may come from, who wins, and that a wrong one is named and never shown."""

import json
from pathlib import Path

import pytest
import yaml

from bot import settings
from bot.settings import SERVE_NEEDS, Settings, SettingsError
from remediation.terms import Target

SECRETS = sorted(name for name in Settings.model_fields if name.endswith(("token", "secret", "password", "api_key", "app_key")))
API = Target(kind="workload", place="main", path="shop/Deployment/api")
STRUCTURED = {"argocd", "fetch", "gitlab_hosts", "clusters", "gitops", "environments", "standings"}


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    """No variable of this machine and no file beside us reaches a test."""
    for name in Settings.model_fields:
        for variable in (name, name.upper(), f"{name.upper()}_FILE"):
            monkeypatch.delenv(variable, raising=False)
    monkeypatch.delenv("SUTURE_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def config(monkeypatch, tmp_path):
    """Write a configuration file and point SUTURE_CONFIG at it."""

    def write(content: object) -> Path:
        path = tmp_path / "elsewhere.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        monkeypatch.setenv("SUTURE_CONFIG", str(path))
        return path

    return write


def test_nothing_need_be_set_to_read_the_settings():
    """The demo, `remedies` and `check` must work on a machine where nothing was configured."""
    read = settings.read()

    assert read.database_url == "sqlite:///suture.db"
    assert (read.suture_actor, read.suture_critic) == ("rulebook", "rulebook")
    assert [name for name in SECRETS if getattr(read, name).get_secret_value()] == []


def test_the_environment_wins_over_a_secrets_file_and_that_over_the_yaml_file(monkeypatch, tmp_path, config):
    """Three places, one order."""
    config({"slack_bot_token": "from-yaml", "gitlab_token": "from-yaml", "dd_api_key": "from-yaml", "slack_channel": "C_YAML"})
    secret = tmp_path / "secret"
    secret.write_text("from-file\n")
    monkeypatch.setenv("SLACK_BOT_TOKEN_FILE", str(secret))
    monkeypatch.setenv("GITLAB_TOKEN_FILE", str(secret))
    monkeypatch.setenv("GITLAB_TOKEN", "from-environment")

    read = settings.read()

    assert read.slack_bot_token.get_secret_value() == "from-file"
    assert read.gitlab_token.get_secret_value() == "from-environment"
    assert read.dd_api_key.get_secret_value() == "from-yaml"
    assert read.slack_channel == "C_YAML"


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_can_come_from_a_file(monkeypatch, tmp_path, name):
    """As Docker and Kubernetes mount them, with the newline that editors add."""
    (tmp_path / "secret").write_text("s3cret\n")
    monkeypatch.setenv(f"{name.upper()}_FILE", str(tmp_path / "secret"))

    assert getattr(settings.read(), name).get_secret_value() == "s3cret"


def test_what_looks_like_a_secret_is_typed_as_one():
    """A setting of another type would show itself in a repr."""
    for name, field in Settings.model_fields.items():
        assert (name in SECRETS) == (field.annotation is settings.SecretStr), name


def test_an_empty_variable_is_none(monkeypatch, config):
    """`NAME=` in an env file means that nobody filled it in; it must not hide what the YAML file says."""
    config({"slack_channel": "C_YAML"})
    for variable in ("SLACK_CHANNEL", "SUTURE_SOAK_MINUTES", "GITLAB_TOKEN_FILE", "CLUSTERS"):
        monkeypatch.setenv(variable, "")

    assert settings.read().slack_channel == "C_YAML"
    assert settings.read().suture_soak_minutes == 15


def test_a_file_beside_us_is_read_without_being_named(tmp_path):
    """`suture.yaml` in the folder where Suture starts."""
    (tmp_path / "suture.yaml").write_text("SUTURE_SOAK_MINUTES: 7\n")

    assert settings.read().suture_soak_minutes == 7


def test_the_yaml_file_may_write_names_as_the_environment_does(config):
    """People copy names from one to the other."""
    config({"SLACK_CHANNEL": "C1", "Gitlab_Url": "https://git.example", "clusters": {"main": {"context": "prod-1"}}})

    read = settings.read()

    assert (read.slack_channel, read.gitlab_url, read.default_place) == ("C1", "https://git.example", "main")


def test_structured_settings_fit_into_a_variable_as_json(monkeypatch):
    """For those who have nothing but an environment."""
    monkeypatch.setenv("CLUSTERS", json.dumps({"main": {}, "other": {"context": "o"}}))

    assert list(settings.read().clusters) == ["main", "other"]


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ({"slack_chanel": "C1"}, "slack_chanel: there is no such setting in"),
        ({"slack_chanel": "C1"}, "did you mean slack_channel?"),
        ({"environments": {"production": {"aprovers": ["U1"]}}}, "did you mean approvers?"),
        ({"environments": {"production": {"aprovers": ["U1"]}}}, "ENVIRONMENTS.production.aprovers"),
        ({"gitops": [{"branch": "main"}]}, "GITOPS.0.project"),
        ({"standings": [{"target": "shop/*", "owner": "me"}]}, "STANDINGS.0.owner"),
        ({"suture_num_ctx": 12}, "SUTURE_NUM_CTX: must be at least 1024 (the context"),
        ({"suture_actor": "gpt"}, "SUTURE_ACTOR: must be of the form rulebook|ollama/.+ (who proposes: rulebook, or ollama/MODEL)"),
        ({"environments": {"production": {"approvers": "U1"}}}, "ENVIRONMENTS.production.approvers: must be a list"),
        (
            {"environments": {"prod": {}, "staging": {}}, "standings": [{"target": "shop/*", "environment": "stagin"}]},
            "STANDINGS: 'stagin', of shop/*, is none of `environments`, which has prod, staging",
        ),
        ({"slack_bot_token": "xapp-1-hunter2"}, "SLACK_BOT_TOKEN: is an app-level token, which is SLACK_APP_TOKEN"),
        ({"slack_bot_token": "xoxe-1-hunter2"}, "SLACK_BOT_TOKEN: is a refresh token"),
        ({"slack_app_token": "xoxb-hunter2"}, "SLACK_APP_TOKEN: is no app-level token, which begins with xapp-"),
        ({"dd_site": "a b"}, "DD_SITE: must be of the form"),
        ({"dd_site": "https://app.datadoghq.com"}, "your Datadog site, such as datadoghq.eu, without https://"),
        ({"clusters": ["main"]}, "CLUSTERS"),
        ("- just\n- a list\n", "not a mapping"),
        ("a: [1\n", "not YAML"),
        ("slack_channel: C1\nslack_channel: C2\n", "'slack_channel' is written twice"),
    ],
)
def test_a_mistake_in_the_file_is_named(config, written, named):
    """A misspelt key must not be a silent default."""
    config(written)

    with pytest.raises(SettingsError) as refusal:
        settings.read()

    assert named in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("token", ["xoxb-1", "xoxp-1", "xoxe.xoxb-1", "another-word"])
def test_what_may_be_a_bots_token_is_taken(monkeypatch, token):
    """Slack also takes a user's, and one that rotates; what stands in for Slack takes what it likes."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", token)

    assert settings.read().slack_bot_token.get_secret_value() == token


@pytest.mark.parametrize("environments", [{}, {"stage": {}, "production": {}}])
def test_a_standing_may_use_any_word_for_an_environment_that_is_named(environments):
    """And any at all where none is: then nothing tells which is misspelt, and all stand like production."""
    words = ["staging", "stg", "prod", "live", "unknown", ""]

    assert Settings(environments=environments, standings=[{"target": "*", "environment": word} for word in words]).standings


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SUTURE_SOAK_MINUTES", "soon-hunter2"),
        ("SUTURE_SOAK_MINUTES", "inf"),
        ("SUTURE_SOAK_MINUTES", "nan"),
        ("SUTURE_ANSWER_MINUTES", "0"),
        ("SUTURE_ANSWER_MINUTES", "-1"),
        ("SUTURE_POLL_SECONDS", "0"),
        ("SUTURE_TOKEN_IN_QUERY", "hunter2"),
        ("SUTURE_NUM_CTX", "hunter2"),
        ("SUTURE_ACTOR", "hunter2"),
        ("SUTURE_CRITIC", "ollama/"),
        ("CLUSTERS", "hunter2"),
        ("ENVIRONMENTS", '{"production": {"approvers": "hunter2"}}'),
        ("GITLAB_TOKEN_FILE", "/nowhere/secret"),
        ("SLACK_API_URL", "hunter2"),
        ("SLACK_API_URL", "slack.example/hunter2"),
        ("GITLAB_URL", "ssh://hunter2.example"),
        ("DD_API_URL", "https://"),
        ("SUTURE_PUBLIC_URL", "https://suture.example:hunter2"),
    ],
)
def test_a_wrong_variable_is_named_and_its_value_is_not_shown(monkeypatch, variable, value):
    """What stands in the wrong variable is often a token that was pasted there."""
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError) as refusal:
        settings.read()

    assert variable in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    "written", ["gitlab_token: [hunter2\n", "gitlab_token: hunter2\n  x: y\n", "gitlab_token: &a hunter2\n x: *a\n", "{hunter2"]
)
def test_a_file_that_cannot_be_read_does_not_show_what_is_in_it(config, written):
    """A YAML library likes to print the line that it stumbled over."""
    config(written)

    with pytest.raises(SettingsError) as refusal:
        settings.read()

    assert "hunter2" not in str(refusal.value)


def test_a_file_that_is_no_text_is_named(monkeypatch, tmp_path):
    """Two files are read; either may be a mistake."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    monkeypatch.setenv("GITLAB_TOKEN_FILE", str(tmp_path / "bytes"))
    with pytest.raises(SettingsError, match="GITLAB_TOKEN_FILE is not text"):
        settings.read()

    monkeypatch.delenv("GITLAB_TOKEN_FILE")
    monkeypatch.setenv("SUTURE_CONFIG", str(tmp_path / "bytes"))
    with pytest.raises(SettingsError, match="SUTURE_CONFIG"):
        settings.read()


def test_slacks_address_may_end_with_or_without_a_slash(monkeypatch):
    """Without one the SDK would lose its last part."""
    monkeypatch.setenv("SLACK_API_URL", "http://slack.example/api")

    assert settings.read().slack_api_url == "http://slack.example/api/"


def test_a_configured_file_that_is_not_there_stops_the_start(monkeypatch, tmp_path):
    """One that was named must be there; the one beside us need not."""
    monkeypatch.setenv("SUTURE_CONFIG", str(tmp_path / "gone.yaml"))

    with pytest.raises(SettingsError, match=r"SUTURE_CONFIG.*gone\.yaml"):
        settings.read()


def test_all_missing_settings_are_named_at_once_with_where_to_get_them():
    """Nobody should start four times to learn of four settings."""
    with pytest.raises(SettingsError) as refusal:
        settings.read(SERVE_NEEDS)

    said = str(refusal.value)
    assert [name for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CHANNEL", "SUTURE_API_TOKEN") if name not in said] == []
    assert "api.slack.com/apps" in said
    assert "suture demo" in said.splitlines()[-1]
    assert len(said.splitlines()) == 5


@pytest.mark.parametrize("name", ["SUTURE_API_TOKEN", "SLACK_BOT_TOKEN", "SLACK_CHANNEL"])
def test_a_setting_of_blanks_is_not_set(monkeypatch, name):
    """A token of one space would open the door to whoever sends one space."""
    for needed in settings.SERVE_NEEDS:
        monkeypatch.setenv(needed.upper(), "xoxb-1")
    monkeypatch.setenv(name, " \t ")

    with pytest.raises(SettingsError, match=f"^{name} is missing") as refusal:
        settings.read(settings.SERVE_NEEDS)
    assert str(refusal.value).count("is missing") == 1


def test_socket_mode_needs_no_signing_secret(monkeypatch):
    """Slack signs nothing there."""
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_CHANNEL", "SUTURE_API_TOKEN"):
        monkeypatch.setenv(name, "x")

    assert settings.read(SERVE_NEEDS).slack_app_token.get_secret_value() == "x"


def test_no_secret_is_in_a_repr_or_a_dump(monkeypatch):
    """Settings end up in logs sooner or later."""
    for name in SECRETS:
        monkeypatch.setenv(name.upper(), "hunter2")
    read = settings.read()

    assert "hunter2" not in f"{read!r} {read} {read.model_dump()} {read.model_dump_json()}"
    assert all(getattr(read, name).get_secret_value() == "hunter2" for name in SECRETS)


def standing_of(settings_of: dict[str, object], **labels: str):
    return Settings(**settings_of).standing_of(API, labels)


BOTH = {"production": {"approvers": ["U_PROD"], "assignee": "alice"}, "staging": {"approvers": ["U_STAGE"]}}


@pytest.mark.parametrize("word", ["production", "prod", "prd", "live", "Production", " PROD "])
def test_every_word_for_production_means_it(word):
    """From an alert's tag as from settings."""
    by_tag = standing_of({"environments": BOTH}, env=word)
    by_rule = standing_of({"environments": BOTH, "standings": [{"target": "shop/*", "environment": word}]})

    for standing in (by_tag, by_rule):
        assert (standing.environment, standing.production, standing.approvers) == ("production", True, ("U_PROD",))


@pytest.mark.parametrize("word", ["staging", "stage", "stg", "Staging"])
def test_a_configured_environment_that_is_not_production_is_itself(word):
    """Its own people decide there."""
    standing = standing_of({"environments": BOTH}, env=word)

    assert (standing.environment, standing.production, standing.approvers) == ("staging", False, ("U_STAGE",))


@pytest.mark.parametrize("word", ["", "unknown", "qa", "production-eu", "stagingx"])
def test_what_nobody_configured_stands_like_production(word):
    """Production's people decide, and nothing is automatic: a misspelt tag must not loosen a gate."""
    standing = standing_of({"environments": BOTH}, env=word)

    assert standing.production
    assert standing.approvers == ("U_PROD",)


def test_the_environments_may_be_named_by_any_of_their_words():
    """`prod:` in the file is production."""
    standing = standing_of({"environments": {"prod": {"approvers": ["U1"]}, "stg": {"approvers": ["U2"]}}}, env="live")

    assert (standing.environment, standing.approvers) == ("production", ("U1",))
    assert not standing_of({"environments": {"stg": {}}}, env="staging").production


def test_settings_word_wins_over_the_alerts_tag():
    """A tag is what a stranger wrote."""
    rules = [{"target": "shop/Deployment/api", "environment": "production", "team": "shop"}, {"target": "shop/*", "environment": "staging"}]

    standing = standing_of({"environments": BOTH, "standings": rules}, env="staging", team="other")

    assert (standing.environment, standing.team, standing.product) == ("production", "shop", "shop")


def test_the_alerts_tag_speaks_where_settings_are_silent():
    """A rule may name a team and leave the environment to the tag."""
    standing = standing_of({"environments": BOTH, "standings": [{"target": "shop/*", "product": "Shop"}]}, env="staging", team="web")

    assert (standing.environment, standing.team, standing.product) == ("staging", "web", "Shop")


def test_without_any_setting_nobody_may_decide():
    """An empty list of approvers is nobody."""
    standing = standing_of({}, env="staging")

    assert (standing.production, standing.approvers, standing.product) == (True, (), "shop")


def names_in(text: str, mark: str) -> set[str]:
    """The names at the beginnings of the lines that begin with `mark`."""
    lines = (line.removeprefix("# ").strip() for line in text.splitlines())
    if mark == "=":
        return {line.split("=")[0] for line in lines if "=" in line and line.split("=")[0].replace("_", "").isupper()}
    return {line.split("`")[1] for line in lines if line.startswith("| `")}


ROOT = Path(__file__).resolve().parents[2]


def test_the_documentation_names_every_setting_and_nothing_else():
    """A setting that is not written down is not there, and one that is written down must be."""
    documented = names_in((ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), "`")

    assert documented == {name if name in STRUCTURED else name.upper() for name in Settings.model_fields} | {"SUTURE_CONFIG"}


def test_the_example_environment_names_every_setting_and_nothing_else():
    """The structured ones stand in suture.yaml instead."""
    named = names_in((ROOT / ".env.example").read_text(encoding="utf-8"), "=")

    assert named == {name.upper() for name in Settings.model_fields if name not in STRUCTURED} | {"SUTURE_CONFIG"}


def test_the_example_environment_is_read_as_it_is(monkeypatch):
    """Copied and not yet filled in, it changes nothing."""
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            monkeypatch.setenv(name, value)

    read = settings.read()
    assert [name for name in SECRETS if getattr(read, name).get_secret_value()] == []


def test_the_configuration_file_in_the_documentation_is_valid(config):
    """People copy it."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    config(page.split("```yaml\n")[1].split("```")[0])

    read = settings.read()

    assert read.clusters
    assert read.gitops
    assert read.environments["production"].approvers
    assert read.standings


@pytest.mark.parametrize("host", ["http://[::", "127.0.0.1:many", "http://"])
def test_what_cannot_be_an_ollama_is_refused(monkeypatch, host):
    """By its name, at the start."""
    monkeypatch.setenv("OLLAMA_HOST", host)

    with pytest.raises(SettingsError, match=r"^OLLAMA_HOST: "):
        settings.read()


@pytest.mark.parametrize("host", ["127.0.0.1:11434", "gpu-1", "https://ollama.example/v"])
def test_an_ollama_may_be_named_without_a_scheme(monkeypatch, host):
    """As Ollama itself takes this variable."""
    monkeypatch.setenv("OLLAMA_HOST", host)

    assert settings.read().ollama_host == host


def test_a_wrong_key_is_told_where_it_stands(monkeypatch):
    """In the variable, not in a file that nobody wrote."""
    monkeypatch.setenv("ENVIRONMENTS", '{"production": {"approver": []}}')

    with pytest.raises(SettingsError, match="the variable ENVIRONMENTS"):
        settings.read()
