"""Saying something to a camera that somebody else holds: what the parent asks the relay for it."""

import json
from typing import NamedTuple

from ..child import unpack
from ..model import CameraNetworks, Credentials
from .asking import check_command
from .messages import Call, Leave
from .saying import Asked
from .states import Called

LEAVE_WITHIN = 5.0
"""Seconds that it may take to leave a camera: nothing is waited for there."""


ROOM = 2.0
"""Seconds that go2rtc has for a dial before anything more is said on a session beside its own."""


class CallWay(NamedTuple):
    """How a camera is reached."""

    credentials: Credentials
    networks: CameraNetworks
    """Where it may be."""


class CallCommand(NamedTuple):
    """What is said to it."""

    code: int
    payload: bytes
    within: float
    """Seconds that the answer may take, with the dial where one is needed."""


async def call(relay: Asked, camera_key: str, way: CallWay, command: CallCommand) -> Called:
    """Send a command on a short session beside that of whoever holds the camera; returns what came of it.

    The session is kept for 5 s after the last command, or until go2rtc is about to dial, which is given 2 s
    for it. Sent again until it is answered, but for turns by so much. A camera that refused is not dialled
    again for a while: the same refusal comes back. Raises RelayError where the relay itself could not,
    ValueError for what is no command.
    """
    check_command(command.code, command.payload)
    networks = tuple(way.networks.texts())
    answer = await relay.ask(
        lambda number: Call(
            number, camera_key, way.credentials, networks, command.code, command.payload, command.within
        ),
        ROOM + command.within,
    )
    called: Called = unpack(json.loads(answer), Called)
    return called


async def leave(relay: Asked, camera_key: str) -> None:
    """End the session that was kept for more commands, as none are to come; raises RelayError."""
    await relay.ask(lambda number: Leave(number, camera_key), LEAVE_WITHIN)
