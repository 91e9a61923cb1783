"""A camera that says no: whoever asked reads why and what to do next, and nothing is shown that is not so."""

import json
from pathlib import Path
from typing import Any

import pytest

from homeassistant.core import HomeAssistant

from custom_components import wyze_local
from dev.simulator import Stubborn

from .control_rig import NO_LAMP, Able, fresh

__all__ = ["fresh"]

TEXTS = json.loads((Path(wyze_local.__file__).parent / "translations" / "en.json").read_text("utf-8"))


@pytest.mark.parametrize("simulator", [[NO_LAMP]], indirect=True)
async def test_whoever_asks_is_told_why_and_what_helps(
    hass: HomeAssistant, hass_ws_client: Any, fresh: Able
) -> None:
    """In words, where they pressed; the siren is off before and after, and whoever tries again succeeds."""
    client = await hass_ws_client(hass)

    async def press() -> dict[str, Any]:
        """Switch the siren on as the dashboard does, and return what comes back."""
        target = {"entity_id": "siren.porch_siren"}
        await client.send_json_auto_id(
            {"type": "call_service", "domain": "siren", "service": "turn_on", "target": target}
        )
        answer: dict[str, Any] = await client.receive_json()
        return answer

    for how, key, cause, step in (
        (Stubborn.REFUSES, "control_refused", "will not do this", "try it in the vendor's app"),
        (Stubborn.IGNORES, "control_ignored", "nothing has changed", "update it in the vendor's app"),
    ):
        fresh.camera.disobey(how)
        error = (await press())["error"]
        assert (error["translation_domain"], error["translation_key"]) == ("wyze_local", key)
        assert error["message"] == TEXTS["exceptions"][key]["message"].removesuffix(".")
        assert cause in error["message"]
        assert step in error["message"]
        await hass.async_block_till_done()
        assert (fresh.settings.siren, fresh.state("siren.porch_siren")) == (2, "off")
    fresh.camera.disobey(None)
    assert (await press())["success"]
    assert (fresh.settings.siren, fresh.state("siren.porch_siren")) == (1, "on")
