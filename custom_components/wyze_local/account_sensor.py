"""The sensors of a vendor account: how it stands, its line, the trust in it, and what is missing without."""

from typing import Any, override

from homeassistant.components.sensor import SensorEntity

from .entity import AccountEntity
from .without_cloud import keys_missing, stopped


class AccountSensor(AccountEntity, SensorEntity):
    """Says how the vendor account stands."""

    _unrecorded_attributes = frozenset({"listed_at"})

    @property
    @override
    def native_value(self) -> str:
        """Return how it stands."""
        return self.coordinator.data.state.value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return since when, when the cameras were last listed, and what of the list is not settled."""
        status = self.coordinator.data
        return {
            "since": status.since.isoformat(),
            "listed_at": status.listed_at.isoformat() if status.listed_at else None,
            "missing": status.counts.missing,
            "waiting": status.counts.waiting,
        }


class WithoutCloudSensor(AccountEntity, SensorEntity):
    """Says what has stopped because the vendor is left alone, or away."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the cameras, too: keys may come from elsewhere."""
        await super().async_added_to_hass()
        cameras = self.coordinator.config_entry.runtime_data.coordinator
        self.async_on_remove(cameras.async_add_listener(self._handle_coordinator_update))

    @property
    @override
    def native_value(self) -> str:
        """Return what has stopped."""
        return stopped(self.coordinator).value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return how many cameras the words are about, and how many the vendor alone can show."""
        return {
            "keys_missing": keys_missing(self.coordinator),
            "cloud_cameras": self.coordinator.data.counts.needs_cloud,
        }


class UplinkSensor(AccountEntity, SensorEntity):
    """Says how the line to the vendor stands."""

    _unrecorded_attributes = frozenset({"next_try"})

    @property
    @override
    def native_value(self) -> str | None:
        """Return how it stands; nobody knows while nothing is asked by a person's wish."""
        return None if self.coordinator.lan_only else self.coordinator.line.state.value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return since when, why it is not online, and when the vendor may be asked again."""
        if self.coordinator.lan_only:
            return None
        status = self.coordinator.line.status
        return {
            "since": status.since.isoformat(),
            "why": status.why.value if status.why else None,
            "next_try": status.next_try.isoformat() if status.next_try else None,
        }


class TrustSensor(AccountEntity, SensorEntity):
    """Says how far the account's answers are trusted."""

    @property
    @override
    def native_value(self) -> str:
        """Return how far."""
        return self.coordinator.ownership.standing.value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return why not as usual, and the last answer in numbers: what else is in it may be a stranger's."""
        news = self.coordinator.trust.news
        counts = news.counts
        return {
            "why": news.reason or None,
            "listed": counts.listed,
            "ours": counts.ours,
            "new": counts.new,
            "changed": counts.changed,
            "missing": counts.missing,
            "waiting": self.coordinator.waiting.count,
        }
