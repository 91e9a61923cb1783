"""Faults in how a good answer arrives."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator

from aiohttp import web

from ..world import Asked
from .fault import Fault
from .hindering import Lost, cut_off

_PIECE = 1 << 16


async def _stream(
    asked: Asked, pieces: AsyncIterator[bytes], headers: dict[str, str] | None = None
) -> web.StreamResponse:
    """Send a body piece by piece, without telling its length."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", **(headers or {})})
    await response.prepare(asked.request)
    try:
        async for piece in pieces:
            await response.write(piece)
        await response.write_eof()
    except ConnectionError:
        raise Lost from None
    return response


async def drip(asked: Asked, body: bytes, fault: Fault) -> web.StreamResponse:
    """Send one byte at a time."""

    async def pieces() -> AsyncIterator[bytes]:
        for byte in body:
            yield bytes([byte])
            if not fault.gone.is_set():
                await asyncio.sleep(fault.number("seconds", 1.0))

    return await _stream(asked, pieces())


async def huge(asked: Asked, body: bytes, fault: Fault) -> web.StreamResponse:
    """Send the answer with very many blanks before its end."""
    size = int(fault.number("bytes", 3 << 20))

    async def pieces() -> AsyncIterator[bytes]:
        yield body[:-1]
        for _ in range(size // _PIECE + 1):
            yield b" " * _PIECE
        yield body[-1:]

    if not fault.options.get("told"):
        return await _stream(asked, pieces())
    return web.Response(body=body[:-1] + b" " * size + body[-1:], content_type="application/json")


async def gzip_bomb(asked: Asked, body: bytes, fault: Fault) -> web.StreamResponse:
    """Send little that unpacks to very much."""
    size = int(fault.number("bytes", 64 << 20))
    packed = await asyncio.to_thread(lambda: gzip.compress(body[:-1] + b" " * size + body[-1:], 9))

    async def pieces() -> AsyncIterator[bytes]:
        yield packed

    return await _stream(asked, pieces(), {"Content-Encoding": "gzip"})


async def deep(asked: Asked, body: bytes, fault: Fault) -> web.StreamResponse:
    """Send lists within lists, without end as it were."""
    levels = int(fault.number("levels", 100_000))
    text = '{"ts":1,"code":"1","msg":"SUCCESS","data":' + "[" * levels + "]" * levels + "}"
    return web.Response(text=text, content_type="application/json")


async def cut(asked: Asked, body: bytes, fault: Fault) -> web.StreamResponse:
    """Send half of the body, then cut the connection."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(asked.request)
    await response.write(body[: len(body) // 2])
    # The half must be on its way before the connection is cut, or nothing of it arrives.
    if asked.request.transport is not None:
        asked.request.transport.close()
    return response


async def lose_answer(asked: Asked, body: bytes, fault: Fault) -> web.StreamResponse:
    """Cut the connection after all was done: a refreshed token that nobody ever got."""
    cut_off(asked)
    raise Lost


async def bad_json(asked: Asked, body: bytes, fault: Fault) -> web.StreamResponse:
    """Send JSON that ends too early, as if it were whole."""
    return web.Response(body=body[: len(body) // 2], content_type="application/json")


async def as_text(asked: Asked, body: bytes, fault: Fault) -> web.StreamResponse:
    """Send good JSON that calls itself text."""
    return web.Response(text=json.dumps(json.loads(body)), content_type="text/plain")
