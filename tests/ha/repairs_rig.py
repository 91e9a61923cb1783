"""A person at the repairs of an account: Home Assistant's own list, and its pages by HTTP."""

from dataclasses import dataclass
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .rigging import DOMAIN

NOT_YOURS, WAITING = "cloud_not_yours", "cameras_waiting"


@dataclass
class Repairs:
    """A person at the repairs of an account."""

    hass: HomeAssistant
    entry: Any
    client: Any
    ws: Any

    async def listed(self) -> dict[str, dict[str, Any]]:
        """Return the repairs of ours that Home Assistant lists, by their text's key."""
        await self.ws.send_json_auto_id({"type": "repairs/list_issues"})
        issues = (await self.ws.receive_json())["result"]["issues"]
        return {one["translation_key"]: one for one in issues if one["domain"] == DOMAIN}

    async def open(self, kind: str) -> dict[str, Any]:
        """Open a repair."""
        issue_id = f"{kind}_{self.entry.entry_id}"
        return await self._post("", {"handler": DOMAIN, "issue_id": issue_id})

    async def choose(self, page: dict[str, Any], step: str) -> dict[str, Any]:
        """Choose an item of a menu."""
        assert step in page["menu_options"]
        return await self._post(f"/{page['flow_id']}", {"next_step_id": step})

    async def submit(self, page: dict[str, Any]) -> dict[str, Any]:
        """Submit a page that asks for nothing."""
        assert page["type"] == "form", page
        return await self._post(f"/{page['flow_id']}", {})

    async def text(self, kind: str, *path: str, page: dict[str, Any]) -> str:
        """Return what a person reads on a page."""
        texts = await async_get_translations(self.hass, "en", "issues", {DOMAIN})
        text = texts[".".join((f"component.{DOMAIN}.issues.{kind}", *path))]
        return text.format(**page["description_placeholders"])

    async def _post(self, path: str, what: dict[str, Any]) -> dict[str, Any]:
        response = await self.client.post(f"/api/repairs/issues/fix{path}", json=what)
        page: dict[str, Any] = await response.json()
        return page
