"""The stage of the account's story: five cameras, a vendor cloud that knows them, and Home Assistant."""

import contextlib
import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from homeassistant.core import HomeAssistant

from dev.home import HomeAssistantRig
from dev.home.cloud import surroundings, told
from dev.ports import free_port

from ..cameras import SimulatorProcess
from ..stage import DOMAIN, RUNS, remove_dead_runs, say

CAMERAS = ("--cameras", "house")
PREPARE = "dev.demo.account.town:prepare"


def prepare(hass: HomeAssistant) -> None:
    """Lead the integration to the fake cloud; it may renew refused tokens in seconds, not in half hours."""
    # Home Assistant puts its configuration folder on the path first; so late, this is its module.
    from custom_components.wyze_local.engine.cloud import RefreshPolicy  # noqa: PLC0415
    from custom_components.wyze_local.shared import DATA_ENVIRONMENT  # noqa: PLC0415

    hass.data[DATA_ENVIRONMENT] = surroundings(webrtc_on_loopback=True, refresh=RefreshPolicy(pause=1.0))


class Town:
    """Cameras, cloud and a Home Assistant without any entry, while the `async with` block runs."""

    def __init__(self, port: int | None = None) -> None:
        """Prepare; `port` is Home Assistant's (None: a free one)."""
        self.folder = RUNS / f"{os.getpid()}"
        self.webrtc_port = free_port()
        self._port = port
        self._simulator: SimulatorProcess | None = None
        self._home: HomeAssistantRig | None = None
        self._exits = contextlib.AsyncExitStack()

    @property
    def simulator(self) -> SimulatorProcess:
        """The cameras and the cloud, while they run."""
        assert self._simulator is not None
        return self._simulator

    @property
    def home(self) -> HomeAssistantRig:
        """Home Assistant, while it runs."""
        assert self._home is not None
        return self._home

    @property
    def person(self) -> dict[str, str]:
        """What the person types who has the cameras."""
        assert self.simulator.account is not None
        return self.simulator.account

    async def __aenter__(self) -> Self:
        """Build everything up; raises RigError or SimulatorError and leaves nothing behind."""
        try:
            await self._build()
        except BaseException:
            await self._exits.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take everything down."""
        await self._exits.aclose()

    async def _build(self) -> None:
        remove_dead_runs()
        (self.folder / "cloud").mkdir(parents=True)
        self._exits.callback(shutil.rmtree, self.folder, ignore_errors=True)
        say("… starting five simulated cameras and a vendor cloud that knows them")
        log = self.folder / "simulator.log"
        self._simulator = await SimulatorProcess.start(log, CAMERAS, cloud=self.folder / "cloud")
        self._exits.push_async_callback(self._simulator.stop)
        say("… starting Home Assistant")
        self._home = HomeAssistantRig(
            self.folder / "config",
            port=self._port,
            log_level="debug",
            prepare=PREPARE,
            environment=told(Path(self.person["file"])),
        )
        await self._home.start()
        self._exits.push_async_callback(self._home.stop)
        say(f"✓ Home Assistant ({self._home.start_seconds:.1f} s)")

    async def code(self) -> str:
        """Return what the person's authenticator app shows now."""
        return str((await self._seen())["totp"])

    async def message(self) -> str:
        """Return the code in the newest text message on the person's phone."""
        return str((await self._seen())["phone"][-1])

    async def _seen(self) -> dict[str, Any]:
        return dict(await self.simulator.ask_cloud(f"users/{self.person['email']}"))

    async def entries(self) -> list[dict[str, Any]]:
        """Return the integration's entries, as Home Assistant describes them."""
        return list(await self.home.client.command("config_entries/get", domain=DOMAIN))

    async def account_sensor(self) -> str:
        """Return the sensor that tells how the account stands."""
        registry = await self.home.client.command("config/entity_registry/list")
        return next(
            str(entity["entity_id"])
            for entity in registry
            if entity["platform"] == DOMAIN and entity["translation_key"] == "account"
        )

    async def calls(self, endpoint: str = "", *, since: int = 0) -> list[dict[str, Any]]:
        """Return what the cloud was asked after a call's number, by one endpoint or by all."""
        query = f"calls?since={since}" + (f"&endpoint={endpoint}" if endpoint else "")
        return list((await self.simulator.ask_cloud(query))["calls"])

    async def newest_call(self) -> int:
        """Return the number of the newest call."""
        return max((int(call["number"]) for call in await self.calls()), default=0)
