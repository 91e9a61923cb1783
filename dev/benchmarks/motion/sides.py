"""The detectors of the bench that run in this process: ours in both modes, and plain frame difference."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from custom_components.wyze_local.engine.model import Sensitivity
from custom_components.wyze_local.engine.watch.detector import Detector
from custom_components.wyze_local.engine.watch.picture import picture_of

LOOKS = 5.0
"""Pictures in a second that are looked at, where all are decoded."""


@dataclass(frozen=True)
class Watched:
    """What one detector saw in one clip."""

    moments: tuple[float, ...]
    """Times of the pictures in which it saw motion, in seconds."""
    looked: tuple[float, ...]
    """Times of the pictures that it looked at."""
    cost: float
    """Processor seconds for decoding and looking, in one thread."""
    decoding: float = 0.0
    """Of these, for decoding all that it needs."""


def frames(path: Path, *, key: bool) -> Iterator[tuple[float, av.VideoFrame]]:
    """Decode a clip: all frames, or key frames only, with their times."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        if key:
            stream.codec_context.skip_frame = "NONKEY"
        for frame in container.decode(stream):
            yield float(frame.time or 0.0), frame


def ours(path: Path, sensitivity: Sensitivity = Sensitivity.MEDIUM, *, key: bool = False) -> Watched:
    """Let our detector watch."""
    detector = Detector(sensitivity, key_frames=key)
    moments, looked, due, looking = [], [], 0.0, 0.0
    began = time.process_time()
    for at, frame in frames(path, key=key):
        if not key and at < due - 0.01:
            continue
        due = max(due + 1 / LOOKS, at)
        started = time.process_time()
        looked.append(at)
        if detector.look(picture_of(frame), at).moving:
            moments.append(at)
        looking += time.process_time() - started
    cost = time.process_time() - began
    return Watched(tuple(moments), tuple(looked), cost, cost - looking)


def difference(path: Path, *, key: bool = False) -> Watched:
    """Let plain frame difference watch.

    160 by 88 grey pixels, changed by more than 15 since the picture before; motion where more than 0.5 %
    have changed twice running. Of 0.2, 0.5, 1 %, once or twice, that is also the best by key frames.
    """
    moments, looked, due, before, last = [], [], 0.0, None, False
    began = time.process_time()
    for at, frame in frames(path, key=key):
        if not key and at < due - 0.01:
            continue
        due = max(due + 1 / LOOKS, at)
        luma = picture_of(frame).luma.astype(np.int16)
        looked.append(at)
        much = before is not None and float((np.abs(luma - before) > 15).mean()) > 0.005
        if much and last:
            moments.append(at)
        before, last = luma, much
    return Watched(tuple(moments), tuple(looked), time.process_time() - began)
