"""What moves before a camera is an event here, whatever the cloud does: real worker, real automations."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import pytest

from homeassistant.core import Event as BusEvent, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.wyze_local.cameras import async_change_camera
from custom_components.wyze_local.clip_ids import ClipPlace
from custom_components.wyze_local.cloud_hints import AFTER_MOTION
from dev.simulator import Audio, CameraSpec, Picture, Scene, Simulator
from dev.simulator.cloud import FakeCloud
from dev.simulator.cloud.events import PERSON, Event

from .account_rig import House, cloud, make_house, own_host
from .automating import automate
from .ownership_rig import PORT
from .rigging import Home, wait_for

__all__ = ["cloud"]

YARD = Picture(scene=Scene.YARD, seconds=8, gop=15)
QUIET_YARD = CameraSpec("porch", audio=Audio.NONE, picture=YARD)
MOTION, EVENTS, IMAGE = "binary_sensor.porch_motion", "event.porch_events", "image.porch_last_event"


@pytest.fixture
async def simulator(request: pytest.FixtureRequest) -> AsyncIterator[Simulator]:
    """Run a camera in whose picture nothing moves, or those that the test asks for."""
    async with Simulator(getattr(request, "param", None) or [QUIET_YARD]) as running:
        yield running


async def watch(hass: HomeAssistant, home: Home, mode: str = "full", **more: Any) -> None:
    """Choose how the one camera is watched."""
    entry = home.entry
    (key,) = entry.runtime_data.coordinator.data
    async_change_camera(hass, entry, key, watch=mode, **more)
    await hass.async_block_till_done()


async def until_watched(home: Home) -> None:
    """Wait until somebody looks, and knows what is usual."""
    await wait_for(lambda: home.state(MOTION) == "off", 20)
    watching = home.entry.runtime_data.shared.watching
    (key,) = home.entry.runtime_data.coordinator.data
    await wait_for(lambda: watching.state(key).phase == "watching", 20)


RECEIVED = {
    "trigger": "event.received",
    "target": {"entity_id": EVENTS},
    "options": {"event_type": ["motion"]},
}
DETECTED = {"trigger": "motion.detected", "target": {"entity_id": MOTION}, "options": {"behavior": "each"}}


@pytest.fixture
async def yard(hass: HomeAssistant, home: Home, porch: Any) -> AsyncIterator[Any]:
    """Watch one camera in whose picture nothing moves."""
    await watch(hass, home)
    await until_watched(home)
    return porch


async def test_motion_is_told(
    hass: HomeAssistant, home: Home, yard: Any, hass_client: ClientSessionGenerator
) -> None:
    """To automations by core's own triggers, once; with a picture; and it ends."""
    ran = await automate(hass, received=RECEIVED, detected=DETECTED)
    assert home.state(EVENTS) == "unknown"
    yard.motion(2.0)
    await wait_for(lambda: sorted(ran) == ["detected", "received"], 15)
    assert home.state(MOTION) == "on"
    state = hass.states.get(EVENTS)
    assert state is not None
    told = state.attributes
    assert (told["event_type"], told["origin"], told["event_types"]) == ("motion", "local", ["motion"])
    assert (told["event_id"][0], len(told["event_id"])) == ("e", 17), "a template might take it for a number"
    assert 0 < told["score"] <= 1
    assert told["box"].keys() == {"left", "top", "width", "height"}
    client = await hass_client()
    answer = await client.get(told["picture"])
    assert (answer.status, answer.content_type) == (HTTPStatus.OK, "image/jpeg")
    assert (await answer.read()).startswith(b"\xff\xd8")
    assert home.state(IMAGE) not in (None, "unknown", "unavailable")
    await wait_for(lambda: home.state(MOTION) == "off", 30)
    assert sorted(ran) == ["detected", "received"]


async def test_a_restart_tells_nothing_anew(hass: HomeAssistant, home: Home, yard: Any) -> None:
    """Motion is off, the event says what came last, and no automation runs for it."""
    yard.motion(2.0)
    await wait_for(lambda: home.state(EVENTS) not in ("unknown", "unavailable"), 15)
    before = home.state(EVENTS)
    ran = await automate(hass, received=RECEIVED, detected=DETECTED)
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await until_watched(home)
    assert (home.state(EVENTS), home.state(MOTION)) == (before, "off")
    assert ran == []


async def test_motion_goes_on_over_a_reload(hass: HomeAssistant, home: Home, yard: Any) -> None:
    """It is still on, tells nobody anew, and its clip is that of the event that was told."""
    yard.motion(12.0)
    await wait_for(lambda: home.state(EVENTS) not in ("unknown", "unavailable"), 15)
    told = hass.states.get(EVENTS)
    assert told is not None
    clips: list[dict[str, Any]] = []
    hass.bus.async_listen("wyze_local_clip", lambda event: clips.append(dict(event.data)))
    ran = await automate(hass, received=RECEIVED)
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await wait_for(lambda: home.state(MOTION) == "on")
    assert home.state(EVENTS) == told.state
    await wait_for(lambda: home.state(MOTION) == "off", 40)
    await wait_for(lambda: clips, 40)
    assert [clip["event_id"] for clip in clips] == [told.attributes["event_id"]]
    assert ran == []


async def test_nothing_moves_that_nobody_sees(hass: HomeAssistant, home: Home, yard: Any) -> None:
    """A camera that goes away in the middle of it leaves no motion behind, and comes back without."""
    yard.motion(6.0)
    await wait_for(lambda: home.state(MOTION) == "on", 15)
    yard.sleep()
    await wait_for(lambda: home.state(MOTION) == "unavailable", 30)
    yard.sleep(on=False)
    await wait_for(lambda: home.state(MOTION) == "off", 60)


async def test_entities_come_and_go_with_the_watch(hass: HomeAssistant, home: Home, yard: Any) -> None:
    """Without it there are none; they come back as they were called."""
    registry = er.async_get(hass)
    registry.async_update_entity(MOTION, name="Gate")
    entries = er.async_entries_for_config_entry(registry, home.entry.entry_id)
    assert len([one for one in entries if one.disabled_by is None]) <= 8
    await watch(hass, home, "off")
    for entity_id in (MOTION, EVENTS, IMAGE):
        assert hass.states.get(entity_id) is None
        assert registry.async_get(entity_id) is None
    await watch(hass, home)
    await wait_for(lambda: home.state(MOTION) == "off", 20)
    again = registry.async_get(MOTION)
    assert again is not None
    assert again.name == "Gate"


@pytest.mark.parametrize("simulator", [[CameraSpec("porch", model="WVOD1", picture=YARD)]], indirect=True)
async def test_a_battery_is_never_watched(hass: HomeAssistant, home: Home, simulator: Any) -> None:
    """Whatever its settings say."""
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await watch(hass, home)
    assert [hass.states.get(entity_id) for entity_id in (MOTION, EVENTS, IMAGE)] == [None] * 3


async def have_clips(hass: HomeAssistant) -> None:
    """Have clips that are made shown."""
    assert await async_setup_component(hass, "media_source", {})


async def until_kept(home: Home, *wanted: str) -> None:
    """Wait until the one clip says so of the event that it shows: whose word it is, and what happened."""
    (key,) = home.entry.runtime_data.coordinator.data
    clips = home.entry.runtime_data.shared.clips
    async with asyncio.timeout(30):
        while True:
            found = [clip.details for clip in await clips.async_list(key) if clip.details is not None]
            if [(one.origin, *one.kinds) for one in found] == [wanted]:
                return
            await asyncio.sleep(0.1)


async def test_a_clip_of_before_a_crash_is_no_news(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """It is in the library; an automation for it would surprise people hours later."""
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await watch(hass, home)
    await until_watched(home)
    told: list[Any] = []
    hass.bus.async_listen("wyze_local_clip", lambda event: told.append(event.data))
    shared = home.entry.runtime_data.shared
    (key,) = home.entry.runtime_data.coordinator.data
    simulator.cameras["porch"].motion(4.0)
    await wait_for(lambda: home.state(EVENTS) not in ("unknown", "unavailable"), 15)
    folder = shared.installation.clips.path(hass)
    # Until something of it is on the disk.
    # What is put down beside it goes under another name as soon as it is whole.
    await wait_for(lambda: any(one.stat().st_size > 10_000 for one in folder.rglob("*.mp4.part")), 15)
    os.kill(shared.watching.pid, signal.SIGKILL)
    async with asyncio.timeout(40):
        while not (found := await shared.clips.async_list(key)) or found[0].details is None:
            await asyncio.sleep(0.1)
    await hass.async_block_till_done()
    assert (found[0].details.cut, told) == ("salvaged", [])


async def test_an_event_has_its_clip(
    hass: HomeAssistant,
    home: Home,
    simulator: Simulator,
    hass_client: ClientSessionGenerator,
) -> None:
    """Named at once, told of when it is whole, with a still that is then the last event's picture."""
    await have_clips(hass)
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await watch(hass, home)
    await until_watched(home)
    clips: list[dict[str, Any]] = []
    hass.bus.async_listen("wyze_local_clip", lambda event: clips.append(dict(event.data)))
    simulator.cameras["porch"].motion(2.0)
    await wait_for(lambda: home.state(EVENTS) not in ("unknown", "unavailable"), 15)
    state = hass.states.get(EVENTS)
    assert state is not None
    (key,) = home.entry.runtime_data.coordinator.data
    assert state.attributes["clip"].startswith(f"media-source://wyze_local/{key}/")
    await wait_for(lambda: clips, 60)
    (clip,) = clips
    told = {name: clip[name] for name in ("event_id", "clip")}
    assert told == {name: state.attributes[name] for name in told}
    assert (clip["kinds"], clip["origin"]) == (["motion"], "local")
    client = await hass_client()
    answer = await client.get(clip["picture"])
    still = await answer.read()
    assert (answer.status, still[:2]) == (HTTPStatus.OK, b"\xff\xd8")

    async def shown() -> bytes:
        image = hass.states.get(IMAGE)
        assert image is not None
        return await (await client.get(image.attributes["entity_picture"])).read()

    async with asyncio.timeout(20):
        while await shown() != still:
            await asyncio.sleep(0.1)
    await until_kept(home, "local", "motion")
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await wait_for(lambda: home.state(IMAGE) not in (None, "unavailable", "unknown"), 20)
    assert await shown() == still
    # Whoever deletes a clip does not want to see it any more.
    (kept,) = await home.entry.runtime_data.shared.clips.async_list(key)
    await home.entry.runtime_data.shared.clips.async_delete(ClipPlace(key, kept.id))
    assert home.state(IMAGE) == "unavailable"


IN_AN_ACCOUNT = pytest.mark.parametrize(
    "simulator",
    [[CameraSpec("porch", host=own_host(), port=PORT, audio=Audio.NONE, picture=YARD)]],
    indirect=True,
)


@IN_AN_ACCOUNT
async def test_the_cloud_adds_to_an_event(
    hass: HomeAssistant, home: Home, simulator: Simulator, cloud: FakeCloud
) -> None:
    """Its word comes after the motion, to the same event, and is kept beside the clip."""
    await have_clips(hass)
    house: House = await make_house(hass, home, simulator, cloud)
    await house.start()
    await watch(hass, home)
    await until_watched(home)
    ran = await automate(hass, person={**RECEIVED, "options": {"event_type": ["person"]}})
    house.camera.motion(2.0)
    await wait_for(lambda: home.state(EVENTS) not in ("unknown", "unavailable"), 15)
    first = hass.states.get(EVENTS)
    spec, now = house.camera.spec, int(cloud.clock.now() * 1000)
    house.user.events.append(Event("vendors-own-id", spec.mac, spec.model, now, tags=(PERSON,)))
    house.clock.advance(AFTER_MOTION)
    await wait_for(lambda: ran == ["person"], 20)
    second = hass.states.get(EVENTS)
    assert first is not None
    assert second is not None
    assert (second.attributes["event_type"], second.attributes["origin"]) == ("person", "both")
    for name in ("event_id", "clip"):
        assert second.attributes[name] == first.attributes[name] is not None
    await until_kept(home, "both", "motion", "person")
    assert len(cloud.calls("events")) == 1


@IN_AN_ACCOUNT
@pytest.mark.parametrize("restarts", [False, True])
async def test_second_zero_of_an_outage(
    hass: HomeAssistant, home: Home, simulator: Simulator, cloud: FakeCloud, *, restarts: bool
) -> None:
    """With the cloud dead, also since before Home Assistant started, all is as if nothing had happened."""
    house: House = await make_house(hass, home, simulator, cloud)
    await house.start()
    await watch(hass, home)
    await until_watched(home)
    await cloud.refuse()
    if restarts:
        assert await hass.config_entries.async_reload(house.entry.entry_id)
        await until_watched(home)
    ran = await automate(hass, received=RECEIVED, detected=DETECTED)
    made: list[BusEvent] = []
    hass.bus.async_listen("state_changed", made.append)
    house.camera.motion(2.0)
    await wait_for(lambda: sorted(ran) == ["detected", "received"], 15)
    await asyncio.sleep(0)
    state = hass.states.get(EVENTS)
    assert state is not None
    assert (state.attributes["event_type"], state.attributes["origin"]) == ("motion", "local")
    assert not [one for one in made if (new := one.data["new_state"]) and new.state == "unavailable"]
