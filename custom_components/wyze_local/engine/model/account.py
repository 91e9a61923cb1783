"""A vendor account that stays signed in: what its vault keeps and its cloud session needs."""

from dataclasses import dataclass

from .secret import Secret


@dataclass(frozen=True, slots=True)
class DeveloperKey:
    """The person's own key for the vendor's interface, made on the vendor's developer page."""

    key_id: Secret
    api_key: Secret


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair that the vendor gave. Both are replaced at every refresh, and the old ones end."""

    access: Secret
    refresh: Secret
    obtained: int
    """When they came, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account that is signed in. The password is never part of it. Prints without any of it."""

    user_id: Secret
    email: Secret
    key: DeveloperKey
    key_since: int
    """When the developer key was given, in seconds since 1970: the vendor ends it after a year."""
    phone_id: Secret
    """The random name under which this account is asked for, the same for as long as it exists."""
    tokens: Tokens
