"""What the parent knows of each camera: enough to give a new relay process everything back."""

import re
from dataclasses import dataclass, field, replace
from typing import TypedDict

from ..child import ChildPhase
from ..model import Credentials, Door, InvalidField, Secret, parse_camera_key
from .asking import HOST
from .formats import Formats, spoken_format
from .messages import SetCamera
from .states import CameraFacts, CameraState, CameraStats, Phase

_TOKEN = re.compile(r"[0-9a-f]{32}")
RESOLUTIONS = frozenset({"", "hd", "sd"})


class Wanted(TypedDict, total=False):
    """How somebody wants to read a camera."""

    twice: bool
    """With the first key frame twice: Home Assistant's stream drops the first packet it gets."""
    opus: bool
    """With AAC as Opus besides, which browsers play by WebRTC."""
    watch: bool
    """As our own watch worker, which counts as nobody who looks."""


@dataclass(slots=True)
class Record:
    """One camera."""

    key: str
    token: Secret
    credentials: Credentials
    always_on: bool = False
    audio: bool = True
    resolution: str = ""
    guest: str = ""
    """The user of another machine that may read it."""
    formats: Formats = field(default_factory=Formats)
    state: CameraState = field(default_factory=CameraState)
    stats: CameraStats = field(default_factory=CameraStats)
    said: CameraFacts = field(default_factory=CameraFacts)
    watched_at_end: bool = False
    """Whether it had readers when the last process ended."""

    def __post_init__(self) -> None:
        """Check what becomes part of a URL; raises InvalidField."""
        parse_camera_key(self.key)
        if not _TOKEN.fullmatch(self.token.reveal()):
            raise InvalidField("token", "not_a_token")
        self.check_resolution(self.resolution)

    @property
    def facts(self) -> CameraFacts:
        """What is known of the camera, from this run or an earlier one."""
        video, audio = self.formats.video, self.formats.audio
        return replace(
            self.said,
            talk=spoken_format(self.formats) is not None,
            speaker=self.formats.talk,
            video=video.codec if video else "",
            audio=audio.codec if audio else "",
        )

    def state_while(self, relay: ChildPhase, now: float) -> CameraState:
        """Return how the camera stands while the relay does so; since when stays when nothing changes."""
        idle = self.state.phase is Phase.IDLE
        if relay is ChildPhase.STOPPED and not idle:
            return CameraState(since=now)
        wanted = not idle or self.always_on or self.watched_at_end
        if relay is ChildPhase.FAILED and wanted and self.state.reason != "relay_down":
            return CameraState(Phase.LOST, "relay_down", now)
        return self.state

    @staticmethod
    def check_resolution(resolution: str) -> str:
        """Return a resolution that is known; raises InvalidField."""
        if resolution not in RESOLUTIONS:
            raise InvalidField("resolution", "unknown")
        return resolution

    def url(self, port: int, door: Door | None, wanted: Wanted) -> Secret:
        """Return its address at the relay, with what opens it."""
        flags = "".join(f"&{name}=1" for name, on in wanted.items() if on)
        return Secret(f"{place(port, door)}/{self.key}?auth={self.token.reveal()}{flags}")

    def message(self) -> SetCamera:
        """Return it as the relay wants it."""
        return SetCamera(
            key=self.key,
            token=self.token,
            credentials=self.credentials,
            always_on=self.always_on,
            audio=self.audio,
            resolution=self.resolution,
            formats=self.formats,
            wanted=self.watched_at_end,
            guest=self.guest,
        )


def place(port: int, door: Door | None) -> str:
    """Return where the relay serves: on this machine, or for another one, user info included."""
    if door is None:
        return f"rtsp://{HOST}:{port}"
    return f"rtsp://{door.user.reveal()}:{door.password.reveal()}@{door.host.reveal()}:{door.port}"


def nowhere(port: int, door: Door | None = None) -> Secret:
    """Return an address at the relay where there is no camera: who reaches it is told so."""
    return Secret(f"{place(port, door)}/nothing?auth=nothing")
