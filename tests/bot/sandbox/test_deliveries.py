"""How the sandbox's systems deliver: in the background, with each system's patience, and a log of it."""

import asyncio
import json

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.sandbox.deliveries import Deliveries

QUICK = {"datadog": (0.01,) * 5}


class Bot:
    """Answers the statuses that it was given, in turn, then 202."""

    def __init__(self, *statuses):
        self.statuses = list(statuses)
        self.bodies = []

    async def take(self, request):
        """One delivery."""
        self.bodies.append((await request.body()).decode())
        return PlainTextResponse("", self.statuses.pop(0) if self.statuses else 202)


@pytest.fixture
async def deliveries():
    deliveries = Deliveries(retry_seconds=QUICK)
    yield deliveries
    await deliveries.aclose()


@pytest.fixture
async def told(serve, deliveries):
    """Start a bot with these statuses, tell it one thing and wait for the end of it."""

    async def tell(system, *statuses):
        bot = Bot(*statuses)
        deliveries.bot_url = await serve(lambda _url: Starlette(routes=[Route("/{path:path}", bot.take, methods=["POST"])]))
        delivery = await deliveries.post(system, "/webhooks/x", b'{"n": 1}', {})
        await ended(deliveries)
        return bot, delivery

    return tell


async def ended(deliveries):
    await asyncio.wait_for(asyncio.gather(*deliveries._tasks), 10)


async def test_a_delivery_is_sent_once_when_it_is_taken(told):
    """202 ends it."""
    bot, delivery = await told("datadog")

    assert bot.bodies == ['{"n": 1}']
    assert (delivery.status, delivery.attempts, delivery.ended) == (202, 1, True)


async def test_datadog_tries_five_times_more_on_5xx(told):
    """A 503 of a full queue is only later."""
    bot, delivery = await told("datadog", 503, 500)
    assert (len(bot.bodies), delivery.status) == (3, 202)

    bot, delivery = await told("datadog", *[503] * 9)
    assert (len(bot.bodies), delivery.status, delivery.ended) == (6, 503, True)


async def test_a_4xx_is_final_and_gitlab_does_not_try_again(told):
    """As the real ones do."""
    assert len((await told("datadog", 422))[0].bodies) == 1
    assert len((await told("gitlab", 500))[0].bodies) == 1


async def test_a_dead_bot_gets_it_when_it_lives_again(serve, deliveries):
    """No answer is like a 5xx: what was sent while the bot restarted is not lost."""
    deliveries._retry_seconds = {"datadog": (0.2,) * 5}
    deliveries.bot_url = "http://127.0.0.1:1"
    delivery = await deliveries.post("datadog", "/x", b"{}", {})
    bot = Bot()
    url = await serve(lambda _url: Starlette(routes=[Route("/{path:path}", bot.take, methods=["POST"])]))
    await asyncio.sleep(0.1)
    deliveries.bot_url = url
    await ended(deliveries)

    assert (delivery.status, delivery.error, len(bot.bodies)) == (202, "", 1)


async def test_what_a_stopped_sandbox_had_not_delivered_it_delivers_when_it_starts(serve):
    """The log is kept, and what is unfinished goes on."""
    before = Deliveries("http://127.0.0.1:1", retry_seconds={"datadog": (60,)})
    await before.post("datadog", "/x", b'{"late": true}', {}, {"transition": "Recovered"})
    await asyncio.sleep(0.1)
    await before.aclose()
    saved = json.loads(json.dumps(before.snapshot()))
    bot = Bot()
    url = await serve(lambda _url: Starlette(routes=[Route("/{path:path}", bot.take, methods=["POST"])]))
    after = Deliveries(url, retry_seconds=QUICK)
    after.restore(saved)
    after.resume()
    await ended(after)
    await after.aclose()

    assert bot.bodies == ['{"late": true}']
    assert after.log[0].about == {"transition": "Recovered"}
    assert after.log[0].ended
