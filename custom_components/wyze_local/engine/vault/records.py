"""What a vault of cameras holds, as JSON and back. Strict both ways: unknown or odd values are refused."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..model import (
    Account,
    Camera,
    Credentials,
    InvalidField,
    Secret,
    StreamAddress,
    Way,
    parse_camera_key,
    parse_name,
)
from .accounts import ACCOUNT, account_from_payload, account_to_json
from .errors import VaultError, VaultReason
from .logins import LOGINS, NO_LOGINS, Logins, logins_from_payload, logins_to_json
from .memory import MEMORY, memory_from_payload, memory_to_json
from .strict import JSON, NotStrict, fields, number, text

SCHEMA = 2
"""Since 2 a camera may be a stream, and each says what it is. A vault of schema 1 is read as it is, and
written as 2 at its next change."""

SCHEMA_ACCOUNT = 3
"""Of a vault with an account and without a memory, and of no other: an older program leaves it alone
instead of losing it."""

SCHEMA_MEMORY = 4
"""Of a vault with an account and what was seen around it, and of no other. One of schema 3 is read as it is,
and written as 4 as soon as there is something to remember."""

_SCHEMAS = {
    frozenset[str](): SCHEMA,
    frozenset({ACCOUNT}): SCHEMA_ACCOUNT,
    frozenset({ACCOUNT, MEMORY}): SCHEMA_MEMORY,
}
_TOKEN = re.compile(r"[0-9a-f]{32}")
_FIELDS = ("key", "name", "proven", "token")
_LAN, _LAN_FIELDS = "lan", ("address", "uid", "enr", "mac", "model", "port")
_STREAM, _STREAM_FIELDS = "stream", ("scheme", "address", "port", "path", "user", "password")


@dataclass(frozen=True, slots=True)
class CameraRecord:
    """A camera and what only its vault knows: its keys, and the random name of its restream.

    `token` is 32 hexadecimal digits in lower case.
    """

    camera: Camera
    token: Secret


def records_to_payload(
    records: Iterable[CameraRecord],
    logins: Logins = NO_LOGINS,
    account: Account | None = None,
    memory: Mapping[str, JSON] | None = None,
) -> dict[str, JSON]:
    """Return the payload of a vault. The keys stand in it in clear: hand it to the vault and forget it.

    Raises VaultError (`vault_damaged`) for what the ways back (`records_from_payload` and those of logins,
    account and memory) would refuse: a memory without an account is one of it.
    """
    cameras: list[JSON] = [_to_json(record) for record in records]
    parts = {**account_to_json(account), **memory_to_json(memory or {})}
    payload: dict[str, JSON] = {
        "schema": _SCHEMAS.get(frozenset(parts)),
        "cameras": cameras,
        **logins_to_json(logins),
        **parts,
    }
    records_from_payload(payload)
    logins_from_payload(payload)
    account_from_payload(payload)
    memory_from_payload(payload)
    return payload


def records_from_payload(payload: dict[str, JSON]) -> list[CameraRecord]:
    """Return the records of a payload; raises VaultError (`vault_damaged`, `vault_too_new`)."""
    try:
        if number(payload.get("schema")) > SCHEMA_MEMORY:
            raise VaultError(VaultReason.VAULT_TOO_NEW)
        rest = {name: value for name, value in payload.items() if name not in (LOGINS, ACCOUNT, MEMORY)}
        schema, cameras = fields(rest, "schema", "cameras")
        wanted = _SCHEMAS.get(frozenset({ACCOUNT, MEMORY} & payload.keys()))
        # The first schema knew neither.
        if (SCHEMA if schema == 1 else schema) != wanted or not isinstance(cameras, list):
            raise NotStrict
        read = _from_json_1 if schema == 1 else _from_json
        records = [read(camera) for camera in cameras]
        if len({record.camera.key for record in records}) != len(records):
            raise NotStrict
    except NotStrict, InvalidField:
        raise VaultError(VaultReason.VAULT_DAMAGED) from None
    return records


def _to_json(record: CameraRecord) -> dict[str, JSON]:
    camera = record.camera
    return {
        "key": camera.key,
        "name": camera.name,
        "proven": camera.proven,
        "token": record.token.reveal(),
        **_way_to_json(camera.credentials),
    }


def _way_to_json(way: Way) -> dict[str, JSON]:
    if isinstance(way, StreamAddress):
        return {
            "kind": _STREAM,
            "scheme": way.scheme,
            "address": way.address.reveal(),
            "port": way.port,
            "path": way.path.reveal(),
            "user": way.user.reveal(),
            "password": way.password.reveal(),
        }
    return {
        "kind": _LAN,
        "address": way.address.reveal(),
        "uid": way.uid.reveal(),
        "enr": way.enr.reveal(),
        "mac": way.mac.reveal(),
        "model": way.model,
        "port": way.port,
    }


def _from_json(value: JSON) -> CameraRecord:
    kind = value.get("kind") if isinstance(value, dict) else None
    names = {_LAN: _LAN_FIELDS, _STREAM: _STREAM_FIELDS}.get(kind) if isinstance(kind, str) else None
    if names is None:
        raise NotStrict
    _kind, key, name, proven, token, *way = fields(value, "kind", *_FIELDS, *names)
    if not isinstance(proven, bool) or not _TOKEN.fullmatch(text(token)):
        raise NotStrict
    credentials = _stream(*way) if kind == _STREAM else _lan(*way)
    camera = Camera(parse_camera_key(text(key)), parse_name(text(name)), credentials, proven=proven)
    record = CameraRecord(camera, Secret(text(token)))
    # Values that the checks would put into another form were not written by us.
    if _to_json(record) != value:
        raise NotStrict
    return record


def _from_json_1(value: JSON) -> CameraRecord:
    if not isinstance(value, dict) or "kind" in value:
        raise NotStrict
    return _from_json({**value, "kind": _LAN})


def _lan(address: JSON, uid: JSON, enr: JSON, mac: JSON, model: JSON, port: JSON) -> Credentials:
    return Credentials.parse(
        address=text(address),
        uid=text(uid),
        enr=text(enr),
        mac=text(mac),
        model=text(model),
        port=number(port),
    )


def _stream(scheme: JSON, address: JSON, port: JSON, path: JSON, user: JSON, password: JSON) -> StreamAddress:
    return StreamAddress.of_parts(
        text(scheme), text(address), number(port), text(path), text(user), text(password)
    )
