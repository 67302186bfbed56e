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
