"""Which framer reads and builds a camera's datagrams."""

from .framing import Framer
from .framing_0402 import Framer0402
from .framing_cc51 import FramerCC51


def make(uid: bytes, auth_key: bytes, *, newer: bool, strict: bool) -> Framer:
    """Return the framer of newer or older firmware; the older checks the hello's key when `strict`."""
    if newer:
        return FramerCC51(uid, auth_key)
    return Framer0402(uid, auth_key if strict else b"")
