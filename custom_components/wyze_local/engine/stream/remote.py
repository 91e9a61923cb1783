"""Where a go2rtc is that somebody else runs, and what opens it."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from ..model import InvalidField, Secret

MAX_URL = 512
MAX_CREDENTIAL = 256

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\.?")
_PATH = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")


@dataclass(frozen=True, slots=True)
class RemoteAccess:
    """How the API of a go2rtc elsewhere is reached. All of it is for the vault and for memory only."""

    url: Secret
    """`http` or `https`, host, port and base path, without a slash at the end."""
    user: Secret
    """Empty when it asks for nobody."""
    password: Secret

    @classmethod
    def parse(cls, url: str, user: str, password: str) -> Self:
        """Return what was typed in its one canonical form.

        Raises InvalidField: for `url` with `url_missing`, `url_too_long`, `url_not_http`, `url_user_info`,
        `url_query`, `url_bad_port` or `not_a_url`; for `username` with `user_too_long` or `bad_user`; for
        `password` with `password_too_long`, `bad_password` or `user_missing`.
        """
        return cls(Secret(_url(url)), Secret(_user(user)), Secret(_password(password, user)))

    @property
    def host(self) -> str:
        """The host, an IPv6 address in its brackets."""
        host = urlsplit(self.url.reveal()).hostname or ""
        return f"[{host}]" if ":" in host else host


def parse_own_host(text: str, field: str) -> Secret:
    """Return an address or name under which another machine finds this one: of IPv4, not loopback.

    Raises InvalidField (`host_not_usable`) for the given field.
    """
    try:
        host = urlsplit(_url(f"http://{text}:1/")).hostname or ""
        if ":" in host or (host[-1:].isdigit() and not _is_public(host)) or text.lower() != host:
            raise ValueError
    except ValueError, InvalidField:
        raise InvalidField(field, "host_not_usable") from None
    return Secret(host)


def _is_public(host: str) -> bool:
    """Tell whether other machines may find anybody at an address."""
    address = ipaddress.IPv4Address(host)
    return not (address.is_loopback or address.is_unspecified or address.is_multicast)


def _url(text: str) -> str:
    # Before anything else looks at it, or copies it.
    if len(text) > MAX_URL:
        raise InvalidField("url", "url_too_long")
    text = text.strip()
    if not text:
        raise InvalidField("url", "url_missing")
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text or "%" in text:
        raise InvalidField("url", "not_a_url")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise InvalidField("url", "url_bad_port" if _ends_in_a_port(text) else "not_a_url") from None
    if parts.scheme not in _DEFAULT_PORTS or "://" not in text:
        raise InvalidField("url", "url_not_http")
    if "@" in parts.netloc:
        raise InvalidField("url", "url_user_info")
    if "?" in text or "#" in text:
        raise InvalidField("url", "url_query")
    if port == 0:
        raise InvalidField("url", "url_bad_port")
    if not _PATH.fullmatch(parts.path):
        raise InvalidField("url", "not_a_url")
    port = _DEFAULT_PORTS[parts.scheme] if port is None else port
    return f"{parts.scheme}://{_host(parts.hostname or '')}:{port}{parts.path.rstrip('/')}"


def _ends_in_a_port(text: str) -> bool:
    return re.search(r"[^:/]:\d+(/|$)", text) is not None


def _host(host: str) -> str:
    if ":" in host:
        try:
            return f"[{ipaddress.IPv6Address(host)}]"
        except ValueError:
            raise InvalidField("url", "not_a_url") from None
    # Whatever ends in a number is an address, and must be one.
    if host.rpartition(".")[2].isdigit():
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            raise InvalidField("url", "not_a_url") from None
    if not _HOST.fullmatch(host):
        raise InvalidField("url", "not_a_url")
    return host


def _user(text: str) -> str:
    if len(text) > MAX_CREDENTIAL:
        raise InvalidField("username", "user_too_long")
    # The colon would end it in the header that carries it.
    if ":" in text or not text.isprintable():
        raise InvalidField("username", "bad_user")
    return text


def _password(text: str, user: str) -> str:
    if len(text) > MAX_CREDENTIAL:
        raise InvalidField("password", "password_too_long")
    if not text.isprintable():
        raise InvalidField("password", "bad_password")
    if text and not user:
        raise InvalidField("password", "user_missing")
    return text
