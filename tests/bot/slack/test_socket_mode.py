"""Socket Mode: what comes through the WebSocket that we open is heard and acknowledged like what comes over HTTP."""

import asyncio

from aiohttp import web
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.access import why_not
from bot.slack.app import build, socket_mode
from bot.slack.client import Slack
from tests.bot.slack.test_app import Records, Rows

APP_TOKEN = "xapp-planted"
COMMAND = {"command": "/suture", "text": "help", "team_id": "T1", "user_id": "U_ALICE", "channel_id": "C1"}


async def test_a_command_through_the_socket_is_answered(serve, told):
    """No address of ours is needed; the app-level token opens the connection."""
    answered = asyncio.get_running_loop().create_future()

    async def socket(request):
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        await connection.send_json({"type": "slash_commands", "envelope_id": "e1", "payload": COMMAND, "accepts_response_payload": True})
        answered.set_result(await connection.receive_json())
        await connection.receive()
        return connection

    app = web.Application()
    app.router.add_get("/", socket)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]

    async def open_connection(request):
        right = request.headers["authorization"] == f"Bearer {APP_TOKEN}"
        return JSONResponse({"ok": right, "url": f"ws://127.0.0.1:{port}/"})

    url = await serve(lambda _: Starlette(routes=[Route("/api/apps.connections.open", open_connection, methods=["POST"])]))
    slack = Slack("xoxb-planted", f"{url}/api/")
    bolt = build(slack=slack, signing_secret="", record=Records(told), signals=Rows(), wake=print, why_not=why_not)
    async with socket_mode(bolt, slack, APP_TOKEN):
        answer = await asyncio.wait_for(answered, 5)
    await slack.aclose()
    await runner.cleanup()

    assert answer["envelope_id"] == "e1"
    assert "/suture status" in answer["payload"]["text"]
