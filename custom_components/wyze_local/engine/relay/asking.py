"""What the relay process is asked, and the socket that it listens on."""

import socket
from collections.abc import Iterable

from ..child import Question
from ..model import CameraNetworks, Credentials
from .errors import RelayError
from .messages import Check, Command, Find, Prove

HOST = "127.0.0.1"
PROVE_WITHIN = 20.0
"""Seconds that a proof may take, waiting for its turn included."""

LOOK_WITHIN = 45.0
"""Seconds that a first look may take: it has twice as many stages, and waits for a picture."""

FIND_WITHIN = 120.0
"""Seconds that a search may take: many at once share one pace."""

CHECK_WITHIN = 60.0
"""Seconds that a check may take besides its media: each of its stages may take five."""

MAX_PAYLOAD = 1000
"""Longest payload of a command, in bytes: it has to fit into one datagram."""


def check_command(code: int, payload: bytes) -> None:
    """Raise ValueError for what is no command."""
    if code % 2 or not 10000 <= code <= 65534 or len(payload) > MAX_PAYLOAD:
        raise ValueError("no command")


def command(camera_key: str, code: int, payload: bytes, within: float) -> Question:
    """Ask for a camera's answer to a command; raises ValueError for what is none."""
    check_command(code, payload)
    return lambda number: Command(number, camera_key, code, payload, within)


def proof(
    credentials: Credentials, networks: CameraNetworks, *, look: bool = False, greet: bool = False
) -> tuple[Question, float]:
    """Ask for a proof; returns besides how many seconds it may take."""
    texts = tuple(networks.texts())
    within = LOOK_WITHIN if look or greet else PROVE_WITHIN
    return lambda number: Prove(number, credentials, texts, look, greet), within


def search(
    credentials: Credentials,
    networks: CameraNetworks,
    attached: Iterable[str],
    hints: Iterable[str],
    taken: Iterable[str],
) -> tuple[Question, float]:
    """Ask where a camera is; the answer is its address. Returns besides how many seconds it may take."""
    where = tuple(networks.texts()), tuple(attached), tuple(hints), tuple(taken)
    return lambda number: Find(number, credentials, *where), FIND_WITHIN


def checking(
    camera_key: str, credentials: Credentials, networks: CameraNetworks, seconds: float
) -> tuple[Question, float]:
    """Ask for a check with so many seconds of media; returns besides how many seconds it may take."""
    texts = tuple(networks.texts())
    return lambda number: Check(number, camera_key, credentials, texts, seconds), CHECK_WITHIN + seconds


def listen_on_loopback(port: int) -> socket.socket:
    """Return a listening socket on loopback, at the port of before (0: none) if it is still free.

    Raises RelayError.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        if port:
            return listen_on_loopback(0)
        raise RelayError("no port on loopback", reason="not_started") from None
    return listener
