"""An ffmpeg of the relay's: what comes to it was made by others, so it gets little to do harm with.

It reads and writes pipes only. What a sound says of itself (its length, a picture in it) makes it ask for
memory before anything is checked, so it gets no more of that, and of the processor, than any sound needs.
"""

import asyncio
import contextlib
import os
import resource

MEMORY = 256 * 1024 * 1024
"""Bytes of memory of its own that it may have: a long file's table of contents is some megabytes."""

CPU = 900
"""Seconds of a processor: an hour of sound takes a slow machine a third of that."""

_OPTIONS = (
    *("-hide_banner", "-nostdin", "-loglevel", "quiet", "-max_alloc", str(MEMORY // 4)),
    *("-filter_threads", "1", "-protocol_whitelist", "pipe"),
)
_LIMITS = {
    resource.RLIMIT_DATA: MEMORY,
    resource.RLIMIT_CPU: CPU,
    # Pipes are no files.
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_CORE: 0,
}


async def start(ffmpeg: str, *options: str) -> asyncio.subprocess.Process:
    """Start one that reads a pipe and writes another; whoever starts it ends it. Raises OSError.

    It has nothing to read yet, so it is bounded before anything of others' reaches it.
    """
    process = await asyncio.create_subprocess_exec(
        ffmpeg,
        *_OPTIONS,
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PATH": os.defpath, "HOME": "/nonexistent"},
        cwd="/",
    )
    # One that has ended already has nothing left to be bounded.
    with contextlib.suppress(ProcessLookupError):
        for limit, wanted in _LIMITS.items():
            _, hard = resource.prlimit(process.pid, limit)
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.prlimit(process.pid, limit, (most, most))
    return process
