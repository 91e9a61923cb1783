"""Hostile clients on one RTSP connection: no error but its own, no memory, nothing said."""

import asyncio
from typing import Any

from hypothesis import given, seed, strategies as st

from engine.relay.reader import MAX_UNSENT
from engine.relay.rtsp import MAX_ANSWERS, Connection
from tests.support.clock import FakeClock
from tests.support.relay import KEY, TOKEN

URL = f"rtsp://127.0.0.1:5000/{KEY}"
METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY")
WORDS = st.sampled_from(
    [
        *(
            f"{method} {URL} RTSP/1.0\r\nCSeq: 1\r\n".encode()
            for method in ("OPTIONS", "DESCRIBE", "SETUP", "PLAY")
        ),
        b"Session: 0123456789abcdef\r\n",
        b"Transport: RTP/AVP/TCP;interleaved=0-1\r\n",
        b"Require: www.onvif.org/ver20/backchannel\r\n",
        b"Content-Length: 4096\r\n",
        b"\r\n",
        b"$\x00\x00\x04abcd",
        b"?auth=",
    ]
)


class Writer:
    """The other direction of a connection whose client never reads."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.aborted = self.closed = False
        self.transport = self

    def write(self, data: bytes) -> None:
        self.data += data

    def get_write_buffer_size(self) -> int:
        return len(self.data)

    def get_extra_info(self, name: str) -> tuple[str, int]:
        return "127.0.0.1", 5000

    def abort(self) -> None:
        self.aborted = self.closed = True

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


class NoDirectory:
    """Knows no camera, and notes who was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def find(self, camera_key: str, token: str, guest: str) -> None:
        self.asked.append((camera_key, token))


async def serve(*chunks: bytes) -> tuple[Writer, NoDirectory]:
    reader, writer, directory = asyncio.StreamReader(), Writer(), NoDirectory()
    connection: Any = Connection(reader, writer, directory, FakeClock())  # type: ignore[arg-type]
    for chunk in chunks:
        reader.feed_data(chunk)
    reader.feed_eof()
    async with asyncio.timeout(5):
        await connection.serve()
    assert writer.closed
    return writer, directory


@seed(20)
@given(st.lists(st.one_of(WORDS, st.binary(max_size=40)), max_size=30))
def test_strangers_get_nothing_but_refusals(chunks: list[bytes]) -> None:
    writer, _ = asyncio.run(serve(*chunks))
    assert TOKEN.encode() not in writer.data
    assert b"sprop" not in writer.data
    assert len(writer.data) < MAX_ANSWERS + 1000


async def test_who_asks_and_never_reads_is_hung_up() -> None:
    writer, _ = await serve(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n" * 20_000)
    assert writer.aborted
    assert len(writer.data) < MAX_ANSWERS + 1000 < MAX_UNSENT


async def test_a_token_is_looked_up_as_it_came() -> None:
    _, directory = await serve(f"DESCRIBE {URL}?auth=a%26b RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
    assert directory.asked == [(KEY, "a&b")]
