"""Hosts and ports that stand in variables of their own."""

import pytest

from remediation.explaining import explain
from remediation.remedies import catalogue

OBJECTS = """\
apiVersion: v1
kind: List
items:
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: till, namespace: stall}
  spec:
    selector: {matchLabels: {app: till}}
    template:
      metadata: {labels: {app: till}}
      spec:
        containers:
        - name: till
          image: acme/till:1
          env: [{name: SERVER_HOST, value: HOST}, {name: SERVER_PORT, value: "PORT"}]
          ports: [{containerPort: 8080}]
- apiVersion: v1
  kind: Service
  metadata: {name: till, namespace: stall}
  spec: {selector: {app: till}, ports: [{port: 80, targetPort: 8080}]}
- apiVersion: v1
  kind: Service
  metadata: {name: stock, namespace: stall}
  spec: {selector: {app: stock}, ports: [{port: 5432}]}
"""


@pytest.mark.parametrize(
    ("host", "port", "wrong"),
    [
        ("stock", "5433", True),
        ("stock", "5432", False),
        ("till", "9000", False),  # its own Service: where it listens itself
        ("stock", "8080", False),  # the port that it declares
        ("stock", "9" * 5000, False),  # no port, nor any number that Python reads
    ],
)
async def test_a_port_beside_a_host_is_a_partners_and_not_its_own(tmp_path, host, port, wrong):
    """Where a program listens stands in such variables, too, and is often not the port of its Service."""
    (tmp_path / "evidence.yaml").write_text(OBJECTS.replace("HOST}", f"{host}}}").replace('"PORT"', f'"{port}"'))

    explained = await explain([tmp_path], "Why is till unreachable?", catalogue())

    assert ("address_wrong" in [finding.kind for finding in explained.findings]) is wrong
    assert "not_understood" not in [finding.kind for finding in explained.findings]


async def test_a_variable_of_the_same_number_is_not_the_port_of_what_is_asked_for(tmp_path):
    """Where the program listens itself may be the number that it asks a partner at: to change that would cure nothing."""
    alone = (
        OBJECTS.replace("SERVER_HOST, value: HOST", "STOCK_HOST, value: stock")
        .replace("SERVER_PORT", "NAME_PORT")
        .replace('PORT"}', '8080"}')
    )
    (tmp_path / "till-7d9c5b6f4-x2x9z.log").write_text(
        "2026-03-01T10:00:01Z ERROR cannot load: dial tcp: connect to http://stock:8080/items: connection refused\n"
    )
    values = []
    for name in ("LISTEN_PORT", "STOCK_PORT"):
        (tmp_path / "evidence.yaml").write_text(alone.replace("NAME_PORT", name))
        explained = await explain([tmp_path], "Why does deployment till in stall fail?", catalogue())
        values.append([plan.parameters.get("value") for plan in explained.proposal.plans])

    assert values == [[], ["5432"]]
