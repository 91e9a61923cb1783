"""The relay as the rest of the house sees it: cameras go in; URLs, states and answers come out.

Lives in the parent's process and imports neither the LAN engine nor any cryptography.
"""

import random
from collections.abc import Callable, Mapping

from ..model import CameraNetworks, Clock, Credentials, Secret
from .states import CameraFacts, CameraState, CameraStats, RelayState


class Relay:
    """A supervised relay process with the sessions of many cameras.

    What is added here stays added: after a crash the child gets everything back, at the same addresses.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        rng: random.Random,
        on_state: Callable[[str, CameraState], None] = lambda _key, _state: None,
        on_relay: Callable[[RelayState], None] = lambda _: None,
    ) -> None:
        """Prepare; nothing runs before `start`. `on_state` gets a camera key and how that camera stands now."""
        raise NotImplementedError

    @property
    def state(self) -> RelayState:
        """How the process stands."""
        raise NotImplementedError

    @property
    def pid(self) -> int | None:
        """Process id of the relay, or None while there is none."""
        raise NotImplementedError

    @property
    def port(self) -> int:
        """TCP port on 127.0.0.1, the same until this object is gone; 0 before the first start."""
        raise NotImplementedError

    @property
    def states(self) -> Mapping[str, CameraState]:
        """How each camera stands, by camera key."""
        raise NotImplementedError

    def stats(self, camera_key: str) -> CameraStats:
        """Return what the present session has brought, at most some seconds old; raises RelayError."""
        raise NotImplementedError

    def facts(self, camera_key: str) -> CameraFacts | None:
        """Return what the camera last said about itself, None if nothing yet; raises RelayError."""
        raise NotImplementedError

    def url(self, camera_key: str, *, twice: bool = False) -> Secret:
        """Return the camera's RTSP URL, with its token; the same over restarts. Raises RelayError.

        `twice` sends the first key frame twice: Home Assistant's stream drops the first packet it gets.
        """
        raise NotImplementedError

    async def start(self) -> None:
        """Start the process and wait until it serves; raises RelayError."""
        raise NotImplementedError

    async def stop(self) -> None:
        """End everything; nothing is left. Cameras stay known for another start."""
        raise NotImplementedError

    async def set_networks(self, networks: CameraNetworks) -> None:
        """Say where cameras may be; none is dialled outside, and none at all before this was called."""
        raise NotImplementedError

    async def add(
        self,
        camera_key: str,
        credentials: Credentials,
        token: Secret,
        *,
        always_on: bool = False,
        audio: bool = True,
        resolution: str | None = None,
    ) -> None:
        """Take a camera in. `token` is 32 hexadecimal digits, the `auth` of its URL.

        `always_on` keeps its session up without any reader; `resolution` is `hd`, `sd` or None for the
        camera's own. Raises InvalidField for a token or key of another shape.
        """
        raise NotImplementedError

    async def update(
        self,
        camera_key: str,
        *,
        credentials: Credentials | None = None,
        always_on: bool | None = None,
        audio: bool | None = None,
        resolution: str | None = None,
    ) -> None:
        """Change what is given. Other credentials, sound or resolution open the session anew; readers stay."""
        raise NotImplementedError

    async def remove(self, camera_key: str) -> None:
        """Forget a camera, close its session and its readers."""
        raise NotImplementedError

    async def wish(self, camera_key: str) -> None:
        """Open the camera's session now, as somebody is about to look; lingers as after a reader."""
        raise NotImplementedError

    async def command(
        self,
        camera_key: str,
        code: int,
        payload: bytes = b"",
        *,
        timeout: float = 5.0,
    ) -> bytes:
        """Send a command on the camera's session, or on a short one, and return the answer's payload.

        Raises RelayError with the reason.
        """
        raise NotImplementedError

    async def prove(self, credentials: Credentials, networks: CameraNetworks) -> None:
        """Return when the camera has proved itself with its own key inside these networks.

        Raises RelayError with the reason (`no_answer`, `wrong_key`, `outside`, …).
        """
        raise NotImplementedError
