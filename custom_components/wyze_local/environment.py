"""Everything outside that tests and the demo may replace. No option, variable or YAML reads it."""

import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field

from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN
from .engine.cloud import Hosts, RefreshPolicy
from .engine.model import Clock, SystemClock
from .engine.ownership import Policy as OwnershipPolicy
from .engine.uplink import Policy as UplinkPolicy


@dataclass(frozen=True, slots=True)
class Environment:
    """Where time, chance and the vendor come from, and how patient we are with the vendor."""

    clock: Clock = field(default_factory=SystemClock)
    random: random.Random = field(default_factory=random.SystemRandom)
    webrtc_on_loopback: bool = False
    """Offer 127.0.0.1 to browsers too: only for a browser on this machine without any network."""
    hosts: Hosts = field(default_factory=Hosts)
    tls: Callable[[], ssl.SSLContext] | None = None
    """Makes the context that the vendor's hosts are verified with, in a thread. None: Home Assistant's."""
    refresh: RefreshPolicy = field(default_factory=RefreshPolicy)
    uplink: UplinkPolicy = field(default_factory=UplinkPolicy)
    """The pace at which the vendor is asked, and the way back from an outage."""
    ownership: OwnershipPolicy = field(default_factory=OwnershipPolicy)
    """How much it takes until an account's answers are not believed, and until they are again."""


DATA_ENVIRONMENT: HassKey[Environment] = HassKey(f"{DOMAIN}_environment")
