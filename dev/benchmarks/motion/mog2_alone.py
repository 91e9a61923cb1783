"""MOG2 of OpenCV over clips. Runs in an environment of its own, without the rest of the project.

Usage: mog2_alone.py SETTINGS CLIP…, the settings as JSON (mog2.py): prints for each clip a line of JSON with
the times at which it saw motion, all times at which it looked, and its processor seconds.
"""

import json
import sys
import time
from typing import Any

import cv2  # type: ignore[import-not-found]

LOOKS = 5.0
LIGHT = 0.6
"""Share of the picture from which on it is the light that changed."""


def watch(
    path: str,
    *,
    threshold: float,
    share: float,
    history: int,
    twice: bool,
    warm_up: float,
    step: float | None,
) -> dict[str, Any]:
    """Let it watch one clip."""
    cv2.setNumThreads(1)
    video = cv2.VideoCapture(path)
    step = step or 1 / video.get(cv2.CAP_PROP_FPS)
    subtractor = cv2.createBackgroundSubtractorMOG2(history, threshold, detectShadows=True)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    moments, looked, due, last, number = [], [], 0.0, False, 0
    began = time.process_time()
    while video.grab():
        at = number * step
        number += 1
        if at < due - 0.01:
            continue
        due = max(due + 1 / LOOKS, at)
        _, frame = video.retrieve()
        small = cv2.resize(frame, (320, 180), interpolation=cv2.INTER_AREA)
        mask = subtractor.apply(small)
        # Shadows are 127.
        mask = cv2.morphologyEx((mask == 255).astype("uint8"), cv2.MORPH_OPEN, kernel)
        mask = cv2.dilate(mask, kernel)
        _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
        largest = stats[1:, cv2.CC_STAT_AREA].max() / mask.size if len(stats) > 1 else 0.0
        much = share < largest and mask.mean() < LIGHT
        looked.append(at)
        if much and (last or not twice) and at >= warm_up:
            moments.append(at)
        last = bool(much)
    return {"moments": moments, "looked": looked, "cost": time.process_time() - began}


if __name__ == "__main__":
    for clip in sys.argv[2:]:
        print(json.dumps(watch(clip, **json.loads(sys.argv[1]))), flush=True)
