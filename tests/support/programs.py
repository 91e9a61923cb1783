"""Other programs that a test talks to, and that are gone with it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

PIPE = asyncio.subprocess.PIPE
MERGED = asyncio.subprocess.STDOUT


@contextlib.asynccontextmanager
async def program(
    *words: str, stderr: int = MERGED, **options: Any
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program with pipes to talk through, while the block lasts."""
    process = await asyncio.create_subprocess_exec(*words, stdin=PIPE, stdout=PIPE, stderr=stderr, **options)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def printed(process: asyncio.subprocess.Process, text: bytes, within: float = 10.0) -> None:
    """Wait until it has printed a text, at most so many seconds."""
    assert process.stdout
    seen = b""
    async with asyncio.timeout(within):
        while text not in seen:
            part = await process.stdout.read(4096)
            assert part, seen.decode(errors="replace")
            seen += part
