"""What follows when Home Assistant's DHCP discovery meets a device of the vendor's.

A known camera is asked at its new address, and followed there once it has proved itself. A new one becomes a
card that leads into the set-up, one at a time: an account brings all of a house at once. Nothing that the
card shows or keeps tells a hardware address.
"""

from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_DHCP,
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo

from .cameras import camera_items, is_signed_in, own_entries
from .const import CONF_IGNORED, DOMAIN, MANUFACTURER
from .engine.catalog import Catalog
from .engine.model import Secret, is_vendors
from .entry import WyzeLocalConfigEntry
from .lan_only import is_lan_only
from .shared import async_get_shared

_SET_UPS = frozenset({SOURCE_DHCP, SOURCE_USER})
"""How a set-up begins."""


class DiscoverySteps(ConfigFlow):
    """The steps from a lease to the set-up."""

    @override
    async def async_step_dhcp(self, discovery_info: DhcpServiceInfo) -> ConfigFlowResult:
        """Follow a known camera; offer the set-up for what may be a new one."""
        # Home Assistant would show it with the card, and write it down with the entry, even an ignored one.
        self.context.pop("discovery_key", None)
        mac = discovery_info.macaddress.upper()
        fingerprint = (await async_get_shared(self.hass)).installation.fingerprint_of(Secret(mac))
        if _async_is_known(self.hass, fingerprint, Secret(discovery_info.ip)):
            return self.async_abort(reason="camera_known")
        if not is_vendors(mac):
            # Home Assistant compares six digits; one of the vendor's blocks has seven.
            return self.async_abort(reason="camera_foreign")
        entries = own_entries(self.hass)
        if any(is_signed_in(entry) and not is_lan_only(entry) for entry in entries):
            return self.async_abort(reason="account_tells")
        await self.async_set_unique_id(fingerprint)
        self._abort_if_unique_id_configured(error="camera_known")
        catalog = await self.hass.async_add_executor_job(Catalog.load)
        # Nothing is waited for from here on: of two devices met at once, one becomes the card.
        if self._is_set_up_open():
            return self.async_abort(reason="already_in_progress")
        self.context["title_placeholders"] = {"name": _name(discovery_info.hostname, catalog)}
        return await self.async_step_discovered()

    def _is_set_up_open(self) -> bool:
        """Tell whether a card or a set-up is there already: it may well bring this camera in, too."""
        open_ones = self._async_in_progress(include_uninitialized=False)
        return any(flow["context"]["source"] in _SET_UPS for flow in open_ones)

    async def async_step_discovered(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what was met, and go on to the set-up when the person wants that."""
        if user_input is not None:
            return await self.async_step_user()
        return self.async_show_form(
            step_id="discovered", description_placeholders=dict(self.context["title_placeholders"])
        )


@callback
def _async_is_known(hass: HomeAssistant, fingerprint: str, address: Secret) -> bool:
    """Tell whether a device is a camera of somebody's here, and have it looked for at its address."""
    known = False
    entries: list[WyzeLocalConfigEntry] = own_entries(hass)
    for entry in entries:
        known |= fingerprint in entry.data.get(CONF_IGNORED, ())
        for item in camera_items(entry):
            if item.mac_hash == fingerprint:
                known = True
                if entry.state is ConfigEntryState.LOADED:
                    entry.runtime_data.finding.async_hear(item.key, address)
    return known


@callback
def async_close_cards(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> None:
    """Withdraw the cards of cameras that an entry has by now."""
    ours = {item.mac_hash for item in camera_items(entry)}
    for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN):
        if flow["context"].get("unique_id") in ours:
            hass.config_entries.flow.async_abort(flow["flow_id"])


def _name(hostname: str, catalog: Catalog) -> str:
    """Return what to call a device; of its own name only the model is told, which the rest follows."""
    called = hostname.upper()
    models = [model for model in catalog.models() if called.startswith(model.model_id)]
    longest = max(models, key=lambda model: len(model.model_id), default=None)
    return f"{MANUFACTURER} {longest.name}" if longest is not None else f"{MANUFACTURER} device"
