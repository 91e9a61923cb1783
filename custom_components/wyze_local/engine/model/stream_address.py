"""The other way to a camera: a stream that the stream server plays by its URL, whoever made the camera.

Everything behind the host may be a key (user info is one, some firmwares put passwords into the path), so
only the scheme prints.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote_to_bytes

from .errors import InvalidField
from .secret import Secret

DEFAULT_PORTS = {"rtsp": 554, "rtsps": 554, "http": 80, "https": 443, "onvif": 80}
"""The schemes that are taken, and the TCP port that go2rtc dials when a URL names none."""

MAX_URL = 2048
MAX_USER_INFO = 128
"""Longest user name or password, in characters."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
# RFC 3986, so neither blanks nor anything with a meaning in a stream server's source syntax (`#`, `{`, `}`);
# and no control character, not even an encoded one.
_PATH = re.compile(r"(?:/(?:[\w.~!$&'()*+,;=:@/?-]|%(?![01]|7[Ff])[0-9A-Fa-f]{2})*)?", re.ASCII)
_USER_INFO = re.compile(r"(?:[\w.~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_PORT = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class StreamAddress:
    """What reaches a stream. Prints without anything that could be a key, and without the address."""

    scheme: str
    address: Secret
    """A literal IPv4 address: only such can be held against the camera networks. A name could lead
    elsewhere tomorrow, and looking it up asks somebody outside."""
    port: int
    path: Secret
    """Path and query, percent-encoded as they were given; empty when there were none."""
    user: Secret
    password: Secret

    @classmethod
    def parse(cls, url: str, *, user: str = "", password: str = "") -> Self:
        """Return the parts of a URL; user and password stand in it or come apart, but not both.

        Raises InvalidField: for the field `url` with `missing`, `too_long`, `illegal_characters`,
        `not_a_url`, `scheme_not_allowed`, `fragment_not_allowed`, `host_missing`, `host_is_a_name`,
        `host_is_ipv6`, `not_a_port`, `user_info_not_encoded` or `user_info_twice`; for `user` and `password`
        as `of_parts` does.
        """
        scheme, rest = _split_scheme(url)
        authority, path = _split_path(rest)
        user_info, separator, host_and_port = authority.rpartition("@")
        if separator and (user or password):
            raise InvalidField("url", "user_info_twice")
        try:
            address, port = _host(host_and_port, DEFAULT_PORTS[scheme])
        except InvalidField:
            if "@" in path:
                # A slash or question mark in a password ends the host too early.
                raise InvalidField("url", "user_info_not_encoded") from None
            raise
        if separator:
            user, password = _user_info(user_info)
        return cls.of_parts(scheme, address, port, path, user, password)

    @classmethod
    def of_parts(cls, scheme: str, address: str, port: int, path: str, user: str, password: str) -> Self:
        """Return an address from its parts, user and password in clear.

        Raises InvalidField: for the field `url` as `parse` does; for `user` and `password` with `too_long` or
        `illegal_characters`, for `user` also with `missing` and `colon_not_allowed`.
        """
        if scheme not in DEFAULT_PORTS:
            raise InvalidField("url", "scheme_not_allowed")
        if len(path) > MAX_URL:
            raise InvalidField("url", "too_long")
        if not _PATH.fullmatch(path):
            raise InvalidField("url", "illegal_characters")
        if not 1 <= port <= 65535:
            raise InvalidField("url", "not_a_port")
        for field, value in (("user", user), ("password", password)):
            if len(value) > MAX_USER_INFO:
                raise InvalidField(field, "too_long")
            if not value.isprintable():
                raise InvalidField(field, "illegal_characters")
        if ":" in user:
            # Neither way to sign in that servers know can carry it.
            raise InvalidField("user", "colon_not_allowed")
        if password and not user:
            raise InvalidField("user", "missing")
        return cls(scheme, Secret(_ipv4(address)), port, Secret(path), Secret(user), Secret(password))

    @property
    def model(self) -> str:
        """The vendor's model id, which nobody knows here."""
        return ""

    @property
    def url(self) -> Secret:
        """The whole URL, user and password percent-encoded down to the last character."""
        user, password = (quote(part.reveal(), safe="") for part in (self.user, self.password))
        user_info = f"{user}:{password}@" if user else ""
        return Secret(f"{self.scheme}://{user_info}{self._place}")

    @property
    def identity(self) -> Secret:
        """What makes it this stream and no other: the URL without user and password.

        The query counts, as the channels of one recorder often differ in nothing else.
        """
        return Secret(f"{self.scheme}://{self._place}")

    @property
    def _place(self) -> str:
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.address.reveal()}{port}{self.path.reveal()}"


def _split_scheme(url: str) -> tuple[str, str]:
    """Return the scheme in lower case, and what follows its slashes."""
    # Before anything else looks at it, or copies it.
    if len(url) > MAX_URL:
        raise InvalidField("url", "too_long")
    url = url.strip()
    if not url:
        raise InvalidField("url", "missing")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise InvalidField("url", "illegal_characters")
    if "#" in url:
        raise InvalidField("url", "fragment_not_allowed")
    if (found := _SCHEME.match(url)) is None:
        raise InvalidField("url", "not_a_url")
    scheme, rest = found[1].lower(), url[found.end() :]
    if scheme not in DEFAULT_PORTS:
        raise InvalidField("url", "scheme_not_allowed")
    if not rest.startswith("//"):
        raise InvalidField("url", "not_a_url")
    return scheme, rest.removeprefix("//")


def _split_path(rest: str) -> tuple[str, str]:
    """Return host with user info and port, and the path; a query without a path gets the shortest."""
    end = min((at for sign in "/?" if (at := rest.find(sign)) >= 0), default=len(rest))
    path = rest[end:]
    return rest[:end], f"/{path}" if path.startswith("?") else path


def _host(text: str, default_port: int) -> tuple[str, int]:
    host, separator, port = text.partition(":")
    if text.startswith("[") or ":" in port:
        raise InvalidField("url", "host_is_ipv6")
    if not host:
        raise InvalidField("url", "host_missing")
    if not separator:
        return _ipv4(host), default_port
    if not _PORT.fullmatch(port):
        raise InvalidField("url", "not_a_port")
    return _ipv4(host), int(port)


def _ipv4(host: str) -> str:
    try:
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        raise InvalidField("url", "host_is_a_name") from None


def _user_info(text: str) -> tuple[str, str]:
    """Return user and password in clear."""
    if not _USER_INFO.fullmatch(text):
        raise InvalidField("url", "user_info_not_encoded")
    user, _, password = text.partition(":")
    try:
        return unquote_to_bytes(user).decode(), unquote_to_bytes(password).decode()
    except UnicodeDecodeError:
        raise InvalidField("url", "user_info_not_encoded") from None
