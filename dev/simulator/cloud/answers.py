"""How the vendor wraps what it answers: by another envelope in each of its houses."""

import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """The vendor's servers, by what they are for."""

    AUTH = "auth"
    API = "api"
    DEVMGMT = "devmgmt"


@dataclass(slots=True)
class Answer:
    """What will be sent as JSON."""

    body: dict[str, Any]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The vendor's code in it, as text; that of a log-in which worked is 1, too."""
        return str(self.body.get("code", self.body.get("errorCode", 1)))


class Refused(Exception):
    """The cloud says no."""

    def __init__(self, code: int, message: str, status: int | None = None) -> None:
        """Take the vendor's code and words, and an HTTP status if it is not the usual one."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


PARAMETER_ERROR = 1001
CREDENTIALS = 1000
SYSTEM_LIMIT = 1011
TOKEN = 2001
OFFLINE = 3019
TOO_OFTEN = 3044


def accepted(role: Role, data: dict[str, Any], now_ms: int) -> Answer:
    """Return an answer that says yes."""
    if role is Role.AUTH:
        return Answer(data)
    return Answer(_envelope(role, 1, "SUCCESS", data, now_ms))


def refused(role: Role, why: Refused, now_ms: int) -> Answer:
    """Return an answer that says no."""
    if role is Role.AUTH:
        body = {"errorCode": why.code, "description": why.message, "requestId": secrets.token_hex(8)}
        return Answer(body, why.status or 400)
    return Answer(_envelope(role, why.code, why.message, {}, now_ms), why.status or 200)


def _envelope(role: Role, code: int, message: str, data: dict[str, Any], now_ms: int) -> dict[str, Any]:
    """Return the envelope of all servers but that of log-ins; device management writes codes as numbers."""
    written = code if role is Role.DEVMGMT else str(code)
    return {"ts": now_ms, "code": written, "msg": message, "data": data}
