"""Ready-made sets of cameras."""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address

from .specs import DEFAULT_PORT, Audio, CameraSpec, Framing, Picture, Scene, Video


def demo() -> list[CameraSpec]:
    """Return the three cameras of the demo: both framings, both video codecs, two kinds of sound."""
    return [
        CameraSpec("porch", Framing.TRANSCODE, Video.H264, Audio.PCMU, model="WYZE_CAKP2JFUS"),
        CameraSpec("garden", Framing.CC51, Video.H264, Audio.AAC, model="HL_CAM4", status=6),
        CameraSpec("attic", Framing.CC51, Video.H265, Audio.PCMU, model="HL_PANP", status=1),
    ]


def house() -> list[CameraSpec]:
    """Return five cameras: those of the demo and two more, for an account."""
    return [
        *demo(),
        CameraSpec("shed", Framing.CC51, Video.H264, Audio.PCMA, model="HL_CAM3P", status=6),
        CameraSpec("hall", Framing.TRANSCODE, Video.H264, Audio.PCM, model="HL_PAN3"),
    ]


def many(count: int) -> list[CameraSpec]:
    """Return that many cameras, alternating in framing, which share one loop of pictures."""
    framings = tuple(Framing)
    picture = Picture(scene=Scene.PORCH)
    return [CameraSpec(f"camera-{i + 1:02}", framings[i % 2], picture=picture) for i in range(count)]


def apart(specs: Iterable[CameraSpec], first: str) -> list[CameraSpec]:
    """Give each camera an address of its own, from `first` on, and the usual port: lists tell no ports."""
    start = IPv4Address(first)
    return [replace(spec, host=str(start + index), port=DEFAULT_PORT) for index, spec in enumerate(specs)]
