"""NAL units: cutting Annex B apart, and telling what the pieces are."""

from dataclasses import dataclass

_H264_PARAMETERS = {7: "sps", 8: "pps"}
_H265_PARAMETERS = {32: "vps", 33: "sps", 34: "pps"}
_H264_KEY = frozenset({5})
_H265_KEY = frozenset(range(16, 24))
_H264_DELIMITERS = frozenset({9, 10, 11, 12})
_H265_DELIMITERS = frozenset({35, 36, 37, 38})

MAX_PARAMETER_SET = 1024
"""Longest parameter set that is believed, in bytes."""


def split(data: bytes) -> list[bytes]:
    """Cut an Annex B access unit into its NAL units, start codes and padding left out."""
    units: list[bytes] = []
    start = data.find(b"\0\0\1")
    while start >= 0:
        start += 3
        end = data.find(b"\0\0\1", start)
        unit = data[start:] if end < 0 else data[start:end]
        # Zeros before a start code belong to it; a NAL unit never ends with one.
        if unit := unit.rstrip(b"\0"):
            units.append(unit)
        start = end
    return units


@dataclass(frozen=True, slots=True)
class Syntax:
    """How one codec numbers its NAL units."""

    h265: bool

    def kind(self, unit: bytes) -> int:
        """Return the type of a NAL unit."""
        return (unit[0] >> 1) & 0x3F if self.h265 else unit[0] & 0x1F

    def parameter(self, unit: bytes) -> str:
        """Return `vps`, `sps` or `pps` for a parameter set, else an empty string."""
        names = _H265_PARAMETERS if self.h265 else _H264_PARAMETERS
        return names.get(self.kind(unit), "") if 4 <= len(unit) <= MAX_PARAMETER_SET else ""

    def is_key(self, unit: bytes) -> bool:
        """Tell whether decoding can start at this unit."""
        return self.kind(unit) in (_H265_KEY if self.h265 else _H264_KEY)

    @property
    def hollow_key(self) -> bytes:
        """A unit that announces a key frame and holds none: who waits for one is done, without a picture."""
        return b"\x26\x01\x01" if self.h265 else b"\x65\x01"

    def is_padding(self, unit: bytes) -> bool:
        """Tell whether a unit only delimits or fills, or is too short to be one."""
        delimiters = _H265_DELIMITERS if self.h265 else _H264_DELIMITERS
        return len(unit) < (3 if self.h265 else 2) or self.kind(unit) in delimiters


H264 = Syntax(h265=False)
H265 = Syntax(h265=True)
