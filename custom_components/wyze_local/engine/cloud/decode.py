"""From bytes to JSON with bounds: size, also after decompression, depth and number of parts.

Whatever goes wrong is a `Refused` with a word; nothing of the bytes is in it.
"""

import asyncio
import json
import re
import sys
import zlib
from collections.abc import AsyncIterable
from typing import NoReturn

from .errors import CloudReason

MAX_BODY = 2 << 20
"""Bytes of an answer, sent and decompressed."""
MAX_DEPTH = 32
MAX_PARTS = 150_000
"""Texts, brackets and commas in an answer, each of which takes more memory than room; 200 cameras have
about 25,000."""
_MAX_ROOM = 2 * MAX_BODY
"""Bytes of memory that the letters of an answer may take: one wide letter makes all four times as wide."""
_INLINE = 32 << 10
"""Bytes that are read in the event loop; more takes a thread."""

# The last branch is a text without an end: without it the search would start anew at each quote inside.
_PART = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[{]|[\]},]|"', re.DOTALL)

type JSON = bool | int | float | str | list[JSON] | dict[str, JSON] | None


class Refused(Exception):
    """An answer that cannot be taken; inside the room only."""

    def __init__(self, word: CloudReason) -> None:
        """Remember why."""
        super().__init__(word.value)
        self.word = word


async def read_bounded(chunks: AsyncIterable[bytes], encoding: str) -> bytes:
    """Return a body of at most MAX_BODY bytes, sent and decompressed; raises Refused."""
    if encoding not in {"", "identity", "gzip", "deflate"}:
        raise Refused(CloudReason.MALFORMED)
    unpacker = zlib.decompressobj(47) if encoding in {"gzip", "deflate"} else None
    body = bytearray()
    sent = 0
    async for chunk in chunks:
        sent += len(chunk)
        body += _unpacked(unpacker, chunk, MAX_BODY + 1 - len(body)) if unpacker else chunk
        if sent > MAX_BODY or len(body) > MAX_BODY:
            raise Refused(CloudReason.TOO_LARGE)
    if unpacker and sent and not unpacker.eof:
        raise Refused(CloudReason.MALFORMED)
    return bytes(body)


def _unpacked(unpacker: zlib._Decompress, chunk: bytes, room: int) -> bytes:
    try:
        data = unpacker.decompress(chunk, room)
    except zlib.error:
        raise Refused(CloudReason.MALFORMED) from None
    if unpacker.unconsumed_tail and len(data) < room:
        raise Refused(CloudReason.MALFORMED)
    return data


async def parse_bounded(body: bytes) -> JSON:
    """Return the JSON of a body; raises Refused. A large one is read beside the event loop."""
    if len(body) <= _INLINE:
        return parse(body)
    return await asyncio.to_thread(parse, body)


def parse(body: bytes) -> JSON:
    """Return the JSON of a body; raises Refused, NOT_JSON for what does not even begin like it."""
    if body.lstrip()[:1] not in {b"{", b"["}:
        raise Refused(CloudReason.NOT_JSON)
    _bound(body)
    try:
        text = body.decode()
        if sys.getsizeof(text) > _MAX_ROOM:
            raise Refused(CloudReason.TOO_LARGE)
        found: JSON = json.loads(text, parse_constant=_no_constant)
    except ValueError:
        raise Refused(CloudReason.MALFORMED) from None
    return found


def _bound(body: bytes) -> None:
    """Look at depth and parts before a parser builds anything of it."""
    depth = 0
    for parts, match in enumerate(_PART.finditer(body), 1):
        mark = match[0]
        if mark in {b"{", b"["}:
            depth += 1
        elif mark in {b"}", b"]"}:
            depth -= 1
        elif mark == b'"':
            raise Refused(CloudReason.MALFORMED)
        if depth > MAX_DEPTH:
            raise Refused(CloudReason.MALFORMED)
        if parts > MAX_PARTS:
            raise Refused(CloudReason.TOO_LARGE)


def _no_constant(_: str) -> NoReturn:
    raise ValueError
