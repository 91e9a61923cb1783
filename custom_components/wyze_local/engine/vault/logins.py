"""What a vault holds beside its cameras: the logins of an external stream server, and of other machines.

A vault that knows neither has no word of them, as it was before there were any.
"""

import re
from dataclasses import dataclass

from ..model import Secret
from .errors import VaultError, VaultReason
from .strict import JSON, NotStrict, fields, text

LOGINS = "logins"
"""Their place in a payload."""

MAX_TEXT = 512

_SEED = re.compile(r"[0-9a-f]{32}")
_SERVER_FIELDS = ("url", "user", "password", "seed")
_LAN_FIELDS = ("user", "password")


@dataclass(frozen=True, slots=True)
class ServerLogin:
    """Where the go2rtc is that somebody else runs, and what opens it."""

    url: Secret
    user: Secret
    password: Secret
    seed: Secret
    """32 hexadecimal digits, from which names of ours are derived there."""


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
        server = {name: getattr(logins.server, name).reveal() for name in _SERVER_FIELDS}
    if logins.lan is not None:
        lan = {name: getattr(logins.lan, name).reveal() for name in _LAN_FIELDS}
    return {LOGINS: {"server": server, "lan": lan}}


def logins_from_payload(payload: dict[str, JSON]) -> Logins:
    """Return the logins of a payload; raises VaultError (`vault_damaged`)."""
    if LOGINS not in payload:
        return NO_LOGINS
    try:
        server, lan = fields(payload[LOGINS], "server", "lan")
        logins = Logins(
            None if server is None else ServerLogin(*map(_secret, fields(server, *_SERVER_FIELDS))),
            None if lan is None else LanLogin(*map(_secret, fields(lan, *_LAN_FIELDS))),
        )
        if logins == NO_LOGINS or (logins.server and not _SEED.fullmatch(logins.server.seed.reveal())):
            raise NotStrict
    except NotStrict:
        raise VaultError(VaultReason.VAULT_DAMAGED) from None
    return logins


def _secret(value: JSON) -> Secret:
    if len(text(value)) > MAX_TEXT:
        raise NotStrict
    return Secret(text(value))
