"""Home Assistant with a fake vendor cloud: `HomeAssistantRig(…, prepare=PREPARE, environment=told(file))`.

The variable of the child process's environment names a file, the one that `FakeCloud.file` is; neither holds
anything secret. Only this launcher reads it: the integration itself has no way to be led elsewhere.
"""

import json
import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Any

from homeassistant.core import HomeAssistant

if TYPE_CHECKING:
    from custom_components.wyze_local.environment import Environment

PREPARE = "dev.home.cloud:prepare"
HASTY = "dev.home.cloud:hasty"

_VARIABLE = "FAKE_CLOUD"


def told(file: Path) -> dict[str, str]:
    """Return the environment variable that tells the child process where the fake cloud is."""
    return {_VARIABLE: str(file)}


def surroundings(**more: Any) -> Environment:
    """Return the integration's environment with the fake cloud in it, and more of its fields."""
    # Home Assistant puts its configuration folder on the path first; so late, this is its module.
    from custom_components.wyze_local.engine.cloud import Hosts  # noqa: PLC0415
    from custom_components.wyze_local.environment import Environment  # noqa: PLC0415

    found = json.loads(Path(os.environ[_VARIABLE]).read_text("utf-8"))

    def trust() -> ssl.SSLContext:
        """Trust the fake cloud's authority, and no other."""
        return ssl.create_default_context(cafile=found["ca"])

    return Environment(hosts=Hosts(**found["hosts"]), tls=trust, **more)


def prepare(hass: HomeAssistant) -> None:
    """Lead the integration to the fake cloud, and a browser on this machine to its streams."""
    from custom_components.wyze_local.environment import DATA_ENVIRONMENT  # noqa: PLC0415

    hass.data[DATA_ENVIRONMENT] = surroundings(webrtc_on_loopback=True)


def hasty(hass: HomeAssistant) -> None:
    """Lead the integration to the fake cloud, which it asks again after seconds instead of minutes."""
    from custom_components.wyze_local.engine.uplink import Policy  # noqa: PLC0415
    from custom_components.wyze_local.environment import DATA_ENVIRONMENT  # noqa: PLC0415

    hass.data[DATA_ENVIRONMENT] = surroundings(uplink=Policy().scaled(1 / 300))
