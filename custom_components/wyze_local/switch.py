"""Switches: what a camera does and shows, whether its sound comes along, how much its vendor is asked."""

from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import DOMAIN as SWITCH_DOMAIN, SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .cameras import async_follow_cameras
from .choices import ChoiceEntity
from .cloud_hints import MOST_AN_HOUR, POLLS_A_DAY, wants_hints, wants_presses
from .const import CONF_CLOUD_HINTS, CONF_PRESSES, CONF_SOUND
from .control_entity import ControlEntityDescription, ControlToggle, async_follow_features
from .engine.control import Feature
from .entity import AccountEntity
from .entry import WyzeLocalConfigEntry
from .wanted import async_follow_wanted

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class ControlSwitchEntityDescription(SwitchEntityDescription, ControlEntityDescription):
    """Something that a camera does or leaves."""


def _control(feature: Feature) -> ControlSwitchEntityDescription:
    return ControlSwitchEntityDescription(
        key=feature.value,
        translation_key=feature.value,
        feature=feature,
        entity_category=EntityCategory.CONFIG,
    )


CONTROLS = (
    _control(Feature.STATUS_LIGHT),
    _control(Feature.FLIP_HORIZONTAL),
    _control(Feature.FLIP_VERTICAL),
    _control(Feature.TIME_STAMP),
    _control(Feature.LOGO),
    _control(Feature.MOTION_DETECTION),
    _control(Feature.MOTION_TAGGING),
    _control(Feature.MOTION_TRACKING),
    _control(Feature.PAN_SCAN),
)

SOUND = SwitchEntityDescription(
    key="sound",
    translation_key="sound",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
)

HINTS = SwitchEntityDescription(
    key="cloud_hints", translation_key="cloud_hints", entity_category=EntityCategory.CONFIG
)

PRESSES = SwitchEntityDescription(
    key="presses", translation_key="presses", entity_category=EntityCategory.CONFIG
)

LAN_ONLY = SwitchEntityDescription(
    key="lan_only", translation_key="lan_only", entity_category=EntityCategory.CONFIG
)


async def async_setup_entry(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Set up the switches of all cameras, present and future, and of the account."""
    if (account := entry.runtime_data.account) is not None:
        async_add_entities([LanOnlySwitch(account, LAN_ONLY), HintsSwitch(account, HINTS)])
    coordinator, events = entry.runtime_data.coordinator, entry.runtime_data.events
    async_follow_wanted(
        hass,
        entry,
        (SWITCH_DOMAIN, PRESSES.key),
        events.has_button,
        lambda item: PressesSwitch(coordinator, item, PRESSES),
        async_add_entities,
    )
    async_follow_cameras(
        entry,
        lambda item: [SoundSwitch(coordinator, item, SOUND)] if item.has_choices else [],
        async_add_entities,
    )
    async_follow_features(entry, CONTROLS, ControlSwitch, async_add_entities)


class ControlSwitch(ControlToggle, SwitchEntity):
    """Something that a camera does or leaves, as the camera itself says."""


class SoundSwitch(ChoiceEntity, SwitchEntity):
    """Asks the camera for sound, or not: a microphone that is off sends nothing over the network."""

    @property
    @override
    def is_on(self) -> bool:
        """Return whether sound is asked for."""
        return self.settings.sound

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Ask for sound."""
        self.async_choose(**{CONF_SOUND: True})

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Ask for no sound."""
        self.async_choose(**{CONF_SOUND: False})


class PressesSwitch(ChoiceEntity, SwitchEntity):
    """Asks the vendor over and over for the presses of a doorbell; one question serves all of an account."""

    _attr_extra_state_attributes = {"calls_per_day": POLLS_A_DAY}  # noqa: RUF012 - as Home Assistant has it

    @property
    @override
    def is_on(self) -> bool:
        """Return whether presses are asked for."""
        return (item := self.item) is not None and wants_presses(item)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Ask for presses."""
        self.async_choose(**{CONF_PRESSES: True})

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Ask for none."""
        self.async_choose(**{CONF_PRESSES: False})


class HintsSwitch(AccountEntity, SwitchEntity):
    """Asks the account's vendor what it was that moved, some seconds after motion that was seen here."""

    _attr_extra_state_attributes = {"calls_per_hour_at_most": MOST_AN_HOUR}  # noqa: RUF012 - likewise

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the vendor may be asked."""
        return wants_hints(self.coordinator.config_entry)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Ask from the next motion on."""
        self._keep(on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Ask no more."""
        self._keep(on=False)

    @callback
    def _keep(self, *, on: bool) -> None:
        entry = self.coordinator.config_entry
        self.hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_CLOUD_HINTS: on})
        # The events entities, too, say whether anybody could tell.
        self.coordinator.async_update_listeners()


class LanOnlySwitch(AccountEntity, SwitchEntity):
    """Leaves the account's vendor alone: while it is on, no packet goes there and no name is looked up."""

    @property
    @override
    def is_on(self) -> bool:
        """Return whether the vendor is left alone."""
        return self.coordinator.lan_only

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Leave the vendor alone; returns when nothing more is sent."""
        await self.coordinator.async_set_lan_only(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Ask the vendor again, at once."""
        await self.coordinator.async_set_lan_only(False)
