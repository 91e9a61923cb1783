"""What a vault holds beside its cameras: the logins of an external stream server, and of other machines.

A vault that knows neither has no word of them, as it was before there were any.
"""

import re
from dataclasses import dataclass

from ..model import Door, Secret
from .errors import VaultError, VaultReason
from .strict import JSON, NotStrict, fields, number, text

LOGINS = "logins"
"""Their place in a payload."""

MAX_TEXT = 512

_SEED = re.compile(r"[0-9a-f]{32}")
_SERVER_FIELDS = ("url", "user", "password", "seed")
_LAN_FIELDS = ("user", "password")
_DOOR_FIELDS = ("host", "user", "password")


@dataclass(frozen=True, slots=True)
class ServerLogin:
    """Where the go2rtc is that somebody else runs, and what opens it."""

    url: Secret
    user: Secret
    password: Secret
    seed: Secret
    """32 hexadecimal digits, from which names of ours are derived there."""
    door: Door | None = None
    """How it reads the relay, where it runs on another machine."""


@dataclass(frozen=True, slots=True)
class LanLogin:
    """What other machines open our restreams with."""

    user: Secret
    password: Secret


@dataclass(frozen=True, slots=True)
class Logins:
    """The logins of one entry."""

    server: ServerLogin | None = None
    lan: LanLogin | None = None


NO_LOGINS = Logins()


def logins_to_json(logins: Logins) -> dict[str, JSON]:
    """Return what a payload has to hold besides; nothing for no logins."""
    if logins == NO_LOGINS:
        return {}
    server: JSON = None
    lan: JSON = None
    if logins.server is not None:
        server = _server_to_json(logins.server)
    if logins.lan is not None:
        lan = {name: getattr(logins.lan, name).reveal() for name in _LAN_FIELDS}
    return {LOGINS: {"server": server, "lan": lan}}


def _server_to_json(login: ServerLogin) -> dict[str, JSON]:
    found: dict[str, JSON] = {name: getattr(login, name).reveal() for name in _SERVER_FIELDS}
    if (door := login.door) is not None:
        texts: dict[str, JSON] = {name: getattr(door, name).reveal() for name in _DOOR_FIELDS}
        found["door"] = {**texts, "port": door.port}
    return found


def logins_from_payload(payload: dict[str, JSON]) -> Logins:
    """Return the logins of a payload; raises VaultError (`vault_damaged`)."""
    if LOGINS not in payload:
        return NO_LOGINS
    try:
        server, lan = fields(payload[LOGINS], "server", "lan")
        logins = Logins(
            None if server is None else _server(server),
            None if lan is None else LanLogin(*map(_secret, fields(lan, *_LAN_FIELDS))),
        )
        if logins == NO_LOGINS or (logins.server and not _SEED.fullmatch(logins.server.seed.reveal())):
            raise NotStrict
    except NotStrict:
        raise VaultError(VaultReason.VAULT_DAMAGED) from None
    return logins


def _server(value: JSON) -> ServerLogin:
    more = ("door",) if isinstance(value, dict) and "door" in value else ()
    url, user, password, seed, *doors = fields(value, *_SERVER_FIELDS, *more)
    door = _door(doors[0]) if doors else None
    return ServerLogin(_secret(url), _secret(user), _secret(password), _secret(seed), door)


def _door(value: JSON) -> Door:
    host, user, password, port = fields(value, *_DOOR_FIELDS, "port")
    if not 1 <= number(port) <= 65535:
        raise NotStrict
    return Door(_secret(host), number(port), _secret(user), _secret(password))


def _secret(value: JSON) -> Secret:
    if len(text(value)) > MAX_TEXT:
        raise NotStrict
    return Secret(text(value))
