"""Calls 1 to 5: log in, second factor, refresh."""

import secrets
from typing import Any

from ..answers import CREDENTIALS, PARAMETER_ERROR, TOKEN, Refused
from ..people import DeveloperKey, Factor, TextMessage, User
from ..totp import STEP, code_of, step_at
from ..world import Asked

MANY_FAILURES = 5
FAILURES_SECONDS = 600.0
"""After that many failed log-ins within that time, none works for as long."""

INVALID = "Invalid credentials, please check username, password, keyid or apikey"


def log_in(asked: Asked) -> dict[str, Any]:
    """Answer a log-in with a developer key; with a second factor's code when there is one."""
    user = _by_password(asked)
    if user.locked:
        raise Refused(CREDENTIALS, "UserIsLocked")
    _check_key(asked, user)
    if "mfa_type" in asked.body:
        return _check_code(asked, user)
    return _signed_in(asked, user) if not user.factors else _needs_factor(user)


def answer(asked: Asked) -> dict[str, Any]:
    """Answer the second half of a log-in. Without a code this is the old way in, which is closed."""
    _let_in(asked)
    if "mfa_type" not in asked.body:
        raise Refused(CREDENTIALS, "Forbidden", status=403)
    user = _by_password(asked)
    if user.locked:
        raise Refused(CREDENTIALS, "UserIsLocked")
    if not asked.request.headers.get("X-API-Key"):
        _check_key(asked, user)
    return _check_code(asked, user)


def send_sms(asked: Asked) -> dict[str, Any]:
    """Send a text message; each call sends one."""
    _let_in(asked)
    query = asked.request.query
    if query.get("mfaPhoneType") != "Primary":
        raise Refused(PARAMETER_ERROR, "parameter error: mfaPhoneType")
    for user in asked.world.users.values():
        if user.user_id == query.get("userId") and Factor.SMS in user.factors:
            if user.sms_session != query.get("sessionId"):
                break
            asked.call.user = user.email
            code = f"{secrets.randbelow(1_000_000):06}"
            user.phone.append(TextMessage(secrets.token_hex(16), code, asked.now))
            return {"session_id": user.phone[-1].session_id}
    raise Refused(PARAMETER_ERROR, "parameter error: sessionId")


def refresh(asked: Asked) -> dict[str, Any]:
    """Exchange a pair of tokens for a new one; the old one is dead at once."""
    grant = asked.world.tokens.exchange(asked.text("refresh_token"), asked.now)
    if grant is None:
        raise Refused(TOKEN, "RefreshTokenError")
    asked.call.user = grant.email
    return {"access_token": grant.access, "refresh_token": grant.refresh}


def _let_in(asked: Asked) -> None:
    """Raise Refused for whoever shows neither a developer key nor that of the vendor's app (here: any)."""
    headers = asked.request.headers
    if not headers.get("Phone-Id") or not (headers.get("X-API-Key") or headers.get("keyid")):
        raise Refused(CREDENTIALS, "Forbidden", status=403)


def _by_password(asked: Asked) -> User:
    """Return whose password it is; raises Refused."""
    email, password = asked.text("email"), asked.text("password")
    user = next((found for mail, found in asked.world.users.items() if mail.lower() == email.lower()), None)
    if user is None:
        raise Refused(CREDENTIALS, "UserNameOrPasswordError" if asked.world.explains else INVALID)
    asked.call.user = user.email
    user.failures = [at for at in user.failures if at > asked.now - FAILURES_SECONDS]
    if len(user.failures) >= MANY_FAILURES:
        raise Refused(CREDENTIALS, "Too many failed attempts")
    if user.no_password and asked.world.explains:
        raise Refused(CREDENTIALS, "PasswordNotSet")
    if user.no_password or not secrets.compare_digest(password.encode(), user.password_hash.encode()):
        user.failures.append(asked.now)
        raise Refused(CREDENTIALS, "UserNameOrPasswordError" if asked.world.explains else INVALID)
    return user


def _check_key(asked: Asked, user: User) -> None:
    """Judge a developer key; raises Refused."""
    key_id, api_key = (asked.request.headers.get(name) for name in ("keyid", "apikey"))

    def known(keys: list[DeveloperKey]) -> DeveloperKey | None:
        return next((key for key in keys if (key.key_id, key.api_key) == (key_id, api_key)), None)

    own = known(user.keys)
    if own is not None and not own.expired:
        return
    others = [key for other in asked.world.users.values() for key in other.keys]
    if own is not None:
        why = "The apikey has expired"
    else:
        why = "The apikey belongs to another account" if known(others) else "Invalid apikey"
    user.failures.append(asked.now)
    raise Refused(CREDENTIALS, why if asked.world.explains else INVALID)


def _signed_in(asked: Asked, user: User) -> dict[str, Any]:
    """Return a log-in that worked."""
    user.failures.clear()
    grant = asked.world.tokens.give(user.email, asked.now)
    return _reply(user, access_token=grant.access, refresh_token=grant.refresh)


def _needs_factor(user: User) -> dict[str, Any]:
    """Return a log-in that asks for more."""
    return _reply(
        user,
        mfa_options=[factor.value for factor in user.factors],
        mfa_details={"totp_apps": [{"app_id": user.totp_app_id}] if Factor.TOTP in user.factors else []},
        sms_session_id=user.sms_session if Factor.SMS in user.factors else None,
        email_session_id=user.email_session if Factor.EMAIL in user.factors else None,
    )


def _reply(user: User, **known: Any) -> dict[str, Any]:
    """Return a log-in's answer, with all its fields."""
    names = (
        *("access_token", "refresh_token", "mfa_options", "mfa_details"),
        *("sms_session_id", "email_session_id"),
    )
    return {"user_id": user.user_id, **dict.fromkeys(names), **known}


def _check_code(asked: Asked, user: User) -> dict[str, Any]:
    """Judge a code; raises Refused."""
    kind, code = asked.text("mfa_type"), asked.text("verification_code")
    asked.call.what = kind
    ways = {Factor.TOTP.value: _takes_totp, Factor.SMS.value: _takes_sms}
    if kind not in ways or Factor(kind) not in user.factors:
        raise Refused(PARAMETER_ERROR, "parameter error: mfa_type")
    why = ways[kind](asked, user, asked.text("verification_id"), code)
    if why:
        user.failures.append(asked.now)
        raise Refused(CREDENTIALS, why if asked.world.explains else "Invalid verification code")
    return _signed_in(asked, user)


def _takes_totp(asked: Asked, user: User, verification_id: str, code: str) -> str:
    """Return why an authenticator's code is not taken: it may be one step old, and is good only once."""
    now = step_at(asked.now)
    if verification_id != user.totp_app_id:
        return "Unknown authenticator"
    for step in (now - 1, now, now + 1):
        if secrets.compare_digest(code_of(user.totp_secret, step), code):
            if step <= user.last_step:
                return "Verification code was used before"
            user.last_step = step
            return ""
    late = any(code_of(user.totp_secret, step) == code for step in range(now - 600 // STEP, now - 1))
    return "Verification code has expired" if late else "Verification code is wrong"


def _takes_sms(asked: Asked, user: User, verification_id: str, code: str) -> str:
    """Return why a text message's code is not taken: only the newest one is good, for a while and once."""
    if not user.phone or user.phone[-1].session_id != verification_id:
        return "Unknown session"
    message = user.phone[-1]
    if not secrets.compare_digest(message.code, code):
        return "Verification code is wrong"
    if message.used:
        return "Verification code was used before"
    if asked.now > message.sent + asked.world.code_seconds:
        return "Verification code has expired"
    message.used = True
    return ""
