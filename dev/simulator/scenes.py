"""What the generated loops show: ffmpeg filter graphs, each with the frame number burned in."""

from . import barcode
from .specs import Picture


def scene(picture: Picture) -> list[str]:
    """Return the ffmpeg input arguments of a scene."""
    size = f"{picture.width}x{picture.height}"
    graph = f"testsrc2=s={size}:r={picture.fps},{barcode.drawing()}"
    return ["-f", "lavfi", "-i", graph]
