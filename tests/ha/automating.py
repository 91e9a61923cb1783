"""Automations as people make them, of Home Assistant's own triggers."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component


async def automate(hass: HomeAssistant, **triggers: dict[str, Any]) -> list[str]:
    """Make an automation of each of core's triggers; returns, in a list that grows, which one ran."""
    ran: list[str] = []
    automations = [
        {
            "alias": name,
            "triggers": [trigger],
            "actions": [{"event": "ran", "event_data": {"name": name}}],
        }
        for name, trigger in triggers.items()
    ]
    assert await async_setup_component(hass, "automation", {"automation": automations})
    await hass.async_block_till_done()
    hass.bus.async_listen("ran", lambda event: ran.append(event.data["name"]))
    return ran
