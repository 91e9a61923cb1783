"""What is kept of a watched camera for whoever follows it later."""

from custom_components.wyze_local.engine.model import ClipFinished, Sound
from custom_components.wyze_local.watch_listeners import MAX_MISSED, WatchListeners

CAMERA = "a" * 32


def finished(number: int) -> ClipFinished:
    """Return the news of a clip."""
    return ClipFinished(f"clip {number}", None, number, number + 1, 1000, Sound.NONE, still=True)


async def test_a_camera_that_nobody_follows_costs_no_memory_for_good() -> None:
    """One whose entities are disabled makes clips for months; whoever comes hears of the newest."""
    listeners = WatchListeners()
    for number in range(1000):
        listeners.async_news(CAMERA, finished(number))
    assert list(listeners.async_missed(CAMERA)) == [finished(n) for n in range(1000 - MAX_MISSED, 1000)]
    assert not list(listeners.async_missed(CAMERA)), "and only once"
