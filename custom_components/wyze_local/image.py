"""The last event's picture, made here; and the vendor's, for whoever asked for that, never shown as ours."""

from datetime import datetime
from typing import override

from homeassistant.components.image import DOMAIN as IMAGE_DOMAIN, ImageEntity, ImageEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .cameras import CameraItem
from .cloud_pictures import wants_pictures
from .entity import WyzeLocalEntity
from .entry import WyzeLocalConfigEntry
from .event_image import LAST_EVENT, EventImage
from .wanted import async_follow_wanted

PARALLEL_UPDATES = 0

EVENT = ImageEntityDescription(key=LAST_EVENT, translation_key="last_event")
PICTURE = ImageEntityDescription(key="cloud_picture", translation_key="cloud_picture")


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the pictures of each camera of which they are wanted; else nothing is left of any."""
    async_follow_wanted(
        hass,
        entry,
        (IMAGE_DOMAIN, EVENT.key),
        entry.runtime_data.events.is_watched,
        lambda item: EventImage(hass, entry, item, EVENT),
        async_add_entities,
    )
    async_follow_wanted(
        hass,
        entry,
        (IMAGE_DOMAIN, PICTURE.key),
        lambda _: wants_pictures(entry),
        lambda item: VendorImage(hass, entry, item),
        async_add_entities,
    )


class VendorImage(WyzeLocalEntity, ImageEntity):
    """The newest picture that the vendor keeps of a camera; its state is when the event was."""

    _attr_content_type = "image/jpeg"

    def __init__(self, hass: HomeAssistant, entry: WyzeLocalConfigEntry, item: CameraItem) -> None:
        """Tie the entity to its camera, in an account that stays signed in."""
        account = entry.runtime_data.account
        assert account is not None
        super().__init__(entry.runtime_data.coordinator, item, PICTURE)
        ImageEntity.__init__(self, hass, verify_ssl=True)
        self._pictures = account.pictures

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the pictures as they come and go."""
        await super().async_added_to_hass()
        self.async_on_remove(self._pictures.async_listen(self.async_write_ha_state))

    @property
    @override
    def available(self) -> bool:
        """Return whether there is a picture, whatever the camera itself does."""
        return self._pictures.picture(self.camera_key) is not None

    @property
    @override
    def image_last_updated(self) -> datetime | None:
        """Return when the event was, by the vendor's clock."""
        picture = self._pictures.picture(self.camera_key)
        return dt_util.utc_from_timestamp(picture.at) if picture else None

    @override
    async def async_image(self) -> bytes | None:
        """Return the picture."""
        picture = self._pictures.picture(self.camera_key)
        return picture.jpeg if picture else None
