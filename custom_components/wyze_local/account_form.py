"""What stands in the forms of the account flow, as the engine's values; and what is said of it."""

from collections.abc import Mapping
from typing import Any

from homeassistant.const import CONF_API_KEY, CONF_EMAIL, CONF_PASSWORD
from homeassistant.util import dt as dt_util

from .const import CONF_KEY_ID, CONF_PASSPHRASE, CONF_PASSPHRASE_AGAIN
from .engine.cloud import CloudError, CloudReason
from .engine.model import Account, DeveloperKey, Secret

MAX_EMAIL = 320
MAX_KEY = 512
CODE_ERRORS = frozenset(
    f"cloud_{reason}"
    for reason in (CloudReason.WRONG_CODE, CloudReason.CODE_EXPIRED, CloudReason.CODE_REPEATED)
)
"""What is said of a code that is of no use any more."""
SOON_SECONDS = 60
"""When to try again where the vendor does not say."""


def check_account(values: Mapping[str, Any]) -> dict[str, str]:
    """Return form errors for what can be seen to be wrong before anybody is asked."""
    email = _typed(values, CONF_EMAIL)
    if email and ("@" not in email[1:-1] or len(email) > MAX_EMAIL or not _is_plain(email)):
        return {CONF_EMAIL: "email_not_an_address"}
    for field in (CONF_KEY_ID, CONF_API_KEY):
        key = _typed(values, field)
        # Both are sent as headers, which hold nothing else.
        if len(key) > MAX_KEY or not key.isascii() or not _is_plain(key):
            return {field: "key_not_a_key"}
    return {}


def read_email(values: Mapping[str, Any], known: Account | None) -> Secret:
    """Return the e-mail that was typed, or the one that is sealed."""
    return known.email if known and CONF_EMAIL not in values else Secret(_typed(values, CONF_EMAIL))


def read_key(values: Mapping[str, Any], known: Account | None) -> DeveloperKey:
    """Return the developer key that was typed, or the one that is sealed."""
    if known and CONF_API_KEY not in values:
        return known.key
    return DeveloperKey(Secret(_typed(values, CONF_KEY_ID)), Secret(_typed(values, CONF_API_KEY)))


def read_password(values: Mapping[str, Any], typed: Secret | None) -> Secret | None:
    """Return the password that was typed, now or before; None for none."""
    password: str = values.get(CONF_PASSWORD) or ""
    return Secret(password) if password else typed


def shown_again(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form begins with after an error: all that was typed, but for the password."""
    return {key: value for key, value in values.items() if key != CONF_PASSWORD}


def shown_code(values: Mapping[str, Any] | None, errors: Mapping[str, str]) -> dict[str, Any]:
    """Return what a code's form begins with: a code that nobody judged stays typed."""
    return {} if values is None or errors.get("base") in CODE_ERRORS else dict(values)


def cloud_error(
    err: CloudError, now: float, placeholders: dict[str, str], password: Secret | None = None
) -> str:
    """Return the text for why the vendor's cloud did not do it, and fill in when another try makes sense."""
    at = max(err.retry_at, now) if err.retry_at else now + SOON_SECONDS
    placeholders["time"] = dt_util.as_local(dt_util.utc_from_timestamp(at)).strftime("%H:%M:%S")
    if err.word is CloudReason.BAD_CREDENTIALS and password and not password.reveal().isascii():
        return "cloud_letters"
    return f"cloud_{err.reason}"


def masked(email: Secret) -> str:
    """Return as much of an e-mail as its owner needs to know it again."""
    user, _, domain = email.reveal().partition("@")
    return f"{user[:1]}…@{domain[:1]}…"


def read_passphrase(values: Mapping[str, Any]) -> Secret | None:
    """Return the recovery passphrase that was typed; None for none."""
    passphrase: str = values.get(CONF_PASSPHRASE) or ""
    return Secret(passphrase) if passphrase else None


def check_twice(values: Mapping[str, Any]) -> dict[str, str]:
    """Return form errors when a passphrase was not typed the same way twice."""
    if (values.get(CONF_PASSPHRASE) or "") != (values.get(CONF_PASSPHRASE_AGAIN) or ""):
        return {CONF_PASSPHRASE_AGAIN: "passphrase_differs"}
    return {}


def _typed(values: Mapping[str, Any], field: str) -> str:
    value: str = values.get(field) or ""
    return value.strip()


def _is_plain(value: str) -> bool:
    return value.isprintable() and " " not in value
