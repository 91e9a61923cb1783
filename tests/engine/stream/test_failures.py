"""go2rtc's texts, as seen and as read in its source, become reasons that tell the person what to do."""

import pytest
from hypothesis import given, strategies as st

from engine.stream.failures import classify

# What a dial of ours may end with; the hall has a text for each.
REASONS = {
    *(
        "no_answer",
        "port_closed",
        "unreachable",
        "blocked",
        "wrong_key",
        "busy",
        "refused",
        "no_dtls",
        "no_media",
        "no_stream",
        "no_such_stream",
    ),
    "server_fault",
}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("streams: wyze: connect failed: discovery timeout", "no_answer"),
        ("webrtc: streams: wyze: connect failed: discovery timeout", "no_answer"),
        ("streams: wyze: connect failed: read udp4 0.0.0.0:5: i/o timeout", "no_answer"),
        (
            "wyze: connect failed: dtls: client handshake failed: handshake error: alert: BadRecordMac",
            "wrong_key",
        ),
        (
            "streams: wyze: connect failed: dtls: client handshake failed: context deadline exceeded",
            "refused",
        ),
        ("streams: wyze: av login failed: context deadline exceeded", "busy"),
        ("streams: wyze: av login failed: av login 2 failed: EOF", "busy"),
        ("streams: wyze: K10001 failed: timeout waiting for response", "busy"),
        ("streams: wyze: K10002 failed: timeout waiting for response", "refused"),
        ("streams: wyze: K10003 parse failed: unexpected end of JSON input", "refused"),
        ("streams: wyze: only DTLS cameras are supported", "no_dtls"),
        ("streams: wyze: probe: EOF", "no_media"),
        ("streams: codecs not matched: audio:PCMU => video:ANY", "no_common_codec"),
        ("streams: dial tcp 192.168.1.9:554: connect: connection refused", "port_closed"),
        ("streams: dial tcp 192.168.1.9:554: connect: no route to host", "unreachable"),
        ("streams: dial tcp 192.168.1.9:554: i/o timeout", "no_answer"),
        ("streams: wrong user/pass", "wrong_key"),
        ("streams: user/pass not provided", "wrong_key"),
        ("streams: 401 Unauthorized", "wrong_key"),
        ("streams: 403 Forbidden", "wrong_key"),
        ('streams: unsupported auth: Basic realm="camera"', "wrong_key"),
        ("streams: onvif: wrong response 401 Unauthorized", "wrong_key"),
        ("streams: onvif: wrong response 404 Not Found", "no_stream"),
        ("streams: onvif: wrong subtype", "no_stream"),
        ("streams: wrong response on DESCRIBE", "no_such_stream"),
        ("streams: wrong response on SETUP", "no_stream"),
        ("streams: 404 Not Found", "no_stream"),
        ("streams: magic: unsupported header: 3c21444f", "no_stream"),
        ('streams: strconv.Atoi: parsing "I": invalid syntax', "no_stream"),
        ('streams: Get "http://127.0.0.1:80/x": net/http: malformed HTTP status code "I"', "no_stream"),
        (
            'streams: Get "https://127.0.0.1:80/": http: server gave HTTP response to HTTPS client',
            "no_stream",
        ),
        ('streams: Get "http://127.0.0.1:80/x": EOF', "no_stream"),
        ("streams: unexpected EOF", "no_stream"),
        ("streams: read tcp 127.0.0.1:5->127.0.0.1:6: read: connection reset by peer", "refused"),
        ("streams: wyze: invalid URL: parse error", "server_fault"),
        ("streams: unknown error", "server_fault"),
        ("", "server_fault"),
    ],
)
def test_each_failure_has_its_reason(text: str, reason: str) -> None:
    assert classify(text) == reason


@given(st.text())
def test_any_text_has_a_reason(text: str) -> None:
    assert classify(text) in REASONS
