"""Who has an account at the fake cloud, and by what they show that it is theirs."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from .devices import Device
from .events import Event
from .totp import code_of, step_at


def triple_md5(password: str) -> str:
    """Return the form in which a password travels: MD5 of the hexadecimal MD5, three times over."""
    text = password.strip()
    for _ in range(3):
        text = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return text


class Factor(StrEnum):
    """What a log-in needs beside the password; the values are the vendor's words where they are known."""

    TOTP = "TotpVerificationCode"
    SMS = "PrimaryPhone"
    EMAIL = "Email"
    PASSKEY = "Passkey"
    """No source tells the vendor's word for it: this one is invented, as any unknown one would be."""


@dataclass(slots=True)
class DeveloperKey:
    """A key that a person made for programs."""

    key_id: str = field(repr=False)
    api_key: str = field(repr=False)
    expired: bool = False


@dataclass(slots=True)
class TextMessage:
    """A code that was sent to the person's phone."""

    session_id: str = field(repr=False)
    code: str = field(repr=False)
    sent: float
    """When, in seconds since 1970, by the cloud's clock."""
    used: bool = False


@dataclass(slots=True)
class User:
    """A person with an account. Prints without anything secret."""

    email: str
    password_hash: str = field(repr=False)
    user_id: str = field(repr=False)
    nickname: str = "Demo"
    factors: tuple[Factor, ...] = ()
    """Any of them is enough; none: the password is."""
    locked: bool = False
    no_password: bool = False
    """They sign in by another service, so that no password is ever the right one."""
    keys: list[DeveloperKey] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list, repr=False)
    events: list[Event] = field(default_factory=list, repr=False)
    totp_secret: str = field(default="", repr=False)
    totp_app_id: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)
    sms_session: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    email_session: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    phone: list[TextMessage] = field(default_factory=list)
    """The text messages on their phone, oldest first."""
    last_step: int = -1
    """The newest step whose code was used: no code is taken twice."""
    failures: list[float] = field(default_factory=list)
    """When log-ins failed."""

    @property
    def key(self) -> DeveloperKey:
        """The newest developer key."""
        return self.keys[-1]

    def totp(self, now: float) -> str:
        """Return what the person's authenticator app shows at a time in seconds since 1970."""
        return code_of(self.totp_secret, step_at(now))

    def device(self, name: str) -> Device:
        """Return a device by its MAC or its name; raises KeyError."""
        for device in self.devices:
            if name in {device.mac, device.nickname}:
                return device
        raise KeyError(name)

    def secrets(self) -> dict[str, str]:
        """Return everything that may be found nowhere but in a vault or at the cloud, by what it is."""
        found = {
            "e-mail": self.email,
            "user id": self.user_id,
            "password's hash": self.password_hash,
            "TOTP secret": self.totp_secret,
        }
        for number, key in enumerate(self.keys):
            found |= {f"key id {number}": key.key_id, f"API key {number}": key.api_key}
        for number, message in enumerate(self.phone):
            found[f"SMS session {number}"] = message.session_id
        for device in self.devices:
            found |= {
                f"uid of {device.nickname}": device.p2p_id,
                f"enr of {device.nickname}": device.enr,
                f"mac of {device.nickname}": device.mac,
            }
        return {what: value for what, value in found.items() if value}

    def traces(self, origin: str) -> dict[str, str]:
        """Return everything by which somebody else could tell that these are the person's, by what it is."""
        found = {"e-mail": self.email, "user id": self.user_id, "nickname": self.nickname}
        for device in self.devices:
            found |= {
                f"{what} of {device.nickname}": value
                for what, value in {
                    "name": device.nickname,
                    "mac": device.mac,
                    "uid": device.p2p_id,
                    "enr": device.enr,
                    "address": device.address,
                    "picture": device.picture(origin),
                }.items()
            }
        return {what: value for what, value in found.items() if value}


def make_user(
    email: str, password: str, *, factors: tuple[Factor, ...] = (), devices: list[Device] | None = None
) -> User:
    """Return a person with one valid developer key; ids and keys are made by chance."""
    user = User(
        email,
        triple_md5(password),
        user_id=secrets.token_hex(16),
        factors=factors,
        totp_secret=base64.b32encode(secrets.token_bytes(20)).decode(),
        devices=list(devices or []),
    )
    user.keys.append(make_key())
    return user


def make_key(*, expired: bool = False) -> DeveloperKey:
    """Return a developer key, in the form in which the vendor gives them out."""
    key_id = secrets.token_hex(16)
    parts = (key_id[:8], key_id[8:12], key_id[12:16], key_id[16:20], key_id[20:])
    return DeveloperKey("-".join(parts), secrets.token_urlsafe(45), expired)
