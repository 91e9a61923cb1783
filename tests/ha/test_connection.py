"""What the connection sensor says of cameras in trouble, and the repair of those that stay there."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.wyze_local.outages import LASTS
from dev.simulator import Camera, CameraSpec, Refusal, Says, Simulator, WrongKey

from .rigging import DOMAIN, Home, view, wait_for

CLOUD_ONLY = "GW_GC1"
BATTERY = "WVOD1"
PLAYS: dict[str, tuple[str, Callable[[Camera], None]]] = {
    "off": ("switched_off", lambda camera: camera.say(Says.OFF)),
    "updating": ("updating", lambda camera: camera.say(Says.UPDATING)),
    "starting": ("starting", lambda camera: camera.say(Says.CHECKING)),
    "muted": ("no_answer", lambda camera: camera.mute()),
    "asleep": ("no_answer", lambda camera: camera.sleep()),
    "battery": ("asleep", lambda camera: camera.sleep()),
    "silent key": ("no_answer", lambda camera: camera.change_key(WrongKey.SILENCE)),
    "other key": ("wrong_key", lambda camera: camera.change_key()),
    "full": ("busy", lambda camera: camera.limit_sessions(0)),
    "hidden": ("no_answer", lambda camera: camera.limit_sessions(0, Refusal.SILENCE)),
    "old": ("no_dtls", lambda camera: camera.speak_no_dtls()),
    "cloud": ("no_local_video", lambda camera: camera.speak_no_dtls()),
    "booting": ("not_here", lambda camera: camera.reboot(3600, refused=True)),
    "moved": ("not_here", lambda camera: camera.move("127.0.0.78")),
    "frozen": ("no_media", lambda camera: camera.freeze()),
    "calm": ("ready", lambda _: None),
}
"""What a camera is put through → what its sensor says."""

MODELS = {"battery": BATTERY, "cloud": CLOUD_ONLY}
EVERY_PLAY = [CameraSpec(play, model=MODELS.get(play, "WYZE_CAKP2JFUS")) for play in PLAYS]
DOWN = {play: word for play, (word, _) in PLAYS.items() if play not in {"battery", "calm"}}


def sensor(play: str) -> str:
    """Return the entity of a camera's connection sensor."""
    return f"sensor.{play.replace(' ', '_')}_connection"


def repairs(hass: HomeAssistant) -> dict[str, str]:
    """Return which camera is to be repaired, and why."""
    return {
        (issue.translation_placeholders or {})["camera"]: issue.translation_key or ""
        for (domain, issue_id), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue_id.startswith("camera_away_")
    }


async def says(home: Home, play: str, word: str) -> None:
    """Wait until a camera's sensor says something."""
    await wait_for(lambda: home.state(sensor(play)) == word, 90)


async def has_answered(home: Home, play: str) -> None:
    """Wait until a camera has answered once."""
    await wait_for(lambda: home.state(sensor(play)) in ("ready", "on_demand"), 60)


@asynccontextmanager
async def looking(home: Home, plays: dict[str, ConfigSubentry]) -> AsyncIterator[None]:
    """Look at cameras, as other programs do."""
    relaying = home.entry.runtime_data.shared.relaying
    urls = [relaying.source(subentry.data["camera_key"]).reveal() for subentry in plays.values()]
    viewers = [await view(url) for url in urls]
    try:
        yield
    finally:
        for viewer in viewers:
            if viewer.returncode is None:
                viewer.kill()
            await viewer.wait()


# How long it takes is a matter of chance: of when each of sixteen is looked at again.
@pytest.mark.timeout(500)
# A question about its controls would have a session with the one that lets nobody new in.
@pytest.mark.usefixtures("unasked")
@pytest.mark.parametrize("simulator", [EVERY_PLAY], indirect=True)
async def test_every_trouble_has_its_word_and_its_repair(
    hass: HomeAssistant, home: Home, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    """All at once, because each waits a lot: the sensor's word, one line in the log, one repair."""
    caplog.set_level("INFO", "custom_components.wyze_local")
    await home.set_up()
    subentries = {play: await home.add(camera.link, play) for play, camera in simulator.cameras.items()}
    await asyncio.gather(*(has_answered(home, play) for play in PLAYS))
    for play, camera in simulator.cameras.items():
        PLAYS[play][1](camera)
    async with looking(home, {play: subentries[play] for play in PLAYS if play != "calm"}):
        for play, (word, _) in PLAYS.items():
            await says(home, play, word)
    for play in PLAYS:
        unavailable = home.state(f"camera.{play.replace(' ', '_')}") == "unavailable"
        assert unavailable == (play in DOWN), play
        state = hass.states.get(sensor(play))
        assert state is not None
        assert state.attributes["path"] == "relay"
        assert state.attributes["since"] <= dt_util.utcnow().isoformat()
    ours = [record.message for record in caplog.records if record.name == "custom_components.wyze_local"]
    assert len([line for line in ours if "is not available" in line]) == len(DOWN)
    assert not [line for line in ours if "hidden" in line], "a camera's name is nobody's business"
    await the_repairs_come_and_go(hass, home, simulator)


async def the_repairs_come_and_go(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """A quarter of an hour later each is asked for; a camera that answers takes its own away."""
    assert repairs(hass) == {}
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=LASTS + 60))
    await hass.async_block_till_done()
    assert repairs(hass) == {play: f"lasting_{word}" for play, word in DOWN.items()}
    camera = simulator.cameras["muted"]
    camera.resume()
    camera.say(Says.OFF)
    await wait_for(lambda: repairs(hass)["muted"] == "lasting_switched_off", 200)
    camera.resume()
    await wait_for(lambda: "muted" not in repairs(hass), 200)
    assert repairs(hass).keys() == DOWN.keys() - {"muted"}
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert repairs(hass) == {}


async def test_a_weak_signal_is_told_and_costs_nobody_the_picture(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """While somebody watches; nobody who looks at the card afterwards is told of it any more."""
    await home.set_up()
    camera = simulator.cameras["porch"]
    subentry = await home.add(camera.link)
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready")
    camera.lose(0.02)
    async with looking(home, {"porch": subentry}):
        await wait_for(lambda: home.state("sensor.porch_connection") == "weak_signal", 60)
        assert home.state("camera.porch") == "streaming"
        state = hass.states.get("sensor.porch_connection")
        assert state is not None
        assert 2 <= state.attributes["loss"] < 60
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 60)
    state = hass.states.get("sensor.porch_connection")
    assert state is not None
    assert state.attributes["loss"] is None


@pytest.mark.parametrize("simulator", [[CameraSpec("porch", model=BATTERY)]], indirect=True)
async def test_a_sleeping_battery_camera_asks_for_nothing(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """However long it sleeps; it stays available, because looking is what wakes it."""
    await home.set_up()
    camera = simulator.cameras["porch"]
    subentry = await home.add(camera.link)
    await wait_for(lambda: home.state("sensor.porch_connection") == "on_demand")
    camera.sleep()
    async with looking(home, {"porch": subentry}):
        await says(home, "porch", "asleep")
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(days=2))
    await hass.async_block_till_done()
    assert home.state("sensor.porch_connection") == "asleep"
    assert home.state("camera.porch") == "idle"
    assert repairs(hass) == {}
