"""Loaded before every other pytest plugin: makes the released test harness fit Home Assistant 2026.11.

The harness imports httpx before Home Assistant, whose alias for it must come first, and looks for a
name where the release before had it. To be dropped once a harness for 2026.11 is published.
"""

import os
import sys

import homeassistant  # noqa: F401

_LEFT_OUT = "TESTS_WITHOUT_HOME_ASSISTANT"
"""Tells the workers of a run on several processes, which do not see its command line."""

# Tests without Home Assistant leave its harness out, and with it seconds of imports.
if "no:homeassistant" in sys.argv:
    os.environ[_LEFT_OUT] = "yes"
elif _LEFT_OUT not in os.environ:
    from homeassistant.components import logger
    from homeassistant.components.logger import helpers

    if not hasattr(logger, "_clear_logger_overwrites"):
        logger._clear_logger_overwrites = helpers._clear_logger_overwrites  # type: ignore[attr-defined]
