"""Tokens: given at log-in, exchanged at refresh, ended by time or by the vendor."""

import secrets
from dataclasses import dataclass, field

ACCESS_SECONDS = 60 * 3600.0
REFRESH_SECONDS = 16_000 * 3600.0
"""How long each is good for."""


@dataclass(slots=True)
class Grant:
    """A pair of tokens. Prints without them."""

    email: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    access_until: float
    refresh_until: float


class Tokens:
    """All pairs that are good, and all that ever were."""

    def __init__(self) -> None:
        """Begin without any."""
        self.access_seconds = ACCESS_SECONDS
        self.refresh_seconds = REFRESH_SECONDS
        self._grants: list[Grant] = []
        self.given: list[Grant] = []
        """Every pair that was ever given out, oldest first."""

    def give(self, email: str, now: float) -> Grant:
        """Return a new pair."""
        grant = Grant(
            email,
            f"lvtx.{secrets.token_urlsafe(48)}",
            f"rvtx.{secrets.token_urlsafe(48)}",
            now + self.access_seconds,
            now + self.refresh_seconds,
        )
        self._grants.append(grant)
        self.given.append(grant)
        return grant

    def owner(self, access: object, now: float) -> str | None:
        """Return the e-mail of whose access token this is; None when it is not good."""
        for grant in self._grants:
            if grant.access == access and now < grant.access_until:
                return grant.email
        return None

    def exchange(self, refresh: object, now: float) -> Grant | None:
        """End a pair and return a new one; None when the refresh token is not good."""
        for grant in self._grants:
            if grant.refresh == refresh and now < grant.refresh_until:
                self._grants.remove(grant)
                return self.give(grant.email, now)
        return None

    def revoke(self, email: str | None = None, *, refresh_too: bool = True) -> None:
        """End the tokens of one person, or of all; without `refresh_too` a refresh still gives new ones."""
        for grant in list(self._grants):
            if email in {None, grant.email}:
                grant.access_until = 0.0
                if refresh_too:
                    self._grants.remove(grant)
