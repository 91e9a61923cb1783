"""Fixtures for every test in this folder: Home Assistant in this process, sockets on loopback only."""

from .rigging import _real_loopback, go2rtc_on_path, hass_config_dir, home, simulator

__all__ = ["_real_loopback", "go2rtc_on_path", "hass_config_dir", "home", "simulator"]
