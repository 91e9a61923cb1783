"""Cameras that go2rtc holds itself are controlled, too: on a short session of ours beside its own."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from custom_components.wyze_local.const import KIND_STREAM
from custom_components.wyze_local.control_rounds import ControlRounds
from custom_components.wyze_local.control_state import Path
from custom_components.wyze_local.engine.control import Feature
from custom_components.wyze_local.engine.model import Credentials, StreamAddress
from custom_components.wyze_local.engine.relay.calls import LINGER
from custom_components.wyze_local.settings import CameraSettings, Engine
from custom_components.wyze_local.watched import Watched
from dev.simulator import CameraSpec, Picture, Simulator, Stubborn
from tests.support.clock import FakeClock

from .control_rig import Able
from .rigging import Home, view, wait_for

PORCH = CameraSpec("porch", model="HL_PAN2", picture=Picture(gop=15))


@pytest.fixture
async def held(hass: HomeAssistant, home: Home, simulator: Simulator) -> Able:
    """Add a camera that tells nothing of itself before go2rtc holds it."""
    (camera,) = simulator.cameras.values()
    await home.set_up()
    camera.disobey(Stubborn.SILENT)
    subentry = await home.add(camera.link)
    able = Able(hass, home, camera)
    data = {**subentry.data, "engine": "go2rtc"}
    hass.config_entries.async_update_subentry(home.entry, subentry, data=data)
    coordinator = home.entry.runtime_data.coordinator
    await wait_for(lambda: not coordinator.watched(able.key).settings.relayed)
    await wait_for(lambda: not coordinator.shared.relaying.cameras)
    assert not able.controls.of(able.key).features
    camera.disobey(None)
    await hass.config_entries.async_reload(home.entry.entry_id)
    await able.asked()
    return able


@pytest.mark.parametrize("simulator", [[PORCH]], indirect=True)
async def test_it_is_asked_told_and_read_back(held: Able) -> None:
    """By one short session; who looks goes on looking, and a refused key is tried and counted once."""
    await told(held)
    await told_while_somebody_looks(held)
    await refused(held)


async def told(held: Able) -> None:
    """Three commands, one session; who was only asked was left at once, and the relay holds nobody."""
    camera, relaying = held.camera, held.home.entry.runtime_data.shared.relaying
    assert held.controls.of(held.key).path is Path.LAN
    assert held.state("select.porch_night_vision") == "auto"
    await wait_for(lambda: not camera.sessions, LINGER - 1)
    dials = camera.counters.dials
    assert await held.switch("siren.porch_siren", on=True) == "on"
    assert camera.counters.sirens == 1
    await held.call("select.select_option", entity_id="select.porch_night_vision", option="on")
    assert (camera.settings.night_vision, held.state("select.porch_night_vision")) == (1, "on")
    await held.call("wyze_local.pan_tilt", entity_id="camera.porch", pan=30)
    assert camera.counters.dials == dials + 1
    assert not relaying.cameras
    assert relaying.facts(held.key).firmware == camera.spec.firmware


async def told_while_somebody_looks(held: Able) -> None:
    """On a session beside the one that brings the picture."""
    url = held.home.entry.runtime_data.coordinator.server.restream_url(held.key).reveal()
    viewer = await view(url)
    try:
        await wait_for(lambda: held.state("camera.porch") == "streaming", 20)
        assert await held.switch("siren.porch_siren", on=False) == "off"
        assert len(held.camera.sessions) == 2
        assert viewer.returncode is None
    finally:
        viewer.kill()
        await viewer.wait()


async def refused(held: Able) -> None:
    """Whoever asks hears why each time; the camera is tried once, and that it refused is shown."""
    camera = held.camera
    await wait_for(lambda: held.state("camera.porch") == "idle")
    await held.home.entry.runtime_data.shared.relaying.async_turn()
    camera.change_key()
    for _ in range(3):
        with pytest.raises(HomeAssistantError) as raised:
            await held.controls.async_set(held.key, Feature.SIREN, True)
        assert raised.value.translation_key == "camera_wrong_key"
    assert camera.counters.failed_handshakes == 1
    assert held.state("sensor.porch_connection") == "wrong_key"
    assert held.state("siren.porch_siren") == "unavailable"


CAMERA = Credentials.parse(
    address="192.168.1.20", uid="ABCDEFGHIJKLMNOPQRST", enr="0123456789abcdef", mac="AABBCCDDEEFF"
)
OTHER_MAKE = StreamAddress.parse("rtsp://192.168.1.21/stream")
HELD = CameraSettings(engine=Engine.GO2RTC)


class House:
    """A house with one camera that is there; notes when it was asked how it stands."""

    def __init__(self, clock: FakeClock, way: object, settings: CameraSettings, *, battery: bool) -> None:
        self.asked: list[float] = []
        self.left = 0
        self.shared = SimpleNamespace(environment=SimpleNamespace(clock=clock), relaying=self)
        self.data = {"porch": SimpleNamespace(available=True)}
        self.config_entry, self.hass = self, None
        self._clock = clock
        self._began = clock.monotonic()
        record: Any = SimpleNamespace(camera=SimpleNamespace(credentials=way))
        stills: Any = None
        self._watched = Watched(record, settings, stills, outside=False, battery=battery)
        self.live = False

    def async_create_background_task(self, _hass: object, work: Any, _name: str) -> None:
        self.task = asyncio.create_task(work)

    def async_add_listener(self, note: Callable[[], None]) -> Callable[[], None]:
        self.note = note
        return lambda: None

    def watched(self, _key: str) -> Watched:
        return self._watched

    def is_live(self, _key: str) -> bool:
        return self.live

    def async_follow(self, _keys: object) -> None:
        """Have these cameras."""

    async def async_leave(self, _key: str) -> None:
        self.left += 1

    async def async_refresh(self, _key: str) -> None:
        self.asked.append(self._clock.monotonic() - self._began)


@pytest.mark.parametrize(
    ("way", "settings", "battery", "at_rest", "live"),
    [
        (CAMERA, HELD, False, 2, 1),
        (CAMERA, HELD, True, 0, 2),
        (CAMERA, CameraSettings(), False, 2, 22),
        (OTHER_MAKE, CameraSettings(kind=KIND_STREAM), False, 0, 0),
    ],
    ids=["held by go2rtc", "with a battery", "held by the relay", "of another make"],
)
async def test_how_often_it_is_asked(
    way: object, settings: CameraSettings, battery: bool, at_rest: int, live: int
) -> None:
    """Seldom where that takes a session of its own, and never by waking it; within twenty minutes each."""
    clock = FakeClock()
    house: Any = House(clock, way, settings, battery=battery)
    ControlRounds(house, house).async_start()
    try:
        await clock.advance(1200)
        assert len(house.asked) == at_rest
        house.live = True
        house.note()
        await clock.advance(1320)
        assert len(house.asked) == at_rest + live
        assert house.left == (0 if settings.relayed else at_rest + live)
    finally:
        house.task.cancel()
