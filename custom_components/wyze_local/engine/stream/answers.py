"""What go2rtc's API answers, as typed values.

Whatever holds a key (sources, session descriptions) is left out. Unknown fields are ignored, missing ones are
empty; a document of another shape is a BadAnswer.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..model import WATCH_AGENT
from .binary import Version
from .errors import ApiError

_MAX_TEXT = 256


class BadAnswer(ApiError):
    """An answer that cannot be understood."""

    reason = "bad_answer"


@dataclass(frozen=True, slots=True)
class About:
    """What a go2rtc says of itself."""

    version: Version | None
    rtsp_port: int | None
    """TCP port of its restreams; None when it serves none."""


@dataclass(frozen=True, slots=True)
class Media:
    """One kind of media that a camera offers."""

    kind: str
    """`video` or `audio`."""
    direction: str
    """`recvonly`: the camera sends it; `sendonly`: the camera plays it."""
    codecs: tuple[str, ...]
    """As go2rtc names them, for example `H264` or `PCMU/8000`."""


@dataclass(frozen=True, slots=True)
class Track:
    """What has arrived of one kind of media."""

    kind: str
    codec: str
    packets: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Producer:
    """A connection to a camera, or the plan of one."""

    running: bool
    protocol: str = ""
    address: str = ""
    """Where the connection really leads, as far as go2rtc tells: of HTTP it tells where it was to lead."""
    medias: tuple[Media, ...] = ()
    tracks: tuple[Track, ...] = ()


@dataclass(frozen=True, slots=True)
class Consumer:
    """Somebody who watches."""

    kind: str
    """go2rtc's name of the format, for example `webrtc` or `rtsp`."""
    user_agent: str
    bytes_sent: int


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """One stream."""

    producers: tuple[Producer, ...] = ()
    consumers: tuple[Consumer, ...] = ()

    @property
    def running(self) -> bool:
        """Whether there is a connection to the camera; it may be dead all the same."""
        return any(producer.running for producer in self.producers)

    @property
    def addresses(self) -> frozenset[str]:
        """Where its connections lead, as far as that is known."""
        return frozenset(producer.address for producer in self.producers if producer.address)

    @property
    def readers(self) -> int:
        """How many read it; who only fetches a still does not."""
        return sum(consumer.kind != "keyframe" for consumer in self.consumers)

    @property
    def viewers(self) -> int:
        """How many look at it: the readers without our own watch worker."""
        return sum(
            consumer.kind != "keyframe" and consumer.user_agent != WATCH_AGENT for consumer in self.consumers
        )

    @property
    def video_packets(self) -> int:
        """Packets of video that have arrived on the present connection."""
        return sum(track.packets for part in self.producers for track in part.tracks if track.kind == "video")


def parse_json(body: bytes) -> object:
    """Return a JSON document; raises BadAnswer."""
    try:
        document: object = json.loads(body)
    except ValueError, RecursionError:
        raise BadAnswer("not JSON") from None
    return document


def parse_version(document: object) -> Version | None:
    """Return the version that `/api` tells, or None when it tells none."""
    return Version.parse(_text(_mapping(document), "version"))


def parse_about(document: object) -> About:
    """Return what `/api` tells of a go2rtc."""
    fields = _mapping(document)
    rtsp = fields.get("rtsp")
    listen = _text(rtsp, "listen") if isinstance(rtsp, dict) else ""
    port = listen.rpartition(":")[2]
    known = port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536
    return About(Version.parse(_text(fields, "version")), int(port) if known else None)


def parse_schemes(document: object) -> frozenset[str]:
    """Return the source schemes that the server knows."""
    if not isinstance(document, list):
        raise BadAnswer("schemes: not a list")
    return frozenset(item for item in document if isinstance(item, str))


def parse_streams(document: object) -> dict[str, StreamInfo]:
    """Return all streams by name."""
    return {name: parse_stream(value) for name, value in _mapping(document).items()}


def parse_stream(document: object) -> StreamInfo:
    """Return one stream."""
    fields = _mapping(document)
    return StreamInfo(
        producers=tuple(_producer(item) for item in _items(fields, "producers")),
        consumers=tuple(_consumer(item) for item in _items(fields, "consumers")),
    )


def _producer(fields: Mapping[str, object]) -> Producer:
    medias = fields.get("medias")
    texts = medias if isinstance(medias, list) else []
    return Producer(
        running="id" in fields or bool(texts),
        protocol=_text(fields, "protocol"),
        address=_text(fields, "remote_addr").partition(":")[0],
        medias=tuple(media for text in texts if (media := _media(text)) is not None),
        tracks=tuple(_track(item) for item in _items(fields, "receivers")),
    )


def _media(text: object) -> Media | None:
    """Return what a text such as `audio, recvonly, PCMU/8000` says, or None."""
    if not isinstance(text, str) or len(text) > _MAX_TEXT:
        return None
    kind, _, rest = text.partition(", ")
    direction, _, codecs = rest.partition(", ")
    if kind not in ("video", "audio") or direction not in ("recvonly", "sendonly"):
        return None
    return Media(kind, direction, tuple(codec for codec in codecs.split(", ") if codec))


def _track(fields: Mapping[str, object]) -> Track:
    codec = fields.get("codec")
    codec_fields = codec if isinstance(codec, dict) else {}
    return Track(
        kind=_text(codec_fields, "codec_type"),
        codec=_text(codec_fields, "codec_name"),
        packets=_count(fields, "packets"),
        bytes=_count(fields, "bytes"),
    )


def _consumer(fields: Mapping[str, object]) -> Consumer:
    senders = sum(_count(item, "bytes") for item in _items(fields, "senders"))
    return Consumer(
        kind=_text(fields, "format_name"),
        user_agent=_text(fields, "user_agent"),
        bytes_sent=_count(fields, "bytes_send") or senders,
    )


def _mapping(document: object) -> Mapping[str, object]:
    if not isinstance(document, dict):
        raise BadAnswer("not an object")
    return document


def _items(fields: Mapping[str, object], name: str) -> Iterator[Mapping[str, object]]:
    values = fields.get(name)
    if values is None:
        return
    if not isinstance(values, list):
        raise BadAnswer(f"{name}: not a list")
    for value in values:
        yield _mapping(value)


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    return value[:_MAX_TEXT] if isinstance(value, str) else ""


def _count(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    return value if type(value) is int and value > 0 else 0
