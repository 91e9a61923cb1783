"""The stage: two cameras without any account, a sound to be said, and a dashboard full of buttons."""

import asyncio
import math
import struct
import wave
from typing import Any, override

from dev.home import HomeAssistantRig
from dev.ports import free_port

from ..stage import DemoError, Stage, add_camera, publish, say, set_up_integration
from .deeds import BRIGHT, TURNED, TURNING

READY_S = 60.0
SPOKEN_S = 2.0
_SOUND = "hello.wav"
_RATE = 16_000
CAMERAS = (
    *("--camera", f"{TURNING},scene=porch,framing=cc51,model=HL_PANP,status=6,abilities=pan+spotlight"),
    *("--camera", f"{BRIGHT},scene=garden,framing=0402,model=HL_CFL2"),
)
READY = (
    f"light.{TURNING}_spotlight",
    f"select.{TURNING}_night_vision",
    f"media_player.{TURNING}_speaker",
    f"light.{BRIGHT}_floodlight",
    f"siren.{BRIGHT}_siren",
)
"""What the dashboard needs of the cameras; with all of it, neither has more entities than are enabled."""

type Card = dict[str, Any]


class ControlsTown(Stage):
    """A house that knows no vendor."""

    def __init__(self, port: int | None = None) -> None:
        """Prepare; `port` is Home Assistant's (None: a free one)."""
        super().__init__()
        self._port = port

    @override
    async def _build(self) -> None:
        say("… starting simulated cameras")
        simulator = await self._start_simulator(CAMERAS)
        home = HomeAssistantRig(self.folder / "config", port=self._port)
        await self._start_home(home)
        await asyncio.to_thread(self._record)
        say("… setting up the integration, through its own pages")
        entry_id = await set_up_integration(home, free_port())
        for camera in simulator.cameras:
            await add_camera(home, entry_id, camera.title, camera.link)
            say(f"  added {camera.title}")
        await self._wait()
        await publish(home, _sections())

    async def _wait(self) -> None:
        """Wait until the cameras have said what they have; raises DemoError."""
        try:
            for entity_id in READY:
                await self.home.client.wait_for_state(entity_id, "off", "idle", "auto", limit=READY_S)
        except TimeoutError as err:
            raise DemoError(f"A camera's control did not appear: {err}") from err

    def _record(self) -> None:
        """Put a sound where Home Assistant finds it: a tone that swells and fades."""
        count = round(SPOKEN_S * _RATE)
        samples = (
            round(12_000 * math.sin(math.pi * at / count) * math.sin(2 * math.pi * 440 * at / _RATE))
            for at in range(count)
        )
        with wave.open(str(self.home.folder / "media" / _SOUND), "wb") as sound:
            sound.setparams((1, 2, _RATE, count, "NONE", ""))
            sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


def _sections() -> list[Card]:
    """Return the dashboard: for each camera its picture, and under it what it can be told."""
    turning = [
        _button("Turn left", "mdi:arrow-left", "wyze_local.pan_tilt", f"camera.{TURNING}", pan=-TURNED),
        _button("Turn right", "mdi:arrow-right", "wyze_local.pan_tilt", f"camera.{TURNING}", pan=TURNED),
        _toggle("Spotlight", f"light.{TURNING}_spotlight"),
        _vision("Night vision", "mdi:weather-night", "on"),
        _vision("Automatic", "mdi:theme-light-dark", "auto"),
        _button("Say hello", "mdi:bullhorn", "media_player.play_media", f"media_player.{TURNING}_speaker",
                media={"media_content_id": f"media-source://media_source/local/{_SOUND}",
                       "media_content_type": "audio/wav"}),
    ]  # fmt: skip
    bright = [_toggle("Floodlight", f"light.{BRIGHT}_floodlight"), _toggle("Siren", f"siren.{BRIGHT}_siren")]
    return [_section(TURNING, turning), _section(BRIGHT, bright)]


def _section(name: str, cards: list[Card]) -> Card:
    """Return a camera's part of the dashboard."""
    look = {"type": "picture-entity", "camera_view": "live", "show_name": False, "show_state": False}
    heading = {"type": "heading", "heading": name.capitalize()}
    return {"type": "grid", "cards": [heading, {**look, "entity": f"camera.{name}"}, *cards]}


def _button(name: str, icon: str, action: str, entity_id: str, **data: Any) -> Card:
    """Return a button that does something."""
    target = {"action": "perform-action", "perform_action": action, "target": {"entity_id": entity_id}}
    return {"type": "button", "name": name, "icon": icon, "tap_action": {**target, "data": data}, **_SMALL}


def _toggle(name: str, entity_id: str) -> Card:
    """Return a button that shows something's state and changes it."""
    return {"type": "button", "name": name, "entity": entity_id, "tap_action": {"action": "toggle"}, **_SMALL}


def _vision(name: str, icon: str, option: str) -> Card:
    """Return a button for a way of seeing at night."""
    return _button(name, icon, "select.select_option", f"select.{TURNING}_night_vision", option=option)


_SMALL: Card = {"grid_options": {"columns": 4, "rows": 2}}
