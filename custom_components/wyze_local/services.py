"""Actions for administrators: a camera's restream, another key for all vaults, a camera to be forgotten."""

from collections.abc import Iterable
from typing import Any

import probatio

from homeassistant.components import network
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
    service,
    target,
)

from .const import CONF_CONFIRM, DOMAIN
from .engine.model import EngineError
from .engine.stream import LanDoor, PictureServer, StreamServer
from .engine.vault import VaultError
from .entry import WyzeLocalConfigEntry
from .keys import async_get_keys
from .selling import LEFT_TO_DO, SaleError, async_prepare_for_sale

GET_RESTREAM_URL = "get_restream_url"
PREPARE_FOR_SALE = "prepare_for_sale"
ROTATE_KEY = "rotate_key"


@callback
def async_set_up_services(hass: HomeAssistant) -> None:
    """Register the actions; they are there whether an entry is loaded or not."""

    async def get_restream_url(call: ServiceCall) -> ServiceResponse:
        found = _cameras(hass, call)
        address = await _address(hass)
        return {"cameras": [_tell(entry, name, key, address) for entry, name, key in found]}

    service.async_register_admin_service(
        hass,
        DOMAIN,
        GET_RESTREAM_URL,
        get_restream_url,
        cv.make_entity_service_schema({}),
        SupportsResponse.ONLY,
    )

    async def rotate_key(call: ServiceCall) -> ServiceResponse:
        try:
            return {"vaults": await async_get_keys(hass).async_rotate()}
        except VaultError as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="key_not_rotated",
                translation_placeholders={"reason": err.reason.replace("_", " ")},
            ) from err

    service.async_register_admin_service(
        hass,
        DOMAIN,
        ROTATE_KEY,
        rotate_key,
        probatio.Schema({}),
        SupportsResponse.OPTIONAL,
    )
    _async_set_up_sale(hass)


@callback
def _async_set_up_sale(hass: HomeAssistant) -> None:
    """Register the action that forgets a camera."""

    async def prepare_for_sale(call: ServiceCall) -> ServiceResponse:
        if not call.data[CONF_CONFIRM]:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="sale_not_confirmed")
        # One device by its id, and no areas or labels: nobody is to forget all cameras of a floor by a slip.
        ((entry, name, camera_key),) = _of_devices(hass, [call.data[ATTR_DEVICE_ID]])
        await _async_sell(hass, entry, camera_key)
        return {"name": name, "left_to_do": list(LEFT_TO_DO)}

    service.async_register_admin_service(
        hass,
        DOMAIN,
        PREPARE_FOR_SALE,
        prepare_for_sale,
        probatio.Schema(
            {
                probatio.Required(ATTR_DEVICE_ID): cv.string,
                probatio.Required(CONF_CONFIRM): cv.boolean,
            }
        ),
        SupportsResponse.OPTIONAL,
    )


async def _async_sell(hass: HomeAssistant, entry: WyzeLocalConfigEntry, camera_key: str) -> None:
    try:
        await async_prepare_for_sale(hass, entry, camera_key)
    except SaleError as err:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_camera_chosen") from err
    except VaultError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="keys_not_erased",
            translation_placeholders={"reason": err.reason.replace("_", " ")},
        ) from err


def _cameras(hass: HomeAssistant, call: ServiceCall) -> list[tuple[WyzeLocalConfigEntry, str, str]]:
    """Return the cameras that a call is about, each once, with their entry, name and key."""
    selected = target.async_extract_referenced_entity_ids(hass, target.TargetSelection(call.data))
    entities = er.async_get(hass)
    device_ids = set(selected.referenced_devices)
    for entity_id in selected.referenced | selected.indirectly_referenced:
        if (entity := entities.async_get(entity_id)) is not None and entity.device_id is not None:
            device_ids.add(entity.device_id)
    return _of_devices(hass, sorted(device_ids))


def _of_devices(
    hass: HomeAssistant, device_ids: Iterable[str]
) -> list[tuple[WyzeLocalConfigEntry, str, str]]:
    """Return the cameras that devices are; raises ServiceValidationError when there is none."""
    devices = dr.async_get(hass)
    loaded: list[WyzeLocalConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    found = [
        (entry, device.name_by_user or device.name or "", key)
        for device_id in device_ids
        if (device := devices.async_get(device_id)) is not None
        for domain, key in device.identifiers
        if domain == DOMAIN
        for entry in loaded
        # An account has a device of its own.
        if entry.entry_id in device.config_entries and key != entry.entry_id
    ]
    if not found:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_camera_chosen")
    return found


def _tell(entry: WyzeLocalConfigEntry, name: str, camera_key: str, address: str) -> dict[str, Any]:
    """Return the addresses of one camera's restream."""
    server = entry.runtime_data.coordinator.server
    try:
        url = server.restream_url(camera_key).reveal()
    except EngineError as err:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="stream_not_ready") from err
    answer = {"name": name, "url": url}
    if (door := _door(server)) is not None:
        path = url.rpartition("/")[2]
        login = f"{door.user.reveal()}:{door.password.reveal()}"
        answer["lan_url"] = f"rtsp://{login}@{address}:{door.port}/{path}"
    return answer


async def _address(hass: HomeAssistant) -> str:
    """Return the address by which other machines reach this one, as far as is known."""
    try:
        return await network.async_get_source_ip(hass)
    except HomeAssistantError:
        return "127.0.0.1"


def _door(server: PictureServer) -> LanDoor | None:
    return server.lan if isinstance(server, StreamServer) else None
