"""Faults that change what a good answer says."""

import copy
import itertools
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from ..answers import Answer, Refused
from ..people import User
from ..world import Asked
from .fault import Fault

CACHED = {"Age": "3600", "X-Cache": "Hit from cache"}


def stale(asked: Asked, answer: Answer, fault: Fault) -> None:
    """Say what was said the last time, with a cache's headers."""
    answer.headers |= CACHED
    answer.body = copy.deepcopy(asked.world.kept.get((asked.call.endpoint, asked.call.user), answer.body))


def old(asked: Asked, answer: Answer, fault: Fault) -> None:
    """Have the date of another time, as what was kept by somebody who does not say so."""
    answer.headers["Date"] = formatdate(asked.now - fault.number("seconds", 3600.0), usegmt=True)


def from_cache(asked: Asked, answer: Answer, fault: Fault) -> None:
    """Have a cache's headers."""
    answer.headers |= CACHED


def other_codes(asked: Asked, answer: Answer, fault: Fault) -> None:
    """Write the code as a number where it is text, and the other way round."""
    for name in ("code", "errorCode"):
        if name in answer.body:
            code = answer.body[name]
            answer.body[name] = int(code) if isinstance(code, str) else str(code)


def null_data(asked: Asked, answer: Answer, fault: Fault) -> None:
    """Say that all went well, and nothing else."""
    answer.body["data"] = None


def _other(asked: Asked, fault: Fault) -> User:
    """Return somebody else; raises Refused."""
    other = asked.world.users.get(fault.text("other", ""))
    if other is None:
        raise Refused(1003, "the fake cloud knows nobody of that name")
    return other


def mixed(asked: Asked, answer: Answer, fault: Fault) -> None:
    """List somebody else's first device, and their first event, among one's own."""
    other = _other(asked, fault)
    for device in _list(answer, "device_list") and other.devices[:1]:
        _list(answer, "device_list").append(device.listed(asked.origin, asked.now_ms))
    for event in _list(answer, "event_list") and other.events[:1]:
        _list(answer, "event_list").append(event.listed(asked.origin))


def mixed_ids(asked: Asked, answer: Answer, fault: Fault) -> None:
    """Give each camera the keys, address and picture of one of theirs; names and MACs stay one's own."""
    other = _other(asked, fault)
    theirs = itertools.cycle(device.listed(asked.origin, asked.now_ms) for device in other.devices)
    for device, their in zip(_list(answer, "device_list"), theirs, strict=False):
        if isinstance(device.get("device_params"), dict):
            device["enr"] = their["enr"]
            mixed_up = ("p2p_id", "ip", "camera_thumbnails")
            device["device_params"] |= {name: their["device_params"][name] for name in mixed_up}


def duplicate_events(asked: Asked, answer: Answer, fault: Fault) -> None:
    """List each event twice."""
    events = _list(answer, "event_list")
    events.extend(copy.deepcopy(events))


def unordered_events(asked: Asked, answer: Answer, fault: Fault) -> None:
    """List events in no order: every other one first."""
    events = _list(answer, "event_list")
    events[:] = events[1::2] + events[::2]


def events_without_image(asked: Asked, answer: Answer, fault: Fault) -> None:
    """List events without a picture, or with the text `null` instead of its address."""
    for event in _list(answer, "event_list"):
        if fault.options.get("text"):
            for file in event["file_list"]:
                file["url"] = str(fault.options["text"])
        else:
            event["file_list"] = [file for file in event["file_list"] if file["type"] != 1]


def _of_devices(change: Callable[[dict[str, Any]], None]) -> Callable[[Asked, Answer, Fault], None]:
    """Return a fault that changes every device of a list."""

    def twist(asked: Asked, answer: Answer, fault: Fault) -> None:
        """Change every device."""
        for device in _list(answer, "device_list"):
            change(device)

    return twist


def _no_thumbnails(device: dict[str, Any]) -> None:
    if isinstance(device.get("device_params"), dict):
        device["device_params"]["camera_thumbnails"] = None


def _no_params(device: dict[str, Any]) -> None:
    device.pop("device_params", None)


null_thumbnails = _of_devices(_no_thumbnails)
no_params = _of_devices(_no_params)


def no_devices(asked: Asked, answer: Answer, fault: Fault) -> None:
    """List no device at all."""
    _list(answer, "device_list").clear()


def _list(answer: Answer, name: str) -> list[Any]:
    """Return a list within the data; an empty one of its own when there is none."""
    data = answer.body.get("data")
    found = data.get(name) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []
