"""The blueprint that speaks to whoever is there, run in Home Assistant, and heard at a simulated camera."""

from typing import Any

import pytest

from homeassistant.components.media_player import MediaPlayerEntity, MediaPlayerEntityFeature
from homeassistant.components.media_player.const import DATA_COMPONENT as PLAYERS
from homeassistant.components.tts.const import DATA_COMPONENT
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from custom_components.wyze_local.engine.relay import RelayPhase
from dev.simulator import Audio
from tests.support.tones import listen

from .blueprint_rig import Automations, automations
from .rigging import DOMAIN, Home, wait_for
from .voice import FREQUENCY, Voice

__all__ = ["automations"]

SPEAKER = "media_player.porch_speaker"


@pytest.fixture
async def voice(hass: HomeAssistant) -> Voice:
    """Have a voice that says everything in a tone."""
    assert await async_setup_component(hass, "tts", {})
    made = Voice()
    await hass.data[DATA_COMPONENT].async_add_entities([made])
    return made


@pytest.fixture
async def event_entity(hass: HomeAssistant, home: Home, porch: Any) -> str:
    """Return an event entity of the porch camera, whose speaker is known."""
    await wait_for(lambda: home.state(SPEAKER) == "idle")
    camera = er.async_get(hass).async_get("camera.porch")
    assert camera is not None
    made = er.async_get(hass).async_get_or_create(
        "event", DOMAIN, "porch_seen", suggested_object_id="porch_seen", device_id=camera.device_id
    )
    hass.states.async_set(made.entity_id, "unknown")
    return made.entity_id


def happens(hass: HomeAssistant, entity: str, kind: str = "motion") -> None:
    """Let an event entity tell of something."""
    hass.states.async_set(entity, dt_util.utcnow().isoformat(), {"event_type": kind})


async def test_it_is_said_through_the_camera_that_saw_it(
    hass: HomeAssistant, home: Home, automations: Automations, voice: Voice, event_entity: str, porch: Any
) -> None:
    """The words know the camera; afterwards there is silence for as long as asked."""
    await automations.make(
        "say_at_camera",
        events=[event_entity],
        voice="tts.voice",
        message="{{ kind }} at {{ camera }}",
        cool_down=5,
    )
    happens(hass, event_entity)
    await wait_for(lambda: voice.said == ["motion at Porch"])
    await wait_for(lambda: home.state(SPEAKER) == "idle" and porch.counters.talk_bytes)
    frequency, _ = listen(bytes(porch.speaker.heard), Audio.PCMU)
    assert frequency == pytest.approx(FREQUENCY, abs=5)
    await automations.settle()
    await automations.pass_time(200)
    happens(hass, event_entity)
    await automations.settle()
    assert len(voice.said) == 1
    await automations.pass_time(301)
    # Time passed for whoever was waiting for the relay, too; it may have been given up and started anew,
    # which says nothing about the camera.
    relaying = home.entry.runtime_data.shared.relaying
    await wait_for(lambda: relaying.state.phase is RelayPhase.READY, 30)
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 30)
    happens(hass, event_entity, "person")
    await wait_for(lambda: voice.said[1:] == ["person at Porch"])
    heard = porch.counters.talk_bytes
    await wait_for(lambda: home.state(SPEAKER) == "idle" and porch.counters.talk_bytes > heard)


@pytest.mark.parametrize(
    ("hour", "inputs", "told"),
    [
        (23, {}, True),
        (12, {}, False),
        (12, {"when": "always"}, True),
        (23, {"kinds": ["person"]}, False),
    ],
)
async def test_when_something_is_said(
    hass: HomeAssistant,
    automations: Automations,
    voice: Voice,
    event_entity: str,
    hour: int,
    inputs: dict[str, Any],
    told: bool,
) -> None:
    """By the time of day, and by what was seen."""
    await automations.set_hour(hour)
    await automations.make("say_at_camera", events=[event_entity], voice="tts.voice", **inputs)
    happens(hass, event_entity)
    if told:
        await wait_for(lambda: voice.said == ["Hello. You are being recorded."])
    await automations.settle()
    assert len(voice.said) == told


class Busy(MediaPlayerEntity):
    """Somebody else's speaker, which says that it cannot."""

    _attr_supported_features = MediaPlayerEntityFeature.PLAY_MEDIA
    entity_id = "media_player.busy"

    async def async_play_media(self, media_type: str, media_id: str, **kwargs: Any) -> None:
        """Refuse."""
        raise HomeAssistantError


async def test_a_speaker_that_fails_does_not_silence_the_others(
    hass: HomeAssistant, automations: Automations, voice: Voice, event_entity: str, porch: Any
) -> None:
    """Others may be chosen; one that is none, or is busy, costs only itself."""
    await hass.data[PLAYERS].async_add_entities([busy := Busy()])
    speakers = ["media_player.gone", busy.entity_id, SPEAKER]
    await automations.make("say_at_camera", events=[event_entity], voice="tts.voice", speakers=speakers)
    happens(hass, event_entity)
    await wait_for(lambda: porch.counters.talk_bytes > 0)
