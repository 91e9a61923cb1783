"""The list of cameras and the events: what is kept of them, and what is not."""

import dataclasses
from typing import Any

import pytest

from engine.cloud import CameraList, CloudCamera, EventKind, EventTag, Locality, Why, answers
from engine.cloud.decode import Refused
from engine.model import Secret
from tests.engine.cloud import rig as r
from tests.engine.cloud.server import good

GWELL = {"mac": "GW_GC1_2CAA8E010203", "product_model": "GW_GC1"}


def listed(*devices: Any) -> CameraList:
    return answers.cameras({"device_list": list(devices)})


def camera(**changes: Any) -> CloudCamera:
    (found,) = listed(r.device(**changes)).cameras
    return found


def bare(value: object) -> list[str]:
    """Return every text in what was kept."""
    if isinstance(value, Secret):
        return [value.reveal()]
    if dataclasses.is_dataclass(value):
        return [text for field in dataclasses.fields(value) for text in bare(getattr(value, field.name))]
    if isinstance(value, tuple | frozenset | list):
        return [text for item in value for text in bare(item)]
    if isinstance(value, dict):
        return [text for item in value.items() for text in bare(item)]
    return [str(value)]


async def test_a_camera_comes_with_its_keys_and_nothing_else() -> None:
    async with r.rig() as rig:
        rig.on(r.CAMERAS, good({"device_list": [r.device(), {"mac": "1", "product_type": "Light"}]}))
        found = await rig.client.cameras(r.tokens(), r.log_in().phone_id)
        assert (found.others, found.unreadable) == (1, 0)
        assert sorted(bare(found.cameras)) == sorted(
            [
                *("2CAA8E010203", "ABCDEFGHJKLMNPQRSTUV", "enr-of-a-camera1", "192.168.77.88", "Front door"),
                *("HL_CAM4", "4.52.9.4188", "0.0.0.0", "True", "True", "True", "77", "True", "False"),
                *("", "", "False", "1"),
            ]
        )
        shown = repr(found)
        assert not [text for text in ("2CAA8E", "ABCDEF", "enr-of", "192.168", "Front") if text in shown]
        credentials = found.cameras[0].credentials()
        assert credentials is not None
        assert credentials.address.reveal() == "192.168.77.88"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (Locality.LOCAL, Why.KEYS)),
        ({"product_model": "XX_NEW99"}, (Locality.LOCAL, Why.KEYS)),
        ({"device_params": {"dtls": 0}}, (Locality.NEEDS_CLOUD, Why.NO_DTLS)),
        ({"device_params": {"dtls": None}}, (Locality.UNKNOWN, Why.NOT_TOLD)),
        ({"device_params": {"ip": ""}}, (Locality.UNKNOWN, Why.NO_ADDRESS)),
        ({"device_params": {"ip": "0.0.0.0.0"}}, (Locality.UNKNOWN, Why.NO_ADDRESS)),
        ({"device_params": {"p2p_id": ""}}, (Locality.UNKNOWN, Why.NOT_TOLD)),
        ({"enr": ""}, (Locality.UNKNOWN, Why.NOT_TOLD)),
        (
            GWELL | {"device_params": {"p2p_id": GWELL["mac"], "p2p_type": 0, "ip": "", "dtls": 0}},
            (Locality.NEEDS_CLOUD, Why.OTHER_PROTOCOL),
        ),
    ],
)
def test_a_camera_is_local_by_what_it_has_not_by_its_name(
    changes: dict[str, Any], expected: tuple[Locality, Why]
) -> None:
    found = camera(**changes)
    assert found.locality() == expected
    assert found.locality(True) == expected
    assert found.locality(False) == (Locality.NEEDS_CLOUD, Why.MODEL)
    assert (found.credentials() is not None) >= (expected[0] is Locality.LOCAL)


def test_a_listing_without_parameters_is_a_camera_all_the_same() -> None:
    bare_one = {"mac": "2CAA8E010203", "product_type": "Camera"}
    odd: tuple[dict[str, Any], ...] = ({}, {"device_params": None}, {"device_params": [{"dtls": {}}]})
    for params in odd:
        (found,) = listed(bare_one | params).cameras
        assert (found.online, found.power, found.dtls, found.battery, found.model) == (None,) * 4 + ("",)
        assert found.locality()[0] is not Locality.LOCAL
        assert found.credentials() is None


def test_texts_and_numbers_mean_the_same() -> None:
    texts = camera(conn_state="0", push_switch="1", user_role="2", device_params={"dtls": "1"})
    numbers = camera(conn_state=0, push_switch=True, user_role=2, device_params={"dtls": 1})
    assert texts == numbers
    assert (texts.online, texts.notifications, texts.role, texts.dtls) == (False, True, 2, True)
    odd = camera(conn_state=7, push_switch="yes", user_role=1.5, device_params={"electricity": 400})
    assert (odd.online, odd.notifications, odd.role, odd.battery) == (None,) * 4


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("  Front\ndoor\t ", "Front door"),
        ("Tür \u202egnilaf", "Tür gnilaf"),
        ("x" * 500, "x" * 64),
        (None, ""),
        ({"a": 1}, ""),
        ("\ud800", ""),
        ("玄関 🚪", "玄関 🚪"),
    ],
)
def test_a_name_is_one_line_that_can_be_shown(name: Any, expected: str) -> None:
    assert camera(nickname=name).nickname == expected


def test_what_is_no_camera_is_counted_and_what_cannot_be_read_too() -> None:
    found = listed(
        r.device(),
        r.device(),
        r.device(mac="2CAA8E010204", product_type="doorbell"),
        r.device(mac=None),
        r.device(mac="../../etc"),
        {"product_type": "Light"},
        {"mac": "1"},
        None,
        "Camera",
        [],
    )
    assert [item.mac.reveal() for item in found.cameras] == ["2CAA8E010203", "2CAA8E010204"]
    assert (found.others, found.unreadable) == (1, 7)


@pytest.mark.parametrize("data", [None, {}, [], {"device_list": {}}, {"device_list": [{}] * 501}])
def test_no_list_is_not_an_empty_list(data: Any) -> None:
    with pytest.raises(Refused):
        answers.cameras(data)


EVENT = {
    "event_id": "e1",
    "device_mac": "2CAA8E010203",
    "device_model": "HL_CAM4",
    "event_value": "10",
    "event_ts": 1_790_000_000_500,
    "tag_list": [101, "103", 7, None],
    "file_list": [
        {"type": 2, "url": "https://example.org/unwanted-clip", "en_password": "unwanted"},
        {"type": 1, "url": "https://example.org/picture", "en_password": "unwanted"},
        {"type": 1, "url": "https://example.org/unwanted-picture"},
    ],
    "event_params": {"unwanted": 1},
}


def test_events_come_in_order_once_with_where_their_picture_lies() -> None:
    later = EVENT | {"event_id": "e2", "event_ts": "1790000001500", "event_value": 1, "tag_list": None}
    newer = {key: value for key, value in later.items() if key != "device_mac"}
    newer |= {
        "event_id": "e3",
        "event_ts": 1_790_000_002_000,
        "device_id": "GW_GC1_2CAA8E010203",
        "event_value": "99",
        "device_model": "no model",
    }
    rows: list[Any] = [
        newer,
        later,
        EVENT,
        EVENT,
        {},
        None,
        EVENT | {"event_ts": None},
        EVENT | {"event_id": ""},
    ]
    first, second, third = answers.events({"event_list": rows})
    assert (first.kind, first.tags, first.at) == (
        EventKind.DOORBELL,
        frozenset({EventTag.PERSON, EventTag.PET}),
        1_790_000_000.5,
    )
    assert (first.model, third.model) == ("HL_CAM4", "")
    assert first.picture.reveal() == "https://example.org/picture"
    assert "example" not in repr(first)
    assert (second.kind, second.tags) == (EventKind.MOTION, frozenset())
    assert (third.kind, third.mac.reveal()) == (EventKind.OTHER, "GW_GC1_2CAA8E010203")
    assert "unwanted" not in " ".join(bare([first, second, third]))


def test_an_account_is_told_by_its_id() -> None:
    info = answers.user(
        {"user_center_id": "u", "email": "e@example.org", "nickname": "unwanted", "logo": "x"}
    )
    assert bare(info) == ["u", "e@example.org", *bare(info.heard)]
    other = answers.user({"open_user_id": 17, "email": None})
    assert bare(other) == ["17", "", *bare(other.heard)]
