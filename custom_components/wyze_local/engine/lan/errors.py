"""Why the LAN engine could not do something, as words that stay the same."""

from enum import StrEnum

from ..model import EngineError


class Reason(StrEnum):
    """What a failure looks like from here. Causes that look alike on the wire share a word."""

    OUTSIDE = "outside"
    """The address lies outside the camera networks; nothing was sent."""
    NO_ANSWER = "no_answer"
    """Nothing came back: off, asleep, at another address, or it knows another key and keeps silent."""
    PORT_CLOSED = "port_closed"
    """The host is there and says that nothing listens: no camera, or one that is starting."""
    UNREACHABLE = "unreachable"
    """There is no way to the address: no route, or the network says that the host is not there."""
    BLOCKED = "blocked"
    """This machine itself refuses to send: a firewall or the container's network."""
    NO_DTLS = "no_dtls"
    """It answers the search but not the handshake: firmware without DTLS, or one with other ciphers."""
    WRONG_KEY = "wrong_key"
    """It does not have the key that we have (or is no camera of ours at all)."""
    UPDATING = "updating"
    """It is installing firmware."""
    CHECKING = "checking"
    """It is still checking its own key with the vendor."""
    OFF = "off"
    """It says that it is switched off."""
    REFUSED = "refused"
    """It is there and says no, to a session or to the log-in: most often it has too many sessions."""
    BUSY = "busy"
    """It has the key, and then hangs up or falls silent before the log-in is done: most often too many
    sessions."""
    HUNG_UP = "hung_up"
    """It ended a running session."""
    TIMEOUT = "timeout"
    """A command stayed unanswered; the session goes on."""
    CLOSED = "closed"
    """The session was over before the command."""
    SOUND_UNKNOWN = "sound_unknown"
    """It was never heard, not even when it was asked for sound: what its speaker takes is not known."""
    PROTOCOL_FAULT = "protocol_fault"
    """It said something that makes no sense."""


class LanError(EngineError):
    """What the LAN engine raises. `reason` is always one of `Reason`."""

    def __init__(self, reason: Reason, message: str = "") -> None:
        """Remember the reason; messages hold no key, address or name."""
        super().__init__(message or reason.value, reason=reason)
        self.word = reason
        """The reason, for a `match`."""


class Malformed(LanError):
    """Bytes that make no sense; inside the room only."""

    def __init__(self, message: str = "") -> None:
        """Remember what was wrong with the bytes."""
        super().__init__(Reason.PROTOCOL_FAULT, message)
