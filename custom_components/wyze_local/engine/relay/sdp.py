"""The session description that tells a reader what there is."""

import base64

from .formats import AudioFormat, Formats, VideoFormat, spoken_format

VIDEO, AUDIO, OPUS, TALK = "video", "audio", "opus", "talk"
"""Names of the tracks, at the end of their control URLs."""

_HEAD = ("v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", "a=control:*")
_NAMES = {"pcmu": "PCMU", "pcma": "PCMA", "pcm": "L16", "aac": "MPEG4-GENERIC", "opus": "OPUS"}


def describe(formats: Formats, *, back_channel: bool = False, opus: AudioFormat | None = None) -> bytes:
    """Return the description of what is known; `back_channel` offers the speaker, if there is one.

    `opus` is offered besides the camera's own sound, after it: who can take both takes that.
    """
    lines = list(_HEAD)
    if formats.video is not None:
        lines += _video(formats.video)
    if formats.audio is not None:
        lines += [*_audio(formats.audio), "a=recvonly", f"a=control:{AUDIO}"]
    if opus is not None:
        lines += [*_audio(opus), "a=recvonly", f"a=control:{OPUS}"]
    if back_channel and (spoken := spoken_format(formats)) is not None:
        lines += [*_audio(spoken), "a=sendonly", f"a=control:{TALK}"]
    return "\r\n".join([*lines, ""]).encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _video(video: VideoFormat) -> list[str]:
    if video.codec == "h265":
        name = "H265"
        parameters = (
            f"sprop-vps={_base64(video.vps)};sprop-sps={_base64(video.sps)};sprop-pps={_base64(video.pps)}"
        )
    else:
        name = "H264"
        parameters = (
            f"packetization-mode=1;profile-level-id={video.sps[1:4].hex().upper()};"
            f"sprop-parameter-sets={_base64(video.sps)},{_base64(video.pps)}"
        )
    return [
        "m=video 0 RTP/AVP 96",
        f"a=rtpmap:96 {name}/90000",
        f"a=fmtp:96 {parameters}",
        "a=recvonly",
        f"a=control:{VIDEO}",
    ]


def _audio(audio: AudioFormat) -> list[str]:
    if audio.rate == 8000 and audio.codec in {"pcmu", "pcma"} and audio.channels == 1:
        number = 0 if audio.codec == "pcmu" else 8
        return [f"m=audio 0 RTP/AVP {number}", f"a=rtpmap:{number} {_NAMES[audio.codec]}/8000"]
    rate, channels = (48000, 2) if audio.codec == "opus" else (audio.rate, audio.channels)
    number = 98 if audio.codec == "opus" else 97
    lines = [
        f"m=audio 0 RTP/AVP {number}",
        f"a=rtpmap:{number} {_NAMES[audio.codec]}/{rate}" + (f"/{channels}" if channels > 1 else ""),
    ]
    if audio.codec == "aac":
        lines.append(
            "a=fmtp:97 streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;"
            f"indexdeltalength=3;config={audio.config.hex().upper()}"
        )
    return lines
