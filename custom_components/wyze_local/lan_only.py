"""LAN only: whether an account's vendor is left alone, because a person wants it so.

It is kept in the entry, so that it holds from the first moment after a restart on.
"""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect, async_dispatcher_send

from .const import CONF_LAN_ONLY, DOMAIN

if TYPE_CHECKING:
    from .entry import WyzeLocalConfigEntry


_LEFT_ALONE = f"{DOMAIN}_left_alone_{{}}"
"""Says, for an entry's id, that nothing is to be asked for it any more."""


class LeftAlone(Exception):
    """LAN only went on while the vendor was asked. It is no error, and nobody hears what was asked."""


def is_lan_only(entry: ConfigEntry) -> bool:
    """Tell whether nothing is to be asked of the vendor for an entry."""
    return bool(entry.data.get(CONF_LAN_ONLY))


@callback
def async_keep_lan_only(hass: HomeAssistant, entry: ConfigEntry, *, on: bool) -> None:
    """Keep what the person wants."""
    hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_LAN_ONLY: on})
    if on:
        async_dispatcher_send(hass, _LEFT_ALONE.format(entry.entry_id))


async def async_ask_unless_left_alone[T](
    hass: HomeAssistant, entry: ConfigEntry, asking: Coroutine[Any, Any, T]
) -> T:
    """Return the vendor's answer for a window of an entry.

    Raises LeftAlone as soon as LAN only goes on: what waits for its turn is not sent, and what is under way
    is cut. Else what the asking raises.
    """
    call = asyncio.ensure_future(asking)

    @callback
    def give_up() -> None:
        call.cancel()

    stop = async_dispatcher_connect(hass, _LEFT_ALONE.format(entry.entry_id), give_up)
    try:
        return await call
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
    finally:
        stop()
    raise LeftAlone


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
