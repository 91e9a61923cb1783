"""The bases of all entities: one device per camera, and one per vendor account."""

from typing import override

from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .account import AccountCoordinator
from .cameras import CameraItem
from .const import ANY_MANUFACTURER, CONF_KIND, DOMAIN, MANUFACTURER
from .coordinator import CamerasCoordinator
from .linking import connections
from .status import CameraStatus


class WyzeLocalEntity(CoordinatorEntity[CamerasCoordinator]):
    """Something about one camera."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: CamerasCoordinator, item: CameraItem, description: EntityDescription
    ) -> None:
        """Tie the entity to its camera; ids come from the camera key, which never changes."""
        super().__init__(coordinator)
        self.entity_description = description
        self.camera_key = item.key
        self._attr_unique_id = f"{self.camera_key}_{description.key}"
        model = coordinator.catalog.model(item.model)
        self.model_name = model.name or model.model_id or None
        self.manufacturer = ANY_MANUFACTURER if CONF_KIND in item.data else MANUFACTURER
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, self.camera_key)},
            manufacturer=self.manufacturer,
            name=item.name,
            model=self.model_name,
            model_id=model.model_id or None,
            connections=connections(
                coordinator.config_entry.options, coordinator.vault.records.get(item.key)
            ),
        )

    @property
    def status(self) -> CameraStatus | None:
        """The coordinator's verdict on the camera."""
        return self.coordinator.data.get(self.camera_key)

    @property
    def has_picture(self) -> bool:
        """Whether a picture can be had from the camera, by the coordinator's verdict."""
        return (status := self.status) is not None and status.available

    @property
    @override
    def available(self) -> bool:
        """Return whether a picture can be had from the camera."""
        return self.has_picture


class AccountEntity(CoordinatorEntity[AccountCoordinator]):
    """Something about a vendor account; always available, since nothing that can be seen depends on it."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: AccountCoordinator, description: EntityDescription) -> None:
        """Tie the entity to the account's own device."""
        super().__init__(coordinator)
        self.entity_description = description
        entry = coordinator.config_entry
        self._attr_unique_id = f"{entry.entry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, entry.entry_id)},
            entry_type=DeviceEntryType.SERVICE,
            manufacturer=MANUFACTURER,
            name=entry.title,
        )

    @property
    @override
    def available(self) -> bool:
        """Return that there is always something to say."""
        return True
