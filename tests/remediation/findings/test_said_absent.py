"""What the API server says not to have, and what came after a refusal."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from remediation.findings.said_absent import items_that_say, said_absent
from remediation.observed import Observed
from remediation.reading.documents import api_objects
from remediation.terms import Evidence

_AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
_NOT_FOUND = 'Error from server (NotFound): secrets "oar-keys" not found'


def _item(text: str = "", *, kind: str = "objects", things: tuple[Mapping[str, Any], ...] = ()) -> Observed:
    return Observed([Evidence(item="E1", kind=kind, source="files", title="", at=_AT, text=text, objects=things)])  # type: ignore[arg-type]


def test_what_was_asked_for_by_name_in_vain_is_absent_and_the_answer_is_cited() -> None:
    """`kubectl get secret oar-keys` answers NotFound: nothing else need show it."""
    observed = _item(_NOT_FOUND)
    assert said_absent("Secret", "dock", "oar-keys", observed)
    assert items_that_say("Secret", "oar-keys", observed) == ("E1",)
    assert not said_absent("Secret", "dock", "keel-keys", observed)
    assert not said_absent("ConfigMap", "dock", "oar-keys", observed)


@pytest.mark.parametrize("kind", ["logs", "alert"])
def test_what_a_program_or_a_person_says_is_no_answer_of_the_server(kind: str) -> None:
    """A log may quote another cluster's answer."""
    assert not said_absent("Secret", "dock", "oar-keys", _item(_NOT_FOUND, kind=kind))


def test_what_is_shown_is_not_absent_whatever_was_asked_before() -> None:
    """It was made since, or is of this namespace and not of the one that was asked."""
    secret = {"kind": "Secret", "metadata": {"name": "oar-keys", "namespace": "dock"}}
    assert not said_absent("Secret", "dock", "oar-keys", _item(_NOT_FOUND, things=(secret,)))


def test_an_empty_list_is_of_its_namespace_only() -> None:
    """No Secrets in one namespace say nothing of another; of a cluster-scoped kind there are none at all."""
    secrets = {"kind": "SecretList", "metadata": {"name": "none", "namespace": "dock"}}
    classes = {"kind": "StorageClassList", "metadata": {"name": "none"}}
    observed = _item(things=(secrets, classes))
    assert said_absent("Secret", "dock", "oar-keys", observed)
    assert not said_absent("Secret", "pier", "oar-keys", observed)
    assert said_absent("StorageClass", "", "fast", observed)


def test_a_document_that_lists_nothing_becomes_an_empty_list() -> None:
    """`items: []` tells as much as `No resources found`; a List of anything tells nothing."""
    assert [thing["kind"] for thing in api_objects({"kind": "IngressClassList", "items": []})] == ["IngressClassList"]
    assert list(api_objects({"kind": "List", "items": []})) == []
