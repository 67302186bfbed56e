"""Whose certificate has expired: the partner's where the words name it, else that of the container that speaks."""

import pytest

from remediation.findings import find
from remediation.mending import for_a_person
from remediation.terms import Evidence
from tests.remediation.findings.made import NOW, TARGET, deployment, items, oomed, pod, replica_set


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('ERROR Get "https://rates.partner.example/v1": x509: certificate has expired', "Renew the certificate of rates.partner.example"),
        ("ERROR certificate has expired", "Renew the certificate that container api uses"),
    ],
)
def test_the_one_who_must_renew_is_named(line, said):
    """A client that refuses its partner's certificate has nothing to renew."""
    log = Evidence(kind="logs", source="t", title="Log of api in api-1-x of shop", at=NOW, text=line, item="E9")
    things = items(deployment(), replica_set("api-1", 1, "r.example/api:1.1", replicas=1), pod("api-1-x", oomed(reason="Error")))

    expired = next(each for each in find([*things, log], TARGET) if each.kind == "certificate_expired")

    assert for_a_person(expired).startswith(said)
