"""Links and sources: what goes in comes out again, and no value can mean anything but itself."""

import string
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given, strategies as st

from engine.model import Credentials, InvalidField, Secret, StreamAddress, parse_wyze_link
from engine.model.link import MAX_LINK
from engine.stream import direct_source, stream_source, wyze_source
from engine.stream.source import PARKED, needs_hop, secrets_in, udp_target

UID = "ABCDEFGHIJ0123456789"
ENR = "abcdefghijklmnop"
MAC = "AABBCCDDEEFF"
LINK = f"wyze://192.168.1.9?uid={UID}&enr={ENR}&mac={MAC}&model=WYZE_CAKP2JFUS&dtls=true"

_capitals = string.ascii_uppercase + string.digits
_enr_alphabet = [c for c in map(chr, range(0x21, 0x7F)) if c not in "&#${}%\"'\\<>"]
credentials = st.builds(
    Credentials.parse,
    address=st.ip_addresses(v=4).map(str),
    uid=st.text(_capitals, min_size=20, max_size=20),
    enr=st.text(_enr_alphabet, min_size=16, max_size=64),
    mac=st.text("0123456789ABCDEF", min_size=12, max_size=12),
    model=st.just("") | st.text(_capitals + "_-", min_size=2, max_size=20).map(lambda rest: "W" + rest),
    port=st.integers(1, 65535),
)


@given(credentials)
def test_a_source_is_a_link_to_the_same_camera(known: Credentials) -> None:
    assert parse_wyze_link(wyze_source(known).reveal()) == known


@given(credentials)
def test_go2rtc_sees_every_value_as_it_is(known: Credentials) -> None:
    """Read as go2rtc reads it: host, port, query; nothing else is there to be misunderstood."""
    text = wyze_source(known).reveal()
    parts = urlsplit(text)
    assert dict(parse_qsl(parts.query)) == {
        "uid": known.uid.reveal(),
        "enr": known.enr.reveal(),
        "mac": known.mac.reveal(),
        "dtls": "true",
        **({"model": known.model} if known.model else {}),
    }
    assert (parts.hostname, parts.port or 32761) == (known.address.reveal(), known.port)
    assert (parts.path, parts.fragment, parts.username) == ("", "", None)
    assert not set(text) & set("#${}\"'\\<> \t\r\n")


def test_the_port_is_left_out_when_it_is_the_usual_one() -> None:
    assert udp_target(wyze_source(parse_wyze_link(LINK))) == ("192.168.1.9", 32761)
    assert ":32761" not in wyze_source(parse_wyze_link(LINK)).reveal()
    moved = LINK.replace("192.168.1.9", "192.168.1.9:40000")
    assert udp_target(wyze_source(parse_wyze_link(moved))) == ("192.168.1.9", 40000)
    assert udp_target(Secret("rtsp://192.168.1.9:554/live")) is None
    assert udp_target(PARKED) is None


def with_enr(inside: str) -> str:
    return LINK.replace(ENR, ENR[:8] + quote(inside, safe="") + ENR[8:])


def rejection(link: str) -> tuple[str, str]:
    with pytest.raises(InvalidField) as caught:
        parse_wyze_link(link)
    assert ENR not in str(caught.value)
    return caught.value.field, caught.value.reason


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("", ("link", "missing")),
        ("   ", ("link", "missing")),
        ("hello", ("link", "not_a_link")),
        ("192.168.1.9", ("link", "not_a_link")),
        ("://192.168.1.9", ("link", "not_a_link")),
        (LINK.replace("wyze://", "rtsp://"), ("link", "not_wyze")),
        ("exec:" + LINK, ("link", "not_a_link")),
        ("echo://x", ("link", "not_wyze")),
        (LINK + "#video=h264", ("link", "fragment_not_allowed")),
        (LINK + "#", ("link", "fragment_not_allowed")),
        (LINK.replace("//", "//user:pass@"), ("link", "user_info_not_allowed")),
        (LINK.replace("//", "//@"), ("link", "user_info_not_allowed")),
        (LINK + f"&enr={ENR}", ("link", "duplicate_field")),
        (LINK + "&x=1&x=2", ("link", "duplicate_field")),
        (LINK + "&" + "x" * MAX_LINK, ("link", "too_long")),
        ("wyze://" + "9" * 10_000, ("link", "too_long")),
        (LINK.replace("?", "/live?"), ("link", "not_a_link")),
        (LINK.replace("&", "\n&"), ("link", "not_a_link")),
        (LINK.replace("&", " &"), ("link", "not_a_link")),
        (LINK + "\N{RIGHT-TO-LEFT OVERRIDE}", ("link", "not_a_link")),
        (LINK.replace("//", "//\N{FULLWIDTH DIGIT ONE}"), ("link", "not_a_link")),
        (LINK.replace("mac=", "mac"), ("link", "not_a_link")),
        (LINK.replace(MAC, "%FF%FE"), ("link", "not_a_link")),
        (LINK + "".join(f"&f{n}=1" for n in range(40)), ("link", "not_a_link")),
        ("wyze://[::1", ("link", "not_a_link")),
        (LINK.replace("192.168.1.9", "porch.local"), ("address", "not_an_address")),
        (LINK.replace("192.168.1.9", "[fe80::1]"), ("address", "not_an_address")),
        (LINK.replace("192.168.1.9", "192.168.1.900"), ("address", "not_an_address")),
        (LINK.replace("192.168.1.9", "0x7f.1"), ("address", "not_an_address")),
        (LINK.replace("192.168.1.9", ""), ("address", "missing")),
        (LINK.replace("192.168.1.9", "192.168.1.9:0"), ("port", "not_a_port")),
        (LINK.replace("192.168.1.9", "192.168.1.9:99999"), ("port", "not_a_port")),
        (LINK.replace("192.168.1.9", "192.168.1.9:http"), ("port", "not_a_port")),
        (LINK.replace(f"uid={UID}&", ""), ("uid", "missing")),
        (LINK.replace(f"enr={ENR}&", ""), ("enr", "missing")),
        (LINK.replace(f"mac={MAC}&", ""), ("mac", "missing")),
        (LINK.replace(UID, ""), ("uid", "missing")),
        (LINK.replace(UID, "short"), ("uid", "not_a_uid")),
        (LINK.replace(MAC, "nonsense"), ("mac", "not_a_mac")),
        (LINK.replace("WYZE_CAKP2JFUS", "a%20b"), ("model", "not_a_model")),
        *((with_enr(bad), ("enr", "not_an_enr")) for bad in "&#${}%\"'\\<> é"),
        *((with_enr(bad), ("enr", "illegal_characters")) for bad in "\n\0\t\u202e"),
    ],
)
def test_a_link_that_is_wrong_is_refused_for_its_own_reason(link: str, expected: tuple[str, str]) -> None:
    assert rejection(link) == expected


@pytest.mark.parametrize(
    "link",
    [
        f"  {LINK}\n",
        LINK.replace("wyze://", "WYZE://"),
        LINK.replace("?", "/?"),
        LINK + "&subtype=hd&verbose=true&unknown=1",
        LINK.replace("&dtls=true", ""),
        LINK.replace(MAC, "aa:bb:cc:dd:ee:ff"),
        LINK.replace(MAC, "aa%3Abb%3Acc%3Add%3Aee%3Aff"),
        LINK.replace(UID, UID.lower()),
    ],
)
def test_a_link_may_be_written_in_any_usual_way(link: str) -> None:
    assert parse_wyze_link(link) == parse_wyze_link(LINK)


_nasty = st.sampled_from(
    [
        "#",
        "&",
        "${X}",
        "{input}",
        "exec:",
        "echo:",
        "\n",
        "\r\n",
        "%00",
        "%",
        "\0",
        "\u202e",
        "://",
        "@",
        "?",
        " ",
        "=",
        "é",
    ]
)


@given(st.data())
def test_no_text_whatever_gets_out_of_its_field(data: st.DataObject) -> None:
    """A link with junk in any place is refused, or means exactly one camera and nothing more."""
    junk = data.draw(st.lists(_nasty | st.text(max_size=8), max_size=4).map("".join))
    at = data.draw(st.integers(0, len(LINK)))
    try:
        known = parse_wyze_link(LINK[:at] + junk + LINK[at:])
    except InvalidField as error:
        assert error.reason
        return
    source = wyze_source(known).reveal()
    assert source.startswith("wyze://")
    assert source.count("?") == 1
    assert source.count("dtls=true") == 1
    assert source.endswith("&dtls=true")
    assert not set(source) & set("#${}\"'\\<> \t\r\n@")
    assert parse_wyze_link(source) == known


def test_everything_secret_in_a_source_is_found() -> None:
    known = {secret.reveal() for secret in secrets_in(wyze_source(parse_wyze_link(LINK)))}
    assert {UID, ENR, MAC, "192.168.1.9"} == known
    rtsp = {
        secret.reveal() for secret in secrets_in(Secret("rtsp://me:hunter22@192.168.1.9/live?token=abcdefgh"))
    }
    assert {"me", "hunter22", "me:hunter22", "abcdefgh", "192.168.1.9", "live"} == rtsp
    encoded = StreamAddress.parse(
        "http://192.168.1.9/user=a_password=b.sdp", user="me", password="p@ss/w:rd#1"
    )
    found = {secret.reveal() for secret in secrets_in(stream_source(encoded))}
    assert {"p@ss/w:rd#1", "me:p@ss/w:rd#1", "user=a_password=b.sdp"} < found


@pytest.mark.parametrize(
    ("url", "source"),
    [
        ("rtsp://192.168.1.9:554/live", "rtsp://me:p%40ss@192.168.1.9/live#backchannel=0"),
        ("RTSPS://192.168.1.9:322/a?b=c&d=e", "rtsps://me:p%40ss@192.168.1.9:322/a?b=c&d=e#backchannel=0"),
        ("onvif://192.168.1.9", "onvif://me:p%40ss@192.168.1.9#backchannel=0"),
        ("http://192.168.1.9:8080/v.mjpg", "http://me:p%40ss@192.168.1.9:8080/v.mjpg"),
        ("https://192.168.1.9/v.ts", "https://me:p%40ss@192.168.1.9/v.ts"),
    ],
)
def test_the_source_of_a_stream(url: str, source: str) -> None:
    """go2rtc gets what was typed, never asks for the speaker, and gets no option from anybody else."""
    address = StreamAddress.parse(url, user="me", password="p@ss")
    assert stream_source(address).reveal() == direct_source(address).reveal() == source


def test_viewers_hang_on_a_source_only_where_go2rtc_notices_its_death() -> None:
    sources = {
        scheme: stream_source(StreamAddress.parse(f"{scheme}://192.168.1.9/x"))
        for scheme in ("rtsp", "rtsps", "onvif", "http", "https")
    }
    assert {scheme for scheme, source in sources.items() if needs_hop(source)} == {"http", "https"}
    assert needs_hop(wyze_source(parse_wyze_link(LINK)))
