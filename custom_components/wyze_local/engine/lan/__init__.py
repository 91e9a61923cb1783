"""The LAN protocol of the cameras: sessions, frames, commands, talk-back and proof. Publishable on its own.

Nothing is started at import, no thread is used, nothing blocks, and every wait ends.
"""

from .ear import Ear
from .errors import LanError, Reason
from .finder import Finder
from .prover import Prover
from .resolution import usual_bitrate
from .session import LanSession
from .talk import Talk
from .values import (
    CameraInfo,
    Codec,
    EndHandler,
    FrameHandler,
    Framing,
    Kind,
    LinkStats,
    MediaFrame,
    Proof,
    Resolution,
    Stage,
    StageHandler,
)

__all__ = [
    "CameraInfo",
    "Codec",
    "Ear",
    "EndHandler",
    "Finder",
    "FrameHandler",
    "Framing",
    "Kind",
    "LanError",
    "LanSession",
    "LinkStats",
    "MediaFrame",
    "Proof",
    "Prover",
    "Reason",
    "Resolution",
    "Stage",
    "StageHandler",
    "Talk",
    "usual_bitrate",
]
