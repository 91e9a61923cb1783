"""Why the vendor's cloud did not do what it was asked for, as words that stay the same."""

from enum import StrEnum

from ..model import EngineError


class CloudReason(StrEnum):
    """What a failure looks like from here. What cannot honestly be told apart shares a word."""

    # Of a log-in.
    BAD_CREDENTIALS = "bad_credentials"
    """E-mail or password; an account without a password and a foreign key often look the same."""
    BAD_KEY = "bad_key"
    """The vendor does not take the developer key."""
    KEY_EXPIRED = "key_expired"
    """The vendor says that the developer key is too old."""
    KEY_OF_ANOTHER = "key_of_another"
    """The vendor says that the developer key belongs to another account."""
    LOCKED = "locked"
    """The account is locked for a while, most often by too many tries."""
    NO_PASSWORD = "no_password"  # noqa: S105
    """The account has none: it is entered through another company."""
    EMAIL_FACTOR = "email_factor"
    """The only second factor is a mail, which nobody outside the vendor's application can answer."""
    PASSKEY_ONLY = "passkey_only"
    """The only second factor is a passkey."""
    UNKNOWN_FACTOR = "unknown_factor"
    """The only second factors are ones that nobody has seen yet."""
    WRONG_CODE = "wrong_code"
    """Of the second factor; late and repeated ones often look the same."""
    CODE_EXPIRED = "code_expired"
    CODE_REPEATED = "code_repeated"

    # Of a session.
    TOKEN_REFUSED = "token_refused"  # noqa: S105
    """The vendor takes the session's token no more. Its renewal is tried again at `retry_at`."""
    SIGNED_OUT = "signed_out"
    """Every try to renew the session was refused: only a new log-in helps."""
    NOT_SAVED = "not_saved"
    """The renewed session could not be written down, and is not used before it is."""
    ENDED = "ended"
    """The session was closed here, before or while the vendor was asked. Tells nothing of the vendor."""

    # Of the way to the vendor.
    NAME_LOOKUP = "name_lookup"
    UNREACHABLE = "unreachable"
    """Refused, reset, no route."""
    TIMEOUT = "timeout"
    CERTIFICATE = "certificate"
    """The other end could not prove to be the vendor: an interceptor, or a root this system lacks."""
    CLOCK_WRONG = "clock_wrong"
    """This machine's clock and the vendor's differ too much, and the call failed."""
    NOT_JSON = "not_json"
    """A page instead of an answer, or the way to one: a captive portal, or a proxy's error."""

    # Of an answer.
    FORBIDDEN = "forbidden"
    """HTTP 403: often this address is blocked."""
    RATE_LIMITED = "rate_limited"
    """Too many calls, by the vendor's count or by ours; `retry_at` says when to come back."""
    SERVER = "server"
    """A fault at the vendor's."""
    MALFORMED = "malformed"
    """An answer in another form than is known."""
    TOO_LARGE = "too_large"
    BAD_REQUEST = "bad_request"
    """The vendor finds fault with the request's form."""
    OFFLINE_DEVICE = "offline_device"
    """The vendor does not reach the camera."""
    IGNORED = "ignored"
    """The vendor took the command, and the camera did not do it."""


class CloudError(EngineError):
    """What the cloud room raises. `reason` is always one of `CloudReason`.

    The message holds the name of the call and the reason: no address, header, body, key or personal data.
    """

    reason: str

    def __init__(
        self, reason: CloudReason, call: str = "", *, retry_at: float | None = None, hollow: bool = False
    ) -> None:
        """Remember the reason; `call` is the call's name, `retry_at` in seconds since 1970."""
        super().__init__(f"{call}: {reason.value}" if call else reason.value, reason=reason.value)
        self.word = reason
        """The reason, for a `match`."""
        self.call = call
        self.retry_at = retry_at
        """When it makes sense to ask again, in seconds since 1970 by this machine's clock, if known."""
        self.hollow = hollow
        """Whether the answer says that all is well, and lacks what it must hold."""
