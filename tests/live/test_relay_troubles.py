"""Cameras in trouble: the same readers see them again, others notice nothing, each state has its reason."""

# Judged by the name under which the engine is tested alone.
# mypy: disable-error-code="import-not-found"

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Self

import pytest

from dev.ports import free_port
from dev.simulator import CameraSpec, Picture, Refusal, Simulator, WrongKey
from dev.simulator.camera import Camera
from engine.model import CameraNetworks, Secret, new_camera_key, parse_wyze_link
from engine.relay import CameraState, Phase, Relay
from tests.support import streaming
from tests.support.relay import running_relay
from tests.support.rtsp import Viewer
from tests.support.streaming import new_token, running, until

pytestmark = pytest.mark.live

SHORT = Picture(gop=15)
AWAY = 3.5
BEGIN = [(Phase.IDLE, ""), (Phase.CONNECTING, "")]
NAMES = ("calm", "frozen", "mute", "rebooted", "refused", "hung up")


@dataclass
class House:
    """A relay with simulated cameras; notes how they stand."""

    cameras: dict[str, Camera]
    keys: dict[str, str]
    relay: Relay
    states: dict[str, list[tuple[Phase, str]]] = field(default_factory=dict)
    remembered: dict[str, str] = field(default_factory=dict)

    def hear(self, key: str, state: CameraState) -> None:
        heard = self.states.setdefault(key, [])
        if not heard or heard[-1] != (state.phase, state.reason):
            heard.append((state.phase, state.reason))

    def of(self, name: str) -> list[tuple[Phase, str]]:
        return self.states.get(self.keys[name], [])

    def url(self, name: str) -> Secret:
        return self.relay.url(self.keys[name])


@contextlib.asynccontextmanager
async def house(*names: str) -> AsyncIterator[House]:
    streaming.allow_loopback()
    homes: list[House] = []

    def hear(key: str, state: CameraState) -> None:
        homes[0].hear(key, state)

    remembered: dict[str, str] = {}
    keys = {name: new_camera_key() for name in names}
    async with (
        Simulator([CameraSpec(name, picture=SHORT) for name in names]) as simulator,
        running_relay(on_state=hear, on_remember=remembered.__setitem__) as relay,
    ):
        made = House(simulator.cameras, keys, relay, remembered=remembered)
        homes.append(made)
        for name, camera in simulator.cameras.items():
            await relay.add(keys[name], parse_wyze_link(camera.link), new_token())
        yield made


class Watcher:
    """Reads pictures for as long as it lasts; notes when each came."""

    def __init__(self, url: Secret) -> None:
        self.at: list[float] = []
        self._viewer = Viewer(url.reveal())
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._viewer.__aenter__()
        await self._viewer.play()
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._viewer.__aexit__(None, None, None)

    async def _read(self) -> None:
        async for picture in self._viewer.pictures():
            self.at.append(picture.at)

    async def live(self) -> None:
        start = len(self.at)
        await until(lambda: len(self.at) > start + 20, 20)

    def back_after(self, moment: float) -> float:
        return next((at for at in self.at if at > moment), float("inf")) - moment


def trouble(camera: Camera, name: str) -> None:
    match name:
        case "frozen":
            camera.freeze()
        case "mute":
            camera.mute()
        case "rebooted":
            camera.reboot(AWAY)
        case "refused":
            camera.reboot(AWAY, refused=True)
        case "hung up":
            camera.hang_up(camera.sessions[0])


@pytest.mark.alone
async def test_the_same_readers_see_the_camera_again_and_others_notice_nothing() -> None:
    async with house(*NAMES) as home, running() as server, contextlib.AsyncExitStack() as stack:
        watchers: dict[str, list[Watcher]] = {}
        for name in NAMES:
            await server.add(name, new_token(), home.url(name))
            watchers[name] = [Watcher(home.url(name)), Watcher(server.restream_url(name))]
        everybody = [watcher for both in watchers.values() for watcher in both]
        await asyncio.gather(*map(stack.enter_async_context, everybody))
        await asyncio.gather(*(watcher.live() for watcher in everybody))
        began = time.monotonic()
        for name, camera in home.cameras.items():
            trouble(camera, name)
        await until(lambda: all(home.of(name)[-1][0] is not Phase.LIVE for name in NAMES[1:5]), 8)
        print(f"all shown after {time.monotonic() - began:.1f} s")
        await until(lambda: time.monotonic() - began > AWAY)
        for name in ("frozen", "mute"):
            home.cameras[name].resume()
        ended = time.monotonic()
        await until(lambda: all(watcher.at[-1] > ended for watcher in everybody), 8)
        await asyncio.gather(*(watcher.live() for watcher in watchers["calm"]))
        for name in NAMES[1:5]:
            took = [watcher.back_after(ended) for watcher in watchers[name]]
            print(f"{name}: {took[0]:.2f} s, behind go2rtc {took[1]:.2f} s, {home.of(name)}")
            assert max(took) < 5
        assert max(watcher.back_after(began + 0.3) for watcher in watchers["hung up"]) < 2
        # Where the whole machine stood still, the camera did so, too.
        sent = [one.monotonic_ns / 1e9 for one in home.cameras["calm"].sent()]
        stood = max(later - sooner for sooner, later in itertools.pairwise(sent))
        for watcher in watchers["calm"]:
            gaps = [later - sooner for sooner, later in itertools.pairwise(watcher.at)]
            assert max(gaps) < 1 + stood, "another camera's trouble is not theirs"
            assert len(gaps) > 14 / 15 * sum(watcher.at[0] < at < watcher.at[-1] for at in sent)
        assert home.of("calm") == [*BEGIN, (Phase.LIVE, "")]
        assert (Phase.STALLED, "no_media") in home.of("frozen")
        assert (Phase.STALLED, "no_media") in home.of("mute")
        assert (Phase.LOST, "port_closed") in home.of("refused")
        assert (Phase.LOST, "hung_up") in home.of("hung up")
        assert all(home.of(name)[-1] == (Phase.LIVE, "") for name in NAMES)


@pytest.mark.alone
async def test_reordering_loses_nothing_and_loss_is_told() -> None:
    async with house("late", "lossy") as home:
        home.cameras["late"].reorder(0.05)
        home.cameras["lossy"].lose(0.01)
        async with Watcher(home.url("late")) as late, Watcher(home.url("lossy")) as lossy:
            await asyncio.gather(late.live(), lossy.live())
            sent = home.cameras["late"].counters.frames_sent
            seen = len(late.at)
            await until(lambda: home.cameras["late"].counters.frames_sent >= sent + 75)
            home.cameras["late"].freeze()
            sent = home.cameras["late"].counters.frames_sent - sent
            await until(lambda: len(late.at) - seen >= sent - 1, 2)
            assert abs(len(late.at) - seen - sent) <= 1
            stats = home.relay.stats
            await until(lambda: stats(home.keys["lossy"]).frames > 0)
        delayed = home.cameras["late"].counters.delayed
        print(f"{delayed} datagrams late; lossy: {stats(home.keys['lossy'])}")
        assert delayed > 0
        figures = stats(home.keys["late"])
        assert (figures.given_up, figures.missing, figures.lost) == (0, 0, 0)
        lossy_figures = stats(home.keys["lossy"])
        assert lossy_figures.given_up + lossy_figures.missing > 0


async def test_each_state_has_its_reason() -> None:
    names = ("asleep", "other key", "full", "silent", "frozen", "outside", "nobody")
    async with house(*names) as home:
        cameras, relay = home.cameras, home.relay
        cameras["asleep"].sleep()
        cameras["other key"].change_key(WrongKey.ALERT)
        cameras["full"].limit_sessions(0)
        cameras["silent"].limit_sessions(0, Refusal.SILENCE)
        cameras["frozen"].freeze()
        link = parse_wyze_link(cameras["outside"].link)
        await relay.update(home.keys["outside"], credentials=replace(link, address=Secret("10.9.8.7")))
        await relay.update(home.keys["nobody"], credentials=replace(link, port=free_port()))
        for name in names:
            await relay.wish(home.keys[name])
        expected = {
            "asleep": {(Phase.LOST, "no_answer")},
            "other key": {(Phase.REFUSED, "wrong_key")},
            "full": {(Phase.REFUSED, "busy"), (Phase.REFUSED, "refused"), (Phase.STALLED, "no_media")},
            "silent": {(Phase.LOST, "no_answer")},
            "frozen": {(Phase.STALLED, "no_media")},
            "outside": {(Phase.REFUSED, "outside")},
            "nobody": {(Phase.LOST, "port_closed")},
        }
        await until(lambda: all(expected[name] & set(home.of(name)) for name in names), 20)
        assert all(home.of(name)[:2] == BEGIN for name in names)
        for name in names:
            assert set(home.of(name)[2:]) <= expected[name], name
        # A camera that is let in again is there without anything being done.
        cameras["asleep"].resume()
        await relay.set_networks(CameraNetworks.parse(["127.0.0.0/8", "10.9.8.0/24"]))
        await until(lambda: home.of("asleep")[-1] == (Phase.LIVE, ""), 20)
        await until(lambda: home.of("outside")[-1] != (Phase.REFUSED, "outside"), 20)


async def test_a_camera_that_is_off_can_be_attached_to_once_it_was_known() -> None:
    async with house("porch") as home, running() as server:
        async with Watcher(home.url("porch")) as watcher:
            await watcher.live()
        camera, text = home.cameras["porch"], home.remembered[home.keys["porch"]]
        camera.reboot(60, refused=True)
        async with running_relay() as other:
            await other.add(home.keys["porch"], parse_wyze_link(camera.link), new_token(), remembered=text)
            await server.add("porch", new_token(), other.url(home.keys["porch"]))
            async with Watcher(server.restream_url("porch")) as attached:
                await until(lambda: other.states[home.keys["porch"]].phase is Phase.LOST, 20)
                assert attached.at == []
                camera.resume()
                await attached.live()
                assert other.states[home.keys["porch"]].readers == 1
