"""Actions for administrators: a camera's restream, told and kept nowhere; another key for all vaults."""

from typing import Any

import probatio

from homeassistant.components import network
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import (
    config_validation as cv,
    device_registry as dr,
    entity_registry as er,
    service,
    target,
)

from .const import DOMAIN
from .engine.model import EngineError
from .engine.stream import LanDoor, PictureServer, StreamServer
from .engine.vault import VaultError
from .entry import WyzeLocalConfigEntry
from .keys import async_get_keys

GET_RESTREAM_URL = "get_restream_url"
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


def _cameras(hass: HomeAssistant, call: ServiceCall) -> list[tuple[WyzeLocalConfigEntry, str, str]]:
    """Return the cameras that a call is about, each once, with their entry, name and key."""
    selected = target.async_extract_referenced_entity_ids(hass, target.TargetSelection(call.data))
    entities, devices = er.async_get(hass), dr.async_get(hass)
    device_ids = set(selected.referenced_devices)
    for entity_id in selected.referenced | selected.indirectly_referenced:
        if (entity := entities.async_get(entity_id)) is not None and entity.device_id is not None:
            device_ids.add(entity.device_id)
    loaded: list[WyzeLocalConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    found = [
        (entry, device.name_by_user or device.name or "", key)
        for device_id in sorted(device_ids)
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
