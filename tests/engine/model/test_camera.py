"""What may be typed for a camera, and what is said about what may not."""

import re
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.model import DEFAULT_PORT, Credentials, InvalidField, new_camera_key, parse_camera_key, parse_name

GOOD = {
    "address": "192.168.1.20",
    "uid": "ABCDEFGHIJ0123456789",
    "enr": "abcdefgh12345678",
    "mac": "7C78B2000001",
}


def parse(**changes: Any) -> Credentials:
    return Credentials.parse(**{**GOOD, **changes})


def refusal(**changes: Any) -> tuple[str, str]:
    with pytest.raises(InvalidField) as caught:
        parse(**changes)
    for value in changes.values():
        assert len(str(value)) < 3 or str(value) not in str(caught.value), "the value itself is not repeated"
    return caught.value.field, caught.value.reason


def test_good_values_are_taken_in_their_usual_form() -> None:
    credentials = parse(
        address=" 192.168.1.20 ", uid="abcdefghij0123456789", mac="7c:78:b2:00:00:01", model="hl_cam4"
    )
    assert credentials.address.reveal() == "192.168.1.20"
    assert credentials.uid.reveal() == "ABCDEFGHIJ0123456789"
    assert credentials.mac.reveal() == "7C78B2000001"
    assert (credentials.model, credentials.port) == ("HL_CAM4", DEFAULT_PORT)
    assert parse().model == ""


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("address", "", "missing"),
        ("address", " ", "missing"),
        ("address", "camera.local", "not_an_address"),
        ("address", "localhost", "not_an_address"),
        ("address", "::1", "not_an_address"),
        ("address", "192.168.1", "not_an_address"),
        ("address", "192.168.1.256", "not_an_address"),
        ("address", "192.168.1.020", "not_an_address"),
        ("address", "192.168.1.20:80", "not_an_address"),
        ("address", "192.168.1.20/24", "not_an_address"),
        ("address", "3232235796", "not_an_address"),
        ("address", "０.0.0.1", "not_an_address"),
        ("address", "192.168.1.20\n", None),
        ("address", "192.168.1.20\nx", "illegal_characters"),
        ("address", "1" * 10_000, "too_long"),
        ("uid", "", "missing"),
        ("uid", "ABCDEFGHIJ012345678", "not_a_uid"),
        ("uid", "ABCDEFGHIJ0123456789A", "not_a_uid"),
        ("uid", "ABCDEFGHIJ012345678#", "not_a_uid"),
        ("uid", "ABCDEFGHIJ01234567ß", "not_a_uid"),
        ("uid", "ＡBCDEFGHIJ0123456789"[:20], "not_a_uid"),
        ("enr", "", "missing"),
        ("enr", "short", "not_an_enr"),
        ("enr", "x" * 65, "not_an_enr"),
        ("enr", "abcdefgh 12345678", "not_an_enr"),
        ("enr", "abcdefgh12345678é", "not_an_enr"),
        ("enr", "abcdefgh\u202e12345678", "illegal_characters"),
        ("mac", "", "missing"),
        ("mac", "7C78B200000", "not_a_mac"),
        ("mac", "7C78B200000G", "not_a_mac"),
        ("mac", "7C78B20000011", "not_a_mac"),
        ("model", "a b", "not_a_model"),
        ("model", "_X", "not_a_model"),
        ("model", "X" * 33, "not_a_model"),
        ("model", "HL_CAMſ", "not_a_model"),
        ("mac", "7C78B200000ß", "not_a_mac"),
        ("model", "HL_CAM4\x00", "illegal_characters"),
        ("port", 0, "not_a_port"),
        ("port", -1, "not_a_port"),
        ("port", 65536, "not_a_port"),
    ],
)
def test_bad_values_are_refused_by_name(field: str, value: Any, reason: str | None) -> None:
    if reason is None:
        parse(**{field: value})
    else:
        assert refusal(**{field: value}) == (field, reason)


@pytest.mark.parametrize("sign", list("&#${}%\"'\\<>"))
def test_no_sign_of_a_source_gets_into_an_enr(sign: str) -> None:
    assert refusal(enr=f"abcdefgh{sign}2345678") == ("enr", "not_an_enr")


@pytest.mark.parametrize(
    "text", ["exec:rm -rf", "${HOME}", "echo:x", "a#b", "a&b=c", "x\r\ny", "\u202e", "\x00", "😀"]
)
@pytest.mark.parametrize("field", ["address", "uid", "enr", "mac", "model"])
def test_injections_are_refused_everywhere(field: str, text: str) -> None:
    assert refusal(**{field: text})[0] == field


@given(st.text(max_size=60), st.sampled_from(sorted(GOOD)))
def test_any_text_is_taken_or_refused(text: str, field: str) -> None:
    try:
        credentials = parse(**{field: text})
    except InvalidField as err:
        assert err.field == field
    else:
        value = getattr(credentials, field).reveal()
        assert re.fullmatch(r"[!-~]+", value)
        # What was taken once is taken again, unchanged.
        assert getattr(parse(**{field: value}), field).reveal() == value


@pytest.mark.parametrize("name", ["Porch", "Küche", "门口", "🚪 door", "a" * 64, "it's #1 & only"])
def test_names_may_be_what_people_call_things(name: str) -> None:
    assert parse_name(f" {name} ") == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "missing"),
        ("\t", "missing"),
        ("a" * 65, "too_long"),
        ("a" * 10_000, "too_long"),
        ("two\nlines", "illegal_characters"),
        ("right\u202eleft", "illegal_characters"),
        ("zero\u200bwidth", "illegal_characters"),
        ("nul\x00", "illegal_characters"),
    ],
)
def test_odd_names_are_refused(name: str, reason: str) -> None:
    with pytest.raises(InvalidField) as caught:
        parse_name(name)
    assert (caught.value.field, caught.value.reason) == ("name", reason)


def test_camera_keys_are_random_and_recognised() -> None:
    keys = {new_camera_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(parse_camera_key(key) == key for key in keys)
    for odd in ("", "A" * 32, "a" * 31, "a" * 33, "g" * 32, "a" * 31 + "\n"):
        with pytest.raises(InvalidField):
            parse_camera_key(odd)
