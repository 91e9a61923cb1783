"""Speakers of cameras whose sound is off: never noise. And what a player says that it plays."""

import asyncio
from typing import Any

import pytest

from homeassistant.components.media_player import ATTR_MEDIA_TITLE
from homeassistant.core import HomeAssistant

from custom_components.wyze_local.const import CONF_SOUND
from custom_components.wyze_local.media_player import MAX_TITLE
from dev.simulator import Audio, CameraSpec, Simulator
from tests.support.tones import listen

from .rigging import Home, wait_for
from .test_speaker import ASKED, LONG, SPEAKER, fill_shelf, play, refused


def sound_off(home: Home) -> None:
    """Switch the sound of all cameras off."""
    for subentry in home.entry.subentries.values():
        data = {**subentry.data, CONF_SOUND: False}
        home.hass.config_entries.async_update_subentry(home.entry, subentry, data=data)


@pytest.mark.parametrize(
    "simulator", [[CameraSpec("den", audio=Audio.PCM), CameraSpec("mute", audio=Audio.NONE)]], indirect=True
)
async def test_a_camera_whose_sound_is_off_never_plays_noise(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    """It is heard for a moment, and spoken to as it speaks itself; one never heard is not spoken to."""
    await fill_shelf(hass)
    await home.set_up()
    for name, camera in simulator.cameras.items():
        await home.add(camera.link, name)
    sound_off(home)
    speakers = {name: f"media_player.{name}_speaker" for name in simulator.cameras}
    await wait_for(lambda: all(home.state(speaker) == "idle" for speaker in speakers.values()), ASKED)
    den, mute = simulator.cameras.values()
    _, told = await asyncio.gather(
        play(hass, speaker=speakers["den"]), refused(play(hass, speaker=speakers["mute"]))
    )
    frequency, seconds = listen(bytes(den.speaker.heard), Audio.PCM)
    assert frequency == pytest.approx(1000, abs=5)
    assert seconds == pytest.approx(0.6, abs=0.15)
    assert not any(session.audio for session in den.sessions), "nobody wants to hear it"
    assert "has never let its own sound be heard" in told
    assert mute.counters.talks == 0


TITLES: dict[str | None, dict[str, Any]] = {
    "Dinner": {"title": "Dinner", "metadata": {"title": "Lunch"}},
    "x" * MAX_TITLE: {"metadata": {"title": "x" * 300}},
    None: {"title": 7, "metadata": "Lunch"},
}


async def test_it_says_what_it_plays(hass: HomeAssistant, home: Home, simulator: Simulator) -> None:
    """Other players take a title from there, too."""
    await fill_shelf(hass)
    await home.set_up()
    await home.add(simulator.cameras["porch"].link)
    await wait_for(lambda: home.state(SPEAKER) == "idle", ASKED)

    def shown() -> Any:
        found = hass.states.get(SPEAKER)
        assert found is not None
        return found.state, found.attributes.get(ATTR_MEDIA_TITLE)

    for title, extra in TITLES.items():
        task = play(hass, LONG, extra=extra)
        await wait_for(lambda: shown() != ("idle", None))
        assert shown() == ("playing", title)
        await hass.services.async_call("media_player", "media_stop", {"entity_id": SPEAKER}, blocking=True)
        await task
        assert shown() == ("idle", None)
