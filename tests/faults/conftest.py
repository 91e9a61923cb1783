"""Fixtures of the long tests: those of the Home Assistant tests."""

from tests.ha.rigging import go2rtc_on_path, hass_config_dir, home, real_loopback, simulator, threads_end

__all__ = ["go2rtc_on_path", "hass_config_dir", "home", "real_loopback", "simulator", "threads_end"]
