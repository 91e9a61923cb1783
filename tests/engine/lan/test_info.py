"""What a camera says of itself is read with care: nobody promised its form."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.lan import CameraInfo, Framing, LanError, Reason
from engine.lan.av import Command
from engine.lan.errors import Malformed
from engine.lan.info import MAX_JSON, parse_info
from tests.engine.lan import wire


def info(content: Any, *, two_way: bool = False) -> CameraInfo:
    payload = content if isinstance(content, bytes) else json.dumps(content).encode()
    return parse_info(Command(10003, payload, 7), Framing.CC51, two_way=two_way)


def test_a_camera_that_tells_all() -> None:
    content = wire.camera_info(
        basicInfo={"firmware": "4.52.9.4188", "model": "HL_CAM4", "wifidb": "-61", "mac": wire.MAC},
        sdParm={"status": "1", "capacity": "29822", "free": "1201"},
    )
    assert info(content + b"\0\0", two_way=True) == CameraInfo(
        framing=Framing.CC51,
        protocol=7,
        firmware="4.52.9.4188",
        model="HL_CAM4",
        audio=True,
        two_way=True,
        wifi_signal=-61,
        sd_present=True,
        sd_capacity_mb=29822,
        sd_free_mb=1201,
    )


def test_older_names_are_understood_and_numbers_may_be_numbers() -> None:
    found = info(wire.camera_info(basicParm={"wifidb": 73, "battery": 40}, sdParam={"status": 2}))
    assert (found.wifi_signal, found.battery, found.sd_present) == (73, 40, False)


def test_what_cannot_be_is_as_if_unsaid() -> None:
    """Firmware fills what it does not know with numbers, too; nobody is to see 255 percent."""
    card = {"status": "1", "capacity": "-1", "free": "-1"}
    found = info(wire.camera_info(basicInfo={"wifidb": "-999", "battery": "255"}, sdParm=card))
    assert (found.wifi_signal, found.battery, found.sd_capacity_mb, found.sd_free_mb) == (None,) * 4
    assert found.sd_present


@pytest.mark.parametrize("name", ["channelRequestResult", "channelResquestResult"])
@pytest.mark.parametrize(("says", "audio"), [("1", True), ("0", False), (1, True), (0, False)])
def test_sound_is_announced_under_both_spellings(name: str, says: object, audio: bool) -> None:
    assert info({"connectionRes": "1", "cameraInfo": {name: {"audio": says}}}).audio is audio


@pytest.mark.parametrize("content", [{}, {"cameraInfo": {}}, {"cameraInfo": {"channelRequestResult": {}}}])
def test_sound_is_assumed_where_nothing_is_said_of_it(content: Any) -> None:
    found = info(content)
    assert found.audio
    assert found.sd_present is None


@pytest.mark.parametrize("answer", ["2", 2])
def test_a_camera_that_says_no_is_refused(answer: object) -> None:
    with pytest.raises(LanError) as caught:
        info({"connectionRes": answer, "cameraInfo": {}})
    assert caught.value.word is Reason.REFUSED


@pytest.mark.parametrize(
    "payload",
    [b"", b"[]", b"7", b"\xff\xfe", b"{", b"[" * 5000, b" " * (MAX_JSON + 1), b'{"a":' + b"9" * 9000 + b"}"],
)
def test_what_is_no_object_is_malformed(payload: bytes) -> None:
    with pytest.raises(Malformed):
        info(payload)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=80),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "cameraInfo",
                    "basicInfo",
                    "sdParm",
                    "wifidb",
                    "free",
                    "status",
                    "firmware",
                    "model",
                    "audio",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(_json)
def test_any_text_yields_short_plain_values(content: Any) -> None:
    try:
        found = info(content)
    except LanError as err:
        assert err.word in {Reason.PROTOCOL_FAULT, Reason.REFUSED}
        return
    assert len(found.firmware) <= 64
    assert len(found.model) <= 64
    assert (found.firmware + found.model).isascii()
    for number in (found.wifi_signal, found.sd_capacity_mb, found.sd_free_mb, found.battery):
        assert number is None or abs(number) < 1e9
