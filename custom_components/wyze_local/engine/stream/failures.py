"""From go2rtc's texts about a failed dial, which are its only way to say why, to reasons."""

_TABLE: tuple[tuple[str, str], ...] = (
    # The first part that occurs wins, so the particular stands before the general.
    ("only DTLS cameras", "no_dtls"),
    ("BadRecordMac", "wrong_key"),
    ("DecryptError", "wrong_key"),
    ("UnknownPSKIdentity", "wrong_key"),
    ("IllegalParameter", "wrong_key"),
    ("AccessDenied", "wrong_key"),
    ("discovery timeout", "no_answer"),
    # It answered on the network, then would not talk: another session, or its limit.
    ("client handshake failed", "refused"),
    ("av login failed", "busy"),
    ("K10001 failed", "busy"),
    ("K10001 parse failed", "refused"),
    ("K10002 failed", "refused"),
    ("K10003 parse failed", "refused"),
    ("wyze: probe", "no_media"),
    ("codecs not matched", "no_common_codec"),
    # The network's own words come last of the camera's: they also end longer texts.
    ("wyze: connect failed", "no_answer"),
    ("connection refused", "port_closed"),
    ("no route to host", "unreachable"),
    ("network is unreachable", "unreachable"),
    ("operation not permitted", "blocked"),
    ("wrong user/pass", "wrong_key"),
    ("user/pass not provided", "wrong_key"),
    ("Unauthorized", "wrong_key"),
    ("unsupported auth", "wrong_key"),
    ("Forbidden", "wrong_key"),
    # It was reached, and knows no stream of this name.
    ("wrong response on DESCRIBE", "no_such_stream"),
    ("i/o timeout", "no_answer"),
    ("deadline exceeded", "no_answer"),
    ("connection reset by peer", "refused"),
    # Something answers, but not with a stream at this path, or not in this protocol.
    ("wrong response on", "no_stream"),
    ("Not Found", "no_stream"),
    ("onvif: wrong", "no_stream"),
    ("magic: unsupported header", "no_stream"),
    ("malformed HTTP", "no_stream"),
    ("gave HTTP response", "no_stream"),
    ("invalid syntax", "no_stream"),
    ("tls: ", "no_stream"),
    ("EOF", "no_stream"),
)


def classify(text: str) -> str:
    """Return the reason for a failed dial. The text itself may hold keys and goes no further."""
    for part, reason in _TABLE:
        if part in text:
            return reason
    return "server_fault"
