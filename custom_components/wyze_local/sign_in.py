"""One person's way into a vendor account: password, second factor, tokens. Nothing of it is written down.

The password lives here for as long as it may be needed for another try, and no longer.
"""

import secrets

from .engine.cloud import CloudClient, CloudError, CloudReason, FactorWay, LogIn, SecondFactor, SignedIn
from .engine.model import Account, DeveloperKey, Secret

# After these the password that was typed is of no use.
_PASSWORD_IN_DOUBT = frozenset({CloudReason.BAD_CREDENTIALS, CloudReason.NO_PASSWORD})


class SignIn:
    """A sign-in that a form leads through. Raises CloudError only."""

    def __init__(self, client: CloudClient, known: Account | None) -> None:
        """Begin; a known account goes on asking under its own name."""
        self._client = client
        self._known = known
        self._phone_id = known.phone_id if known else Secret(secrets.token_hex(16))
        self._login: LogIn | None = None
        self._factor: SecondFactor | None = None
        self._message: SecondFactor | None = None
        self._done: SignedIn | None = None

    @property
    def password(self) -> Secret | None:
        """The password that was typed, while it may still be right."""
        return self._login.password if self._login else None

    @property
    def now(self) -> float:
        """The time, in seconds since 1970."""
        return self._client.clock.time()

    @property
    def ways(self) -> frozenset[FactorWay]:
        """The second factors that are wanted; none when there is nothing to answer."""
        return self._factor.ways if self._factor else frozenset()

    @property
    def sms_sent(self) -> bool:
        """Whether a text message was asked for."""
        return self._message is not None

    async def async_log_in(self, email: Secret, password: Secret, key: DeveloperKey) -> None:
        """Give e-mail, password and key; afterwards it is done, or a second factor is wanted."""
        self._login = LogIn(email, password, key, self._phone_id)
        self._factor = self._message = None
        try:
            found = await self._client.log_in(self._login)
        except CloudError as err:
            if err.word in _PASSWORD_IN_DOUBT:
                self._login = None
            raise
        if isinstance(found, SecondFactor):
            self._factor = found
        else:
            self._done = found

    async def async_send_sms(self) -> None:
        """Have a text message sent. Only when the person asks for it: each one costs, and wakes somebody."""
        if self._login is not None and self._factor is not None:
            # By the log-in's own session each time: that of a message only answers the message.
            self._message = await self._client.send_sms(self._login, self._factor)

    async def async_answer(self, way: FactorWay, code: str) -> None:
        """Answer the second factor."""
        factor = (self._message if way is FactorWay.SMS else None) or self._factor
        if self._login is not None and factor is not None:
            self._done = await self._client.answer(self._login, factor, way, code)

    def account(self) -> Account:
        """Return the account, without the password; only when it is done."""
        assert self._login is not None
        assert self._done is not None
        tokens, known = self._done.tokens, self._known
        return Account(
            user_id=self._done.user_id,
            email=self._login.email,
            key=self._login.key,
            key_since=known.key_since if known and known.key == self._login.key else tokens.obtained,
            phone_id=self._phone_id,
            tokens=tokens,
        )
