"""What the vendor means when it says no: status, code and words of an answer, as one reason.

The words are not documented. Those that clients have seen are looked for; everything else gets the broad
reason of its code (facts: contradicting sources, the better founded one is taken).
"""

import re
from collections.abc import Mapping

from .decode import JSON
from .errors import CloudReason
from .fields import member, text

OK = frozenset({"0", "1"})
RATE_CODES: Mapping[str, float] = {"1011": 60.0, "3044": 600.0}
"""Codes that mean too many calls, and for how many seconds to keep away."""

_CODES: Mapping[str, CloudReason] = {
    "1000": CloudReason.SERVER,
    "1001": CloudReason.BAD_REQUEST,
    "1003": CloudReason.BAD_REQUEST,
    "1004": CloudReason.BAD_REQUEST,
    "2": CloudReason.TOKEN_REFUSED,
    "2001": CloudReason.TOKEN_REFUSED,
    "3019": CloudReason.OFFLINE_DEVICE,
    **dict.fromkeys(RATE_CODES, CloudReason.RATE_LIMITED),
}
_LOG_IN_CODES: Mapping[str, CloudReason] = {
    "1000": CloudReason.BAD_CREDENTIALS,
    "1003": CloudReason.BAD_KEY,
    "3024": CloudReason.LOCKED,
}
_LOCK = re.compile(r"(?<![bc])lock")
"""Not a block, nor a clock."""
_USED = ("wasused", "alreadyused", "beenused", "usedbefore", "repeat")
_TOKEN_WORDS = ("accesstokenerror", "invalidtokenerror")


def by_status(status: int) -> CloudReason | None:
    """Return what a status says by itself, whatever the body is."""
    if status == 429:
        return CloudReason.RATE_LIMITED
    if status == 403:
        return CloudReason.FORBIDDEN
    if 300 <= status < 400:
        return CloudReason.NOT_JSON
    return CloudReason.SERVER if status >= 500 else None


def code_of(body: JSON) -> str:
    """Return an answer's code as text, whatever it is called and however it is spelled."""
    return text(member(body, "errorCode")) or text(member(body, "code"))


def of_call(status: int, body: JSON) -> CloudReason | None:
    """Return why a call of a signed-in account was refused, or None when it was not."""
    code = code_of(body)
    if code in OK and status < 400:
        return None
    said = _said(body)
    if status == 401 or any(word in said for word in _TOKEN_WORDS):
        return CloudReason.TOKEN_REFUSED
    if code in _CODES:
        return _CODES[code]
    if status >= 400:
        return CloudReason.BAD_REQUEST
    return CloudReason.SERVER if code else CloudReason.MALFORMED


def of_refresh(status: int, body: JSON) -> CloudReason | None:
    """Return why a pair was not renewed, or None when it was.

    An answer of its own whose code nobody knows is a no: were it taken for a fault of the vendor's, an
    account whose session is over would never be asked to sign in.
    """
    reason = of_call(status, body)
    known = code_of(body) in _CODES
    return CloudReason.TOKEN_REFUSED if reason is CloudReason.SERVER and not known else reason


def of_log_in(status: int, body: JSON) -> CloudReason | None:
    """Return why a log-in was refused, or None when it was not."""
    if _taken(status, body):
        return None
    code = code_of(body)
    if code not in RATE_CODES and (told := _told(body)):
        return told
    if status == 401:
        return _LOG_IN_CODES.get(code, CloudReason.BAD_KEY)
    return _LOG_IN_CODES.get(code) or _before_session(code)


def of_sms(status: int, body: JSON) -> CloudReason | None:
    """Return why no text message was sent, or None when one was."""
    if _taken(status, body):
        return None
    told = _told(body)
    return told if told in _ACCOUNT else _before_session(code_of(body))


def of_answer(status: int, body: JSON) -> CloudReason | None:
    """Return why a second factor's code was refused, or None when it was not."""
    if _taken(status, body):
        return None
    code, said = code_of(body), _said(body)
    if code in RATE_CODES:
        return CloudReason.RATE_LIMITED
    if code == "3024" or (told := _told(body)) in _ACCOUNT:
        return CloudReason.LOCKED if code == "3024" else told
    if "expired" in said:
        return CloudReason.CODE_EXPIRED
    if any(word in said for word in _USED):
        return CloudReason.CODE_REPEATED
    # A wrong code's answer is not documented anywhere: whatever is no token is one.
    return CloudReason.WRONG_CODE


def _taken(status: int, body: JSON) -> bool:
    code = code_of(body)
    return status < 400 and (not code or code in OK)


def _before_session(code: str) -> CloudReason:
    """Return what a code means where there is no session yet whose tokens could be refused."""
    reason = _CODES.get(code, CloudReason.BAD_REQUEST)
    return CloudReason.SERVER if reason is CloudReason.TOKEN_REFUSED else reason


_ACCOUNT = frozenset(
    {CloudReason.LOCKED, CloudReason.BAD_KEY, CloudReason.KEY_EXPIRED, CloudReason.KEY_OF_ANOTHER}
)
"""What can be wrong whatever the question was."""


def _told(body: JSON) -> CloudReason | None:
    """Return what the words of a refusal tell beyond its code."""
    said = _said(body)
    if _LOCK.search(said) or "toomany" in said:
        return CloudReason.LOCKED
    # The vendor often names all that it was given, which tells nothing of what was wrong.
    if "username" in said:
        return CloudReason.BAD_CREDENTIALS
    if "apikey" in said or "keyid" in said:
        if "expire" in said:
            return CloudReason.KEY_EXPIRED
        other = any(word in said for word in ("match", "belong", "another", "other", "owner"))
        return CloudReason.KEY_OF_ANOTHER if other else CloudReason.BAD_KEY
    if "nopassword" in said or "passwordnotset" in said or "thirdparty" in said:
        return CloudReason.NO_PASSWORD
    return None


def _said(body: JSON) -> str:
    """Return an answer's words for searching: small letters and digits only. Never kept."""
    words = "".join(text(member(body, name), 1024) for name in ("description", "msg", "message"))
    return "".join(mark for mark in words.lower() if mark.isalnum())
