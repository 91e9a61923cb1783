"""Simulated cameras that speak the real LAN protocol.

In a test::

    async with Simulator([CameraSpec("porch", audio=Audio.AAC)]) as sim:
        camera = sim.cameras["porch"]
        camera.link                 # wyze://127.0.0.1:PORT?dtls=true&enr=…
        camera.counters.handshakes

As a process: ``python -m dev.simulator --help``. It shares no code with the integration.
"""

from .abilities import Ability
from .camera import Camera
from .coding import FootageError
from .counters import Counters, Sent, Walk
from .door import GONE_AFTER
from .faults import Faults, Says, Stubborn, WrongKey
from .look import Light
from .simulator import Simulator
from .specs import Audio, CameraSpec, Credentials, Framing, Join, Picture, Refusal, Scene, Video

__all__ = [
    "GONE_AFTER",
    "Ability",
    "Audio",
    "Camera",
    "CameraSpec",
    "Counters",
    "Credentials",
    "Faults",
    "FootageError",
    "Framing",
    "Join",
    "Light",
    "Picture",
    "Refusal",
    "Says",
    "Scene",
    "Sent",
    "Simulator",
    "Stubborn",
    "Video",
    "Walk",
    "WrongKey",
]
