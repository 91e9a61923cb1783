"""Opening a camera's stream with PyAV, and the words for why that did not work.

What comes is untrusted, and PyAV's errors name the URL: nothing of either goes anywhere from here.
"""

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from ..model import WATCH_AGENT, Secret

OPEN_WITHIN = 10.0
"""Seconds that a stream may take to open."""
READ_WITHIN = 2.0
"""Seconds without a packet after which the reader looks up from its stream."""
MAX_PIXELS = 4096 * 4096
"""Larger pictures are no camera's, and decoding them would take all memory."""

_OPTIONS = {
    "rtsp_transport": "tcp",
    "user_agent": WATCH_AGENT,
    # Only what a relay or a stream server on this machine speaks.
    "protocol_whitelist": "rtsp,rtp,tcp",
    # The description says how things are coded; sound that is announced and never comes is not waited for.
    "analyzeduration": "500000",
    "probesize": "500000",
}
_REASONS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (av.HTTPNotFoundError, "not_found"),
    ((av.HTTPUnauthorizedError, av.HTTPForbiddenError, av.PermissionError), "refused"),
    (
        (av.ConnectionRefusedError, av.ConnectionResetError, av.HTTPServerError, av.HTTPClientError),
        "no_answer",
    ),
    ((av.TimeoutError, av.ExitError), "timeout"),
    ((av.EOFError, av.BrokenPipeError), "ended"),
)


class Unreadable(Exception):
    """The stream cannot be read; `reason` is the word for why."""

    def __init__(self, reason: str) -> None:
        """Remember the reason."""
        super().__init__(reason)
        self.reason = reason


def reason_of(error: BaseException) -> str:
    """Return the word for an error of PyAV."""
    return next((word for kinds, word in _REASONS if isinstance(error, kinds)), "unreadable")


def open_stream(url: Secret) -> tuple[InputContainer, VideoStream]:
    """Open a stream and find its pictures; raises Unreadable. The caller closes the container."""
    try:
        container = av.open(url.reveal(), options=_OPTIONS, timeout=(OPEN_WITHIN, READ_WITHIN))
    except (av.FFmpegError, OSError, ValueError) as err:
        raise Unreadable(reason_of(err)) from None
    if not container.streams.video:
        container.close()
        raise Unreadable("no_video")
    video = container.streams.video[0]
    if getattr(video, "codec_context", None) is None:
        # Of a kind that nothing here decodes.
        container.close()
        raise Unreadable("unreadable")
    # One thread per camera is enough, and what it costs can be measured.
    video.thread_type = "NONE"
    video.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    return container, video
