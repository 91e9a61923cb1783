"""Cameras that are watched, in a Home Assistant of the tests."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.cameras import async_change_camera
from custom_components.wyze_local.engine.watch import WatchNews, WatchPhase, WatchState
from custom_components.wyze_local.shared import DATA_SHARED
from custom_components.wyze_local.watching import Watching
from dev.simulator import Audio, CameraSpec, Framing, Picture, Scene

from .rigging import Home, wait_for

YARD = CameraSpec(
    "porch", Framing.CC51, audio=Audio.NONE, picture=Picture(scene=Scene.YARD, seconds=8, gop=15)
)
"""A camera before which nothing moves until somebody is sent."""


@dataclass
class Heard:
    """What was told of a camera."""

    news: list[WatchNews] = field(default_factory=list)
    states: list[WatchState] = field(default_factory=list)

    def of(self, kind: type) -> list[Any]:
        """Return the news of a kind."""
        return [one for one in self.news if isinstance(one, kind)]


@contextmanager
def listening(hass: HomeAssistant, camera_key: str) -> Iterator[Heard]:
    """Hear of a camera."""
    heard = Heard()
    stop = watching_of(hass).async_follow(camera_key, heard.news.append, heard.states.append)
    try:
        yield heard
    finally:
        stop()


def watching_of(hass: HomeAssistant) -> Watching:
    """Return the worker of a Home Assistant."""
    return hass.data[DATA_SHARED].watching


def key_of(home: Home) -> str:
    """Return the key of the only camera."""
    (subentry,) = home.entry.subentries.values()
    return str(subentry.data["camera_key"])


async def have_watched(home: Home, camera_key: str, mode: str = "full", **settings: Any) -> None:
    """Want a camera watched, and wait until it is."""
    async_change_camera(home.hass, home.entry, camera_key, **{"watch": mode, **settings})
    await home.hass.async_block_till_done()
    if mode != "off":
        await until_watched(home.hass, camera_key)


async def until_watched(hass: HomeAssistant, camera_key: str, seconds: float = 20) -> None:
    """Wait until a camera is watched."""
    await wait_for(lambda: watching_of(hass).state(camera_key).phase is WatchPhase.WATCHING, seconds)


def workers() -> set[int]:
    """Return the watch workers of this process that run."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        # A thread of ours, or a child, may end meanwhile.
        with suppress(OSError):
            for pid in task.joinpath("children").read_text().split():
                with suppress(OSError):
                    if b"\0watch\0" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        found.add(int(pid))
    return found
