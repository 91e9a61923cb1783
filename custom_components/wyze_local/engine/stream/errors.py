"""What the stream server's own errors are, and the words they use for why."""

from collections.abc import Mapping
from pathlib import PurePath

from ..model import EngineError


class StreamServerError(EngineError):
    """Something the stream server could not do.

    `details` holds texts for messages to the person: `version`, `minimum`, `path`, `port`, `transport`.
    Neither they nor the message ever hold keys or personal data.
    """

    reason = "server_fault"

    def __init__(
        self, message: str = "", *, reason: str | None = None, details: Mapping[str, str] | None = None
    ) -> None:
        """Remember the reason and the details."""
        super().__init__(message, reason=reason)
        self.details: dict[str, str] = dict(details or {})


class BinaryError(StreamServerError):
    """The go2rtc program cannot be used.

    Reasons: `binary_missing`, `not_executable`, `not_go2rtc`, `too_old`, `without_wyze`.
    """


class PortTaken(StreamServerError):
    """Another program holds a port; `details` has `port` and `transport` (`tcp` or `udp`)."""

    reason = "port_taken"

    def __init__(self, listener: str, port: int, transport: str) -> None:
        """Say which listener (`rtsp`, `lan`, `webrtc`) wanted which port."""
        super().__init__(
            f"{listener} port {port}/{transport} is taken",
            details={"port": str(port), "transport": transport},
        )
        self.listener = listener
        self.port = port
        self.transport = transport


class StartFailed(StreamServerError):
    """The process did not become ready.

    Reasons: `not_started`, `not_ready`, `exited`, `no_private_folder`.
    """

    reason = "not_ready"


class ServerDown(StreamServerError):
    """The stream server is not running at this moment; it may be on its way back.

    Reasons: `server_down`; of somebody else's `external_down`, and over HTTPS `bad_certificate`.
    """

    reason = "server_down"


class ApiError(StreamServerError):
    """The stream server answered something else than it should, or not in time.

    Reasons: `server_fault`, `server_timeout`, `bad_answer`, `refused_source`, `unknown_camera`,
    `wrong_login`.
    """


class ExternalError(StreamServerError):
    """A go2rtc that somebody else runs cannot be used.

    Reasons: `external_unreachable`, `external_timeout`, `external_certificate`, `external_login`,
    `external_not_go2rtc`, `external_too_old`, `external_no_sources`, `external_no_rtsp`,
    `external_no_wyze`, `external_elsewhere`.
    """

    reason = "external_unreachable"


class DialFailure(StreamServerError):
    """A camera could not be reached.

    Reasons: `no_answer`, `port_closed`, `unreachable`, `blocked`, `wrong_key`, `busy`, `refused`, `no_dtls`,
    `no_media`, `no_stream`, `no_such_stream`, `outside`, `timeout`, `server_fault`; `queued` when it was not
    even dialled; of a viewer's own making: `no_common_codec`, `bad_offer`.
    """


class StillFailure(StreamServerError):
    """No still could be had. Reasons: `no_still`, `no_ffmpeg`, `timeout`."""

    reason = "no_still"


def place_of(error: BaseException) -> str:
    """Return the kind of an unforeseen error and its place: its words may hold an address or a key."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"
