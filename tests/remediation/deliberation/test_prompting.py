"""A case as a prompt: what leads stands first, and what is left out is said."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from remediation.deliberation.measuring import ANSWER_TOKENS, REPAIR_TOKENS, tokens_of
from remediation.deliberation.prompting import prompt_for
from remediation.terms import Finding
from tests.remediation.deliberation.scenes import oom

MANY = 900


def a_finding(number):
    text = f"worker-{number} names db-{number}:5432 in DB_URL, but there is no Service db-{number} in shop"
    return Finding(finding_id=f"F{number}", kind="address_wrong", subject=f"Deployment/shop/worker-{number}", text=text, cites=("E1",))


def prompt_of(findings, tokens):
    return prompt_for("case.md.j2", replace(oom(), findings=findings), SimpleNamespace(name="m", context_tokens=tokens))


@pytest.mark.parametrize("tokens", [8192, 32768])
def test_the_leading_findings_are_shown_and_how_many_are_not(tokens):
    """A namespace has a thousand of them, and the evidence beside them must be read, too."""
    prompt = prompt_of(tuple(map(a_finding, range(1, MANY + 1))), tokens)

    shown = prompt.count("address_wrong on")
    assert "| F1 address_wrong on Deployment/shop/worker-1 (E1): " in prompt
    assert f"({MANY - shown} more findings, less likely to be the cause, are left out here.)" in prompt
    assert f"| F{shown} " in prompt
    assert f"| F{shown + 1} " not in prompt
    assert "### E1" in prompt
    room = tokens - ANSWER_TOKENS - REPAIR_TOKENS
    assert tokens_of(prompt) <= room
    assert tokens_of("\n".join(line for line in prompt.splitlines() if "address_wrong on" in line)) <= room // 3


def test_few_findings_are_all_shown_and_none_is_said():
    """As before: nothing is left out of what fits."""
    few = prompt_of(tuple(map(a_finding, range(1, 4))), 8192)

    assert few.count("address_wrong on") == 3
    assert "more findings" not in few
    assert "None.\n" in prompt_of((), 8192).split("## Findings", 1)[1].split("## Precedents", maxsplit=1)[0]
