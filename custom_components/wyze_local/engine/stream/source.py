"""Sources: what the stream server is told to pull. They hold keys, so they only ever exist in memory."""

from urllib.parse import parse_qsl, quote, unquote, urlsplit

from ..model import DEFAULT_PORT, LINK_SCHEME, Credentials, Door, Secret, StreamAddress, Way

RELAY = "rtsp"

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
    return Secret(f"{LINK_SCHEME}://{credentials.address.reveal()}{port}?{query}")


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
    return parts.scheme == LINK_SCHEME or "@" in parts.netloc


def needs_hop(source: Secret) -> bool:
    """Tell whether viewers must not hang on a source itself: go2rtc never notices that it died.

    Of RTSP it does, after five seconds, and opens it anew by itself for whoever watches.
    """
    return source.reveal().startswith((f"{LINK_SCHEME}://", "http://", "https://"))


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
    if parts.scheme != LINK_SCHEME or not parts.hostname or not parts.query:
        return None
    return parts.hostname, parts.port or DEFAULT_PORT
