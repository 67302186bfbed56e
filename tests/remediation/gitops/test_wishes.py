"""What a person writes after `--set`, in the type that its field has."""

import pytest

from remediation.gitops.wishes import wish

NOW = {"data": {"empty": None}, "spec": {"args": ["x"], "env": [{"name": "A"}], "replicas": None}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("data.empty=1e3", "1e3"),
        ("data.new=no", "no"),
        ("spec.args[1]=8080", "8080"),
        ("spec.args=[1, on]", ["1", "on"]),
        ("spec.env[name=A].value=0x1", "0x1"),
        ("spec.replicas=3", 3),
    ],
)
def test_what_the_server_takes_only_as_text_stays_text(text, value):
    """Though nothing stands there, or an empty key."""
    assert [edit.value for edit in wish(text).edits(NOW)] == [value]
