"""Cameras as records and back, strictly."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.model import Camera, Credentials, Secret, StreamAddress
from engine.vault import CameraRecord, VaultError, records_from_payload, records_to_payload

UID = "CANARYUID0CANARYUID0"
ENR = "canaryENRcanary0"
MAC = "7C78B2000001"


def record(number: int = 1, **changes: Any) -> CameraRecord:
    credentials = Credentials.parse(address="127.0.0.9", uid=UID, enr=ENR, mac=MAC, model="HL_CAM4")
    camera = Camera(f"{number:032x}", "Porch", credentials, proven=True)
    return CameraRecord(replace(camera, **changes), Secret(f"{number:032x}"))


def stream_record(number: int = 1) -> CameraRecord:
    address = StreamAddress.parse(
        "rtsp://127.0.0.9:8554/live?channel=1", user="viewer", password="canary p@ss"
    )
    return CameraRecord(Camera(f"{number:032x}", "Yard", address), Secret(f"{number:032x}"))


def first_schema(payload: dict[str, Any]) -> dict[str, Any]:
    """Return a payload of LAN cameras as it was written before there were streams."""
    cameras = [{name: value for name, value in one.items() if name != "kind"} for one in payload["cameras"]]
    return {"schema": 1, "cameras": cameras}


def payload_of(*records: CameraRecord) -> dict[str, Any]:
    """Return a payload to be spoilt."""
    return records_to_payload(records)


user_infos = st.text(st.characters(categories=("L", "N", "P", "S")), max_size=64)
streams = st.builds(
    lambda scheme, address, port, path, user, password, key, token: CameraRecord(
        Camera(key, "Yard", StreamAddress.of_parts(scheme, address, port, path, user, password)),
        Secret(token),
    ),
    st.sampled_from(["rtsp", "rtsps", "http", "https", "onvif"]),
    st.ip_addresses(v=4).map(str),
    st.integers(1, 65535),
    st.from_regex(r"(/[a-zA-Z0-9._~!$&'()*+,;=:@?-]{0,40})?", fullmatch=True),
    user_infos.map(lambda text: f"u{text.replace(':', '')}"),
    user_infos,
    st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
)

enrs = st.text(st.sampled_from("abcXYZ019+/=-_.!()*:;,@~^|"), min_size=16, max_size=64)
cameras = st.builds(
    lambda key, name, address, uid, enr, mac, port, proven, token: CameraRecord(
        Camera(
            key,
            name,
            Credentials.parse(address=address, uid=uid, enr=enr, mac=mac, port=port),
            proven=proven,
        ),
        Secret(token),
    ),
    st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
    st.sampled_from(["Porch", "Küche", "门", "a b", "🚪 Tür", "x" * 64]),
    st.ip_addresses(v=4).map(str),
    st.from_regex(r"[A-Z0-9]{20}", fullmatch=True),
    enrs,
    st.from_regex(r"[0-9A-F]{12}", fullmatch=True),
    st.integers(1, 65535),
    st.booleans(),
    st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
)


@given(st.lists(cameras | streams, max_size=6, unique_by=lambda record: record.camera.key))
def test_records_come_back_as_they_were(records: list[CameraRecord]) -> None:
    assert records_from_payload(records_to_payload(records)) == records


@given(st.lists(cameras, max_size=6, unique_by=lambda record: record.camera.key))
def test_what_was_sealed_before_there_were_streams_is_all_there(records: list[CameraRecord]) -> None:
    """It opens as it is, and its next change writes the present schema without losing anything."""
    opened = records_from_payload(first_schema(records_to_payload(records)))
    assert opened == records
    assert records_to_payload(opened) == records_to_payload(records)
    assert records_to_payload(opened)["schema"] == 2


def test_the_bytes_of_the_first_schema_are_known_for_good() -> None:
    """Written out, so that no change of the present schema can change what the old one was."""
    old: dict[str, Any] = {
        "schema": 1,
        "cameras": [
            {"key": "0" * 31 + "1", "name": "Porch", "address": "127.0.0.9", "uid": UID, "enr": ENR,
             "mac": MAC, "model": "HL_CAM4", "port": 32761, "proven": True, "token": "0" * 31 + "1"}
        ],
    }  # fmt: skip
    assert records_from_payload(old) == [record()]


def test_the_first_schema_knew_no_kinds() -> None:
    refused({"schema": 1, "cameras": payload_of(record())["cameras"]})
    refused({"schema": 1, "cameras": payload_of(stream_record())["cameras"]})
    refused({"schema": 2, "cameras": first_schema(payload_of(record()))["cameras"]})


@pytest.mark.parametrize("whole", [record(), stream_record()], ids=["lan", "stream"])
def test_every_field_is_needed_and_none_other_is_taken(whole: CameraRecord) -> None:
    for name in set(payload_of(whole)["cameras"][0]):
        payload = payload_of(whole)
        del payload["cameras"][0][name]
        refused(payload)
    for where in ("top", "camera"):
        payload = payload_of(whole)
        (payload if where == "top" else payload["cameras"][0])["extra"] = "x"
        refused(payload)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "lan"),
        ("kind", "exec"),
        ("kind", None),
        ("kind", ["stream"]),
        ("scheme", "RTSP"),
        ("scheme", "exec"),
        ("scheme", ""),
        ("scheme", None),
        ("address", "camera.local"),
        ("address", "::1"),
        ("address", "127.0.0.9:1"),
        ("port", 0),
        ("port", 65536),
        ("port", "8554"),
        ("port", True),
        ("path", "live"),
        ("path", "/li ve"),
        ("path", "/live#timeout=1"),
        ("path", "/{input}"),
        ("path", "/%0d%0aX"),
        ("path", "/%7f"),
        ("path", "/" + "a" * 2048),
        ("path", 1),
        ("user", "a:b"),
        ("user", "two\nlines"),
        ("user", "x" * 129),
        ("user", ""),
        ("user", None),
        ("password", "two\nlines"),
        ("password", "x" * 129),
        ("password", None),
    ],
)
def test_odd_values_of_a_stream_are_refused(field: str, value: Any) -> None:
    payload = payload_of(stream_record())
    payload["cameras"][0][field] = value
    refused(payload)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", "A" * 32),
        ("key", "1"),
        ("name", ""),
        ("name", "two\nlines"),
        ("name", " Porch"),
        ("address", "camera.local"),
        ("address", "::1"),
        ("uid", UID.lower()),
        ("uid", UID + "#"),
        ("enr", "short"),
        ("enr", "with&ampersand-in-it"),
        ("mac", "7c78b2000001"),
        ("mac", "7C:78:B2:00:00:01"),
        ("model", "exec:rm"),
        ("port", 0),
        ("port", 65536),
        ("port", "32761"),
        ("port", True),
        ("proven", 1),
        ("proven", None),
        ("token", "A" * 32),
        ("token", ""),
        ("token", "../../../../../../etc/passwd0000"),
    ],
)
def test_odd_values_are_refused(field: str, value: Any) -> None:
    payload = payload_of(record())
    payload["cameras"][0][field] = value
    refused(payload)


@pytest.mark.parametrize("field", ["key", "name", "address", "uid", "port", "proven", "token", "model"])
@pytest.mark.parametrize("value", [None, [], {}, [1], {"a": 1}])
def test_wrong_types_are_refused(field: str, value: Any) -> None:
    payload = payload_of(record())
    payload["cameras"][0][field] = value
    refused(payload)


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"schema": 1},
        {"schema": 2},
        {"cameras": []},
        {"schema": "1", "cameras": []},
        {"schema": 1, "cameras": {}},
        {"schema": 2, "cameras": {}},
        {"schema": 0, "cameras": []},
        {"schema": True, "cameras": []},
        {"schema": 1, "cameras": ["x"]},
        {"schema": 2, "cameras": ["x"]},
        {"schema": 2, "cameras": [None]},
    ],
)
def test_other_payloads_are_refused(payload: dict[str, Any]) -> None:
    refused(payload)


def test_two_records_of_one_camera_are_refused() -> None:
    payload = payload_of(record())
    payload["cameras"] *= 2
    refused(payload)


def test_a_newer_schema_is_named_as_such() -> None:
    with pytest.raises(VaultError) as caught:
        records_from_payload({"schema": 5, "anything": "else"})
    assert caught.value.reason == "vault_too_new"


def test_a_record_that_could_not_be_read_again_is_never_written() -> None:
    with pytest.raises(VaultError):
        records_to_payload([record(name="two\nlines")])
    with pytest.raises(VaultError):
        records_to_payload([record(), record()])
    with pytest.raises(VaultError):
        records_to_payload([CameraRecord(record().camera, Secret("short"))])


def test_nothing_prints_keys() -> None:
    shown = f"{record()!r} {record()} {stream_record()!r} {stream_record()}"
    for secret in (UID, ENR, MAC, "127.0.0.9", "viewer", "canary", "/live"):
        assert secret not in shown


def refused(payload: dict[str, Any]) -> None:
    with pytest.raises(VaultError) as caught:
        records_from_payload(payload)
    assert caught.value.reason == "vault_damaged"
    assert caught.value.__suppress_context__, "the cause may quote what was read"
