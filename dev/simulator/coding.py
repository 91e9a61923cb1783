"""How ffmpeg codes pictures, and how what it writes is cut into frames."""

import re
from dataclasses import dataclass

from .specs import Picture, Video

_START_CODE = b"\0\0\1"
_ACCESS_UNIT = {Video.H264: 9, Video.H265: 35}
_DELIMITER = {Video.H264: b"\0\0\1\x09", Video.H265: b"\0\0\1\x46"}
_KEY_UNITS = {Video.H264: (7,), Video.H265: (32,)}
_ENCODERS = {
    Video.H264: (
        "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-profile:v", "main",
        "-x264-params", "aud=1:repeat-headers=1:sliced-threads=0:scenecut=0:bframes=0", "-f", "h264",
    ),
    Video.H265: (
        "-c:v", "libx265", "-preset", "ultrafast", "-tune", "zerolatency",
        "-x265-params", "aud=1:repeat-headers=1:scenecut=0:bframes=0:open-gop=0:log-level=error",
        "-f", "hevc",
    ),
}  # fmt: skip


class FootageError(RuntimeError):
    """ffmpeg is missing or did not do what was asked."""


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One coded picture, Annex B."""

    payload: bytes
    key: bool


def coded(picture: Picture) -> list[str]:
    """Return ffmpeg's arguments that code one loop."""
    rate = f"{picture.kbit}k"
    return [
        "-frames:v", str(picture.seconds * picture.fps), "-pix_fmt", "yuv420p",
        "-g", str(picture.gop), "-keyint_min", str(picture.gop), "-bf", "0",
        "-b:v", rate, "-maxrate", rate, "-bufsize", f"{picture.kbit // 5}k", *_ENCODERS[picture.video],
    ]  # fmt: skip


class Cutter:
    """Cuts a stream at its access unit delimiters, which real cameras do not send."""

    def __init__(self, video: Video) -> None:
        """Wait for the first bytes."""
        self._video = video
        self._rest = b""

    def feed(self, data: bytes) -> list[VideoFrame]:
        """Take bytes; return the frames of which they hold the end, which the next one's beginning tells."""
        *whole, self._rest = self._pieces(self._rest + data)
        return [self._frame(piece) for piece in whole]

    def finish(self) -> list[VideoFrame]:
        """Return the last frame, if there is any."""
        return [self._frame(self._rest)] if self._rest else []

    def _pieces(self, data: bytes) -> list[bytes]:
        """Split before each delimiter but the one that the bytes begin with."""
        delimiter = _DELIMITER[self._video]
        starts = [match.start() for match in re.finditer(re.escape(delimiter), data)][1:]
        return [data[a:b] for a, b in zip([0, *starts], [*starts, len(data)], strict=True)]

    def _frame(self, piece: bytes) -> VideoFrame:
        """Return the frame in the bytes from one delimiter to the next."""
        units = [unit for unit in _units(piece) if self._type(unit) != _ACCESS_UNIT[self._video]]
        payload = b"".join(b"\0" + _START_CODE + unit for unit in units)
        return VideoFrame(payload, key=self._type(units[0]) in _KEY_UNITS[self._video])

    def _type(self, unit: bytes) -> int:
        """Return the type of a NAL unit."""
        return unit[0] & 0x1F if self._video is Video.H264 else unit[0] >> 1 & 0x3F


def _units(data: bytes) -> list[bytes]:
    """Split Annex B into NAL units without their start codes."""
    starts = [match.end() for match in re.finditer(_START_CODE, data)]
    ends = [start - len(_START_CODE) for start in starts[1:]] + [len(data)]
    return [data[start:end].rstrip(b"\0") for start, end in zip(starts, ends, strict=True)]
