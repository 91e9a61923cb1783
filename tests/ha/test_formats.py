"""What the connection sensor says of pictures and sound, and what browsers get of them."""

import os

import pytest

from homeassistant.core import HomeAssistant

from dev.simulator import Audio, CameraSpec, Simulator, Video

from .rigging import Home, view, wait_for

HALL = CameraSpec("hall", audio=Audio.AAC)
CAMERAS = {
    "porch": (CameraSpec("porch"), ("h264", "pcmu", "all")),
    "hall": (HALL, ("h264", "aac", "all")),
    "shed": (CameraSpec("shed", video=Video.H265, audio=Audio.NONE), ("h265", None, "h265")),
}


def formats(hass: HomeAssistant, name: str) -> tuple[str | None, ...]:
    """Return what the sensor of a camera says."""
    state = hass.states.get(f"sensor.{name}_connection")
    assert state is not None
    return tuple(state.attributes[key] for key in ("video", "audio", "browsers"))


@pytest.mark.parametrize("simulator", [[spec for spec, _ in CAMERAS.values()]], indirect=True)
async def test_pictures_and_sound_are_named_and_what_browsers_get(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    await home.set_up()
    for name, (_, expected) in CAMERAS.items():
        await home.add(simulator.cameras[name].link, name)
        await wait_for(lambda name=name, expected=expected: formats(hass, name) == expected, 60)  # type: ignore[misc]


@pytest.mark.parametrize("simulator", [[HALL]], indirect=True)
async def test_that_browsers_cannot_hear_a_camera_is_said(
    hass: HomeAssistant, home: Home, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing makes Opus of AAC the dialog is silent. The next start with ffmpeg helps."""
    ffmpeg = os.environ["PATH"]
    monkeypatch.setenv("PATH", ffmpeg.split(os.pathsep)[0])
    monkeypatch.setattr(os, "defpath", "/nonexistent")
    camera = simulator.cameras["hall"]
    await home.set_up()
    flow = await home.camera_flow()
    values = {"name": "hall", "link": camera.link}
    await hass.config_entries.subentries.async_configure(flow["flow_id"], values)
    # Before anything else can happen: its first still is made as soon as it has been added.
    camera.freeze()
    await hass.async_block_till_done()
    assert formats(hass, "hall") == (None, None, None), "nothing is known before it was seen"
    camera.resume()
    (subentry,) = home.entry.subentries.values()
    monkeypatch.setenv("PATH", ffmpeg)
    relaying = home.entry.runtime_data.shared.relaying
    viewer = await view(relaying.source(subentry.data["camera_key"]).reveal())
    await wait_for(lambda: formats(hass, "hall") == ("h264", "aac", "silent"), 30)
    viewer.kill()
    await viewer.wait()
    monkeypatch.undo()
    await relaying.async_stop()
    await relaying.async_start()
    await wait_for(lambda: formats(hass, "hall") == ("h264", "aac", "all"), 30)
