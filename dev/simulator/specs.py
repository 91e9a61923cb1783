"""What a simulated camera is: one value per camera, with an invented identity."""

import hashlib
import string
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlencode

from . import abilities
from .abilities import Ability


class Framing(StrEnum):
    """How datagrams are framed."""

    TRANSCODE = "0402"
    """Older firmware: obfuscated datagrams."""
    CC51 = "cc51"
    """Newer firmware: clear datagrams with sealed headers."""


class Video(StrEnum):
    """How pictures are coded."""

    H264 = "h264"
    H265 = "h265"


class Audio(StrEnum):
    """How sound is coded."""

    NONE = "none"
    PCMU = "pcmu"
    PCMA = "pcma"
    PCM = "pcm"
    AAC = "aac"


class Join(StrEnum):
    """Where the pictures of a new session begin."""

    KEY_FRAME = "key"
    """The camera makes a key frame for it, which all its viewers get."""
    MID_GOP = "mid"
    """Wherever the camera is; the next key frame comes when its turn comes."""


class Scene(StrEnum):
    """What the pictures show."""

    PORCH = "porch"
    GARDEN = "garden"
    ATTIC = "attic"
    SHED = "shed"
    HALL = "hall"
    QUIET = "quiet"
    """Nothing moves but the burned-in clock and frame number."""
    VISITOR = "visitor"
    """As quiet, but somebody walks by in the second third of the loop."""
    YARD = "yard"
    """Nothing moves, no clock either, until `Camera.motion` sends somebody through. The frame number is a
    line along the top edge, too thin to be taken for motion (`barcode.LINE_HEIGHT`)."""


class Refusal(StrEnum):
    """How a session above the limit is refused."""

    ANSWER = "answer"
    """By the log-in's answer, and no pictures."""
    SILENCE = "silence"
    """By no answer to its first datagram."""


def _digest(*parts: object) -> bytes:
    """Return bytes that are the same for the same parts."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).digest()


def _invent(alphabet: str, size: int, *parts: object) -> str:
    """Return a deterministic word."""
    source = _digest(*parts) + _digest("more", *parts)
    return "".join(alphabet[byte % len(alphabet)] for byte in source[:size])


_CAPITALS = string.ascii_uppercase + string.digits
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Picture:
    """What the pictures look like; cameras with equal values share one encoded loop."""

    video: Video = Video.H264
    width: int = 640
    height: int = 360
    fps: int = 15
    gop: int = 30
    """Frames from one key frame to the next."""
    seconds: int = 24
    """Length of the loop."""
    kbit: int = 600
    scene: Scene | None = None
    """None: by the camera's name."""
    file: Path | None = None
    """Show this local video instead of a scene."""

    @property
    def walk_from(self) -> int:
        """The frame from which on the loop is kept for motion on demand; 0: it has no such part."""
        if self.file or self.scene is not Scene.YARD:
            return 0
        return self.seconds * self.fps // self.gop // 2 * self.gop

    @property
    def somebody_from(self) -> int:
        """The first frame of that part with somebody in it: half-way between two key frames."""
        return self.walk_from + self.gop // 2 if self.walk_from else 0


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """A camera. Only `name` is needed; identity fields left empty are invented from name and seed."""

    name: str
    framing: Framing = Framing.TRANSCODE
    video: Video = Video.H264
    audio: Audio = Audio.PCMU
    two_way: bool = True
    """Whether it announces a speaker."""
    host: str = "127.0.0.1"
    port: int = 0
    """UDP port; 0 takes a free one."""
    model: str = "WYZE_CAKP2JFUS"
    firmware: str = "4.36.13.0416"
    abilities: frozenset[Ability] | None = None
    """What it has that others have not; None: what its model has."""
    uid: str = ""
    enr: str = ""
    mac: str = ""
    seed: int = 0
    status: int = 3
    """Kind of the log-in challenge: 1, 3, or 6 (which needs an ENR of 32 characters)."""
    verify_hello: bool = False
    """Whether the DTLS handshake starts with a cookie exchange."""
    checks_mac: bool = True
    """Whether older firmware turns a hello away that was made with another MAC; nobody knows if it does."""
    session_limit: int = 4
    refusal: Refusal = Refusal.ANSWER
    join: Join = Join.KEY_FRAME
    picture: Picture = field(default_factory=Picture)
    """Everything about the pictures but their codec, which is `video`."""

    def _own_scene(self) -> Scene:
        """Return the scene of that name, or else one of the lively ones."""
        lively = (Scene.PORCH, Scene.GARDEN, Scene.ATTIC)
        if self.name in set(Scene):
            return Scene(self.name)
        return lively[_digest("scene", self.name)[0] % len(lively)]

    @property
    def able(self) -> frozenset[Ability]:
        """What it has that others have not."""
        return abilities.of_model(self.model) if self.abilities is None else self.abilities

    def complete(self) -> Self:
        """Return the camera with an identity and with its codec in `picture`."""
        size = 32 if self.status == 6 else 16
        return replace(
            self,
            uid=self.uid or _invent(_CAPITALS, 20, "uid", self.name, self.seed),
            enr=self.enr or _invent(_LETTERS, size, "enr", self.name, self.seed),
            mac=self.mac or "02" + _digest("mac", self.name, self.seed).hex()[:10].upper(),
            abilities=self.able,
            picture=replace(self.picture, video=self.video, scene=self.picture.scene or self._own_scene()),
        )


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a viewer needs to reach a camera."""

    address: str
    port: int
    uid: str
    enr: str
    mac: str
    model: str

    @property
    def link(self) -> str:
        """The `wyze://` link in the form the stream server shows; the port only when it is unusual."""
        query = urlencode(
            {"dtls": "true", "enr": self.enr, "mac": self.mac, "model": self.model, "uid": self.uid}
        )
        port = "" if self.port == DEFAULT_PORT else f":{self.port}"
        return f"wyze://{self.address}{port}?{query}"


DEFAULT_PORT = 32761
"""UDP port of real cameras."""
