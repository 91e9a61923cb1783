"""Everything that can be wrong with the fake cloud's answers, by name."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from ..answers import Answer
from ..world import Asked
from . import delivering, hindering, twisting
from .fault import Fault, Faults

__all__ = ["KINDS", "Fault", "Faults", "Kind"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a fault does, at the one stage at which it does it."""

    what: str
    hinder: Callable[[Asked, Fault], Awaitable[web.StreamResponse | None]] | None = None
    """Before anything is done: returns another answer, raises Refused, or takes its time."""
    twist: Callable[[Asked, Answer, Fault], None] | None = None
    """Changes a good answer."""
    deliver: Callable[[Asked, bytes, Fault], Awaitable[web.StreamResponse]] | None = None
    """Sends the answer's bytes in another way."""


KINDS: dict[str, Kind] = {
    "rate_limit": Kind(
        '{"retry_after": seconds or text, "reset_by": seconds or text or null, "remaining": 0} answers 429',
        hinder=hindering.rate_limit,
    ),
    "system_limit": Kind("{} refuses by code 1011", hinder=hindering.system_limit),
    "too_often": Kind("{} refuses by code 3044", hinder=hindering.too_often),
    "bad_token": Kind("{} refuses by code 2001", hinder=hindering.bad_token),
    "code": Kind('{"code": 1003, "message": text, "status": 200} refuses', hinder=hindering.code),
    "forbidden": Kind("{} answers 403 by a page", hinder=hindering.forbidden),
    "broken": Kind('{"status": 502} answers by a gateway\'s page', hinder=hindering.broken),
    "login_page": Kind("{} answers 200 by a page", hinder=hindering.login_page),
    "portal": Kind(
        '{"location": URL, "status": 302} leads elsewhere, as a captive portal', hinder=hindering.portal
    ),
    "raw": Kind(
        '{"body": text, "content_type": "application/json", "status": 200} answers that',
        hinder=hindering.raw,
    ),
    "slow": Kind('{"seconds": 5} answers late', hinder=hindering.slow),
    "hang": Kind("{} answers when the fault is taken away", hinder=hindering.hang),
    "reset": Kind("{} cuts the connection, nothing is done", hinder=hindering.reset),
    "wrong_account": Kind(
        '{"other": e-mail} answers as if that person had asked', hinder=hindering.wrong_account
    ),
    "stale": Kind("{} says what was said the last time", twist=twisting.stale),
    "old": Kind('{"seconds": 3600} is dated by that much too early', twist=twisting.old),
    "from_cache": Kind("{} has a cache's headers", twist=twisting.from_cache),
    "other_codes": Kind("{} codes are numbers where they are text, and back", twist=twisting.other_codes),
    "null_data": Kind("{} the data is null", twist=twisting.null_data),
    "ignore": Kind(
        "{} accepts orders and does nothing (see a device's `ignores`, too)", hinder=hindering.ignore
    ),
    "mixed": Kind('{"other": e-mail} lists one device and event of theirs, too', twist=twisting.mixed),
    "mixed_ids": Kind(
        '{"other": e-mail} each device has the keys, address and picture of one of theirs',
        twist=twisting.mixed_ids,
    ),
    "duplicate_events": Kind("{} each event comes twice", twist=twisting.duplicate_events),
    "unordered_events": Kind("{} events come in no order", twist=twisting.unordered_events),
    "events_without_image": Kind(
        '{"text": "null"} events have no picture, or that text for its address',
        twist=twisting.events_without_image,
    ),
    "null_thumbnails": Kind("{} `camera_thumbnails` is null", twist=twisting.null_thumbnails),
    "no_params": Kind("{} `device_params` is missing", twist=twisting.no_params),
    "no_devices": Kind("{} the list is empty", twist=twisting.no_devices),
    "drip": Kind('{"seconds": 1} sends a byte at a time', deliver=delivering.drip),
    "huge": Kind('{"bytes": 3145728, "told": false} sends very much', deliver=delivering.huge),
    "gzip_bomb": Kind('{"bytes": 67108864} unpacks to very much', deliver=delivering.gzip_bomb),
    "deep": Kind('{"levels": 100000} nests without end', deliver=delivering.deep),
    "cut": Kind("{} sends half a body and hangs up", deliver=delivering.cut),
    "lose_answer": Kind("{} does what was asked, then cuts the connection", deliver=delivering.lose_answer),
    "bad_json": Kind("{} sends half of the JSON", deliver=delivering.bad_json),
    "as_text": Kind("{} sends JSON as text/plain", deliver=delivering.as_text),
}
"""Fault → what its options are, and what it does; one that concerns lists or orders leaves the rest alone."""
