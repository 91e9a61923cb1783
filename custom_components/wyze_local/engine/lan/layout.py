"""Layouts: each packet of the protocol declared once, as a table of what lies where."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Field:
    """A value inside a packet."""

    name: str
    offset: int
    kind: str
    """As the struct module spells it: B, H, I, or `8s` for bytes."""
    value: int | bytes = 0
    """What it is unless said otherwise."""


class Layout:
    """A packet's fields; bytes between them are zero. Little-endian."""

    def __init__(self, size: int, *fields: Field) -> None:
        """Declare a packet of a size in bytes; raises ValueError for fields that overlap or do not fit."""
        self.size = size
        self._fields = sorted(fields, key=lambda field: field.offset)
        self._names = {field.name for field in fields}
        self._struct = struct.Struct(self._format(self._fields, size))

    @staticmethod
    def _format(fields: list[Field], size: int) -> str:
        parts, at = ["<"], 0
        for field in fields:
            if field.offset < at:
                raise ValueError(f"{field.name} overlaps")
            parts.append(f"{field.offset - at}x{field.kind}")
            at = field.offset + struct.calcsize("<" + field.kind)
        if at > size:
            raise ValueError("a field lies outside")
        return "".join([*parts, f"{size - at}x"])

    def build(self, **values: int | bytes) -> bytes:
        """Return a packet; raises KeyError for unknown names, struct.error for values that do not fit."""
        if unknown := values.keys() - self._names:
            raise KeyError(*unknown)
        return self._struct.pack(*[values.get(field.name, field.value) for field in self._fields])

    def reader(self, *names: str) -> Callable[..., tuple[Any, ...]]:
        """Return a function that reads these fields of a buffer, in order of offset, as a tuple.

        It raises struct.error when the buffer ends before the last of them.
        """
        wanted = [field for field in self._fields if field.name in names]
        if [field.name for field in wanted] != list(names):
            raise KeyError(*names)
        last = wanted[-1]
        return struct.Struct(self._format(wanted, last.offset + struct.calcsize("<" + last.kind))).unpack_from
