"""Small clips as the worker writes them: fragmented MP4, a second for each group of pictures."""

import subprocess
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


@cache
def clip_bytes(seconds: int = 4) -> bytes:
    """Return a clip of so many fragments."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "clip.mp4"
        subprocess.run(
            [
                "ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc=s=320x180:r=10:d={seconds}",
                "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10",
                "-movflags", "frag_keyframe+empty_moov+default_base_moof", str(file),
            ],
            check=True,
            timeout=60,
        )  # fmt: skip
        return file.read_bytes()


def playable_seconds(content: bytes) -> float:
    """Return how many seconds of a clip play; raises CalledProcessError at the first error in it."""
    result = subprocess.run(
        ["ffmpeg", "-v", "error", "-xerror", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"],
        input=content,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return len(result.stdout) / (320 * 180 * 10)


def decoded_frames(content: bytes) -> int:
    """Return how many pictures of any clip play; raises AssertionError for the first error in it."""
    with NamedTemporaryFile(suffix=".mp4") as file:
        file.write(content)
        file.flush()
        result = subprocess.run(
            ["ffmpeg", "-v", "error", "-xerror", "-i", file.name, "-an", "-f", "framemd5", "pipe:1"],
            capture_output=True,
            check=False,
            timeout=60,
        )
    assert not result.stderr, result.stderr.decode()
    return sum(not line.startswith(b"#") for line in result.stdout.splitlines())
