"""The stage: two cameras of an account that stand still, a phone, and an automation for each of them."""

import asyncio
from typing import Any, override

from dev.home import Flow
from dev.home.folder import ROOT
from dev.home.phone import Phone

from ..stage import DOMAIN, DemoError, say, suggested
from ..vendor.town import TOLD, VendorTown

FULL, KEY = "yard", "drive"
"""The camera that is looked at in full, and the one of which only key frames are."""
PRE_ROLL_S = 5.0
READY_S = 40.0

_BLUEPRINT = ROOT / "blueprints" / "automation" / DOMAIN / "notify_on_motion.yaml"
_PATH = f"{DOMAIN}/{_BLUEPRINT.name}"


class EventsTown(VendorTown):
    """A house whose cameras are watched."""

    CAMERAS: tuple[str, ...] = (
        *("--camera", f"{FULL},scene=yard,framing=cc51,audio=aac,model=HL_CAM4,status=6"),
        *("--camera", f"{KEY},scene=yard,model=WYZE_CAKP2JFUS"),
    )
    CONFIGURATION = "automation: !include automations.yaml\nmobile_app:\n"

    def __init__(self, port: int | None = None) -> None:
        """Prepare; `port` is Home Assistant's (None: a free one)."""
        super().__init__(port)
        self.phone = Phone("Ann's phone")

    @override
    async def _build(self) -> None:
        await self._exits.enter_async_context(self.phone)
        await super()._build()
        await self._watch_in_full(FULL)
        await self._automate()
        for name in (FULL, KEY):
            await self.home.client.wait_for_state(f"binary_sensor.{name}_motion", "off", limit=READY_S)
            say(f"  {name.capitalize()} is watched")

    @override
    def _about(self, flow: Flow) -> dict[str, Any]:
        return {"watch": suggested(flow.result, "watch")}

    async def _watch_in_full(self, name: str) -> None:
        """Go through the page about a camera's motion as a person would; raises DemoError."""
        (entry,) = await self.entries()
        flow = await self.home.client.flow(DOMAIN, entry_id=entry["entry_id"])
        await flow.choose("motion_of")
        (field,) = [one for one in flow.result["data_schema"] if one["name"] == "camera"]
        titles = {one["label"]: one["value"] for one in field["selector"]["select"]["options"]}
        await flow.submit(camera=titles[name.capitalize()])
        result = await flow.submit(watch="full", sensitivity="medium", clips=True, pre_roll=PRE_ROLL_S)
        if result.get("reason") != "motion_saved":
            raise DemoError(f"The page about motion did not take it: {result}")

    async def record(self, name: str) -> None:
        """Have a camera recorded, as somebody's button does."""
        target = {"entity_id": f"camera.{name}", "seconds": 1, "pre_roll": 0}
        await self.home.client.call(DOMAIN, "record", **target)

    async def _automate(self) -> None:
        """Register the phone, import the blueprint, and make an automation for each camera."""
        client = self.home.client
        await client.rest("POST", "/api/mobile_app/registrations", self.phone.registration)
        yaml = await asyncio.to_thread(_BLUEPRINT.read_text, "utf-8")
        await client.command("blueprint/save", domain="automation", path=_PATH, yaml=yaml)
        devices = await client.command("config/device_registry/list")
        (phone,) = [one["id"] for one in devices if one["name"] == self.phone.name]
        for name in (FULL, KEY):
            inputs = {"events": [f"event.{name}_events"], "when": "always", "phones": [phone], "cool_down": 0}
            config = {"alias": f"Tell of the {name}", "use_blueprint": {"path": _PATH, "input": inputs}}
            await client.rest("POST", f"/api/config/automation/config/{name}", config)

    @override
    async def _sections(self) -> list[dict[str, Any]]:
        """Return the dashboard: the cameras with what they see, and beside them what is told of it."""
        look = {"type": "picture-entity", "camera_view": "live", **_BARE}
        left: list[dict[str, Any]] = []
        for name in (FULL, KEY):
            left += [
                {"type": "heading", "heading": name.capitalize()},
                {**look, "entity": f"camera.{name}"},
                {"type": "tile", "entity": f"binary_sensor.{name}_motion"},
                {"type": "tile", "entity": f"event.{name}_events"},
            ]
        told = [entity for kind in TOLD for entity in await self.registered(kind)]
        seen = [f"{kind}.{name}_{what}" for name in (FULL, KEY) for kind, what in _SEEN]
        right: list[dict[str, Any]] = [
            {"type": "heading", "heading": "The last event"},
            {"type": "picture-entity", "entity": f"image.{FULL}_last_event", **_BARE},
            {"type": "heading", "heading": "The vendor's cloud"},
            # What they are called without the account, whose name would leave no room.
            *({"type": "tile", "entity": entity, "name": {"type": "entity"}} for entity in told),
            {"type": "logbook", "target": {"entity_id": seen}, "grid_options": {"rows": 6}},
        ]
        return [{"type": "grid", "cards": left}, {"type": "grid", "cards": right}]


_BARE = {"show_name": False, "show_state": False}
_SEEN = (("binary_sensor", "motion"), ("event", "events"))
