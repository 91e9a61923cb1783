"""Sources: what the stream server is told to pull. They hold keys, so they only ever exist in memory."""

from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from ..model import DEFAULT_PORT, Credentials, Door, InvalidField, Secret, StreamAddress, Way

SCHEME = "wyze"
RELAY = "rtsp"
MAX_LINK = 2048

# A camera cannot be behind this: go2rtc refuses it at once, without sending anything.
PARKED = Secret("wyze://parked")
"""A source that leads nowhere and holds nothing."""

_MAX_FIELDS = 32
_HARMLESS = frozenset({"model", "dtls", "subtype", "verbose", "opus"})

# Without an option go2rtc asks an RTSP server for its speaker, at which some refuse all of it.
_NO_SPEAKER = "#backchannel=0"


def direct_source(way: Way) -> Secret:
    """Return what makes go2rtc itself connect to a camera, without the relay."""
    return stream_source(way) if isinstance(way, StreamAddress) else wyze_source(way)


def stream_source(address: StreamAddress) -> Secret:
    """Return go2rtc's source for a stream, every part of which was checked and encoded when it was taken in.

    What a server answers can send go2rtc on to another address (a redirect; the media service of ONVIF).
    """
    option = "" if address.scheme in ("http", "https") else _NO_SPEAKER
    return Secret(f"{address.url.reveal()}{option}")


def wyze_source(credentials: Credentials) -> Secret:
    """Return go2rtc's own source for a camera.

    Every value is percent-encoded down to its last character, so none of them can mean anything to go2rtc
    (`#`, `&`, `{input}` …) but itself.
    """
    port = "" if credentials.port == DEFAULT_PORT else f":{credentials.port}"
    fields = {
        "uid": credentials.uid.reveal(),
        "enr": credentials.enr.reveal(),
        "mac": credentials.mac.reveal(),
        "model": credentials.model,
        "dtls": "true",
    }
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items() if value)
    return Secret(f"{SCHEME}://{credentials.address.reveal()}{port}?{query}")


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
    if scheme.lower() != SCHEME:
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


def secrets_in(source: Secret) -> list[Secret]:
    """Return the parts of a source that must never be printed."""
    try:
        parts = urlsplit(source.reveal())
        pairs = parse_qsl(parts.query, max_num_fields=_MAX_FIELDS)
        fields = [value for name, value in pairs if name not in _HARMLESS]
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        # As basic authentication spells them.
        both = f"{user}:{password}" if user else ""
        found = [user, password, both, parts.hostname, parts.path.strip("/"), *fields]
    except ValueError:
        return [source]
    values = [value for value in found if value and value != "127.0.0.1"]
    return [Secret(value) for value in dict.fromkeys(values)]


def holds_keys(source: Secret, door: Door | None = None) -> bool:
    """Tell whether a source holds what opens a camera itself, and not just the relay or its door."""
    if door is not None:
        login = f"{door.user.reveal()}:{door.password.reveal()}@"
        if source.reveal().startswith(f"{RELAY}://{login}"):
            return False
    try:
        parts = urlsplit(source.reveal())
    except ValueError:
        return True
    return parts.scheme == SCHEME or "@" in parts.netloc


def needs_hop(source: Secret) -> bool:
    """Tell whether viewers must not hang on a source itself: go2rtc never notices that it died.

    Of RTSP it does, after five seconds, and opens it anew by itself for whoever watches.
    """
    return source.reveal().startswith((f"{SCHEME}://", "http://", "https://"))


def hop(name: str, rtsp_port: int, *, known: bool = False) -> Secret:
    """Return a source that reads another stream of the same go2rtc, and comes back to it by itself.

    To be given to go2rtc before that stream: afterwards it would be taken for a second name of it, unless
    it is told to be `known`. Then the source ends in what go2rtc cannot read when it looks for such names,
    and cuts off when it dials.
    """
    return Secret(f"rtsp://127.0.0.1:{rtsp_port}/{name}#timeout=5{'#%' if known else ''}")


def still_source(source: Secret) -> Secret:
    """Return the relay's URL for one who wants a single picture: go2rtc never stops waiting for it."""
    return Secret(f"{source.reveal()}&still=1")


def udp_target(source: Secret) -> tuple[str, int] | None:
    """Return address and UDP port of the camera behind a `wyze://` source; None for any other source."""
    parts = urlsplit(source.reveal())
    if parts.scheme != SCHEME or not parts.hostname or not parts.query:
        return None
    return parts.hostname, parts.port or DEFAULT_PORT
