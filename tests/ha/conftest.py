"""Everything the Home Assistant tests stand on."""

# Before anything else: Home Assistant's own test folder would shadow this package.
import custom_components  # noqa: F401

from .rigging import go2rtc_on_path, hass_config_dir, home, simulator  # noqa: F401
from .rigging import _real_loopback  # noqa: F401
