"""Where a key could leak to, and the forms it could have there."""

import contextlib
import json
import logging
from pathlib import Path
from urllib.parse import quote, quote_plus

import psutil
import pytest

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import HomeAssistant


def listen(hass: HomeAssistant, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Have everything logged that can be; returns where all states are noted from now on."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("custom_components.wyze_local").setLevel(logging.DEBUG)
    logging.getLogger("homeassistant.components.stream").setLevel(logging.DEBUG)
    states: list[str] = []
    hass.bus.async_listen(EVENT_STATE_CHANGED, lambda event: states.append(str(event.data)))
    return states


def shapes(secret: str) -> set[str]:
    """Return the forms in which a value could be printed."""
    forms = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    return {shape for form in forms for shape in (form, form.lower(), form.upper())}


def mac_shapes(mac: str) -> set[str]:
    """Return the ways to write a hardware address."""
    pairs = [mac[i : i + 2] for i in range(0, 12, 2)]
    return {form for joined in (mac, ":".join(pairs), "-".join(pairs)) for form in (joined, joined.lower())}


def where(descriptor: Path) -> str:
    """Return what a descriptor leads to; nothing when it was closed just now."""
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:
        return ""


def content_of(path: Path) -> str:
    """Return what is in a file of a process; nothing when that has just ended."""
    try:
        return path.read_bytes().decode(errors="replace")
    except FileNotFoundError, ProcessLookupError:
        return ""


def files_below(folder: Path) -> dict[str, str]:
    """Return what is in all files below a folder, by name.

    One that is just being written may get its name meanwhile: then all are read anew.
    """
    while True:
        with contextlib.suppress(FileNotFoundError):
            files = (path for path in folder.rglob("*") if path.is_file())
            return {path.name: path.read_bytes().decode("latin-1") for path in files}


def descriptors_of(folder: Path) -> list[Path]:
    """Return the open files of a process; none when that has just ended."""
    try:
        return list((folder / "fd").iterdir())
    except FileNotFoundError, ProcessLookupError:
        return []


def search_processes(canaries: set[str]) -> None:
    """Look into argument lists, environments and open files of this process's children."""
    for process in psutil.Process().children(recursive=True):
        folder = Path("/proc") / str(process.pid)
        for name in ("cmdline", "environ"):
            content = content_of(folder / name)
            for canary in canaries:
                assert canary not in content, f"a key is in a child's {name}"
        for descriptor in descriptors_of(folder):
            if "memfd" in where(descriptor):
                content = content_of(descriptor)
                for canary in canaries:
                    assert canary not in content, "a key is in a child's memory file"
