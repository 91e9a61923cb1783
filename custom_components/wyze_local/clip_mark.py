"""The mark by which this installation knows the clips that it writes, where two write to one folder.

It lies in the cache folder, which no backup holds: a copy that was restored from one gets a mark of its own.
"""

import os
from contextlib import suppress
from pathlib import Path

from homeassistant.core import HomeAssistant

from .const import DOMAIN, LOGGER
from .engine.model import MARK_BYTES
from .environment import Environment

FOLDER_MODE, FILE_MODE = 0o700, 0o600


class ClipMark:
    """The mark of one installation."""

    def __init__(self, hass: HomeAssistant, environment: Environment) -> None:
        """Begin without having read it."""
        self._hass = hass
        self._path = Path(hass.config.cache_path(DOMAIN, "clips"))
        self._environment = environment
        self._mark = b""

    async def async_get(self) -> bytes:
        """Return the mark; one that cannot be kept is another after the next start."""
        if not self._mark:
            new = self._environment.random.randbytes(MARK_BYTES)
            found = await self._hass.async_add_executor_job(_read_or_write, self._path, new)
            self._mark = self._mark or found
        return self._mark

    async def async_remove(self) -> None:
        """Leave nothing of it, with the last entry."""
        self._mark = b""
        await self._hass.async_add_executor_job(_remove, self._path)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _read_or_write(path: Path, new: bytes) -> bytes:
    """Return what lies there; what does not, is put there."""
    with suppress(OSError):
        known = path.read_bytes()
        if len(known) == MARK_BYTES:
            return known
    try:
        path.parent.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
        try:
            os.write(fd, new)
            os.fsync(fd)
        finally:
            os.close(fd)
        part.replace(path)
    except OSError as err:
        LOGGER.debug("The mark of clips could not be kept (%s)", err.strerror)
    return new
