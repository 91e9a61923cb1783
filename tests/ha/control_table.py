"""Controls without a relay: cameras made of a table, and a clock that the test moves."""

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wyze_local.control_state import ControlFailed
from custom_components.wyze_local.controls import Controls
from custom_components.wyze_local.engine.catalog import ControlCatalog
from custom_components.wyze_local.engine.relay import CameraFacts, RelayError
from tests.support.clock import FakeClock, settle

from .rigging import DOMAIN

MANY = 10020
GET_NIGHT_VISION, SET_NIGHT_VISION = 10040, 10042
GET_SIREN, SET_SIREN = 10632, 10630
GET_VIDEO, SET_PICTURE = 10050, 10056


@dataclass
class TableCamera:
    """A camera with a siren and night vision, which answers at once, later, or never."""

    siren: int = 2
    night_vision: int = 3
    status: Any = None
    live: bool = False
    battery: bool = False
    relayed: bool = True
    quality: str = ""
    """The size of the picture that is chosen here; with one it tells and takes a bitrate."""
    bitrate: int = 240
    failure: str = ""
    """Why there is no session with it, or no answer to anything."""
    obeys: bool = True
    unheard: set[int] = field(default_factory=set)
    """Commands that it leaves unanswered."""
    held: asyncio.Event | None = None
    """What its answers wait for."""
    held_to_orders: bool = True
    """Whether that is so only of orders, and questions are answered."""
    fault: Exception | None = None
    """What goes wrong in our own house when it is spoken to."""
    said: list[tuple[int, bytes]] = field(default_factory=list)

    def told(self, code: int = SET_SIREN) -> list[int]:
        """Return what it was told by a command, in turn."""
        return [payload[0] for said, payload in self.said if said == code]

    async def answer(self, code: int, payload: bytes) -> bytes:
        """Answer, or not."""
        self.said.append((code, payload))
        settings = {SET_SIREN: "siren", SET_NIGHT_VISION: "night_vision"}
        if self.fault is not None:
            raise self.fault
        if self.held is not None and (code in settings or not self.held_to_orders):
            await self.held.wait()
        if self.failure:
            raise RelayError(self.failure, reason=self.failure)
        if self.quality and code == GET_VIDEO:
            return struct.pack("<HBBBB", self.bitrate, 1, 20, 2, 2)
        if self.quality and code == SET_PICTURE:
            self.bitrate = struct.unpack("<BHH", payload)[1] if self.obeys else self.bitrate
            return b"\1"
        numbers = {GET_SIREN: "siren", GET_NIGHT_VISION: "night_vision"}
        if code in settings and self.obeys:
            setattr(self, settings[code], payload[0])
        if code in self.unheard or code not in {*numbers, *settings}:
            raise RelayError("timeout", reason="timeout")
        return b"\1" if code in settings else bytes((getattr(self, numbers[code]),))

    @property
    def looks(self) -> int:
        """How often it was asked how its siren stands."""
        return sum(code == GET_SIREN for code, _ in self.said)


@dataclass
class Table:
    """The cameras of one entry, what controls them, and all that this needs of a coordinator and a relay."""

    hass: HomeAssistant
    clock: FakeClock
    cameras: dict[str, TableCamera]
    controls: Any = None
    config_entry: Any = None
    notes: list[Callable[[], None]] = field(default_factory=list)

    @property
    def shared(self) -> Any:
        """What all entries share."""
        return SimpleNamespace(relaying=self, environment=SimpleNamespace(clock=self.clock))

    @property
    def data(self) -> dict[str, Any]:
        """The coordinator's verdicts."""
        return {key: camera.status for key, camera in self.cameras.items()}

    def is_live(self, camera_key: str) -> bool:
        """Tell whether a session is held."""
        return self.cameras[camera_key].live

    def watched(self, camera_key: str) -> Any:
        """Return what is remembered of a camera."""
        if (camera := self.cameras.get(camera_key)) is None:
            return None
        credentials = SimpleNamespace(model="HL_CAM4")
        return SimpleNamespace(
            record=SimpleNamespace(camera=SimpleNamespace(credentials=credentials)),
            settings=SimpleNamespace(relayed=camera.relayed, resolution=camera.quality),
            battery=camera.battery,
            called=False,
        )

    async def async_command(self, camera_key: str, code: int, payload: bytes, within: float) -> bytes:
        """Say something to a camera, as the relay does."""
        return await self.cameras[camera_key].answer(code, payload)

    def facts(self, camera_key: str) -> CameraFacts:
        """Return what it said at its log-in."""
        return CameraFacts(firmware="4.52.9.1")

    def async_add_listener(self, note: Callable[[], None]) -> Callable[[], None]:
        """Have somebody told of every verdict."""
        self.notes.append(note)
        return lambda: self.notes.remove(note)

    async def judge(self, *names: str, available: bool = True) -> None:
        """Let the checks find cameras well, or away."""
        for name in names:
            moment = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=self.clock.monotonic())
            self.cameras[name].status = SimpleNamespace(available=available, checked_at=moment)
        for note in tuple(self.notes):
            note()
        await self.pause(0)

    async def pause(self, seconds: float) -> None:
        """Let time pass, and all that comes of it happen."""
        await self.clock.advance(seconds)
        for _ in range(6):
            await settle()

    async def outcome(self, *wishes: asyncio.Task[str]) -> list[str]:
        """Return what becomes of wishes; the camera is looked at for some seconds where that takes any."""
        for _ in range(40):
            if all(wish.done() for wish in wishes):
                break
            await self.pause(0.25)
        return [wish.result() for wish in wishes]

    async def checks(self, count: int, *names: str, available: bool = True) -> None:
        """Let the checks of every five minutes come, and find cameras well, or away."""
        for _ in range(count):
            await self.pause(300)
            await self.judge(*names, available=available)


@asynccontextmanager
async def laid(hass: HomeAssistant, **cameras: TableCamera) -> AsyncIterator[Table]:
    """Lay a table with these cameras, each found well a moment ago; nobody asked them yet."""
    table = Table(hass, FakeClock(), cameras, config_entry=MockConfigEntry(domain=DOMAIN))
    coordinator: Any = table
    catalog = await hass.async_add_executor_job(ControlCatalog.load)
    table.controls = Controls(hass, coordinator, catalog)
    await table.judge(*cameras)
    await table.controls.async_load()
    yield table
    await table.config_entry._async_process_on_unload(hass)


async def failing(wish: Awaitable[None]) -> str:
    """Return the text that a person gets for a wish that was in vain."""
    try:
        await wish
    except ControlFailed as err:
        return str(err.translation_key)
    return ""
