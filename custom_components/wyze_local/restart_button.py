"""The button that restarts a camera: only the vendor's session can, so only such cameras have it."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account import AccountCoordinator
from .cameras import CameraItem, async_follow_cameras
from .control_cloud import CloudControls
from .control_state import Path
from .entity import WyzeLocalEntity
from .entry import WyzeLocalConfigEntry


@callback
def async_follow_restart_buttons(
    entry: WyzeLocalConfigEntry,
    description: ButtonEntityDescription,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the button of each camera that the account's vendor can restart."""
    cloud, account = entry.runtime_data.controls.cloud, entry.runtime_data.account
    if cloud is None or account is None:
        return
    async_follow_cameras(
        entry,
        lambda item: (
            [RestartButton(entry, account, cloud, item, description)] if cloud.can_restart(item.key) else []
        ),
        async_add_entities,
    )


class RestartButton(WyzeLocalEntity, ButtonEntity):
    """Restarts one camera; most wanted when it cannot be reached."""

    def __init__(
        self,
        entry: WyzeLocalConfigEntry,
        account: AccountCoordinator,
        cloud: CloudControls,
        item: CameraItem,
        description: ButtonEntityDescription,
    ) -> None:
        """Tie the button to its camera, and to the session that restarts it."""
        super().__init__(entry.runtime_data.coordinator, item, description)
        self._controls = entry.runtime_data.controls
        self._account = account
        self._cloud = cloud

    @override
    async def async_added_to_hass(self) -> None:
        """Follow how the account stands."""
        await super().async_added_to_hass()
        self.async_on_remove(self._account.async_add_listener(self.async_write_ha_state))
        listeners = self._account.trust.listeners
        listeners.append(self.async_write_ha_state)
        self.async_on_remove(lambda: listeners.remove(self.async_write_ha_state))

    @property
    @override
    def available(self) -> bool:
        """Return whether the vendor may be asked for it now, wherever the camera is."""
        return self._cloud.may(self.camera_key)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return which way a press goes: never over the local network."""
        return {"path": Path.CLOUD.value}

    @override
    async def async_press(self) -> None:
        """Have the camera start anew; raises HomeAssistantError with what to do."""
        await self._controls.async_restart(self.camera_key)
