"""What happened by the vendor's word, in this machine's time: one of the two clocks may be minutes off."""

from dataclasses import replace
from typing import TYPE_CHECKING

from .engine.cloud import CloudEvent

if TYPE_CHECKING:
    from .account import AccountCoordinator
    from .shared import Shared


async def async_events_by_our_clock(
    account: AccountCoordinator, shared: Shared, since: float, until: float
) -> tuple[CloudEvent, ...]:
    """Return what `AccountCoordinator.async_events` does, asked and answered in this machine's time."""
    ahead = _seconds_ahead(shared)
    answer = await account.async_events(since - ahead, until - ahead)
    # The answer told the vendor's time once more.
    ahead = _seconds_ahead(shared)
    return tuple(replace(event, at=event.at + ahead) for event in answer)


def _seconds_ahead(shared: Shared) -> float:
    """Return by how many seconds this machine's clock is ahead of the vendor's, as far as is known."""
    return shared.cloud_client().clock_skew or 0.0
