"""Loaded before every other pytest plugin: makes the released test harness fit Home Assistant 2026.11.

The harness imports httpx before Home Assistant, whose alias for it must come first, and looks for a
name where the release before had it. To be dropped once a harness for 2026.11 is published.
"""

import sys

import homeassistant  # noqa: F401

# Tests without Home Assistant leave its harness out, and with it seconds of imports.
if "no:homeassistant" not in sys.argv:
    from homeassistant.components import logger
    from homeassistant.components.logger import helpers

    if not hasattr(logger, "_clear_logger_overwrites"):
        logger._clear_logger_overwrites = helpers._clear_logger_overwrites  # type: ignore[attr-defined]
