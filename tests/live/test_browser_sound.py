"""Sound that browsers cannot play is made one that they can: AAC as Opus, while somebody listens."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dev.home.browser import Browser
from dev.simulator import Audio, CameraSpec, Framing, Picture, Simulator
from engine.model import Secret, SystemClock, new_camera_key, parse_wyze_link
from engine.relay import CameraState, Relay
from engine.stream import ExternalServer, ExternalSettings, RemoteAccess, StreamServer
from tests.support import streaming
from tests.support.external import external_go2rtc
from tests.support.relay import running_relay
from tests.support.streaming import family, is_alive, new_token, running, until
from tests.support.tab import watch

pytestmark = [pytest.mark.live, pytest.mark.alone]

CAMERAS = [
    CameraSpec("hall", framing=Framing.CC51, audio=Audio.AAC, picture=Picture(gop=60)),
    CameraSpec("porch", picture=Picture(gop=60)),
    CameraSpec("attic", audio=Audio.PCM, picture=Picture(gop=60)),
    CameraSpec("barn", audio=Audio.PCMA, picture=Picture(gop=60)),
]
KEYS = {spec.name: new_camera_key() for spec in CAMERAS}


@pytest.fixture
async def relay() -> AsyncIterator[Relay]:
    streaming.allow_loopback()
    async with Simulator(CAMERAS) as simulator, running_relay() as made:
        for name, camera in simulator.cameras.items():
            await made.add(KEYS[name], parse_wyze_link(camera.link), new_token())
        yield made


@pytest.fixture
async def server(relay: Relay) -> AsyncIterator[StreamServer]:
    async with running() as made:
        for key in KEYS.values():
            await made.add(key, new_token(), relay.url(key, opus=True))
        yield made


def coders(relay: Relay) -> set[int]:
    """Return the processes that the relay has started."""
    assert relay.pid is not None
    return family(relay.pid) - {relay.pid}


def cpu(pid: int) -> float:
    """Return the seconds of a processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def test_browsers_hear_aac_as_opus_and_pcmu_as_it_is(relay: Relay, server: StreamServer) -> None:
    async with Browser() as browser:
        tab = await watch(browser, server, KEYS["porch"], sound=True)
        plain = await tab.first_frame()
        heard = await tab.hears()
        assert heard.codec == "audio/PCMU"
        for name, codec in (("barn", "audio/PCMA"), ("attic", "audio/PCM")):
            other = await watch(browser, server, KEYS[name], sound=True)
            assert (await other.hears(10)).codec.startswith(codec)
            await other.close()
        assert not coders(relay), "nothing is coded anew that browsers can play"
        first = await watch(browser, server, KEYS["hall"], sound=True)
        took = await first.first_frame()
        assert (await first.hears()).codec == "audio/opus"
        second = await watch(browser, server, KEYS["hall"], sound=True)
        again = await second.first_frame()
        assert (await second.hears()).codec == "audio/opus"
        (coder,) = coders(relay)
        began, used = time.monotonic(), cpu(coder)
        before, after = await first.hears(50), await first.hears(250)
        share = (cpu(coder) - used) / (time.monotonic() - began)
        print(f"first frame: PCMU {plain:.2f} s, AAC {took:.2f} s, its second viewer {again:.2f} s")
        print(f"ffmpeg: {share:.1%} of a processor; {after}")
        print(f"sound and picture are {(apart := await first.apart()) * 1000:.0f} ms apart")
        assert abs(apart) < 0.5
        made_up = (after.concealed - before.concealed) / (after.samples - before.samples)
        assert made_up < 0.2, "it flows"
        await first.close()
        await second.moves()
        assert coders(relay) == {coder}, "somebody still listens"
        await second.close()
        print(f"gone {await until(lambda: not coders(relay)):.2f} s after the last listener")
        await tab.moves()


async def test_the_relay_killed_leaves_no_ffmpeg_and_the_same_tab_hears_again(
    relay: Relay, server: StreamServer
) -> None:
    async with Browser() as browser:
        tab = await watch(browser, server, KEYS["hall"], sound=True)
        await tab.hears()
        (coder,) = coders(relay)
        pid = relay.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        gone = await until(lambda: not is_alive(coder))
        await until(lambda: relay.pid not in (None, pid))
        await tab.hears()
        print(f"ffmpeg gone {gone * 1000:.0f} ms after the relay")
        await tab.moves()


async def test_an_external_server_is_offered_the_same(relay: Relay, tmp_path: Path) -> None:
    async with external_go2rtc(tmp_path) as external, Browser() as browser:
        access = RemoteAccess.parse(external.url, external.user, external.password)
        server = ExternalServer(ExternalSettings(access, Secret("5eed" * 8)), clock=SystemClock())
        await server.start()
        try:
            await server.add(KEYS["hall"], new_token(), relay.url(KEYS["hall"], opus=True))
            tab = await watch(browser, server, KEYS["hall"], sound=True)
            assert (await tab.hears()).codec == "audio/opus"
            await tab.moves()
        finally:
            await server.stop()


async def test_without_ffmpeg_the_picture_moves_in_silence_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    streaming.allow_loopback()
    states: dict[str, CameraState] = {}
    async with Simulator(CAMERAS[:1]) as simulator:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(os, "defpath", str(tmp_path))
        async with running_relay(on_state=states.__setitem__) as relay:
            monkeypatch.undo()
            await relay.add(KEYS["hall"], parse_wyze_link(simulator.cameras["hall"].link), new_token())
            async with running() as server, Browser() as browser:
                await server.add(KEYS["hall"], new_token(), relay.url(KEYS["hall"], opus=True))
                tab = await watch(browser, server, KEYS["hall"], sound=True)
                await tab.moves(20)
                assert (heard := await tab.heard()) is None or not heard.packets
                assert states[KEYS["hall"]].muted
                assert relay.facts(KEYS["hall"]).audio == "aac"
