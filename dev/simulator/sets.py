"""Ready-made sets of cameras."""

from .specs import Audio, CameraSpec, Framing, Picture, Scene, Video


def demo() -> list[CameraSpec]:
    """Return the three cameras of the demo: both framings, both video codecs, two kinds of sound."""
    return [
        CameraSpec("porch", Framing.TRANSCODE, Video.H264, Audio.PCMU, model="WYZE_CAKP2JFUS"),
        CameraSpec("garden", Framing.CC51, Video.H264, Audio.AAC, model="HL_CAM4", status=6),
        CameraSpec("attic", Framing.CC51, Video.H265, Audio.PCMU, model="HL_PANP", status=1),
    ]


def many(count: int) -> list[CameraSpec]:
    """Return that many cameras, alternating in framing, which share one loop of pictures."""
    framings = tuple(Framing)
    picture = Picture(scene=Scene.PORCH)
    return [CameraSpec(f"camera-{i + 1:02}", framings[i % 2], picture=picture) for i in range(count)]
