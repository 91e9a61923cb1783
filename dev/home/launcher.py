"""Starts Home Assistant as its own command does, but sets the integration's `Environment` before it.

Run as ``python -m dev.home.launcher [--prepare MODULE:FUNCTION] -- ARGUMENTS OF HOME ASSISTANT``.
The function gets the Home Assistant object before any component is set up.
"""

import argparse
import importlib
import sys
from collections.abc import Callable

from homeassistant import __main__ as command, bootstrap
from homeassistant.core import HomeAssistant
from homeassistant.helpers.typing import ConfigType

# Parts that Home Assistant always loads and that look things up on the internet.
ONLINE_PARTS = frozenset({"analytics", "marketplace"})

type Prepare = Callable[[HomeAssistant], None]


def prepare(hass: HomeAssistant) -> None:
    """Let a browser on this machine, which may have no network at all, reach the streams on loopback."""
    # Home Assistant puts its configuration folder on the path first; so late, this is its module.
    from custom_components.wyze_local.environment import DATA_ENVIRONMENT, Environment  # noqa: PLC0415

    hass.data[DATA_ENVIRONMENT] = Environment(webrtc_on_loopback=True)


def install(hook: Prepare) -> None:
    """Call the hook with every Home Assistant that this process starts, before its components."""
    from_config_dict = bootstrap.async_from_config_dict

    async def prepared(config: ConfigType, hass: HomeAssistant) -> HomeAssistant | None:
        """Prepare, then go on as usual."""
        if hass.config.recovery_mode:
            raise SystemExit("Home Assistant could not be set up; its log says why")
        hook(hass)
        return await from_config_dict(config, hass)

    bootstrap.async_from_config_dict = prepared
    bootstrap.DEFAULT_INTEGRATIONS.difference_update(ONLINE_PARTS)


def main() -> int:
    """Run Home Assistant; returns its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prepare", default="dev.home.launcher:prepare", metavar="MODULE:FUNCTION")
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    module, _, function = options.prepare.partition(":")
    install(getattr(importlib.import_module(module), function))
    sys.argv = ["hass", *options.arguments]
    return command.main()


if __name__ == "__main__":
    sys.exit(main())
