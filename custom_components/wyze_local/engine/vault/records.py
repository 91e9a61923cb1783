"""What a vault of cameras holds, as JSON and back. Strict both ways: unknown or odd values are refused."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..model import Camera, Credentials, InvalidField, Secret, parse_camera_key, parse_name
from .errors import VaultError, VaultReason
from .logins import LOGINS, NO_LOGINS, Logins, logins_from_payload, logins_to_json
from .strict import JSON, NotStrict, fields, number, text

SCHEMA = 1

_TOKEN = re.compile(r"[0-9a-f]{32}")
_CAMERA_FIELDS = ("key", "name", "address", "uid", "enr", "mac", "model", "port", "proven", "token")


@dataclass(frozen=True, slots=True)
class CameraRecord:
    """A camera and what only its vault knows: its keys, and the random name of its restream.

    `token` is 32 hexadecimal digits in lower case.
    """

    camera: Camera
    token: Secret


def records_to_payload(records: Iterable[CameraRecord], logins: Logins = NO_LOGINS) -> dict[str, JSON]:
    """Return the payload of a vault. The keys stand in it in clear: hand it to the vault and forget it.

    Raises VaultError (`vault_damaged`) for what `records_from_payload` or `logins_from_payload` would refuse.
    """
    cameras: list[JSON] = [_to_json(record) for record in records]
    payload: dict[str, JSON] = {"schema": SCHEMA, "cameras": cameras, **logins_to_json(logins)}
    records_from_payload(payload)
    logins_from_payload(payload)
    return payload


def records_from_payload(payload: dict[str, JSON]) -> list[CameraRecord]:
    """Return the records of a payload; raises VaultError (`vault_damaged`, `vault_too_new`)."""
    try:
        if number(payload.get("schema")) > SCHEMA:
            raise VaultError(VaultReason.VAULT_TOO_NEW)
        schema, cameras = fields({k: v for k, v in payload.items() if k != LOGINS}, "schema", "cameras")
        if schema != SCHEMA or not isinstance(cameras, list):
            raise NotStrict
        records = [_from_json(camera) for camera in cameras]
        if len({record.camera.key for record in records}) != len(records):
            raise NotStrict
    except NotStrict, InvalidField:
        raise VaultError(VaultReason.VAULT_DAMAGED) from None
    return records


def _to_json(record: CameraRecord) -> dict[str, JSON]:
    camera, credentials = record.camera, record.camera.credentials
    return {
        "key": camera.key,
        "name": camera.name,
        "address": credentials.address.reveal(),
        "uid": credentials.uid.reveal(),
        "enr": credentials.enr.reveal(),
        "mac": credentials.mac.reveal(),
        "model": credentials.model,
        "port": credentials.port,
        "proven": camera.proven,
        "token": record.token.reveal(),
    }


def _from_json(value: JSON) -> CameraRecord:
    key, name, address, uid, enr, mac, model, port, proven, token = fields(value, *_CAMERA_FIELDS)
    if not isinstance(proven, bool) or not _TOKEN.fullmatch(text(token)):
        raise NotStrict
    credentials = Credentials.parse(
        address=text(address),
        uid=text(uid),
        enr=text(enr),
        mac=text(mac),
        model=text(model),
        port=number(port),
    )
    camera = Camera(parse_camera_key(text(key)), parse_name(text(name)), credentials, proven=proven)
    record = CameraRecord(camera, Secret(text(token)))
    # Values that the checks would put into another form were not written by us.
    if _to_json(record) != value:
        raise NotStrict
    return record
