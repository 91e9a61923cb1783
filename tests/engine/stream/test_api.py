"""The client against a go2rtc that misbehaves in every way one can think of; only the socket is real."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import BasicAuth, hdrs, web
from hypothesis import HealthCheck, given, settings, strategies as st

from engine.model import EngineError, Secret
from engine.stream import ApiError, DialFailure, ServerDown, StillFailure, api as api_module
from engine.stream.api import Api
from engine.stream.config import Access

SOURCE = Secret("wyze://127.0.0.9?enr=canary%2Fkey&uid=a b+c&x=ä#&{}")
JPEG = b"\xff\xd8\xff\xe0 picture"
type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class FakeServer:
    """Answers on a unix socket as the test wants, and remembers who asked what."""

    path: str
    handler: Handler | None = None
    requests: list[web.BaseRequest] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Lets go of handlers that hang."""
    inside: int = 0
    most_inside: int = 0

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        self.requests.append(request)
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            assert self.handler is not None
            assert isinstance(request, web.Request)
            return await self.handler(request)
        finally:
            self.inside -= 1

    def answer(self, body: bytes = b"", status: int = 200) -> None:
        async def handler(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(0)
            return web.Response(body=body, status=status)

        self.handler = handler


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[FakeServer]:
    fake = FakeServer(str(tmp_path / "api"))
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.serve)  # type: ignore[arg-type]
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.UnixSite(runner, fake.path).start()
    yield fake
    fake.over.set()
    await runner.cleanup()


@pytest.fixture
async def client(server: FakeServer) -> AsyncIterator[Api]:
    made = Api(Access(server.path, "user", Secret("password")))
    yield made
    await made.close()


async def failure(work: Awaitable[object]) -> EngineError:
    with pytest.raises(EngineError) as caught:
        await work
    assert "canary" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.__cause__ is None, (
        "whatever is chained may carry the request, and the request the key"
    )
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


async def test_a_source_arrives_exactly_as_it_was(server: FakeServer, client: Api) -> None:
    server.answer()
    await client.patch("0" * 32, SOURCE)
    (request,) = server.requests
    assert (request.method, request.path) == ("PATCH", "/api/streams")
    assert dict(request.query) == {"name": "0" * 32, "src": SOURCE.reveal()}
    assert BasicAuth.decode(request.headers[hdrs.AUTHORIZATION]) == ("user", "password", "latin1")


async def test_there_is_no_way_to_write_the_configuration(server: FakeServer, client: Api) -> None:
    """PUT is what makes go2rtc save keys to disk: whatever this client can do, it never sends one."""
    server.answer(b"{}")
    calls: list[Callable[[], Awaitable[object]]] = [
        client.version, client.about, client.schemes, client.streams, client.is_set_up,
        lambda: client.patch("a", SOURCE), lambda: client.delete("a"),
        lambda: client.dial("a", within=1), lambda: client.still("a", within=1),
        lambda: client.open_websocket("a", "ua", within=1),
    ]  # fmt: skip
    public = {name for name in vars(Api) if not name.startswith("_")} - {"close"}
    assert len(calls) == len(public), f"a new call has to be tried here too: {public}"
    for call in calls:
        try:
            await call()
        except EngineError:
            continue
    assert {request.method for request in server.requests} == {"GET", "PATCH", "DELETE"}


async def test_one_call_at_a_time_however_many_ask(server: FakeServer, client: Api) -> None:
    server.answer(b"{}")
    work = [client.streams() for _ in range(20)]
    work += [client.patch(str(n), SOURCE) for n in range(20)]  # type: ignore[misc]
    work += [client.delete(str(n)) for n in range(20)]  # type: ignore[misc]
    work += [client.version() for _ in range(20)]  # type: ignore[misc]
    await asyncio.gather(*work)
    assert (len(server.requests), server.most_inside) == (80, 1)


async def test_a_long_dial_holds_nobody_up(server: FakeServer, client: Api) -> None:
    release = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        if "video" in request.query or request.path == "/api/frame.jpeg":
            await release.wait()
            return web.Response(body=JPEG if request.path == "/api/frame.jpeg" else b'{"producers":[]}')
        return web.Response(body=b"{}")

    server.handler = handler
    dial = asyncio.create_task(client.dial("a", within=60))
    still = asyncio.create_task(client.still("a", within=60))
    async with asyncio.timeout(20):
        await client.streams()
    release.set()
    await asyncio.gather(dial, still)


async def test_an_answer_that_never_comes_is_given_up_and_the_next_gets_its_turn(
    server: FakeServer, client: Api
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        await server.over.wait()
        return web.Response()

    server.handler = handler
    assert (await failure(client.version(within=0.1))).reason == "server_timeout"
    # Not by the number of requests: one that was given up may never have come so far.
    server.answer(b'{"version":"1.9.14"}')
    assert str(await client.version()) == "1.9.14"


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (500, b"boom", "server_fault"),
        (401, b"Unauthorized", "wrong_login"),
        (302, b"", "server_fault"),
        (200, b"nonsense", "bad_answer"),
        (200, b"[1]", "bad_answer"),
        pytest.param(200, b" " * (8 << 20) + b"{}", "bad_answer", id="200-endless"),
        pytest.param(500, b"x" * 100_000, "bad_answer", id="500-endless"),
    ],
)
async def test_a_wrong_answer_is_an_error_of_ours(
    server: FakeServer, client: Api, status: int, body: bytes, reason: str
) -> None:
    server.answer(body, status)
    error = await failure(client.streams())
    assert isinstance(error, ApiError)
    assert error.reason == reason


async def test_a_source_that_is_not_taken_is_said_so(server: FakeServer, client: Api) -> None:
    server.answer(b"streams: source not supported", 400)
    assert (await failure(client.patch("a", SOURCE))).reason == "refused_source"
    await client.delete("a")  # go2rtc answers 400 as nobody can write its configuration; the stream is gone


async def test_a_dial_that_fails_says_why(server: FakeServer, client: Api) -> None:
    server.answer(b"streams: wyze: connect failed: discovery timeout for wyze://canary", 500)
    error = await failure(client.dial("a", within=1))
    assert isinstance(error, DialFailure)
    assert error.reason == "no_answer"


async def test_a_dial_never_opens_a_cameras_speaker(server: FakeServer, client: Api) -> None:
    server.answer(b'{"producers":[]}')
    await client.dial("a", within=1)
    assert set(server.requests[0].query) == {"src", "video", "audio"}


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, b"", "no_still"),
        (200, b"<html>", "no_still"),
        (404, b"stream not found", "no_still"),
        (500, b'exec: "ffmpeg": executable file not found in $PATH', "no_ffmpeg"),
    ],
)
async def test_what_is_no_picture_is_no_still(
    server: FakeServer, client: Api, status: int, body: bytes, reason: str
) -> None:
    server.answer(body, status)
    error = await failure(client.still("a", within=1))
    assert isinstance(error, StillFailure)
    assert error.reason == reason


async def test_a_still_is_handed_on_as_it_came(server: FakeServer, client: Api) -> None:
    server.answer(JPEG)
    assert await client.still("a", within=1) == JPEG


async def test_a_dial_and_a_still_have_their_limits(server: FakeServer, client: Api) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        await server.over.wait()
        return web.Response()

    server.handler = handler
    assert (await failure(client.dial("a", within=0.1))).reason == "timeout"
    assert (await failure(client.still("a", within=0.1))).reason == "timeout"


async def test_a_server_that_is_gone_is_down(tmp_path: Path) -> None:
    client = Api(Access(str(tmp_path / "nothing"), "user", Secret("password")))
    calls = (
        client.streams(),
        client.patch("a", SOURCE),
        client.still("a", within=1),
        client.dial("a", within=1),
    )
    for work in (*calls, client.open_websocket("a", "ua", within=1)):
        assert isinstance(await failure(work), ServerDown)
    await client.close()


async def test_a_server_that_dies_in_the_middle_is_down(server: FakeServer, client: Api) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"{")
        assert request.transport is not None
        request.transport.abort()
        return response

    server.handler = handler
    assert isinstance(await failure(client.streams()), ServerDown)


async def test_whoever_waits_for_a_turn_when_it_ends_hears_that_it_is_down(
    server: FakeServer, client: Api
) -> None:
    """Whoever hears anything else takes go2rtc's death for a mistake of ours, and tidies up no more."""
    asked = asyncio.Event()

    async def handler(_request: web.Request) -> web.StreamResponse:
        asked.set()
        await server.over.wait()
        return web.Response()

    server.handler = handler
    waiting = [asyncio.create_task(failure(client.patch(str(n), SOURCE))) for n in range(3)]
    await asked.wait()
    await client.close()
    for task in waiting:
        assert isinstance(await task, ServerDown)
    for late in (client.dial("a", within=1), client.still("a", within=1)):
        assert isinstance(await failure(late), ServerDown)
    assert isinstance(await failure(client.open_websocket("a", "ua", within=1)), ServerDown)
    assert len(server.requests) == 1


async def test_a_refused_signalling_channel_is_an_error_of_ours(server: FakeServer, client: Api) -> None:
    server.answer(b"no", 403)
    assert isinstance(await failure(client.open_websocket("a", "ua", within=1)), ApiError)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200), status=st.sampled_from([200, 204, 301, 400, 404, 500]))
async def test_no_answer_whatever_raises_anything_but_our_errors(
    server: FakeServer, client: Api, body: bytes, status: int
) -> None:
    server.answer(b"" if status == 204 else body, status)
    for work in (
        client.streams(),
        client.version(),
        client.schemes(),
        client.dial("a", within=2),
        client.still("a", within=2),
    ):
        try:
            await work
        except EngineError as error:
            assert error.__cause__ is None


def test_the_limits_are_sane() -> None:
    assert api_module.SHORT_TIMEOUT < 5
