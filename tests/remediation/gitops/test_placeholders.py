"""Placeholders within texts: what is written so that they stay."""

import pytest

from remediation.gitops.placeholders import refilled
from remediation.gitops.substitution import substituted


@pytest.mark.parametrize(
    ("written", "now", "new", "said"),
    [
        ("${REGISTRY}/lamp:1.2", "r.example.com/lamp:1.2", "r.example.com/lamp:1.3", "${REGISTRY}/lamp:1.3"),
        ("${A:-${B}}/lamp:1", "r/lamp:1", "r/lamp:22", "${A:-${B}}/lamp:22"),
        ("http://${HOST}:80/${PATH}", "http://lamp:80/on", "http://lamp:81/on", "http://${HOST}:81/${PATH}"),
        ("lamp-${ENV}", "lamp-prod", "lamps-prod", "lamps-${ENV}"),
        ("lamp-${ENV}", "lamp-prod", "lamp-staging", ""),
        ("${SIZE}Mi", "64Mi", "640Mi", ""),
        ("${SIZE}", "64", "640", ""),
        ("lamp", "lamp", "lamps", ""),
        ("${A}-x", "something else", "other", ""),
    ],
)
def test_only_the_text_between_placeholders_changes(written, now, new, said):
    """Never what stands right against one: that is what fills it in."""
    assert refilled(written, now, new) == said


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("${CLAIM:-${APP}}", "lamp"),
        ("${A:-${B:-x}}-y", "x-y"),
        ("$${APP} ${APP}", "${APP} lamp"),
        ("${RAW}", "a${APP}b"),
    ],
)
def test_a_default_may_name_another_variable(text, filled):
    """What a value holds is filled in no further, and `$${` stays."""
    assert substituted(text, {"APP": "lamp", "RAW": "a${APP}b"}) == filled
