"""Payloads of commands and answers: strict both ways, since a camera may be broken or hostile."""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from .errors import ControlError, ControlReason
from .moves import MAX_PAN, MAX_TILT, SPEEDS
from .values import Position, Value, WayPoint

MAX_ANSWER = 4096
"""Longest answer that is looked at, in bytes."""
MAX_WAY_POINTS = 16

_POSITION = struct.Struct("<IBH")
_WAY_POINT = struct.Struct("<BHB")
_ROTATION = struct.Struct("<hhB")
_CLOCK = struct.Struct("<I")


_PAN_STEPS: Mapping[int, int] = {0: 0, -1: 1, 1: 2}
_TILT_STEPS: Mapping[int, int] = {0: 0, 1: 1, -1: 2}


class Meaning(Protocol):
    """What the number means that a camera gives for a feature."""

    def read(self, number: int) -> Value | None:
        """Return what a number means; None for nothing."""
        ...

    def write(self, value: Value) -> int | None:
        """Return the number for a value; None where there is no such value."""
        ...


class Words:
    """A number for each of a few values."""

    def __init__(self, words: Mapping[int, Value]) -> None:
        """Take what each number means."""
        self._words = words
        # By type, too: True equals 1, but is no bitrate.
        self._numbers = {(type(word), word): number for number, word in words.items()}

    @property
    def values(self) -> tuple[Value, ...]:
        """All of them."""
        return tuple(self._words.values())

    def read(self, number: int) -> Value | None:
        """Return what a number means; None for nothing."""
        return self._words.get(number)

    def write(self, value: Value) -> int | None:
        """Return the number for a value; None where there is no such value."""
        return self._numbers.get((type(value), value))


@dataclass(frozen=True, slots=True)
class Count:
    """A number that means itself, within limits."""

    low: int
    high: int

    def read(self, number: int) -> Value | None:
        """Return the number, if it can be."""
        return number if self.low <= number <= self.high else None

    def write(self, value: Value) -> int | None:
        """Return the number, if it can be."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value if self.low <= value <= self.high else None
        return None


def parse_done(payload: bytes) -> None:
    """Take the answer to a command that changes something: one byte.

    Raises ControlError (`refused`, `malformed`).
    """
    if not payload or len(payload) > MAX_ANSWER:
        raise ControlError(ControlReason.MALFORMED)
    if payload[0] != 1:
        raise ControlError(ControlReason.REFUSED)


def parse_number(payload: bytes, at: int, size: int) -> int:
    """Return the little-endian number of `size` bytes at a place; raises ControlError (`malformed`)."""
    if not at + size <= len(payload) <= MAX_ANSWER:
        raise ControlError(ControlReason.MALFORMED)
    return int.from_bytes(payload[at : at + size], "little")


def build_question(numbers: tuple[int, ...]) -> bytes:
    """Ask for many parameters at once, at most 255 of them."""
    return bytes((len(numbers), *numbers))


def parse_parameters(payload: bytes) -> dict[int, int]:
    """Return the parameters in an answer, by number; what makes no sense in it is left out.

    Raises ControlError (`malformed`) when it is no JSON object.
    """
    if len(payload) > MAX_ANSWER:
        raise ControlError(ControlReason.MALFORMED)
    try:
        content = json.loads(payload.strip(b"\0").decode())
    except ValueError, RecursionError:
        raise ControlError(ControlReason.MALFORMED) from None
    if not isinstance(content, dict):
        raise ControlError(ControlReason.MALFORMED)
    pairs = ((_number(name), _number(value)) for name, value in content.items())
    return {name: value for name, value in pairs if name is not None and value is not None}


def _number(value: object) -> int | None:
    """Return a small number, spelled or not: cameras do both."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 9:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1_000_000_000:
        return value
    return None


def build_clock(seconds: int) -> bytes:
    """Return a time as cameras take it."""
    return _CLOCK.pack(seconds)


def build_rotation(pan: int, tilt: int, speed: int) -> bytes:
    """Return a turn by degrees; raises ControlError (`unsupported`) for none."""
    if abs(pan) > MAX_PAN or abs(tilt) > MAX_TILT or speed not in SPEEDS or not (pan or tilt):
        raise ControlError(ControlReason.UNSUPPORTED)
    return _ROTATION.pack(pan, tilt, speed)


def build_step(pan: int, tilt: int, speed: int) -> bytes:
    """Return a step: left 1, right 2; up 1, down 2. Raises ControlError (`unsupported`) for none."""
    if pan not in _PAN_STEPS or tilt not in _TILT_STEPS or speed not in SPEEDS or not (pan or tilt):
        raise ControlError(ControlReason.UNSUPPORTED)
    return bytes((_PAN_STEPS[pan], _TILT_STEPS[tilt], speed))


def build_position(position: Position, milliseconds: int) -> bytes:
    """Return a position to turn to; raises ControlError (`unsupported`) for none."""
    if not (0 <= position.pan <= MAX_PAN and 0 <= position.tilt <= MAX_TILT):
        raise ControlError(ControlReason.UNSUPPORTED)
    return _POSITION.pack(milliseconds & 0xFFFFFFFF, position.tilt, position.pan)


def parse_position(payload: bytes) -> Position:
    """Return where a camera looks; raises ControlError (`malformed`)."""
    if not _POSITION.size <= len(payload) <= MAX_ANSWER:
        raise ControlError(ControlReason.MALFORMED)
    _, tilt, pan = _POSITION.unpack_from(payload)
    return _position(pan, tilt)


def build_way_points(points: tuple[WayPoint, ...]) -> bytes:
    """Return way-points as cameras take them; raises ControlError (`unsupported`) for what is none."""
    if len(points) > MAX_WAY_POINTS or not all(0 <= point.wait <= 255 for point in points):
        raise ControlError(ControlReason.UNSUPPORTED)
    packed = [bytes((len(points),))]
    for point in points:
        pan, tilt = point.position.pan, point.position.tilt
        if not (0 <= pan <= MAX_PAN and 0 <= tilt <= MAX_TILT):
            raise ControlError(ControlReason.UNSUPPORTED)
        packed.append(_WAY_POINT.pack(tilt, pan, point.wait))
    return b"".join(packed)


def parse_way_points(payload: bytes) -> tuple[WayPoint, ...]:
    """Return what positions a camera remembers; raises ControlError (`malformed`)."""
    count = parse_number(payload, 0, 1)
    end = 1 + count * _WAY_POINT.size
    if count > MAX_WAY_POINTS or len(payload) < end:
        raise ControlError(ControlReason.MALFORMED)
    return tuple(
        WayPoint(_position(pan, tilt), wait) for tilt, pan, wait in _WAY_POINT.iter_unpack(payload[1:end])
    )


def _position(pan: int, tilt: int) -> Position:
    if pan > MAX_PAN or tilt > MAX_TILT:
        raise ControlError(ControlReason.MALFORMED)
    return Position(pan, tilt)
