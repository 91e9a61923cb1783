"""The blueprints that act on motion, run in Home Assistant: a light, and a phone that gets pictures."""

from typing import Any

import pytest

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.template import Template
from homeassistant.util import dt as dt_util

from custom_components.wyze_local.installation import Installation

from .blueprint_rig import Automations, automations
from .rigging import DOMAIN, Home, wait_for

__all__ = ["automations"]

MOTION, OTHER = "binary_sensor.porch_motion", "binary_sensor.garden_motion"
EVENT_CLIP = "wyze_local_clip"
KEY, CLIP = "0" * 32, "20261101T120000-01234567"
STILL = f"/api/wyze_local/still/{KEY}/{CLIP}.jpg"
VIDEO = f"/api/wyze_local/clip/{KEY}/{CLIP}.mp4"
PICTURE = "/api/image_proxy/image.porch_last_event"
MEDIA = f"media-source://wyze_local/{KEY}/{CLIP}"


@pytest.fixture
def lamp(hass: HomeAssistant) -> list[str]:
    """Have a lamp, and return what is done with it."""
    done: list[str] = []

    @callback
    def note(call: ServiceCall) -> None:
        assert call.data["entity_id"] == ["light.lamp"]
        done.append(call.service)
        hass.states.async_set("light.lamp", "on" if call.service == "turn_on" else "off")

    hass.states.async_set("light.lamp", "off")
    hass.states.async_set("light.hall", "on")
    for service in ("turn_on", "turn_off"):
        hass.services.async_register("light", service, note)
    return done


def see(hass: HomeAssistant, **states: str) -> None:
    """Let motion sensors say something."""
    for name, state in states.items():
        hass.states.async_set(f"binary_sensor.{name}_motion", state, {"device_class": "motion"})


@pytest.mark.parametrize(("hour", "when", "shines"), [(23, "dark", 1), (12, "dark", 0), (12, "always", 1)])
async def test_the_light(
    hass: HomeAssistant, automations: Automations, lamp: list[str], hour: int, when: str, shines: int
) -> None:
    """It comes on with the first motion in the dark, and goes out after the last motion of all cameras.

    A light that was on before is left alone.
    """
    await automations.set_hour(hour)
    see(hass, porch="off", garden="off")
    inputs = {"motion": [MOTION, OTHER], "light": ["light.lamp", "light.hall"], "when": when, "stay": 60}
    await automations.make("light_on_motion", **inputs)
    see(hass, porch="on")
    await automations.settle()
    assert lamp == ["turn_on"] * shines
    see(hass, porch="off", garden="on")
    await automations.pass_time(61)
    assert "turn_off" not in lamp
    see(hass, garden="off")
    await automations.settle()
    assert "turn_off" not in lamp
    see(hass, porch="on")
    await automations.pass_time(61)
    assert "turn_off" not in lamp
    see(hass, porch="off")
    await automations.settle()
    await automations.pass_time(61)
    assert lamp == ["turn_on", "turn_off"] * shines
    see(hass, garden="on")
    await automations.settle()
    assert lamp.count("turn_on") == 2 * shines


async def test_motion_without_an_end_lets_the_light_go(
    hass: HomeAssistant, automations: Automations, lamp: list[str]
) -> None:
    """After hours of it, something is wrong with the camera."""
    see(hass, porch="off")
    await automations.make("light_on_motion", motion=[MOTION], light=["light.lamp"], stay=60)
    see(hass, porch="on")
    await automations.settle()
    await automations.pass_time(4 * 3600 + 1)
    assert lamp == ["turn_on", "turn_off"]


@pytest.fixture
def event_entity(hass: HomeAssistant, home: Home, porch: Any) -> str:
    """Return an event entity of the porch camera."""
    camera = er.async_get(hass).async_get("camera.porch")
    assert camera is not None
    made = er.async_get(hass).async_get_or_create(
        "event", DOMAIN, "porch_seen", suggested_object_id="porch_seen", device_id=camera.device_id
    )
    hass.states.async_set(made.entity_id, "unknown")
    return made.entity_id


def happens(
    hass: HomeAssistant, entity: str, kind: str = "motion", event_id: str = "one", **more: Any
) -> None:
    """Let an event entity tell of something."""
    attributes = {"event_type": kind, "event_id": event_id, "picture": PICTURE, "clip": MEDIA} | more
    hass.states.async_set(entity, dt_util.utcnow().isoformat(), attributes)


def finish(hass: HomeAssistant, event_id: str = "one", **more: Any) -> None:
    """Tell that a clip is whole."""
    told = {"event_id": event_id, "clip": MEDIA, "video": VIDEO, "picture": STILL}
    hass.bus.async_fire(EVENT_CLIP, told | more)


async def test_the_phone_gets_picture_and_clip(
    hass: HomeAssistant, automations: Automations, event_entity: str
) -> None:
    """At once with the picture of the moment, again with the clip; then nothing until the silence is over."""
    phone = automations.phone
    await automations.make("notify_on_motion", events=[event_entity], phones=automations.phones, cool_down=5)
    happens(hass, event_entity)
    (first,) = await phone.until(1, 10)
    assert first.title == "Porch"
    assert first.message.startswith("Motion at ")
    assert first.data["image"] == PICTURE
    assert first.data["tag"] == "one"
    assert "video" not in first.data
    finish(hass, "another")
    happens(hass, event_entity, "person")
    await automations.settle()
    assert len(phone.notifications) == 1
    finish(hass)
    _, second = await phone.until(2, 10)
    assert (second.data["image"], second.data["video"], second.data["tag"]) == (STILL, VIDEO, "one")
    assert second.message == first.message
    await automations.pass_time(200)
    happens(hass, event_entity, event_id="two")
    await automations.settle()
    assert len(phone.notifications) == 2
    await automations.pass_time(301)
    happens(hass, event_entity, event_id="three")
    *_, third = await phone.until(3, 10)
    assert third.data["tag"] == "three"


async def test_other_actions_know_what_the_phone_knows(
    hass: HomeAssistant, automations: Automations, event_entity: str
) -> None:
    """Without a picture of the event there is the camera's own; `more` runs with each of the two."""
    heard = automations.listen("hear")
    names = ("title", "picture", "video", "clip", "event_id", "finished")
    more = [{"action": "script.hear", "data": {name: f"{{{{ {name} }}}}" for name in names}}]
    await automations.make("notify_on_motion", events=[event_entity], more=more)
    happens(hass, event_entity, picture=None)
    await automations.settle()
    begun = {"title": "Porch", "video": "", "clip": MEDIA, "event_id": "one", "finished": False}
    assert heard == [begun | {"picture": "/api/camera_proxy/camera.porch"}]
    finish(hass, picture=None)
    await automations.settle()
    done = begun | {"video": VIDEO, "finished": True}
    assert heard[1:] == [done | {"picture": "/api/camera_proxy/camera.porch"}]


async def test_the_clouds_word_comes_after_the_recording(
    hass: HomeAssistant, automations: Automations, event_entity: str
) -> None:
    """Then the first notification has the clip already, no other one follows, and the silence is as asked."""
    heard = automations.listen("hear")
    more = [{"action": "script.hear", "data": {"event_id": "{{ event_id }}"}}]
    inputs = {"kinds": ["person"], "phones": automations.phones, "more": more, "cool_down": 2}
    await automations.make("notify_on_motion", events=[event_entity], **inputs)
    happens(hass, event_entity)
    finish(hass)
    happens(hass, event_entity, "person", clip_finished=True)
    (first,) = await automations.phone.until(1, 10)
    assert first.message.startswith("A person at ")
    assert (first.data["image"], first.data["video"], first.data["tag"]) == (PICTURE, VIDEO, "one")
    await wait_for(lambda: heard == [{"event_id": "one"}])
    await automations.settle()
    await automations.pass_time(121)
    happens(hass, event_entity, "person", "two", clip_finished=True)
    _, second = await automations.phone.until(2, 10)
    assert second.data["tag"] == "two"


@pytest.mark.parametrize(("clip", "waits"), [(None, 0), (MEDIA, 601)])
async def test_no_clip_comes(
    hass: HomeAssistant, automations: Automations, event_entity: str, clip: str | None, waits: int
) -> None:
    """Where there is none, or its recording fails: the silence comes all the same, as long as asked."""
    heard = automations.listen("hear")
    more = [{"action": "script.hear", "data": {"event_id": "{{ event_id }}"}}]
    await automations.make("notify_on_motion", events=[event_entity], more=more, cool_down=2)
    happens(hass, event_entity, clip=clip)
    await automations.settle()
    await automations.pass_time(waits)
    happens(hass, event_entity, event_id="two", clip=None)
    await automations.settle()
    await automations.pass_time(121)
    happens(hass, event_entity, event_id="three", clip=None)
    await automations.settle()
    assert heard == [{"event_id": "one"}, {"event_id": "three"}]


@pytest.mark.parametrize(
    ("hour", "inputs", "told"),
    [
        (23, {}, True),
        (12, {}, False),
        (12, {"when": "always"}, True),
        (12, {"when": "hours", "start": "11:00:00", "end": "13:59:00"}, True),
        (12, {"when": "hours"}, False),
        (23, {"when": "hours"}, True),
        (23, {"kinds": ["person"]}, False),
    ],
)
async def test_when_and_of_what_the_phone_is_told(
    hass: HomeAssistant, automations: Automations, event_entity: str, hour: int, inputs: Any, told: bool
) -> None:
    """Only in the dark unless one chooses otherwise, and only of what was chosen."""
    await automations.set_hour(hour)
    await automations.make("notify_on_motion", events=[event_entity], phones=automations.phones, **inputs)
    happens(hass, event_entity)
    await automations.settle()
    state = hass.states.get("automation.notify_on_motion")
    assert state is not None
    assert (state.attributes["last_triggered"] is not None) is told


async def test_no_id_is_a_number_to_a_template(hass: HomeAssistant) -> None:
    """An automation that waits for the clip of an event would wait for something else."""
    installation, template = Installation(salt="0" * 32), Template("{{ event_id }}", hass)
    ids = [installation.event_of(f"vendor's {number}") for number in range(4000)]
    assert [template.async_render({"event_id": one}) for one in ids] == ids


async def test_a_restart_tells_nothing(
    hass: HomeAssistant, automations: Automations, event_entity: str
) -> None:
    """What the entity remembers of last time is no event."""
    hass.states.async_set(event_entity, "unavailable")
    await automations.make("notify_on_motion", events=[event_entity], phones=automations.phones)
    happens(hass, event_entity)
    await automations.settle()
    state = hass.states.get("automation.notify_on_motion")
    assert state is not None
    assert state.attributes["last_triggered"] is None
