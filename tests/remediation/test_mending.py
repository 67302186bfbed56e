"""What mends what was found."""

from pathlib import Path

import pytest

from remediation.mending import fix_kinds, for_a_person, mend_of
from remediation.terms import Finding

DOCS = Path(__file__).resolve().parents[2] / "docs"


def finding(kind, **facts):
    return Finding(finding_id="F1", kind=kind, subject="Deployment/shop/api/api", text="E1: x", cites=("E1",), facts=facts)


def test_every_kind_of_fix_is_published():
    """The list is closed, and the docs hold it."""
    text = (DOCS / "fix-kinds.md").read_text("utf-8")

    assert [kind for kind in fix_kinds() if f"| {kind} |" not in text] == []


@pytest.mark.parametrize(
    ("kind", "facts", "fix_kind", "in_git"),
    [
        ("oom_killed", {"container": "api", "memory_limit": "64Mi"}, "raise_memory_limit", True),
        ("image_pull_failed", {"cause": "unauthorized"}, "fix_pull_secret", True),
        ("image_pull_failed", {"cause": "unreachable"}, "none_in_gitops_dependency", False),
        ("reference_missing", {"missing": "Secret"}, "fix_secret_reference", True),
        ("creation_refused", {"cause": "must_specify", "resource": "limits.cpu"}, "add_cpu_limit", True),
        ("creation_refused", {"cause": "must_specify", "resource": "limits.cpu, requests.cpu"}, "add_resource_requests", True),
        ("node_trouble", {"cause": "full"}, "scale_nodes", False),
        ("not_broken", {"cause": "old_revision"}, "none", False),
        ("a_kind_of_a_team", {}, "none_in_gitops_operations", False),
    ],
)
def test_the_cause_decides_what_mends(kind, facts, fix_kind, in_git):
    """A registry that is down is not mended in Git, a tag that is missing is."""
    mend = mend_of(finding(kind, **facts))

    assert (mend.fix_kind, mend.in_git) == (fix_kind, in_git)


def test_a_person_reads_one_sentence_with_the_facts():
    """What is not known is left empty, never named None."""
    said = for_a_person(finding("rbac_forbidden", verb="list", resource="secrets", account="ops"))

    assert said == "Grant list on secrets to the service account ops."


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (
            "error_logged",
            {"container": "api", "said": "upside down", "count": 1},
            "Look at what the log of container api says: upside down.",
        ),
        (
            "error_logged",
            {"container": "api", "said": "upside down", "count": 2},
            "Look at what the log of container api says again and again: upside down.",
        ),
        (
            "unschedulable",
            {"cause": "resource", "resource": "nvidia.com/gpu", "requested": ""},
            "Request less nvidia.com/gpu, or add nodes that have it.",
        ),
        (
            "unschedulable",
            {"cause": "resource", "resource": "nvidia.com/gpu", "requested": "4"},
            "Request less nvidia.com/gpu than 4, or add nodes that have it.",
        ),
    ],
)
def test_advice_says_no_more_than_the_facts(kind, facts, said):
    """One line is not said again and again, and an amount that nobody knows is left out."""
    assert for_a_person(finding(kind, **facts)) == said
    assert mend_of(finding(kind, **facts)).fix_kind in ("none_in_gitops_application", "change_resource_request")


@pytest.mark.parametrize(
    ("kind", "facts", "advice"),
    [
        ("oom_killed", {"container": "", "memory_limit": ""}, "Raise the memory limit, or find what it keeps in memory."),
        (
            "oom_killed",
            {"container": "api", "memory_limit": ""},
            "Raise the memory limit of container api, or find what it keeps in memory.",
        ),
        ("file_missing", {"container": "", "path": ""}, "Mount the file, which the container reads, or mend its path."),
        ("peer_lost", {"container": "", "said": ""}, "Look at the peer that it lost."),
        ("reference_missing", {"missing": "Secret", "name": ""}, "Create the Secret in its namespace, or name the one that exists."),
        ("address_wrong", {"variable": "API_URL", "near": ""}, "Set API_URL to a Service that exists."),
    ],
)
def test_what_nothing_names_is_left_out_of_the_advice(kind, facts, advice):
    """A person reads no question mark and no empty name."""
    assert for_a_person(finding(kind, **facts)) == advice
