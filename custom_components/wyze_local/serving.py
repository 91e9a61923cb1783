"""Sends a file that is open, or a part of it: what browsers and cast devices ask for when they seek.

aiohttp's own response opens its file by a path, follows links, and sends a growing file up to its torn end.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import hdrs, web

from .engine.library import OpenFile

CHUNK_BYTES = 256 * 1024

type Reader = Callable[[Callable[[], bytes]], Awaitable[bytes]]
"""Runs a blocking read in a thread, within a time limit."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which bytes of a file are sent."""

    start: int
    count: int
    whole: bool
    """Whether nobody asked for a part."""


def asked_part(request: web.BaseRequest, size: int, etag: str) -> Part | None:
    """Return what a request asks for; None for a part that is not there.

    Several parts at once, and what is no range at all, get the whole file, as the standard allows.
    """
    everything = Part(0, size, whole=True)
    asked = request.headers.get(hdrs.RANGE)
    if asked is None or "," in asked or request.headers.get(hdrs.IF_RANGE, etag) != etag:
        return everything
    try:
        found = request.http_range
    except ValueError:
        return everything
    if found.start is None:
        return everything
    start = max(0, size + found.start) if found.start < 0 else found.start
    stop = size if found.stop is None or found.start < 0 else min(found.stop, size)
    return Part(start, stop - start, whole=False) if start < stop else None


async def async_send(
    request: web.Request, file: OpenFile, content_type: str, read: Reader, *, growing: bool = False
) -> web.StreamResponse:
    """Answer a request with a file, which stays open. Raises what `read` raises.

    Nobody but the person's own browser may keep it, and not without asking again, with the rights of then.
    """
    etag = f'"{int(file.modified * 1000):x}-{file.size:x}"'
    headers = {
        hdrs.ACCEPT_RANGES: "bytes",
        hdrs.CACHE_CONTROL: "private, no-store" if growing else "private, no-cache",
        hdrs.ETAG: etag,
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get(hdrs.IF_NONE_MATCH) == etag and not growing:
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    if (part := asked_part(request, file.size, etag)) is None:
        headers[hdrs.CONTENT_RANGE] = f"bytes */{file.size}"
        return web.Response(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers=headers)
    response = web.StreamResponse(headers=headers)
    if not part.whole:
        response.set_status(HTTPStatus.PARTIAL_CONTENT)
        last = part.start + part.count - 1
        response.headers[hdrs.CONTENT_RANGE] = f"bytes {part.start}-{last}/{file.size}"
    response.content_type = content_type
    response.content_length = part.count
    await _write(request, response, file, part, read)
    return response


async def _write(
    request: web.Request, response: web.StreamResponse, file: OpenFile, part: Part, read: Reader
) -> None:
    """Write headers and bytes. What is found unreadable only then ends the connection in the middle."""
    offset, end = part.start, part.start + part.count

    async def chunk() -> bytes:
        return await read(lambda: file.read(offset, min(CHUNK_BYTES, end - offset)))

    if request.method == hdrs.METH_HEAD or not part.count:
        await response.prepare(request)
        await response.write_eof()
        return
    # Before the headers: what cannot be read at all is said in the status.
    content = await chunk()
    await response.prepare(request)
    try:
        while content:
            await response.write(content)
            offset += len(content)
            content = await chunk() if offset < end else b""
    except ConnectionError:
        # Players hang up whenever somebody jumps.
        return
    finally:
        if offset < end and request.transport is not None:
            # Shorter than announced: nothing else may follow on this connection.
            request.transport.close()
    if offset == end:
        await response.write_eof()
