"""Cameras that go2rtc holds itself are controlled, too: on a short session of ours beside its own."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from custom_components.wyze_local.const import KIND_STREAM
from custom_components.wyze_local.control_state import Path
from custom_components.wyze_local.engine.control import Feature
from custom_components.wyze_local.engine.model import Credentials, StreamAddress
from custom_components.wyze_local.engine.relay.calls import LINGER
from custom_components.wyze_local.settings import CameraSettings, Engine
from custom_components.wyze_local.watched import Watched
from dev.simulator import CameraSpec, Picture, Simulator, Stubborn

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
    return able


@pytest.mark.parametrize("simulator", [[PORCH]], indirect=True)
async def test_it_is_asked_told_and_read_back(held: Able) -> None:
    """By one short session; who looks goes on looking, and a refused key is tried and counted once."""
    await held.asked()
    await told(held)
    await told_while_somebody_looks(held)
    await refused(held)


def held_on(held: Able) -> list[Any]:
    """Return the sessions on which something is said: of one whose goodbye was lost nothing is heard."""
    now = asyncio.get_running_loop().time()
    return [session for session in held.camera.sessions if now - session.heard < 2.0]


async def told(held: Able) -> None:
    """Three commands, one session; who was only asked was left at once, and the relay holds nobody."""
    camera, relaying = held.camera, held.home.entry.runtime_data.shared.relaying
    assert held.controls.of(held.key).path is Path.LAN
    assert held.state("select.porch_night_vision") == "auto"
    await wait_for(lambda: not held_on(held), LINGER - 1)
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
        await wait_for(lambda: len(held_on(held)) == 2)
        assert viewer.returncode is None
    finally:
        viewer.kill()
        await viewer.wait()


async def refused(held: Able) -> None:
    """Whoever asks hears why each time; the camera is tried once, and that it refused is shown."""
    camera = held.camera
    await wait_for(lambda: held.state("camera.porch") == "idle")
    await held.home.entry.runtime_data.shared.relaying.async_leave(held.key)
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


@pytest.mark.parametrize(
    ("way", "settings", "called"),
    [
        (CAMERA, CameraSettings(engine=Engine.GO2RTC), True),
        (CAMERA, CameraSettings(fallback="4.36.13.0416"), True),
        (CAMERA, CameraSettings(), False),
        (OTHER_MAKE, CameraSettings(kind=KIND_STREAM), False),
    ],
    ids=["chosen", "fallen back", "the relay's", "of another make"],
)
def test_which_cameras_take_a_short_session(way: object, settings: CameraSettings, called: bool) -> None:
    record: Any = SimpleNamespace(camera=SimpleNamespace(credentials=way))
    stills: Any = None
    assert Watched(record, settings, stills, outside=False, battery=False).called is called
