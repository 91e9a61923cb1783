"""LAN only: whether an account's vendor is left alone, because a person wants it so.

It is kept in the entry, so that it holds from the first moment after a restart on.
"""

from typing import TYPE_CHECKING

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback

from .const import CONF_LAN_ONLY

if TYPE_CHECKING:
    from .entry import WyzeLocalConfigEntry


def is_lan_only(entry: ConfigEntry) -> bool:
    """Tell whether nothing is to be asked of the vendor for an entry."""
    return bool(entry.data.get(CONF_LAN_ONLY))


@callback
def async_keep_lan_only(hass: HomeAssistant, entry: ConfigEntry, *, on: bool) -> None:
    """Keep what the person wants."""
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_LAN_ONLY: on})


async def async_turn_lan_only(hass: HomeAssistant, entry: WyzeLocalConfigEntry, *, on: bool) -> None:
    """Do what the person wants, also for an entry that is not loaded."""
    account = entry.runtime_data.account if entry.state is ConfigEntryState.LOADED else None
    if account is None:
        async_keep_lan_only(hass, entry, on=on)
    else:
        await account.async_set_lan_only(on)


@callback
def async_withdraw_sign_in(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Ask nobody to sign in to a vendor who is left alone."""
    for flow in tuple(entry.async_get_active_flows(hass, {SOURCE_REAUTH})):
        hass.config_entries.flow.async_abort(flow["flow_id"])
