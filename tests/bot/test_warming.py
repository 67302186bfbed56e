"""What the first incident needs is there before it comes; what nobody needs is not."""

import pytest

from bot import warming
from bot.looking import Clients
from remediation.clients.datadog import DatadogClient
from remediation.clients.kubernetes import KubernetesClient


def clients(**named):
    return Clients(**{"clusters": {}, "datadog": None, "gitlab": None, "prometheus": None, "trees": None, **named})


@pytest.fixture
def taken(monkeypatch):
    """The modules that were imported, in their order."""
    names = []
    monkeypatch.setattr(warming, "_AFTER", 0.0)
    monkeypatch.setattr(warming, "imported", names.append)
    return names


async def test_without_a_cluster_nothing_is_taken_into_memory(taken):
    """Its incidents are inconclusive, and need no rules."""
    await warming.warm(clients(datadog=DatadogClient(api_key="a", app_key="b")))
    assert taken == []


async def test_only_what_settings_name_is_imported(taken):
    """Here a cluster and Datadog, and no GitLab."""
    await warming.warm(clients(clusters={"": KubernetesClient()}, datadog=DatadogClient(api_key="a", app_key="b")))
    assert {"remediation.findings", "kubernetes.aio.client", "datadog_api_client"} < set(taken)
    assert "gitlab" not in taken
