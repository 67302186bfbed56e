"""What `--print-env` says: the same for the same port, always; files for this user alone."""

import os
import shlex
import stat
import subprocess
from pathlib import Path
from socket import create_server

import pytest
import yaml

from bot.sandbox import environment
from bot.sandbox.repositories import REPOSITORIES


@pytest.fixture(autouse=True)
def temporary(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_the_same_port_gives_the_same_values_and_another_port_others():
    """So that it can be printed while a sandbox runs."""
    one, again, other = environment.environment(8765), environment.environment(8765), environment.environment(8766)

    assert one == again
    shared = {name for name, value in one.items() if other[name] == value}
    assert shared == {"SLACK_CHANNEL", "SUTURE_SOAK_MINUTES", "SUTURE_ANSWER_MINUTES", "SUTURE_POLL_SECONDS", "SUTURE_SLACK_PER_SECOND"}


def test_everything_that_serve_needs_is_there():
    """Names are contracts."""
    names = set(environment.environment(8765))

    assert names >= {
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACK_API_URL",
        "SLACK_CHANNEL",
        "GITLAB_URL",
        "GITLAB_TOKEN",
        "GITLAB_MERGE_TOKEN",
    }
    assert names >= {
        "GITLAB_WEBHOOK_SECRET",
        "DD_API_KEY",
        "DD_APP_KEY",
        "DD_API_URL",
        "DATADOG_WEBHOOK_TOKEN",
        "KUBECONFIG",
        "OLLAMA_HOST",
    }
    assert names >= {
        "SUTURE_API_TOKEN",
        "SUTURE_CONFIG",
        "SUTURE_SOAK_MINUTES",
        "SUTURE_ANSWER_MINUTES",
        "SUTURE_POLL_SECONDS",
        "SUTURE_SLACK_PER_SECOND",
    }
    assert float(environment.environment(8765)["SUTURE_SOAK_MINUTES"]) < 1


def test_a_shell_reads_back_what_was_printed():
    """Each line is `export NAME='value'`."""
    lines = environment.export_lines(8765)
    printed = subprocess.run(["sh", "-c", f"{lines} env -0"], capture_output=True, check=True, text=True).stdout
    seen = dict(line.split("=", 1) for line in printed.split("\0") if line)

    assert all(seen[name] == value for name, value in environment.environment(8765).items())
    assert all(line.startswith("export ") and line.endswith("'") for line in lines.splitlines())
    assert len(shlex.split(lines)) == 2 * len(environment.environment(8765))


def test_the_files_that_it_names_are_written_for_this_user_alone():
    """The kubeconfig holds a token; both are closed to others, and written again without harm."""
    environment.write_files(8765)
    environment.write_files(8765)
    variables = environment.environment(8765)

    for name in ("KUBECONFIG", "SUTURE_CONFIG"):
        assert stat.S_IMODE(Path(variables[name]).stat().st_mode) == 0o600
    config = yaml.safe_load(Path(variables["KUBECONFIG"]).read_text())
    settings = yaml.safe_load(Path(variables["SUTURE_CONFIG"]).read_text())

    assert config["clusters"][0]["cluster"]["server"] == "http://127.0.0.1:8765/kubernetes"
    secrets = environment.Credentials.of(8765)
    tokens = {one["name"]: one["user"]["token"] for one in config["users"]}
    assert tokens == {"alice": secrets.kubernetes_developer_token, "suture": secrets.kubernetes_token}
    contexts = {one["name"]: one["context"]["user"] for one in config["contexts"]}
    assert contexts[config["current-context"]] == "alice"
    assert contexts[environment.SETTINGS["clusters"]["sandbox"]["context"]] == "suture"
    assert settings["environments"]["production"]["approvers"] == ["U_ALICE", "U_BOB"]
    shop = {"project": "platform/shop", "branch": "main", "cluster": "sandbox", "path": "."}
    assert settings["gitops"][0] == {**shop, "targets": ["shop/*", "shop-staging/*"]}
    assert [place["project"] for place in settings["gitops"][1:]] == [f"platform/{each.name}" for each in REPOSITORIES.values()]


def test_a_folder_that_somebody_else_laid_out_is_refused(tmp_path):
    """The temporary directory is shared: a link in our place is a trap."""
    mine = environment.folder_of(8765).parent
    (tmp_path / "elsewhere").mkdir()
    mine.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(PermissionError, match="belongs to somebody else"):
        environment.write_files(8765)


def test_folders_of_ports_where_nothing_runs_go_after_a_day():
    """Each demo takes another port: the temporary directory would fill up. What is used, or new, stays."""
    with create_server(("127.0.0.1", 0)) as running, create_server(("127.0.0.1", 0)) as ended:
        used, free = running.getsockname()[1], ended.getsockname()[1]
        ended.close()
        for port in (used, free, 8764):
            environment.write_files(port)
        for port in (used, free):
            os.utime(environment.folder_of(port), (0, 0))

        environment.write_files(8765)

    assert [environment.folder_of(port).exists() for port in (used, free, 8764, 8765)] == [True, False, True, True]
