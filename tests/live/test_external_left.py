"""What an external go2rtc was told and we lost sight of: an old run's dials, a call without an answer."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from engine.model import Secret, SystemClock
from engine.stream import ExternalServer, ExternalSettings, RemoteAccess, ServerPhase, ServerState
from engine.stream.api import Api
from engine.stream.guest import derived_names
from engine.stream.pool import ProbeNames
from tests.support import streaming
from tests.support.external import External, external_go2rtc
from tests.support.streaming import FastClock, new_token, until

pytestmark = pytest.mark.live

SEED = Secret("5eed" * 8)
KEY = "plain-looking-key"


@pytest.fixture
async def external(tmp_path: Path) -> AsyncIterator[External]:
    streaming.allow_loopback()
    async with external_go2rtc(tmp_path) as running:
        yield running


def settings(external: External, url: str) -> ExternalSettings:
    return ExternalSettings(RemoteAccess.parse(url, external.user, external.password), SEED)


@pytest.mark.parametrize("hung", [18, 100])
async def test_no_key_of_a_dial_outlives_a_restart_however_many_hung(external: External, hung: int) -> None:
    """Home Assistant ended while go2rtc knew them: the next run takes every one of them back."""
    wanted = settings(external, external.url)
    names, api = ProbeNames(derived_names(SEED, "dial")), Api(wanted.access)
    for number in range(hung):
        source = Secret(f"rtsp://127.0.0.1:9/{number}?enr={KEY}")
        name = await names.borrow(source)
        await api.patch(name, source)
        names.set_aside(name, source)
    await api.close()
    assert KEY in json.dumps(await external.ask("api/streams"))
    server = ExternalServer(wanted, clock=SystemClock())
    await server.start()
    try:
        assert KEY not in json.dumps(await external.ask("api/streams"))
    finally:
        await server.stop()


class Way:
    """A way to an external go2rtc on which single changes are lost, without any answer."""

    def __init__(self, external: External, session: aiohttp.ClientSession) -> None:
        self._external = external
        self._session = session
        self.lose = 0
        """How many of the next changes are lost."""

    async def pass_on(self, request: web.Request) -> web.Response:
        if request.method == "PATCH" and self.lose:
            self.lose -= 1
            await asyncio.Event().wait()
        login = {"Authorization": request.headers["Authorization"]}
        url = f"{self._external.url}{request.raw_path}"
        async with self._session.request(request.method, url, headers=login) as answer:
            return web.Response(
                status=answer.status, body=await answer.read(), content_type=answer.content_type
            )


@contextlib.asynccontextmanager
async def a_way_to(external: External) -> AsyncIterator[tuple[Way, str]]:
    """Go to it through another address; yields the way and the address."""
    async with aiohttp.ClientSession() as session:
        way, app = Way(external, session), web.Application()
        app.router.add_route("*", "/{rest:.*}", way.pass_on)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            host, port = runner.addresses[0][:2]
            yield way, f"http://{host}:{port}"
        finally:
            await runner.cleanup()


async def test_one_that_gave_no_answer_for_its_only_camera_is_not_called_started_anew(
    external: External,
) -> None:
    """Its viewers would be told so, and the restarts counted; the camera is simply told of again."""
    states: list[ServerState] = []
    token = new_token()
    name = derived_names(token, "camera")(0)
    async with a_way_to(external) as (way, url):
        server = ExternalServer(settings(external, url), clock=FastClock(10), on_state=states.append)
        await server.start()
        try:
            way.lose = 1
            await server.add("porch", token, Secret("rtsp://127.0.0.1:9/live"))
            # A look waits for the end of this change, and may put it right before anybody else can look.
            assert way.lose == 0, "the change is lost"
            async with asyncio.timeout(10):
                while name not in await external.names():
                    await asyncio.sleep(0.05)
            await until(lambda: not server._late, 8)
            assert [state.phase for state in states] == [ServerPhase.STARTING, ServerPhase.READY]
            assert server.state.restarts == 0
        finally:
            await server.stop()
