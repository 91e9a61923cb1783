"""By what an installation knows its own clips: kept through restarts, and in no backup."""

from pathlib import Path

from homeassistant.core import HomeAssistant

from custom_components.wyze_local.clip_mark import ClipMark
from custom_components.wyze_local.environment import Environment


async def test_the_mark_outlives_a_restart_and_stays_out_of_backups(hass: HomeAssistant) -> None:
    """It lies in the cache folder; what is damaged there is replaced."""
    path = Path(hass.config.cache_path("wyze_local", "clips"))
    mark = await ClipMark(hass, Environment()).async_get()
    assert len(mark) == 16
    assert path.stat().st_mode & 0o777 == 0o600
    assert await ClipMark(hass, Environment()).async_get() == mark
    path.write_bytes(mark[:7])
    other = await ClipMark(hass, Environment()).async_get()
    assert (len(other), path.read_bytes()) == (16, other)
    assert other != mark
    await ClipMark(hass, Environment()).async_remove()
    assert not path.exists()


async def test_a_cache_that_takes_nothing_keeps_no_clip_back(hass: HomeAssistant) -> None:
    """There is a mark all the same, for as long as Home Assistant runs."""
    Path(hass.config.cache_path()).write_bytes(b"")
    keeper = ClipMark(hass, Environment())
    mark = await keeper.async_get()
    assert len(mark) == 16
    assert await keeper.async_get() == mark
