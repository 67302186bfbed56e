"""Every client, asked again after an answer that came too late: no question is ever given the answer to another one."""

import asyncio
import json
import re
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest

from bot.slack import client as slack
from bot.slack.blocks import Message
from remediation.clients import ollama
from remediation.clients.datadog import DatadogClient
from remediation.clients.gitlab import GitLabClient
from remediation.clients.kubernetes import KubernetesClient
from remediation.clients.ollama import OllamaModel
from remediation.clients.prometheus import PrometheusClient
from remediation.errors import RemediationError
from remediation.kinds import ref
from remediation.terms import Window
from tests.remediation.clients.test_kubernetes import kubeconfig

AT = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = Window(since=AT - timedelta(hours=1), until=AT)
PATIENCE, LATE = 0.4, 0.6  # seconds: when a client gives up, and when the answer comes after all
WAYS = ("nothing yet", "half a body", "half a chunk")


class Datadog:
    """By its logs."""

    def __init__(self, url, seconds, _folder):
        self.client, self.close = (made := DatadogClient(api_key="k", app_key="a", api_url=url, seconds=seconds)), made.close

    async def ask(self, name):
        return (await self.client.logs(name, WINDOW))[0]["id"]

    @staticmethod
    def body(name):
        return {"data": [{"id": name, "attributes": {}}]}


class Kubernetes:
    """By an object's name."""

    def __init__(self, url, seconds, folder):
        self.client = KubernetesClient(kubeconfig=kubeconfig(folder / "config", url), seconds=seconds)
        self.close = self.client.close

    async def ask(self, name):
        return (await self.client.get(ref("Deployment", "shop", name)))["metadata"]["name"]

    @staticmethod
    def body(name):
        return {"metadata": {"name": name}}


class GitLab:
    """By a project's path."""

    def __init__(self, url, seconds, _folder):
        self.client, self.close = (made := GitLabClient(url, "t", seconds=seconds)), made.close

    async def ask(self, name):
        return (await self.client.project(name))["path"]

    @staticmethod
    def body(name):
        return {"path": name}


class Prometheus:
    """By the label of a series."""

    def __init__(self, url, seconds, _folder):
        self.client, self.close = (made := PrometheusClient(url, seconds=seconds)), made.close

    async def ask(self, name):
        return (await self.client.now(name, AT)).series[0].labels["of"]

    @staticmethod
    def body(name):
        return {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {"of": name}, "value": [1, "1"]}]}}


class Ollama:
    """By what the model says."""

    def __init__(self, url, seconds, _folder):
        self.client, self.close = (made := OllamaModel("m", host=url, seconds=seconds)), made.close

    async def ask(self, name):
        return (await self.client.answer(name, {})).text

    @staticmethod
    def body(name):
        return {"model": "m", "message": {"role": "assistant", "content": name}, "done": True, "done_reason": "stop"}


class Slack:
    """By the stamp of a message."""

    def __init__(self, url, _seconds, _folder):
        self.client, self.close = (made := slack.Slack("xoxb-1", f"{url}/api/")), made.aclose

    async def ask(self, name):
        return await self.client.post(name, Message(text=name, blocks=()), {})

    @staticmethod
    def body(name):
        return {"ok": True, "ts": name}


class Server:
    """Answers each question with its own name, in turn on each connection; those that are named late are cut in one of three ways."""

    def __init__(self, body):
        self.body = body
        self.late = {}  # by name: the way
        self.url = ""
        self.conversations = set()

    async def serve(self, reader, writer):
        self.conversations.add(asyncio.current_task())
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                while True:
                    head = await reader.readuntil(b"\r\n\r\n")
                    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
                    asked = head + (await reader.readexactly(int(length[1])) if length else b"")
                    name = re.search(rb"question-\d+", asked)[0].decode()
                    await self._answer(writer, json.dumps(self.body(name)).encode(), self.late.get(name))
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, writer, body, way):
        size, middle = (f"{len(body):x}\r\n".encode(), len(body) // 2)
        whole = (b"Content-Length: %d\r\n\r\n" % len(body)) + body
        if way == "half a chunk":
            whole, middle = b"Transfer-Encoding: chunked\r\n\r\n" + size + body + b"\r\n0\r\n\r\n", middle + 7
        answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + whole
        said = 0 if way in {None, "nothing yet"} else len(answer) - middle
        if way:
            writer.write(answer[:said])
            await asyncio.sleep(LATE)
        writer.write(answer[said:])
        await writer.drain()


@asynccontextmanager
async def serving(body):
    server = Server(body)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for conversation in server.conversations:
            conversation.cancel()  # a thread that gave up may keep its connection for a while
        await asyncio.gather(*server.conversations, return_exceptions=True)
        await listening.wait_closed()


async def answered(asker, names, patience):
    async def one(name):
        try:
            async with asyncio.timeout(patience):
                return await asker.ask(name)
        except (RemediationError, TimeoutError):
            return None

    return await asyncio.gather(*(one(name) for name in names))


@pytest.mark.parametrize("cut_by", ["the client", "the caller"])
@pytest.mark.parametrize("kind", [Datadog, Kubernetes, GitLab, Prometheus, Ollama, Slack])
async def test_no_question_is_given_the_answer_to_an_earlier_one(kind, cut_by, tmp_path, monkeypatch):
    """A connection with an answer that nobody waits for any more must not serve again."""
    own, callers = (PATIENCE, 10.0) if cut_by == "the client" else (10.0, PATIENCE)
    monkeypatch.setattr(slack, "TIMEOUT_SECONDS", own)
    monkeypatch.setattr(ollama, "_LEFT_ALONE", 0.0)  # whoever was silent is asked again at once, so that a late answer could be mistaken
    names = [f"question-{number}" for number in range(15)]
    async with serving(kind.body) as server:
        asker = kind(server.url, own, tmp_path)
        try:
            assert await answered(asker, names[:3], 10.0) == names[:3]
            server.late = dict(zip(names[3:6], WAYS, strict=True))
            assert await answered(asker, names[3:6], callers) == [None] * 3
            for begin in (6, 9, 12):
                await asyncio.sleep(0.1)
                assert await answered(asker, names[begin : begin + 3], 10.0) == names[begin : begin + 3]
        finally:
            await asker.close()
