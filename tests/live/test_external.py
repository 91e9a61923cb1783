"""An external go2rtc as the stream server: pictures through it, its file spared, back when it is."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dev.simulator import CameraSpec, Simulator
from engine.model import Secret, SystemClock, new_camera_key, parse_wyze_link
from engine.relay import Relay
from engine.stream import (
    DialFailure,
    ExternalServer,
    ExternalSettings,
    RemoteAccess,
    ServerDown,
    ServerPhase,
    ServerState,
    WebRtcAnswer,
    WebRtcMessage,
    wyze_source,
)
from tests.support import streaming
from tests.support.external import CONFIG, OTHERS, PASSWORD, External, external_go2rtc
from tests.support.relay import relay_of
from tests.support.streaming import FastClock, decode, new_token, offer, until, watching

pytestmark = pytest.mark.live

KEYS = {name: new_camera_key() for name in ("porch", "hall")}
SEED = Secret("5eed" * 8)


@pytest.fixture
async def cameras() -> AsyncIterator[Simulator]:
    async with streaming.simulated([CameraSpec(name) for name in KEYS]) as simulator:
        yield simulator


@pytest.fixture
async def relay(cameras: Simulator) -> AsyncIterator[Relay]:
    async with relay_of(cameras, KEYS) as made:
        yield made


@pytest.fixture
async def external(tmp_path: Path) -> AsyncIterator[External]:
    streaming.allow_loopback()
    async with external_go2rtc(tmp_path) as running:
        yield running


def access(external: External) -> ExternalSettings:
    return ExternalSettings(RemoteAccess.parse(external.url, external.user, external.password), SEED)


@pytest.fixture
async def states() -> list[ServerState]:
    return []


@pytest.fixture
async def server(external: External, states: list[ServerState]) -> AsyncIterator[ExternalServer]:
    made = ExternalServer(access(external), clock=SystemClock(), on_state=states.append, takes_keys=True)
    await made.start()
    yield made
    await made.stop()


async def answer_of(server: ExternalServer, camera_key: str) -> list[WebRtcMessage]:
    """Return what a viewer hears until he is answered."""
    heard: list[WebRtcMessage] = []
    session = await server.webrtc(camera_key, "viewer", offer(), heard.append)
    await until(lambda: any(isinstance(message, WebRtcAnswer) for message in heard), 20)
    await session.close()
    return heard


async def test_pictures_come_through_it_and_its_file_stays_as_it_is(
    external: External, server: ExternalServer, relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    before, mode = external.file.read_bytes(), external.file.stat().st_mtime_ns
    for name, key in KEYS.items():
        await server.add(name, new_token(), relay.url(key))
    assert await decode(server.restream_url("porch")) == 10
    await answer_of(server, "hall")
    assert (await server.still("hall")).startswith(b"\xff\xd8")
    async with watching(server.restream_url("porch")) as frames:
        await frames.readline()
        assert (await server.streams())["porch"].consumers
    await server.rest("hall")
    await server.add("hall", new_token(), relay.url(KEYS["hall"]))
    await server.stop()
    assert external.file.read_bytes() == before
    assert external.file.stat().st_mtime_ns == mode
    names = await external.names()
    assert OTHERS in names
    assert all(name.startswith("wyze_local_") for name in names - {OTHERS})
    assert PASSWORD not in caplog.text


async def test_home_assistant_started_anew_finds_its_own_names_again(
    external: External, relay: Relay
) -> None:
    tokens = {name: new_token() for name in KEYS}
    known: set[str] = set()
    for _run in range(3):
        server = ExternalServer(access(external), clock=SystemClock())
        await server.start()
        for name, key in KEYS.items():
            await server.add(name, tokens[name], relay.url(key))
        await answer_of(server, "porch")
        assert await decode(server.restream_url("hall")) == 10
        await server.stop()
        names = await external.names()
        assert names == (known or names)
        known = names


async def test_a_camera_that_is_removed_leaves_no_name_and_others_stay(
    external: External, server: ExternalServer, relay: Relay
) -> None:
    for name, key in KEYS.items():
        await server.add(name, new_token(), relay.url(key))
    await answer_of(server, "porch")
    before = await external.names()
    await server.remove("porch")
    after = await external.names()
    assert len(before - after) == 2
    assert OTHERS in after
    assert await decode(server.restream_url("hall")) == 10


async def test_a_camera_that_rests_leaves_no_address_behind(
    external: External, server: ExternalServer, relay: Relay
) -> None:
    await server.add("porch", new_token(), relay.url(KEYS["porch"]))
    assert await decode(server.restream_url("porch")) == 10
    assert (await server.still("porch")).startswith(b"\xff\xd8")
    names = await external.names()
    await server.rest("porch")
    # A connection of a moment ago still tells where it went; it is over once its reader has gone.
    async with asyncio.timeout(10):
        while "auth=" in str(await external.ask("api/streams")):
            await asyncio.sleep(0.05)
    assert await external.names() == names


async def test_started_anew_and_empty_it_is_given_everything_back(
    external: External, server: ExternalServer, relay: Relay, states: list[ServerState]
) -> None:
    for name, key in KEYS.items():
        await server.add(name, new_token(), relay.url(key))
    await external.restart()
    restarted = asyncio.get_running_loop().time()
    async with asyncio.timeout(10):
        while len(await external.names()) < 3:
            await asyncio.sleep(0.02)
    print(f"put back {asyncio.get_running_loop().time() - restarted:.2f} s after it answers again")
    await until(lambda: server.state.phase is ServerPhase.READY, 5)
    assert await decode(server.restream_url("porch")) == 10
    assert server.state.restarts == 1
    # What its owner deletes by mistake is back with the next look, and no restart.
    lost = server._streams["porch"].counted
    # The next look may come at any moment, and would have put it back before that is seen.
    async with server._changes:
        await external.forget(lost)
        assert lost not in await external.names()
    async with asyncio.timeout(10):
        while lost not in await external.names():
            await asyncio.sleep(0.02)
    assert server.state.restarts == 1


class CountingClock(FastClock):
    """A fast clock that counts who sleeps by it."""

    slept = 0

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        self.slept += 1


async def test_one_that_refuses_its_only_camera_is_not_called_started_anew(
    tmp_path: Path, cameras: Simulator
) -> None:
    """Whoever watches through it would be thrown out with each look."""
    states: list[ServerState] = []
    clock = CountingClock(10)
    config = CONFIG + "app:\n  modules: [api, ws, rtsp, webrtc]\n"
    async with external_go2rtc(tmp_path, config=config) as external:
        server = ExternalServer(access(external), clock=clock, on_state=states.append, takes_keys=True)
        await server.add("porch", new_token(), wyze_source(parse_wyze_link(cameras.cameras["porch"].link)))
        await server.start()
        try:
            await until(lambda: clock.slept > 5)
            assert await external.names() == {OTHERS}
            assert [state.phase for state in states] == [ServerPhase.STARTING, ServerPhase.READY]
        finally:
            await server.stop()


async def test_while_it_is_away_it_is_named_and_then_everything_is_back(
    external: External, server: ExternalServer, relay: Relay, states: list[ServerState]
) -> None:
    await server.add("porch", new_token(), relay.url(KEYS["porch"]))
    await external.kill()
    took = await until(lambda: server.state.phase is ServerPhase.FAILED, 10)
    print(f"named after {took:.2f} s")
    assert server.state.reason == "external_unreachable"
    with pytest.raises(ServerDown):
        await server.still("porch")
    await server.add("hall", new_token(), relay.url(KEYS["hall"]))
    await external.start()
    took = await until(lambda: server.state.phase is ServerPhase.READY, 10)
    print(f"back {took:.2f} s after it answers again")
    assert took < 5
    for name in KEYS:
        assert await decode(server.restream_url(name)) == 10


async def test_one_that_is_not_there_at_the_start_is_awaited(external: External, relay: Relay) -> None:
    await external.kill()
    server = ExternalServer(access(external), clock=SystemClock())
    await server.start()
    try:
        assert server.state.phase is ServerPhase.FAILED
        await server.add("porch", new_token(), relay.url(KEYS["porch"]))
        await external.start()
        await until(lambda: server.state.phase is ServerPhase.READY, 10)
        assert await decode(server.restream_url("porch")) == 10
    finally:
        await server.stop()


async def test_a_source_that_it_holds_itself_is_healed_without_touching_its_file(
    external: External, server: ExternalServer, cameras: Simulator
) -> None:
    before = external.file.read_bytes(), external.file.stat().st_mtime_ns
    camera = cameras.cameras["porch"]
    await server.add("porch", new_token(), wyze_source(parse_wyze_link(camera.link)))
    async with watching(server.restream_url("porch")) as frames:
        for _ in range(10):
            assert await frames.readline()
        camera.reboot(away=1)
        await until(lambda: not camera.faults.away)
        await server.heal("porch")
        # Whoever watched does so again, though go2rtc itself never noticed that the camera had gone.
        started = asyncio.get_running_loop().time()
        async with asyncio.timeout(30):
            while (await server.streams())["porch"].video_packets < 10:
                await asyncio.sleep(0.05)
        print(f"healed after {asyncio.get_running_loop().time() - started:.1f} s")
        async with asyncio.timeout(10):
            while await frames.readline():
                if asyncio.get_running_loop().time() - started > 1:
                    break
    assert await decode(server.restream_url("porch"), frames=5) == 5
    assert (external.file.read_bytes(), external.file.stat().st_mtime_ns) == before


async def test_a_known_source_of_its_own_stays_behind_its_hop(
    external: External, server: ExternalServer, cameras: Simulator
) -> None:
    """go2rtc would take the hop for a second name of a camera that it knows from our last run."""
    token, source = new_token(), wyze_source(parse_wyze_link(cameras.cameras["porch"].link))
    for _run in range(2):
        await server.add("porch", token, source)
        async with watching(server.restream_url("porch")) as frames:
            assert await frames.readline()
            streams = await server.streams()
            assert [consumer.kind for consumer in streams["porch"].consumers] == ["rtsp"]
            assert "go2rtc" in streams["porch"].consumers[0].user_agent
        await server.rest("porch")


async def test_without_its_owners_word_it_is_told_no_key(external: External, cameras: Simulator) -> None:
    camera = cameras.cameras["porch"]
    login = Secret(f"rtsp://me:{PASSWORD}@127.0.0.9/live")
    server = ExternalServer(access(external), clock=SystemClock())
    await server.start()
    try:
        for source in (wyze_source(parse_wyze_link(camera.link)), login):
            with pytest.raises(DialFailure) as caught:
                await server.add("porch", new_token(), source)
            assert caught.value.reason == "keys_not_allowed"
            with pytest.raises(DialFailure):
                await server.dial(source)
        assert server.cameras == frozenset()
        assert await external.names() == {OTHERS}
    finally:
        await server.stop()


async def test_what_nobody_foresaw_is_told_by_its_place_and_not_by_its_words(
    external: External, caplog: pytest.LogCaptureFixture
) -> None:
    """Here fails whoever hears the news, over all that must not be printed; the looking goes on."""
    caplog.set_level(logging.DEBUG, logger="engine")
    settings = access(external)
    secrets = (external.url, external.user, external.password, SEED.reveal(), "CANARY")
    heard: list[ServerPhase] = []

    def fail(state: ServerState) -> None:
        heard.append(state.phase)
        try:
            raise ValueError(*secrets)
        except ValueError as err:
            raise KeyError(settings.access.url.reveal(), *secrets) from err

    server = ExternalServer(settings, clock=FastClock(10), on_state=fail)
    await server.start()
    assert heard == [ServerPhase.STARTING, ServerPhase.READY]
    await external.kill()
    await until(lambda: heard[-1] is ServerPhase.FAILED)
    await external.start()
    await until(lambda: heard[-1] is ServerPhase.READY)
    await server.stop()
    ours = [record for record in caplog.records if record.name.startswith("engine")]
    assert any("KeyError at test_external.py:" in record.getMessage() for record in ours)
    said = "".join(logging.Formatter("%(message)s").format(record) for record in ours)
    for secret in secrets:
        assert secret not in said
