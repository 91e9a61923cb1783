"""The address of an external go2rtc: one canonical form, nothing odd in it, no key in what complains."""

import pytest

from engine.model import InvalidField
from engine.stream import RemoteAccess


@pytest.mark.parametrize(
    ("typed", "url", "host"),
    [
        ("http://127.0.0.1:1984", "http://127.0.0.1:1984", "127.0.0.1"),
        ("  http://127.0.0.1:1984/  ", "http://127.0.0.1:1984", "127.0.0.1"),
        ("HTTP://Frigate.Local:5000/live/", "http://frigate.local:5000/live", "frigate.local"),
        ("https://nvr.example/go2rtc/a-b_c", "https://nvr.example:443/go2rtc/a-b_c", "nvr.example"),
        ("http://nvr", "http://nvr:80", "nvr"),
        ("http://ccab4aaf_frigate:1984", "http://ccab4aaf_frigate:1984", "ccab4aaf_frigate"),
        ("http://[FD00::1]:1984", "http://[fd00::1]:1984", "[fd00::1]"),
    ],
)
def test_an_address_has_one_form(typed: str, url: str, host: str) -> None:
    access = RemoteAccess.parse(typed, "me", "opensesame")
    assert access.url.reveal() == url
    assert access.host == host
    assert RemoteAccess.parse(url, "me", "opensesame") == access
    assert "opensesame" not in repr(access)
    assert host not in repr(access)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "url_missing"),
        ("   ", "url_missing"),
        ("http://" + "a" * 600, "url_too_long"),
        ("127.0.0.1:1984", "url_not_http"),
        ("nvr", "url_not_http"),
        ("http:nvr", "url_not_http"),
        ("rtsp://127.0.0.1:8554", "url_not_http"),
        ("ftp://nvr/go2rtc", "url_not_http"),
        ("http://me:secret@nvr:1984", "url_user_info"),
        ("http://me@nvr", "url_user_info"),
        ("http://nvr:1984/?src=porch", "url_query"),
        ("http://nvr:1984?", "url_query"),
        ("http://nvr:1984/#streams", "url_query"),
        ("http://nvr:0", "url_bad_port"),
        ("http://nvr:65536", "url_bad_port"),
        ("http://nvr:19x4", "not_a_url"),
        ("http://", "not_a_url"),
        ("http:///api", "not_a_url"),
        ("http://nvr/../api", "not_a_url"),
        ("http://nvr/a/./b", "not_a_url"),
        ("http://nvr//a", "not_a_url"),
        ("http://nvr/a%2fb", "not_a_url"),
        ("http://nvr\\a", "not_a_url"),
        ("http://n vr", "not_a_url"),
        ("http://nvr\r\nHost: other", "not_a_url"),
        ("http://nvr\u2044x", "not_a_url"),
        ("http://256.1.1.1", "not_a_url"),
        ("http://127.1", "not_a_url"),
        ("http://[::zz]", "not_a_url"),
        ("http://-nvr", "not_a_url"),
        ("http://nvr..local", "not_a_url"),
    ],
)
def test_what_is_no_address_is_told_apart(url: str, reason: str) -> None:
    with pytest.raises(InvalidField) as caught:
        RemoteAccess.parse(url, "", "")
    assert (caught.value.field, caught.value.reason) == ("url", reason)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("user", "password", "field", "reason"),
    [
        ("a" * 257, "", "username", "user_too_long"),
        ("a:b", "c", "username", "bad_user"),
        ("a\nb", "c", "username", "bad_user"),
        ("a", "b" * 257, "password", "password_too_long"),
        ("a", "b\r\nc", "password", "bad_password"),
        ("", "b", "password", "user_missing"),
    ],
)
def test_what_opens_nothing_is_told_apart(user: str, password: str, field: str, reason: str) -> None:
    with pytest.raises(InvalidField) as caught:
        RemoteAccess.parse("http://nvr", user, password)
    assert (caught.value.field, caught.value.reason) == (field, reason)
