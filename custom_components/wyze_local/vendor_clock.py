"""What happened by the vendor's word, in this machine's time: one of the two clocks may be minutes off."""

from dataclasses import replace
from typing import TYPE_CHECKING

from .engine.cloud import CloudError, CloudEvent
from .engine.uplink import Call

if TYPE_CHECKING:
    from .account import AccountCoordinator
    from .shared import Shared


async def async_events_by_our_clock(
    account: AccountCoordinator, shared: Shared, since: float, until: float
) -> tuple[CloudEvent, ...]:
    """Return the newest of what the vendor says happened between two moments, oldest first.

    The moments are seconds since 1970, by this machine's clock, as are those of the answer. Empty while the
    vendor may not be asked or does not answer.
    """
    ahead = _seconds_ahead(shared)
    begin, end = since - ahead, until - ahead
    try:
        answer = await account.async_call(Call.BACKGROUND, lambda session: session.events(begin, end))
    except CloudError:
        return ()
    # The answer told the vendor's time once more.
    ahead = _seconds_ahead(shared)
    return tuple(replace(event, at=event.at + ahead) for event in answer or ())


def _seconds_ahead(shared: Shared) -> float:
    """Return by how many seconds this machine's clock is ahead of the vendor's, as far as is known."""
    return shared.cloud_client().clock_skew or 0.0
