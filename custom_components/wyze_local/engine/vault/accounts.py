"""What a vault holds of a vendor account that stays signed in. A vault without one has no word of it."""

from ..model import Account, DeveloperKey, Secret, Tokens
from .errors import VaultError, VaultReason
from .strict import JSON, NotStrict, fields, number, text

ACCOUNT = "account"
"""Its place in a payload."""

MAX_TEXT = 512
"""Longest of the short values, in characters."""

MAX_TOKEN = 8192
"""Longest token, in characters: the vendor's are signed ones of one to two thousand."""

_SHORT = ("user_id", "email", "key_id", "api_key", "phone_id")
_TOKENS = ("access", "refresh")
_TIMES = ("key_since", "obtained")


def account_to_json(account: Account | None) -> dict[str, JSON]:
    """Return what a payload has to hold besides; nothing for no account."""
    if account is None:
        return {}
    return {
        ACCOUNT: {
            "user_id": account.user_id.reveal(),
            "email": account.email.reveal(),
            "key_id": account.key.key_id.reveal(),
            "api_key": account.key.api_key.reveal(),
            "key_since": account.key_since,
            "phone_id": account.phone_id.reveal(),
            "access": account.tokens.access.reveal(),
            "refresh": account.tokens.refresh.reveal(),
            "obtained": account.tokens.obtained,
        }
    }


def account_from_payload(payload: dict[str, JSON]) -> Account | None:
    """Return the account of a payload; raises VaultError (`vault_damaged`)."""
    if ACCOUNT not in payload:
        return None
    try:
        user_id, email, key_id, api_key, phone_id, access, refresh, key_since, obtained = fields(
            payload[ACCOUNT], *_SHORT, *_TOKENS, *_TIMES
        )
        return Account(
            user_id=_secret(user_id, MAX_TEXT),
            email=_secret(email, MAX_TEXT),
            key=DeveloperKey(_secret(key_id, MAX_TEXT), _secret(api_key, MAX_TEXT)),
            key_since=_time(key_since),
            phone_id=_secret(phone_id, MAX_TEXT),
            tokens=Tokens(_secret(access, MAX_TOKEN), _secret(refresh, MAX_TOKEN), _time(obtained)),
        )
    except NotStrict:
        raise VaultError(VaultReason.VAULT_DAMAGED) from None


def _secret(value: JSON, limit: int) -> Secret:
    if not 0 < len(text(value)) <= limit:
        raise NotStrict
    return Secret(text(value))


def _time(value: JSON) -> int:
    if not 0 <= number(value) < 1 << 53:
        raise NotStrict
    return number(value)
