"""The button that checks a camera, from its address to its pictures. The report comes as a notification."""

from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .camera_check import async_check, async_show
from .cameras import async_follow_cameras
from .entity import WyzeLocalEntity
from .entry import WyzeLocalConfigEntry


@callback
def async_follow_check_buttons(
    entry: WyzeLocalConfigEntry,
    description: ButtonEntityDescription,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the button of each camera that can be checked; of a stream of any make nobody knows how."""
    coordinator = entry.runtime_data.coordinator
    async_follow_cameras(
        entry,
        lambda item: [CheckCameraButton(coordinator, item, description)] if item.has_choices else [],
        async_add_entities,
    )


class CheckCameraButton(WyzeLocalEntity, ButtonEntity):
    """Checks one camera; most wanted when it cannot be reached."""

    @property
    @override
    def available(self) -> bool:
        """Return that a check can be made at any time."""
        return True

    @override
    async def async_press(self) -> None:
        """Check, and tell."""
        report = await async_check(self.coordinator, self.camera_key)
        await async_show(self.coordinator, self.camera_key, report)
