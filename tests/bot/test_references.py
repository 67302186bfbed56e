"""What settings refer to must be there; what is not is named at the start, with the nearest that is."""

import pytest
import yaml

from bot import references, settings
from bot.settings import Settings, SettingsError

CLUSTER = {"clusters": {"main": {"context": "eu"}}}


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    """No variable of this machine reaches a test, and nothing lies beside us."""
    for name in settings.variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def kubeconfig(monkeypatch, tmp_path):
    """A kubeconfig with two contexts, one of them current, named in KUBECONFIG."""
    path = tmp_path / "kubeconfig"
    contexts = [{"name": name, "context": {"cluster": name, "user": "u"}} for name in ("eu-1", "us-1")]
    path.write_text(yaml.safe_dump({"current-context": "eu-1", "contexts": contexts}))
    monkeypatch.setenv("KUBECONFIG", str(path))
    return path


def said(monkeypatch, tmp_path, written=None, **policy):
    """What is wrong with these settings, a sentence each."""
    (tmp_path / "suture.yaml").write_text(yaml.safe_dump(written or {}))
    if policy:
        (tmp_path / "policy.yaml").write_text(yaml.safe_dump(policy))
        monkeypatch.setenv("SUTURE_POLICY", str(tmp_path / "policy.yaml"))
    return [*references.wrong(settings.read())]


def test_nothing_configured_refers_to_nothing(monkeypatch, tmp_path):
    """A machine on which nobody set anything."""
    assert said(monkeypatch, tmp_path) == []


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("SUTURE_SOAK_MINUTE", "SUTURE_SOAK_MINUTES"),
        ("SUTURE_API_TOKEN_FLIE", "SUTURE_API_TOKEN_FILE"),
        ("SUTURE_ANSWERMINUTES", "SUTURE_ANSWER_MINUTES"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_nearest_known(monkeypatch, tmp_path, name, nearest):
    """It would be a silent default."""
    monkeypatch.setenv(name, "hunter2")

    assert said(monkeypatch, tmp_path) == [f"{name}: there is no such setting; did you mean {nearest}?"]


def test_a_variable_that_is_like_none_of_ours_is_said_and_left_alone(monkeypatch, tmp_path):
    """Whoever runs Suture may use the prefix for something else."""
    monkeypatch.setenv("SUTURE_SHARED", "x")

    assert said(monkeypatch, tmp_path) == []
    assert references.unknown({"SUTURE_SHARED": "x"}) == ["SUTURE_SHARED is no setting of Suture; nothing reads it."]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SUTURE_SERVICE_HOST", "10.0.0.1"),
        ("SUTURE_SERVICE_PORT_HTTP", "8080"),
        ("SUTURE_PORT", "tcp://10.0.0.1:8080"),
        ("SUTURE_PORT_8080_TCP_ADDR", "10.0.0.1"),
        ("SUTURE_WEB_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
    ],
)
def test_what_kubernetes_puts_into_a_pod_is_no_mistake(monkeypatch, tmp_path, name, value):
    """A Service that is called suture gives every pod of its namespace such variables."""
    monkeypatch.setenv(name, value)

    assert said(monkeypatch, tmp_path) == []


def test_a_kubeconfig_that_is_not_there_is_named(monkeypatch, tmp_path):
    """Not at the first incident."""
    monkeypatch.setenv("KUBECONFIG", "/nowhere/kubeconfig")

    assert said(monkeypatch, tmp_path) == ["KUBECONFIG: there is no file /nowhere/kubeconfig."]


def test_a_context_that_is_not_there_is_named(monkeypatch, tmp_path, kubeconfig):
    """With what the file has."""
    (mistake,) = said(monkeypatch, tmp_path, {"clusters": {"main": {"context": "eu"}, "other": {"context": "us-1"}}})

    assert mistake == f"CLUSTERS.main.context: there is no context eu; did you mean eu-1? KUBECONFIG is {kubeconfig}."


def test_a_current_context_that_is_not_there_is_named(monkeypatch, tmp_path, kubeconfig):
    """Where clusters name none, that one is used."""
    assert said(monkeypatch, tmp_path) == []
    kubeconfig.write_text("{contexts: []}")

    assert said(monkeypatch, tmp_path) == ["KUBECONFIG: it names no current-context, and clusters name none either."]
    kubeconfig.write_text("{current-context: eu, contexts: []}")
    assert said(monkeypatch, tmp_path) == ["KUBECONFIG: there is no context eu; known: none."]


def test_several_kubeconfigs_are_one(monkeypatch, tmp_path, kubeconfig):
    """As kubectl takes them; one of them need not be there."""
    monkeypatch.setenv("KUBECONFIG", f"/nowhere:{kubeconfig}")

    assert said(monkeypatch, tmp_path, {"clusters": {"main": {"context": "us-1"}}}) == []


def test_a_project_of_an_unknown_cluster_is_named(monkeypatch, tmp_path):
    """Its manifests would never be looked at."""
    written = {"clusters": {"main": {}}, "gitops": [{"project": "a/b", "cluster": "mian"}]}

    assert said(monkeypatch, tmp_path, written) == ["GITOPS.0.cluster: there is no cluster mian; did you mean main?"]


def test_a_policy_that_names_what_is_not_there_is_refused(monkeypatch, tmp_path):
    """A gate of a misspelt environment would never be asked, a misspelt remedy never be allowed."""
    gates = {name: {"N1": "one_person", "N2": "one_person", "N3": "two_people"} for name in ("stagign", "prod", "other")}
    remedies = {"production": ["raise_memory_limt", "rollback_image"], "staging": "all"}
    mistakes = said(monkeypatch, tmp_path, {"environments": {"staging": {"approvers": ["U1"]}}}, gates=gates, remedies=remedies)

    assert sorted(mistakes, reverse=True) == [
        "SUTURE_POLICY: remedies.production: there is no remedy raise_memory_limt; did you mean raise_memory_limit?",
        "SUTURE_POLICY: gates.stagign: there is no environment stagign; did you mean staging?",
        "SUTURE_POLICY: gates.prod: there is no environment prod; did you mean production?",
    ]


def test_the_start_is_refused_with_all_of_it_at_once(monkeypatch):
    """One mistake must not hide the next."""
    monkeypatch.setenv("KUBECONFIG", "/nowhere/kubeconfig")
    monkeypatch.setenv("SUTURE_SOAK_MINUTE", "1")

    with pytest.raises(SettingsError) as refusal:
        references.check(settings.read())
    assert {"KUBECONFIG", "SUTURE_SOAK_MINUTE"} <= set(str(refusal.value).replace(":", "").split())


def test_every_variable_is_a_setting_a_file_of_a_secret_or_the_configuration():
    """The list that misspelt names are held against."""
    assert settings.variables() >= {name.upper() for name in Settings.model_fields} | {"SUTURE_CONFIG", "GITLAB_TOKEN_FILE"}
