"""Decodes a stream outside the browser, for what the browser cannot play."""

import time

import av
import av.error

from dev.simulator.barcode import decode_frame_number

from .judge import Sighting


class DecodeError(Exception):
    """The stream could not be decoded; the message says why."""


def decode_stream(url: str, wanted: int, seconds: float) -> tuple[float, list[Sighting]]:
    """Return the first frame's delay in ms and `wanted` frames (fewer after `seconds`). Blocks."""
    began = time.monotonic()
    sightings: list[Sighting] = []
    first_ms = 0.0
    try:
        with av.open(url, timeout=(seconds, seconds)) as container:
            for frame in container.decode(video=0):
                picture = frame.to_ndarray(format="gray")
                if not sightings:
                    first_ms = (time.monotonic() - began) * 1000
                sightings.append(Sighting(decode_frame_number(picture), time.time()))
                if len(sightings) >= wanted or time.monotonic() - began > seconds:
                    break
    except av.error.FFmpegError as err:
        raise DecodeError(f"the stream cannot be decoded: {err.strerror}") from err
    return first_ms, sightings
