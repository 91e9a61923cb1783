"""The judge of script/demo --check: it lets a live picture pass, and nothing else."""

from typing import Any

import pytest

from dev.demo.judge import Sighting, delays, judge, visible_sightings

FPS = 15
LOOP = 360
BEGIN = 1_800_000_000.0


def sent(count: int = 3 * LOOP) -> dict[int, list[float]]:
    """Return what a simulator logs that sends frame after frame, number after number."""
    times: dict[int, list[float]] = {}
    for sequence in range(count):
        times.setdefault(sequence % LOOP, []).append(BEGIN + sequence / FPS)
    return times


def seen(first: int, count: int, late: float, *, slower: float = 1.0) -> list[Sighting]:
    """Return what a viewer sees `late` seconds after it was sent, or ever later when slower."""
    return [Sighting((first + i) % LOOP, BEGIN + first / FPS + late + slower * i / FPS) for i in range(count)]


def test_a_live_picture_passes() -> None:
    """Delay of the first frame and latency are told; the loop's end in the middle does no harm."""
    verdict = judge("player", 640.4, seen(LOOP - 20, 60, 0.08), sent(), 30)
    assert verdict.problems == []
    assert (verdict.first_frame_ms, verdict.latency_ms, verdict.distinct_frames) == (640, 80, 60)


@pytest.mark.parametrize(
    ("sightings", "problem"),
    [
        ([], "no picture"),
        ([Sighting(7, BEGIN + 1 + i / FPS) for i in range(60)], "does not move"),
        ([Sighting(None, BEGIN + 1 + i / FPS) for i in range(60)], "does not move"),
        (seen(100, 60, 20.0), "old"),
        (seen(100, 60, 0.1, slower=2.0), "falls back"),
        ([Sighting(100 + i, BEGIN - 60 + i / FPS) for i in range(60)], "no frame that was seen"),
    ],
    ids=["nothing", "still", "unreadable", "old", "too slow", "never sent"],
)
def test_everything_else_fails(sightings: list[Sighting], problem: str) -> None:
    """Each way in which a picture is not live is named."""
    (found,) = [text for text in judge("player", 500, sightings, sent(), 30).problems if problem in text]
    assert found


def test_numbers_repeat_but_times_do_not() -> None:
    """The newest sending before the sighting counts, and never one after it."""
    times = {5: [BEGIN, BEGIN + 24, BEGIN + 48]}
    assert delays([Sighting(5, BEGIN + 25)], times) == [1.0]
    assert delays([Sighting(5, BEGIN - 1)], times) == []


def view(player: str, *visible: bool) -> dict[str, Any]:
    """Return a player's view as the probe reports it."""
    frames = [{"at": 1000.0 + 66 * i, "number": i, "visible": shown} for i, shown in enumerate(visible)]
    return {"player": player, "frames": frames}


def test_only_what_a_person_sees_counts() -> None:
    """A hidden player may have decoded more; the delay is that of the first visible frame."""
    report = {"clicked": 900.0, "views": [view("hidden", *[False] * 9), view("shown", False, True, True)]}
    player, first_ms, sightings = visible_sightings(report)
    assert (player, first_ms, len(sightings)) == ("shown", 166.0, 2)
    assert visible_sightings({"clicked": 900.0, "views": [view("hidden", False)]}) == (None, None, [])
