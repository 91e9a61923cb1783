"""The `wyze://` links in which people pass cameras on: what go2rtc's web page shows."""

from urllib.parse import SplitResult, parse_qsl, urlsplit

from .camera import DEFAULT_PORT, Credentials
from .errors import InvalidField

LINK_SCHEME = "wyze"
MAX_LINK = 2048
_MAX_FIELDS = 32


def parse_wyze_link(link: str) -> Credentials:
    """Return the credentials in a link such as go2rtc shows it.

    Raises InvalidField: for the field `link` with `missing`, `too_long`, `not_a_link`, `not_wyze`,
    `user_info_not_allowed`, `fragment_not_allowed` or `duplicate_field`; otherwise for the field inside the
    link that is missing or wrong, in model's words. What else the link holds (`subtype`, `verbose`,
    `dtls` …) is ignored.
    """
    parts = _split(link)
    fields = _fields(parts.query)
    try:
        port = parts.port
    except ValueError:
        raise InvalidField("port", "not_a_port") from None
    return Credentials.parse(
        address=_host(parts),
        uid=fields.get("uid", ""),
        enr=fields.get("enr", ""),
        mac=fields.get("mac", ""),
        model=fields.get("model", ""),
        port=DEFAULT_PORT if port is None else port,
    )


def _split(link: str) -> SplitResult:
    # Before anything else looks at it, or copies it.
    if len(link) > MAX_LINK:
        raise InvalidField("link", "too_long")
    link = link.strip()
    if not link:
        raise InvalidField("link", "missing")
    if not link.isascii() or not link.isprintable() or " " in link or "\\" in link:
        raise InvalidField("link", "not_a_link")
    scheme, separator, _ = link.partition("://")
    if not separator or not scheme.replace("+", "").replace("-", "").isalnum():
        raise InvalidField("link", "not_a_link")
    if scheme.lower() != LINK_SCHEME:
        raise InvalidField("link", "not_wyze")
    if "#" in link:
        raise InvalidField("link", "fragment_not_allowed")
    try:
        parts = urlsplit(link)
    except ValueError:
        raise InvalidField("link", "not_a_link") from None
    if "@" in parts.netloc:
        raise InvalidField("link", "user_info_not_allowed")
    if parts.path not in ("", "/"):
        raise InvalidField("link", "not_a_link")
    return parts


def _host(parts: SplitResult) -> str:
    """Return the host as it was typed, brackets and all, without the port."""
    host, separator, port = parts.netloc.rpartition(":")
    return host if separator and port.isdigit() else parts.netloc.removesuffix(":")


def _fields(query: str) -> dict[str, str]:
    if not query:
        return {}
    try:
        pairs = parse_qsl(
            query, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MAX_FIELDS
        )
    except ValueError:
        raise InvalidField("link", "not_a_link") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise InvalidField("link", "duplicate_field")
    return fields
