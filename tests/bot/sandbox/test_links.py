"""A link that people are given leads somewhere."""

import httpx

from bot.sandbox.app import serving
from bot.sandbox.environment import Credentials
from bot.sandbox.world import World
from tests.stage import free_port


async def test_a_merge_requests_link_leads_to_the_page_and_counts_as_no_call():
    """The thread links to GitLab's page; here the sandbox's page shows it."""
    port = free_port()
    world = World(origin=f"http://127.0.0.1:{port}", credentials=Credentials.of(port))
    async with serving(world, port) as origin, httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(f"{origin}/gitlab/platform/shop/-/merge_requests/1")

    assert (answer.status_code, answer.headers["location"]) == (307, "/")
    assert world.requests.calls("gitlab") == {}
