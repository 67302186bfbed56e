"""`suture check` of Prometheus."""

import pytest

from bot.checks import prometheus as check
from bot.settings import Settings
from remediation.clients.prometheus import PrometheusClient
from remediation.errors import Forbidden, Unusable
from tests.remediation.prometheus_face import TOKEN, Face, prometheus


async def tried(face, settings=None, token=TOKEN):
    async with prometheus(face):
        client = PrometheusClient(face.url, token=token)
        try:
            return await check.tried(settings or Settings(), client)
        finally:
            await client.close()


async def test_its_version_its_queries_and_what_it_scrapes_are_said():
    """An exporter whose metrics are not there loses evidence, not the start."""
    lines = await tried(Face(series={"container_memory": [({}, [12.0])]}))

    assert [line.state for line in lines] == ["fine", "absent"]
    assert "version 2.42.0" in lines[0].what
    assert "kube_pod_info" in lines[1].what


async def test_without_an_address_it_is_absent():
    """And what is lost is said."""
    (line,) = await check.tried(Settings(), None)

    assert (line.state, "PROMETHEUS_URL" in line.what) == ("absent", True)


async def test_a_wrong_token_is_wrong():
    """By the setting's name."""
    with pytest.raises(Forbidden, match="PROMETHEUS_TOKEN"):
        await tried(Face(), token="no")


async def test_a_catalogue_that_is_wrong_is_named(tmp_path):
    """Its file and field, whether or not there is a Prometheus."""
    own = tmp_path / "queries.yaml"
    own.write_text("queries: [{name: a}]")
    with pytest.raises(Unusable, match=r"queries\.yaml: queries\.0\.title"):
        await check.tried(Settings(suture_queries=str(own)), None)
