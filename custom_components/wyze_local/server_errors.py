"""What a person is told when the stream server does not start: from the engine's errors to keys of texts."""

from .engine.stream import PortTaken, StreamServerError

START_REASONS = frozenset(
    {
        "binary_missing",
        "not_executable",
        "not_go2rtc",
        "too_old",
        "without_wyze",
        "port_taken",
        "not_started",
        "not_ready",
        "exited",
        "no_private_folder",
        "relay_not_started",
        "server_down",
        "server_timeout",
        "external_unreachable",
        "external_timeout",
        "external_certificate",
        "external_login",
        "external_not_go2rtc",
        "external_too_old",
        "external_no_sources",
        "external_no_rtsp",
        "external_no_wyze",
        "external_elsewhere",
    }
)
"""The reasons that have a text of their own; whatever else there may be is a fault."""


def server_error_key(err: StreamServerError) -> str:
    """Return the key of the text that says why the stream server does not run."""
    # The person chooses the port for browsers; the one for restreams is picked anew at every start.
    if isinstance(err, PortTaken) and err.listener != "webrtc":
        return "server_lan_port_taken" if err.listener == "lan" else "server_no_free_port"
    return f"server_{err.reason}" if err.reason in START_REASONS else "server_fault"


def first_error(err: StreamServerError) -> StreamServerError:
    """Return the error that a person caused, not the one of the way back to the old settings after it."""
    while isinstance(err.__context__, StreamServerError):
        err = err.__context__
    return err
