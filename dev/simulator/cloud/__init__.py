"""The vendor's cloud, as far as a client without the secrets of the vendor's own app can see it.

In a test::

    async with FakeCloud() as cloud:
        ann = cloud.add_user("ann@example.org", "correct horse", factors=(Factor.TOTP,))
        ann.devices.append(Device.of_camera(simulator.cameras["porch"]))
        cloud.hosts(), cloud.tls_context()      # where it is, and whom to trust
        cloud.code(ann)                         # what the person's authenticator app shows
        cloud.fault("rate_limit", "devices", after=2, retry_after=3600)
        cloud.invalidate()                      # every token is dead
        cloud.calls("login")                    # what was asked

As a process: `script/simulator --cloud FOLDER`. It shares no code with the integration.
"""

from .answers import Role
from .authority import Certificate
from .devices import Device, plug
from .events import DOORBELL, MOTION, PACKAGE, PERSON, PET, SOUND, VEHICLE, Event
from .faults import KINDS, Fault
from .people import DeveloperKey, Factor, User, make_key, make_user, triple_md5
from .records import UNKNOWN, Call
from .server import FakeCloud

__all__ = [
    "DOORBELL",
    "KINDS",
    "MOTION",
    "PACKAGE",
    "PERSON",
    "PET",
    "SOUND",
    "UNKNOWN",
    "VEHICLE",
    "Call",
    "Certificate",
    "DeveloperKey",
    "Device",
    "Event",
    "Factor",
    "FakeCloud",
    "Fault",
    "Role",
    "User",
    "make_key",
    "make_user",
    "plug",
    "triple_md5",
]
