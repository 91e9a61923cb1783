"""What must be known of a camera's streams to describe them: no secret, so it is kept over restarts."""

from dataclasses import dataclass, replace

from .nal import H264, H265, MAX_PARAMETER_SET, Syntax

ADTS_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
AAC_SAMPLES = 1024
"""Samples in a unit of AAC."""

MAX_ADTS = 8191
"""Bytes that a unit of AAC with its header may have."""

SOUND = frozenset({"pcmu", "pcma", "pcm", "aac", "opus"})
"""Sound that RTSP carries here."""


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """How pictures are coded. `vps` is empty for H.264."""

    codec: str
    """`h264` or `h265`."""
    vps: bytes = b""
    sps: bytes = b""
    pps: bytes = b""

    @property
    def syntax(self) -> Syntax:
        """How its NAL units are numbered."""
        return H265 if self.codec == "h265" else H264

    @property
    def complete(self) -> bool:
        """Whether a decoder could start."""
        return bool(self.sps and self.pps and (self.vps or self.codec == "h264"))

    def learn(self, units: list[bytes]) -> VideoFormat:
        """Return the format with the parameter sets found among the NAL units of a key frame."""
        syntax = self.syntax
        found = {name: unit for unit in units if (name := syntax.parameter(unit))}
        return replace(
            self,
            vps=found.get("vps", self.vps),
            sps=found.get("sps", self.sps),
            pps=found.get("pps", self.pps),
        )


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """How sound is coded."""

    codec: str
    """One of SOUND."""
    rate: int
    channels: int = 1
    config: bytes = b""
    """AudioSpecificConfig of AAC."""

    @property
    def sane(self) -> bool:
        """Whether packets could be made of it."""
        return self.codec in SOUND and 0 < self.rate <= 192000 and 0 < self.channels <= 8


@dataclass(frozen=True, slots=True)
class Formats:
    """Everything a session description says."""

    video: VideoFormat | None = None
    audio: AudioFormat | None = None
    talk: bool = False
    """Whether the camera takes sound, coded as its own."""
    spoken: AudioFormat | None = None
    """How its own sound was coded when it was heard last, where `audio` describes none."""

    @property
    def heard(self) -> AudioFormat | None:
        """How its own sound is coded, as far as it was ever heard."""
        return self.audio or self.spoken

    def after(self, earlier: Formats) -> Formats:
        """Return them with what was heard earlier, where they do not say anything newer."""
        spoken = None if self.audio else self.spoken or earlier.heard
        return self if spoken == self.spoken else replace(self, spoken=spoken)

    @property
    def sane(self) -> bool:
        """Whether packets could be made of it: what was kept on a disk may have been changed there."""
        video = self.video
        return (
            video is None
            or (
                video.codec in {"h264", "h265"}
                and video.complete
                and max(map(len, (video.vps, video.sps, video.pps))) <= MAX_PARAMETER_SET
            )
        ) and all(audio is None or audio.sane for audio in (self.audio, self.spoken))


def spoken_format(formats: Formats) -> AudioFormat | None:
    """Return how sound for the speaker has to be coded, None when there is none or nobody can.

    Cameras take what they send: of one that was never heard nobody knows it, and a guess would be noise. AAC
    is nothing that clients here speak.
    """
    spoken = formats.heard
    return spoken if formats.talk and spoken is not None and spoken.codec != "aac" else None


def strip_adts(data: bytes) -> tuple[AudioFormat | None, list[bytes]]:
    """Cut AAC with ADTS headers into bare units and their format; without headers it is one unit."""
    units: list[bytes] = []
    found: AudioFormat | None = None
    rest = data
    while len(rest) >= 7 and rest[0] == 0xFF and rest[1] & 0xF6 == 0xF0:
        header = 7 if rest[1] & 1 else 9
        size = (rest[3] & 3) << 11 | rest[4] << 3 | rest[5] >> 5
        index = rest[2] >> 2 & 0xF
        if size <= header or size > len(rest) or index >= len(ADTS_RATES):
            break
        channels = (rest[2] & 1) << 2 | rest[3] >> 6
        profile = (rest[2] >> 6) + 1
        found = AudioFormat("aac", ADTS_RATES[index], channels or 1, _config(profile, index, channels or 1))
        units.append(rest[header:size])
        rest = rest[size:]
    if not units:
        return None, [data] if data else []
    return found, units


def adts(unit: bytes, audio: AudioFormat) -> bytes:
    """Return a bare unit of AAC with the header that tells how it is coded; nothing of one too long."""
    if (size := len(unit) + 7) > MAX_ADTS:
        return b""
    config = int.from_bytes(audio.config[:2])
    profile, index, channels = (config >> 11) - 1 & 3, config >> 7 & 0xF, config >> 3 & 7
    head = 0xFFF1 << 40 | profile << 38 | index << 34 | channels << 30 | size << 13 | 0x7FF << 2
    return head.to_bytes(7) + unit


def bare_aac(rate: int, channels: int) -> AudioFormat | None:
    """Return the format of AAC-LC without headers, None for a rate that AAC does not have."""
    if rate not in ADTS_RATES:
        return None
    return AudioFormat("aac", rate, channels, _config(2, ADTS_RATES.index(rate), channels))


def _config(profile: int, index: int, channels: int) -> bytes:
    """Return an AudioSpecificConfig."""
    return (profile << 11 | index << 7 | channels << 3).to_bytes(2, "big")
