"""The stage: an account that is signed in, and a wall of live pictures beside what is said of the cloud."""

import asyncio
from dataclasses import replace
from typing import Any, override

from homeassistant.core import HomeAssistant

from dev.home import FLOWS, Flow
from dev.home.cloud import surroundings
from dev.ports import free_port

from ..account import Town
from ..stage import DOMAIN, DemoError, publish, say, suggested
from .ears import Ears

TOLD_BY_ALL = "status_light"
"""What every camera of the house has beside its picture."""
ASKED_S = 60.0
"""Seconds within which all cameras were asked what they have."""

HOUR = 10.0
"""Seconds that what takes an hour takes here."""

NEIGHBOUR = "neighbour@example.org"
"""Whose cameras the cloud mixes up with ours."""

WATCHED = ("porch", "garden", "hall")
"""The cameras whose pictures move on the dashboard; a browser can play all of them."""

TOLD = {"account": "the account", "uplink": "the line to the vendor", "trust": "trust in its answers"}
"""Entities of the account that tell how the cloud stands, and what they speak of."""


def minutes(count: float) -> float:
    """Return how many seconds so many minutes take here."""
    return count * HOUR / 60


def prepare(hass: HomeAssistant) -> None:
    """Lead the integration to the fake cloud, with patience for hours made shorter."""
    # Home Assistant puts its configuration folder on the path first; so late, this is its module.
    from custom_components.wyze_local.engine.cloud import RefreshPolicy  # noqa: PLC0415
    from custom_components.wyze_local.engine.ownership import POLICY  # noqa: PLC0415
    from custom_components.wyze_local.engine.uplink import Policy  # noqa: PLC0415
    from custom_components.wyze_local.environment import DATA_ENVIRONMENT  # noqa: PLC0415

    hass.data[DATA_ENVIRONMENT] = surroundings(
        webrtc_on_loopback=True,
        refresh=RefreshPolicy(pause=minutes(10)),
        uplink=Policy().scaled(HOUR / 3600),
        # Whole seconds, and what is about cameras rather than the account stays.
        ownership=replace(POLICY, frozen=round(minutes(60)), clean_gap=round(minutes(10) / 2)),
    )


class VendorTown(Town):
    """Five cameras of an account that is signed in, and a dashboard."""

    PREPARE = "dev.demo.vendor.town:prepare"

    def __init__(self, port: int | None = None) -> None:
        """Prepare; `port` is Home Assistant's (None: a free one)."""
        super().__init__(port)
        self.ears = Ears()
        """Whoever is dialled at the neighbour's addresses."""

    @override
    async def _build(self) -> None:
        await super()._build()
        neighbour = await self.simulator.ask_cloud(f"users/{NEIGHBOUR}")
        await self.ears.listen(device["ip"] for device in neighbour["devices"])
        self._exits.callback(self.ears.close)
        say("… signing in to the vendor account")
        flow = await self.home.client.flow(DOMAIN)
        await self._answer(flow)
        await self.arrive()
        await self._asked()
        await publish(self.home, await self._sections())

    async def _asked(self) -> None:
        """Wait until each camera has told what it has, and nothing more comes of it; raises TimeoutError.

        What is new later is then nothing of these cameras.
        """
        before: list[str] = []
        async with asyncio.timeout(ASKED_S):
            while True:
                known = await self.registered()
                if known == before and len(await self.registered(TOLD_BY_ALL)) == len(self.simulator.cameras):
                    return
                before = known
                await asyncio.sleep(0.5)

    async def sign_in_again(self) -> None:
        """Answer the request to sign in again, with a text message as the second factor."""
        (request,) = await self.asked_to_sign_in()
        flow = Flow(self.home.client, FLOWS["config"], {"flow_id": request["flow_id"]})
        flow.result = await self.home.client.rest("GET", f"{flow.path}/{request['flow_id']}")
        await self._answer(flow, by_message=True)

    async def _answer(self, flow: Flow, *, by_message: bool = False) -> None:
        """Go through the pages of a sign-in as a person would; raises DemoError."""
        while flow.result["type"] in {"form", "menu"}:
            if flow.errors:
                raise DemoError(f"The sign-in failed: {flow.errors}")
            match flow.step:
                case "way":
                    await flow.choose("vendor")
                case "networks":
                    networks = [*suggested(flow.result, "networks"), "127.0.0.0/8"]
                    await flow.submit(networks=networks, stream_server={"webrtc_port": free_port()})
                case "account":
                    await flow.submit(**self._typed("email", "password", "key_id", "api_key"))
                case "reauth_confirm":
                    await flow.submit(**self._typed("password"))
                case "factor":
                    await flow.choose("sms" if by_message else "totp")
                case "totp":
                    await flow.submit(code=await self.code())
                case "sms":
                    await flow.submit(code=await self.message())
                case "cameras":
                    await flow.submit(cameras=suggested(flow.result, "cameras"), **self._about(flow))
                case "passphrase":
                    await flow.submit()
                case other:
                    raise DemoError(f"The sign-in shows a page that nobody told of: {other}")

    def _about(self, flow: Flow) -> dict[str, Any]:
        """Return what the page of the cameras is told beside which of them: none is watched here."""
        return {}

    def _typed(self, *fields: str) -> dict[str, str]:
        return {field: self.person[field] for field in fields}

    async def _sections(self) -> list[dict[str, Any]]:
        """Return the dashboard: pictures on the left, what is known of the cloud and the cameras right."""
        look = {"type": "picture-entity", "camera_view": "live", "show_name": False, "show_state": False}
        cards = [{**look, "entity": f"camera.{name}"} for name in WATCHED]
        shown = {**TOLD, "lan_only": "LAN only"}
        told = {name: entity for kind, name in shown.items() for entity in await self.registered(kind)}
        connections = {one.title: f"sensor.{one.name}_connection" for one in self.simulator.cameras}
        right: list[dict[str, Any]] = []
        for title, rows in (("The vendor's cloud", told), ("Cameras", connections)):
            right.append({"type": "heading", "heading": title})
            for name, entity_id in rows.items():
                right.append({"type": "tile", "entity": entity_id, "name": name[0].upper() + name[1:]})
        logbook = {"type": "logbook", "target": {"entity_id": [*told.values()]}}
        right.append({**logbook, "grid_options": {"rows": 6}})
        return [
            {"type": "grid", "cards": [{"type": "heading", "heading": "Pictures"}, *cards]},
            {"type": "grid", "cards": right},
        ]
