"""Fixtures for every test in this folder: Home Assistant in this process, sockets on loopback only."""

from .rigging import (
    go2rtc_on_path,
    hass_config_dir,
    home,
    porch,
    real_loopback,
    simulator,
    threads_end,
    unasked,
)

__all__ = [
    "go2rtc_on_path",
    "hass_config_dir",
    "home",
    "porch",
    "real_loopback",
    "simulator",
    "threads_end",
    "unasked",
]
