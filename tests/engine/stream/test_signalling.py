"""A viewer's session: whatever go2rtc says, he hears an answer or a reason, and of the end last."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from engine.model import Secret
from engine.stream import (
    DialFailure,
    WebRtcAnswer,
    WebRtcCandidate,
    WebRtcClosed,
    WebRtcFailed,
    WebRtcMessage,
    WebRtcSession,
    signalling,
)
from engine.stream.api import Api
from engine.stream.config import Access
from engine.stream.signalling import MAX_CANDIDATE, MAX_OFFER, open_session

NAME = "0" * 32
ANSWER = {"type": "webrtc", "value": {"type": "answer", "sdp": "v=0 answer"}}


@dataclass
class FakeServer:
    """A go2rtc that says what the test wants once it has the offer."""

    path: str
    says: list[str | bytes] = field(default_factory=list)
    heard: list[dict[str, Any]] = field(default_factory=list)
    requests: list[web.Request] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    hang_up: bool = False

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        self.requests.append(request)
        channel = web.WebSocketResponse()
        await channel.prepare(request)
        async for message in channel:
            if message.type is WSMsgType.TEXT:
                self.heard.append(json.loads(message.data))
            for line in self.says if len(self.heard) == 1 else ():
                await (channel.send_bytes(line) if isinstance(line, bytes) else channel.send_str(line))
            if self.hang_up:
                break
        self.left.set()
        return channel


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[FakeServer]:
    fake = FakeServer(str(tmp_path / "api"))
    app = web.Application()
    app.router.add_get("/api/ws", fake.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.UnixSite(runner, fake.path).start()
    yield fake
    await runner.cleanup()


@dataclass
class Viewer:
    """Opens sessions and waits for what it hears."""

    api: Api
    sessions: set[WebRtcSession] = field(default_factory=set)
    heard: list[WebRtcMessage] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self, session_id: str = "abc", offer: str = "v=0 offer") -> WebRtcSession:
        return await open_session(self.api, NAME, session_id, offer, self.take, self.sessions)

    def take(self, message: WebRtcMessage) -> None:
        self.heard.append(message)
        self.news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self.news.clear()
                await self.news.wait()


@pytest.fixture
async def viewer(server: FakeServer) -> AsyncIterator[Viewer]:
    api = Api(Access(server.path, "user", Secret("password")))
    made = Viewer(api)
    yield made
    for session in tuple(made.sessions):
        await session.close()
    await api.close()


async def test_an_offer_is_answered(server: FakeServer, viewer: Viewer) -> None:
    server.says = [json.dumps(ANSWER), json.dumps({"type": "webrtc/candidate", "value": "candidate:1"})]
    session = await viewer.open("id/with odd\nthings")
    await viewer.until(lambda: len(viewer.heard) == 2)
    assert viewer.heard == [WebRtcAnswer("v=0 answer"), WebRtcCandidate("candidate:1")]
    assert server.requests[0].query["src"] == NAME
    assert server.requests[0].headers["User-Agent"] == "ha/id_with_odd_things"
    await session.close()
    async with asyncio.timeout(5):
        await server.left.wait()
    assert len(viewer.heard) == 2, "one who closes by himself hears no more"
    assert viewer.sessions == set()


async def test_no_server_on_the_internet_is_asked_for_addresses(server: FakeServer, viewer: Viewer) -> None:
    """An empty list, not a missing one: without it go2rtc asks its own default servers."""
    server.says = [json.dumps(ANSWER)]
    await viewer.open()
    await viewer.until(lambda: bool(viewer.heard))
    assert server.heard == [
        {"type": "webrtc", "value": {"type": "offer", "sdp": "v=0 offer", "ice_servers": []}}
    ]


async def test_candidates_go_out_and_odd_ones_do_not(server: FakeServer, viewer: Viewer) -> None:
    server.says = [json.dumps(ANSWER)]
    session = await viewer.open()
    await session.candidate("candidate:7")
    await session.candidate("x" * (MAX_CANDIDATE + 1))
    await session.candidate("")
    await session.close()
    async with asyncio.timeout(5):
        await server.left.wait()
    assert [message["value"] for message in server.heard[1:]] == ["candidate:7", ""]


async def test_a_failed_offer_has_a_reason_and_ends_the_session(server: FakeServer, viewer: Viewer) -> None:
    text = "webrtc: streams: wyze: connect failed: discovery timeout"
    server.says = [json.dumps({"type": "error", "value": text})]
    await viewer.open()
    await viewer.until(lambda: WebRtcClosed() in viewer.heard)
    assert viewer.heard == [WebRtcFailed("no_answer"), WebRtcClosed()]
    assert viewer.sessions == set()


async def test_the_end_of_the_server_is_the_last_that_is_heard(server: FakeServer, viewer: Viewer) -> None:
    server.says, server.hang_up = [json.dumps(ANSWER)], True
    await viewer.open()
    await viewer.until(lambda: WebRtcClosed() in viewer.heard)
    assert viewer.heard == [WebRtcAnswer("v=0 answer"), WebRtcClosed()]


async def test_no_answer_is_not_waited_for_for_ever(
    server: FakeServer, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signalling, "ANSWER_TIMEOUT", 0.2)
    await viewer.open()
    await viewer.until(lambda: WebRtcClosed() in viewer.heard)
    assert viewer.heard == [WebRtcFailed("timeout"), WebRtcClosed()]


async def test_once_answered_a_session_may_last(
    server: FakeServer, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signalling, "ANSWER_TIMEOUT", 2.0)
    server.says = [json.dumps(ANSWER)]
    session = await viewer.open()
    await viewer.until(lambda: bool(viewer.heard))
    await asyncio.sleep(2.2)
    assert viewer.heard == [WebRtcAnswer("v=0 answer")]
    await session.close()


async def test_junk_is_passed_over(server: FakeServer, viewer: Viewer) -> None:
    junk: list[str | bytes] = [
        *("", "nonsense", "[1]", "7", "null", "[" * 10_000, b"\x00\xff"),
        '{"type":"webrtc"}',
        '{"type":"webrtc","value":{"sdp":7}}',
        '{"type":"webrtc/candidate","value":{}}',
        '{"type":"error"}',
        '{"type":["webrtc"]}',
    ]
    server.says = [*junk, json.dumps(ANSWER)]
    await viewer.open()
    await viewer.until(lambda: bool(viewer.heard))
    assert viewer.heard == [WebRtcAnswer("v=0 answer")]


async def test_a_message_without_end_ends_the_session(server: FakeServer, viewer: Viewer) -> None:
    endless = {"type": "webrtc", "value": {"type": "answer", "sdp": "x" * (1 << 20)}}
    server.says = [json.dumps(endless)]
    await viewer.open()
    await viewer.until(lambda: bool(viewer.heard))
    assert viewer.heard == [WebRtcClosed()]


async def test_an_offer_without_end_is_refused_before_it_is_sent(server: FakeServer, viewer: Viewer) -> None:
    with pytest.raises(DialFailure):
        await viewer.open(offer="x" * (MAX_OFFER + 1))
    assert server.requests == []
