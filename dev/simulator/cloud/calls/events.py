"""Call 15: what the cameras told about."""

from typing import Any

from ..answers import PARAMETER_ERROR, Refused
from ..world import Asked

MOST = 20
"""Events in one answer."""


def event_list(asked: Asked) -> dict[str, Any]:
    """Return the events of a time, oldest first (`order_by` 1) or newest first (2)."""
    begin, end = asked.number("begin_time"), asked.number("end_time")
    count, order = asked.number("count"), asked.number("order_by")
    if not 1 <= count <= MOST or order not in {1, 2}:
        raise Refused(PARAMETER_ERROR, "parameter error: count")
    values, macs = asked.texts("event_value_list"), asked.texts("device_mac_list")
    tags = asked.body.get("event_tag_list") or []
    events = [
        event
        for event in asked.owner.events
        if begin <= event.at_ms <= end
        and (not values or event.value in values)
        and (not macs or event.mac in macs)
        and (not tags or set(tags) & set(event.tags))
    ]
    events.sort(key=lambda event: event.at_ms, reverse=order == 2)
    return {"event_list": [event.listed(asked.origin) for event in events[:count]]}
