"""`suture locate` on a checkout: where its answer is no, what to do is what can be done there."""

import json

import pytest
import typer
from typer.testing import CliRunner

from bot.commands.locate import locate

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: api\n  namespace: shop\ndata:\n  level: info\n"


@pytest.mark.parametrize(
    ("named", "value", "said"),
    [
        ("ConfigMap/shop/apii", "debug", "Check kind, namespace and name, or say where it is made: --path or --render."),
        ("ConfigMap/shop/api", "info", "Nothing is to be changed."),
    ],
)
def test_a_no_says_what_can_be_done_with_a_checkout(tmp_path, named, value, said):
    """It has no settings to look into."""
    (tmp_path / "config.yaml").write_text(CONFIG)
    asked = ["--repo", str(tmp_path), "--object", named, "--set", f"data.level={value}", "--json"]

    app = typer.Typer()
    app.command()(locate)

    refused = json.loads(CliRunner().invoke(app, asked).stdout)

    assert (refused["refused"]["kind"], refused["refused"]["what_to_do"]) == ("not_found", said)


@pytest.mark.parametrize(
    "live", ["kind: ConfigMap", CONFIG.replace("metadata:\n", "metadata:\n  managedFields: 5\n"), "apiVersion: v1\nkind: A\nmetadata: 1"]
)
def test_a_live_file_that_is_no_object_is_wrong_usage(tmp_path, live):
    """It is named, before anything is looked for."""
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "live.yaml").write_text(live)
    app = typer.Typer()
    app.command()(locate)
    wrong = CliRunner().invoke(app, ["--repo", str(tmp_path), "--live", str(tmp_path / "live.yaml"), "--set", "data.level=debug"])

    assert wrong.exit_code == 2
    assert "is no Kubernetes object" in " ".join(wrong.output.split()).replace("│ ", "").replace(" │", "")
