"""One session with one camera: from its credentials to its frames, commands and speaker."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol, Self

from ..model import CameraNetworks, Clock, Credentials
from .errors import LanError
from .values import CameraInfo, Codec, EndHandler, FrameHandler, LinkStats, Resolution


class Talk(Protocol):
    """The way to a camera's speaker."""

    codec: Codec
    """What to send: the codec of the camera's own sound."""
    sample_rate: int

    def send(self, data: bytes) -> None:
        """Send a piece of sound, at most 1 KiB, as it comes: nothing is paced or kept here.

        Raises LanError (`closed`) when the camera or the session is gone.
        """
        ...


class LanSession:
    """A logged-in session. Made by `open`, ended by `close` or by the camera."""

    info: CameraInfo
    stats: LinkStats

    @classmethod
    async def open(
        cls,
        credentials: Credentials,
        *,
        clock: Clock,
        on_frame: FrameHandler,
        on_end: EndHandler,
        networks: CameraNetworks | None = None,
        want_audio: bool = True,
        resolution: Resolution | None = None,
    ) -> Self:
        """Find, handshake, log in and ask for media; frames may come before this returns.

        Every stage ends within 5 s. `networks` given, an address outside them is refused before
        anything is sent. `resolution` is asked for, and not waited for. Raises LanError; then neither
        handler is called any more. A cancelled `open` leaves nothing behind.
        """
        raise NotImplementedError

    @property
    def heard_at(self) -> float:
        """When anything valid was last heard of the camera: seconds of the session's monotonic clock."""
        raise NotImplementedError

    @property
    def ended(self) -> LanError | None:
        """Why the session is over; None while it runs. After `close()` the reason is `closed`."""
        raise NotImplementedError

    async def command(self, code: int, payload: bytes = b"", timeout: float = 5.0) -> bytes:
        """Send a command (even code, 10000 to 65534) and return the payload of its answer.

        Repeated each second until answered: only for commands that may be. Raises LanError:
        `timeout`, `closed`, or why the session ended meanwhile.
        """
        raise NotImplementedError

    def talk(self) -> AbstractAsyncContextManager[Talk]:
        """Open the way to the speaker for as long as the context lasts; one at a time.

        Entering raises LanError: `refused` (no speaker announced, or in use here already),
        `timeout`, or why the session ended meanwhile.
        """
        raise NotImplementedError

    async def close(self) -> None:
        """Hang up politely, without waiting for an answer; may be called at any time, any number of times."""
        raise NotImplementedError
