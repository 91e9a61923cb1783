"""The form that a camera is prepared for sale by: it takes a tick, for it cannot be taken back."""

from collections.abc import Iterable, Mapping
from typing import Any

import probatio

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .cameras import CameraItem
from .const import CONF_CONFIRM
from .engine.vault import VaultError
from .entry import WyzeLocalConfigEntry
from .selling import SaleError, async_prepare_for_sale


async def async_sell(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, camera_key: str, values: Mapping[str, Any]
) -> dict[str, str]:
    """Forget a camera if the person has ticked that they mean it; returns form errors."""
    errors: dict[str, str] = {}
    if not values.get(CONF_CONFIRM):
        return {"base": "sale_not_confirmed"}
    try:
        await async_prepare_for_sale(hass, entry, camera_key)
    except SaleError:
        errors["base"] = "entry_not_loaded"
    except VaultError as err:
        errors["base"] = f"vault_{err.reason}"
    return errors


CONFIRM_FIELDS: dict[probatio.Marker, Any] = {
    probatio.Required(CONF_CONFIRM, default=False): BooleanSelector()
}


def choice(items: Iterable[CameraItem]) -> SelectSelector:
    """Return a list of cameras to choose one from."""
    options = [SelectOptionDict(value=item.key, label=item.name) for item in items]
    options.sort(key=lambda option: option["label"].casefold())
    return SelectSelector(SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST))
