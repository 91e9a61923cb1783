"""Cameras as records and back, strictly."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.model import Camera, Credentials, Secret
from engine.vault import CameraRecord, VaultError, records_from_payload, records_to_payload

UID = "CANARYUID0CANARYUID0"
ENR = "canaryENRcanary0"
MAC = "7C78B2000001"


def record(number: int = 1, **changes: Any) -> CameraRecord:
    credentials = Credentials.parse(address="127.0.0.9", uid=UID, enr=ENR, mac=MAC, model="HL_CAM4")
    camera = Camera(f"{number:032x}", "Porch", credentials, proven=True)
    return CameraRecord(replace(camera, **changes), Secret(f"{number:032x}"))


def payload_of(*records: CameraRecord) -> dict[str, Any]:
    """Return a payload to be spoilt."""
    return records_to_payload(records)


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


@given(st.lists(cameras, max_size=6, unique_by=lambda record: record.camera.key))
def test_records_come_back_as_they_were(records: list[CameraRecord]) -> None:
    assert records_from_payload(records_to_payload(records)) == records


def test_every_field_is_needed_and_none_other_is_taken() -> None:
    whole = payload_of(record())
    names = set(whole["cameras"][0])
    for name in names:
        payload = payload_of(record())
        del payload["cameras"][0][name]
        refused(payload)
    for where in ("top", "camera"):
        payload = payload_of(record())
        (payload if where == "top" else payload["cameras"][0])["extra"] = "x"
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
        {"cameras": []},
        {"schema": "1", "cameras": []},
        {"schema": 1, "cameras": {}},
        {"schema": 0, "cameras": []},
        {"schema": True, "cameras": []},
        {"schema": 1, "cameras": ["x"]},
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
        records_from_payload({"schema": 2, "anything": "else"})
    assert caught.value.reason == "vault_too_new"


def test_a_record_that_could_not_be_read_again_is_never_written() -> None:
    with pytest.raises(VaultError):
        records_to_payload([record(name="two\nlines")])
    with pytest.raises(VaultError):
        records_to_payload([record(), record()])
    with pytest.raises(VaultError):
        records_to_payload([CameraRecord(record().camera, Secret("short"))])


def test_nothing_prints_keys() -> None:
    shown = f"{record()!r} {record()}"
    for secret in (UID, ENR, MAC, "127.0.0.9"):
        assert secret not in shown


def refused(payload: dict[str, Any]) -> None:
    with pytest.raises(VaultError) as caught:
        records_from_payload(payload)
    assert caught.value.reason == "vault_damaged"
    assert caught.value.__suppress_context__, "the cause may quote what was read"
