"""Which browser may talk through a camera: who has the right, one at a time, by what their offers bring."""

import re

from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.components.websocket_api import current_connection
from homeassistant.core import callback

_SILENT = re.compile(r"^a=(?:recvonly|inactive)\s*$", re.MULTILINE)
_ORIGIN = re.compile(r"^o=\S+ (\S+) ", re.MULTILINE)


class Talkers:
    """Which browser may talk through which camera: one at a time."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._holders: dict[str, dict[str, str]] = {}

    @callback
    def async_take(self, camera_key: str, session_id: str, offer: str) -> bool:
        """Let a viewer who brings a microphone have the speaker; returns False when another has it.

        One whose connection begins anew is no other.
        """
        if not brings_microphone(offer):
            return True
        holders = self._holders.setdefault(camera_key, {})
        peer = peer_of(offer)
        if any(other != peer for other in holders.values()):
            return False
        holders[session_id] = peer
        return True

    @callback
    def async_leave(self, session_id: str) -> None:
        """Let the next one have what a viewer had."""
        for holders in self._holders.values():
            holders.pop(session_id, None)


@callback
def async_may_talk(entity_id: str, offer: str) -> bool:
    """Tell whether the person who asks just now may do what an offer brings: to talk is more than to look.

    Home Assistant itself asks for no right on a camera before it passes an offer on.
    """
    if not brings_microphone(offer) or (connection := current_connection.get()) is None:
        return True
    return connection.user.permissions.check_entity(entity_id, POLICY_CONTROL)


def brings_microphone(offer: str) -> bool:
    """Tell whether a browser's offer has sound that it would send: what does not say otherwise does."""
    # A line may end in either, and whoever takes the offer knows both.
    medias = re.split(r"^m=", offer.replace("\r", "\n"), flags=re.MULTILINE)
    return any(media.startswith("audio") and not _SILENT.search(media) for media in medias[1:])


def peer_of(offer: str) -> str:
    """Return what stays the same while a browser's connection begins anew."""
    found = _ORIGIN.search(offer)
    return found[1] if found else ""
