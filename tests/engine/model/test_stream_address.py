"""A URL becomes parts that mean only themselves, or a complaint that says what is wrong with it."""

import string
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import example, given, strategies as st

from engine.model import InvalidField, StreamAddress

URL = "rtsp://192.168.1.9:8554/live/ch0?channel=1&subtype=0"


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        (URL, ("rtsp", "192.168.1.9", 8554, "/live/ch0?channel=1&subtype=0", "", "")),
        ("rtsp://192.168.1.9", ("rtsp", "192.168.1.9", 554, "", "", "")),
        ("  RTSPS://192.168.1.9/  ", ("rtsps", "192.168.1.9", 554, "/", "", "")),
        ("http://10.0.0.2?action=stream", ("http", "10.0.0.2", 80, "/?action=stream", "", "")),
        ("https://10.0.0.2:0443/a", ("https", "10.0.0.2", 443, "/a", "", "")),
        ("onvif://10.0.0.2/onvif/device_service", ("onvif", "10.0.0.2", 80, "/onvif/device_service", "", "")),
        ("rtsp://admin:p%40ss%2Fw%3Ard@10.0.0.2/x", ("rtsp", "10.0.0.2", 554, "/x", "admin", "p@ss/w:rd")),
        ("rtsp://admin:a:b@10.0.0.2/x", ("rtsp", "10.0.0.2", 554, "/x", "admin", "a:b")),
        ("rtsp://admin@10.0.0.2/x", ("rtsp", "10.0.0.2", 554, "/x", "admin", "")),
        ("rtsp://%D0%B0:%C3%A9@10.0.0.2/x", ("rtsp", "10.0.0.2", 554, "/x", "а", "é")),
        ("rtsp://10.0.0.2/user=a_pass=b.sdp?x", ("rtsp", "10.0.0.2", 554, "/user=a_pass=b.sdp?x", "", "")),
        ("rtsp://10.0.0.2/a@b:c", ("rtsp", "10.0.0.2", 554, "/a@b:c", "", "")),
    ],
)  # fmt: skip
def test_the_parts_of_a_url(url: str, parts: tuple[Any, ...]) -> None:
    assert parts_of(StreamAddress.parse(url)) == parts


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("rtsp://192.168.1.9/" + "a" * 2048, "too_long"),
        (" " * 5000, "too_long"),
        ("rtsp://192.168.1.9/two words", "illegal_characters"),
        ("rtsp://192.168.1.9/\nx", "illegal_characters"),
        ("rtsp://192.168.1.9/\x00", "illegal_characters"),
        ("rtsp://192.168.1.9/k\u00e9", "illegal_characters"),
        ("rtsp://192.168.1.9/\u202ex", "illegal_characters"),
        ("rtsp://192.168.1.9/{input}", "illegal_characters"),
        ("rtsp://192.168.1.9/${HOME}", "illegal_characters"),
        ("rtsp://192.168.1.9/a\\b", "illegal_characters"),
        ('rtsp://192.168.1.9/"a"', "illegal_characters"),
        ("rtsp://192.168.1.9/%zz", "illegal_characters"),
        ("rtsp://192.168.1.9/%", "illegal_characters"),
        ("rtsp://192.168.1.9/%0d%0aTEARDOWN", "illegal_characters"),
        ("rtsp://192.168.1.9/%7F", "illegal_characters"),
        ("rtsp://192.168.1.9/live#timeout=99", "fragment_not_allowed"),
        ("rtsp://192.168.1.9/#", "fragment_not_allowed"),
        ("camera", "not_a_url"),
        ("192.168.1.9/live", "not_a_url"),
        ("rtsp:/192.168.1.9/live", "not_a_url"),
        ("rtsp:192.168.1.9", "not_a_url"),
        ("exec:/bin/sh", "scheme_not_allowed"),
        ("echo:x", "scheme_not_allowed"),
        ("ffmpeg:rtsp://192.168.1.9/x", "scheme_not_allowed"),
        ("file:x", "scheme_not_allowed"),
        ("rtmp://192.168.1.9/x", "scheme_not_allowed"),
        ("wyze://192.168.1.9?uid=a", "scheme_not_allowed"),
        ("rtspx://192.168.1.9/x", "scheme_not_allowed"),
        ("rtsp://", "host_missing"),
        ("rtsp:///live", "host_missing"),
        ("rtsp://:554/live", "host_missing"),
        ("rtsp://user@/live", "host_missing"),
        ("rtsp://camera.local/live", "host_is_a_name"),
        ("rtsp://localhost/live", "host_is_a_name"),
        ("rtsp://192.168.1/live", "host_is_a_name"),
        ("rtsp://192.168.1.09/live", "host_is_a_name"),
        ("rtsp://3232235785/live", "host_is_a_name"),
        ("rtsp://0x7f.0.0.1/live", "host_is_a_name"),
        ("rtsp://192.168.1.9%2eevil.example/live", "host_is_a_name"),
        ("rtsp://[::1]/live", "host_is_ipv6"),
        ("rtsp://[fe80::1%25eth0]:554/live", "host_is_ipv6"),
        ("rtsp://fe80::1/live", "host_is_ipv6"),
        ("rtsp://192.168.1.9:/live", "not_a_port"),
        ("rtsp://192.168.1.9:0/live", "not_a_port"),
        ("rtsp://192.168.1.9:65536/live", "not_a_port"),
        ("rtsp://192.168.1.9:+554/live", "not_a_port"),
        ("rtsp://192.168.1.9:5x4/live", "not_a_port"),
        ("rtsp://admin:p@ss@192.168.1.9/live", "user_info_not_encoded"),
        ("rtsp://admin:p/ss@192.168.1.9/live", "user_info_not_encoded"),
        ("rtsp://admin:p?ss@192.168.1.9/live", "user_info_not_encoded"),
        ("rtsp://admin:100%@192.168.1.9/live", "user_info_not_encoded"),
        ("rtsp://admin:%ff%fe@192.168.1.9/live", "user_info_not_encoded"),
        ("rtsp://admin:[x]@192.168.1.9/live", "user_info_not_encoded"),
    ],
)  # fmt: skip
def test_each_thing_that_can_be_wrong_with_a_url_has_its_reason(url: str, reason: str) -> None:
    assert refused(url) == ("url", reason)


@pytest.mark.parametrize(
    ("user", "password", "complaint"),
    [
        ("", "secret", ("user", "missing")),
        ("a:b", "secret", ("user", "colon_not_allowed")),
        ("a\nb", "secret", ("user", "illegal_characters")),
        ("u" * 129, "secret", ("user", "too_long")),
        ("admin", "a\x00b", ("password", "illegal_characters")),
        ("admin", "p" * 129, ("password", "too_long")),
    ],
)
def test_user_and_password_have_their_own_reasons(
    user: str, password: str, complaint: tuple[str, str]
) -> None:
    assert refused(URL, user=user, password=password) == complaint
    in_url = URL.replace("://", f"://{quote(user, safe='')}:{quote(password, safe='')}@")
    assert refused(in_url) == complaint


def test_user_and_password_come_once() -> None:
    """Two passwords for one stream are a mistake that nobody could find later."""
    url = URL.replace("://", "://admin:secret@")
    assert refused(url, user="admin") == ("url", "user_info_twice")
    assert refused(url, password="other") == ("url", "user_info_twice")


texts = st.text(st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs")), max_size=40)
users = texts.filter(lambda text: text.isprintable() and ":" not in text and text)
passwords = texts.filter(str.isprintable)


@given(
    st.sampled_from(["rtsp", "rtsps", "http", "https", "onvif"]),
    st.ip_addresses(v=4).map(str),
    st.integers(1, 65535),
    st.from_regex(r"(/[a-zA-Z0-9._~!$&'()*+,;=:@/?-]{0,40})?", fullmatch=True),
    users,
    passwords,
)
@example("rtsp", "10.0.0.1", 554, "/x", "a", "#${HOME}{input}@/:?&% \"'\\<>")
def test_a_url_holds_exactly_its_parts(
    scheme: str, address: str, port: int, path: str, user: str, password: str
) -> None:
    """Read by another parser it says the same, and user info can mean nothing but itself."""
    known = StreamAddress.of_parts(scheme, address, port, path, user, password)
    text = known.url.reveal()
    assert StreamAddress.parse(text) == known
    assert not set(text) & set('#{}"\\<>^`| \t\r\n')
    parts = urlsplit(text)
    assert (parts.scheme, parts.hostname) == (scheme, address)
    assert (parts.port or {"http": 80, "https": 443, "onvif": 80}.get(scheme, 554)) == port
    assert f"{parts.path}{'?' if '?' in text else ''}{parts.query}" == path
    assert parts.fragment == ""
    assert (parts.username, parts.password or "") == (quote(user, safe=""), quote(password, safe=""))


@given(st.text() | st.text(string.printable).map(lambda rest: f"rtsp://{rest}"), st.text(), st.text())
@example("rtsp://[::1", "", "")
@example("rtsp://\u2100", "", "")
@example("rtsp://1.2.3.4:\u0661", "", "")
@example("rtsp://a@b@c@d/@", "", "")
def test_no_text_is_more_than_refused(url: str, user: str, password: str) -> None:
    """Whatever is pasted, it is a stream that reads back as itself, or a complaint; never anything else."""
    try:
        found = StreamAddress.parse(url, user=user, password=password)
    except InvalidField:
        return
    assert StreamAddress.parse(found.url.reveal()) == found


def test_nothing_of_it_prints_but_the_scheme() -> None:
    known = StreamAddress.parse(URL, user="canaryuser", password="canarypass")
    for shown in (repr(known), str(known), f"{known.url!r} {known.identity}"):
        for secret in ("192.168.1.9", "/live", "channel", "canary"):
            assert secret not in shown


def test_a_stream_is_the_same_whoever_signs_in() -> None:
    """Two channels of one recorder are two streams, and neither is known by its password."""
    first = StreamAddress.parse(URL)
    assert first.identity == StreamAddress.parse(URL, user="admin", password="secret").identity
    assert first.identity == StreamAddress.parse(URL.replace("rtsp://", "RTSP://")).identity
    others = ("8555/live/ch0?channel=1&subtype=0", "8554/live/ch1", "8554/live/ch0?channel=2&subtype=0")
    for other in others:
        assert first.identity != StreamAddress.parse(f"rtsp://192.168.1.9:{other}").identity


def parts_of(known: StreamAddress) -> tuple[Any, ...]:
    secrets = (known.path.reveal(), known.user.reveal(), known.password.reveal())
    return known.scheme, known.address.reveal(), known.port, *secrets


def refused(url: str, **user_info: str) -> tuple[str, str]:
    with pytest.raises(InvalidField) as caught:
        StreamAddress.parse(url, **user_info)
    assert str(caught.value) == f"{caught.value.field}: {caught.value.reason}"
    return caught.value.field, str(caught.value.reason)
