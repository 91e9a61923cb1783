"""The stage of the account's story: five cameras, a vendor cloud that knows them, and Home Assistant."""

from pathlib import Path
from typing import Any, override

from homeassistant.core import HomeAssistant

from dev.home import HomeAssistantRig
from dev.home.cloud import surroundings, told

from ..stage import DOMAIN, Stage, say

READY_S = 60.0
PREPARE = "dev.demo.account.town:prepare"


def prepare(hass: HomeAssistant) -> None:
    """Lead the integration to the fake cloud; it may renew refused tokens in seconds, not in half hours."""
    # Home Assistant puts its configuration folder on the path first; so late, this is its module.
    from custom_components.wyze_local.engine.cloud import RefreshPolicy  # noqa: PLC0415
    from custom_components.wyze_local.environment import DATA_ENVIRONMENT  # noqa: PLC0415

    hass.data[DATA_ENVIRONMENT] = surroundings(webrtc_on_loopback=True, refresh=RefreshPolicy(pause=1.0))


class Town(Stage):
    """Cameras, cloud and a Home Assistant without any entry."""

    PREPARE = PREPARE
    CAMERAS: tuple[str, ...] = ("--cameras", "house")
    """What says to the simulator which cameras there are."""
    CONFIGURATION = ""
    """What Home Assistant's configuration has beside the usual."""

    def __init__(self, port: int | None = None) -> None:
        """Prepare; `port` is Home Assistant's (None: a free one)."""
        super().__init__()
        self._port = port

    @property
    def person(self) -> dict[str, str]:
        """What the person types who has the cameras."""
        assert self.simulator.account is not None
        return self.simulator.account

    @override
    async def _build(self) -> None:
        say("… starting simulated cameras and a vendor cloud that knows them")
        (self.folder / "cloud").mkdir()
        await self._start_simulator(self.CAMERAS, self.folder / "cloud")
        await self._start_home(
            HomeAssistantRig(
                self.folder / "config",
                port=self._port,
                log_level="debug",
                prepare=self.PREPARE,
                environment=told(Path(self.person["file"])),
                more=self.CONFIGURATION,
            )
        )

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
        return (await self.registered("account"))[0]

    async def registered(self, *keys: str) -> list[str]:
        """Return the entities of the integration; of some translation keys, if any are named."""
        registry = await self.home.client.command("config/entity_registry/list")
        return [
            str(entity["entity_id"])
            for entity in registry
            if entity["platform"] == DOMAIN and (not keys or entity["translation_key"] in keys)
        ]

    async def asked_to_sign_in(self) -> list[dict[str, Any]]:
        """Return the requests to sign in again that a person sees."""
        flows = await self.home.client.command("config_entries/flow/progress")
        return [
            flow for flow in flows if flow["handler"] == DOMAIN and flow["context"].get("source") == "reauth"
        ]

    async def arrive(self) -> None:
        """Wait until every camera has proved itself."""
        for camera in self.simulator.cameras:
            sensor = f"sensor.{camera.name}_connection"
            await self.home.client.wait_for_state(sensor, "ready", "live", limit=READY_S)
            say(f"  {camera.title} has arrived")

    async def calls(self, endpoint: str = "", *, since: int = 0) -> list[dict[str, Any]]:
        """Return what the cloud was asked after a call's number, by one endpoint or by all."""
        query = f"calls?since={since}" + (f"&endpoint={endpoint}" if endpoint else "")
        return list((await self.simulator.ask_cloud(query))["calls"])

    async def newest_call(self) -> int:
        """Return the number of the newest call."""
        return max((int(call["number"]) for call in await self.calls()), default=0)
