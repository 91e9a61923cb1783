"""What a camera says of itself when it lets us in: JSON that nobody promised the form of."""

import json
import re
from collections.abc import Mapping
from typing import Any

from .av import Command
from .errors import LanError, Malformed, Reason
from .values import CameraInfo, Framing

MAX_JSON = 16 << 10
"""Longest text that is looked at, in bytes."""
SHARE = range(101)
"""Percent."""
SIGNAL = range(-120, 101)
"""Decibels, or percent."""
ROOM = range(1_000_000_000)
"""Megabytes."""
_REFUSED = "2"
_WORD = re.compile(r"[\w .:+-]{1,64}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_RESULTS = ("channelRequestResult", "channelResquestResult")
_BASICS = ("basicInfo", "basicParm", "basicParam")
_CARDS = ("sdParm", "sdParam", "sdInfo")


def parse_info(command: Command, framing: Framing, *, two_way: bool) -> CameraInfo:
    """Read the answer to the log-in.

    Raises LanError (`refused`) when it says no, Malformed when it is no JSON object.
    """
    content = _load(command.payload)
    if str(content.get("connectionRes", "")) == _REFUSED:
        raise LanError(Reason.REFUSED, "it says no to the log-in")
    inside = _object(content, "cameraInfo")
    basic, card = _object(inside, *_BASICS), _object(inside, *_CARDS)
    present = _word(card, "status")
    return CameraInfo(
        framing=framing,
        protocol=command.version,
        firmware=_word(basic, "firmware"),
        model=_word(basic, "model"),
        audio=_word(_object(inside, *_RESULTS), "audio") in ("", "1"),
        two_way=two_way,
        wifi_signal=_number(basic, "wifidb", SIGNAL),
        sd_present=None if not present else present == "1",
        sd_capacity_mb=_number(card, "capacity", ROOM),
        sd_free_mb=_number(card, "free", ROOM),
        battery=_number(basic, "battery", SHARE),
    )


def _load(payload: bytes) -> Mapping[str, Any]:
    """Return the object that a payload spells; raises Malformed."""
    if len(payload) > MAX_JSON:
        raise Malformed("an endless text")
    try:
        content = json.loads(payload.strip(b"\0").decode())
    except ValueError, RecursionError:
        raise Malformed("no JSON") from None
    if not isinstance(content, dict):
        raise Malformed("not an object")
    return content


def _object(content: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Return the first object of these names, or an empty one."""
    return next((value for name in names if isinstance(value := content.get(name), dict)), {})


def _word(content: Mapping[str, Any], name: str) -> str:
    """Return a short plain word, or an empty one."""
    value = content.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 1e9 else ""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else ""


def _number(content: Mapping[str, Any], name: str, possible: range) -> int | None:
    """Return a whole number, or None; also for one that cannot be."""
    word = _word(content, name).strip()
    if not _NUMBER.fullmatch(word):
        return None
    return number if (number := int(word)) in possible else None
