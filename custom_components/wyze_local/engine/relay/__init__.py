"""The relay: a child process that holds the one session of each camera and serves it on loopback RTSP.

Parent side: `Relay`. The child is started as `python -m engine.relay`; this module imports nothing of it.
"""

from .client import Relay
from .errors import RelayError
from .states import CameraFacts, CameraState, CameraStats, Phase, RelayPhase, RelayState

__all__ = [
    "CameraFacts",
    "CameraState",
    "CameraStats",
    "Phase",
    "Relay",
    "RelayError",
    "RelayPhase",
    "RelayState",
]
