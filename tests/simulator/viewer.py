"""A small viewer for tests of the simulator: one UDP socket that dials a simulated camera.

It builds its datagrams from the protocol's description, not with the simulator's framers, so that a
mistake in one of them shows. DTLS is the simulator's own client: tests of DTLS itself use OpenSSL.
"""

import asyncio
import hashlib
import hmac
import os
import struct
from collections.abc import Callable
from types import TracebackType
from typing import Self

from dev.simulator import Credentials, Framing
from dev.simulator.wire import hl, keys, transcode, xxtea
from dev.simulator.wire.dtls import ECDHE_PSK_CHACHA20, DtlsClient, State

PATIENCE = 10.0
"""Seconds to wait for an answer that must come."""
SILENCE = 0.2
"""Seconds without an answer after which none is believed to come."""
KEY_PICTURE, PICTURE, SOUND = 0x05, 0x07, 0x03
"""Kinds of media packets."""


class Viewer(asyncio.DatagramProtocol):
    """Dials one camera with given credentials."""

    def __init__(self, credentials: Credentials, framing: Framing) -> None:
        """Not connected yet."""
        self.credentials = credentials
        self.framing = framing
        self.session_id = os.urandom(8)
        self.ticket = 0
        self.inbox: asyncio.Queue[bytes] = asyncio.Queue()
        self.packets: asyncio.Queue[bytes] = asyncio.Queue()
        self.dtls: DtlsClient | None = None
        self._transport: asyncio.DatagramTransport | None = None
        self._auth_key = keys.auth_key(credentials.enr, credentials.mac)

    async def __aenter__(self) -> Self:
        """Open the socket."""
        address = (self.credentials.address, self.credentials.port)
        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, remote_addr=address
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the socket without a word."""
        if self._transport:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Put a datagram where it is waited for."""
        payload = self._unwrap(data)
        if payload is None or self.dtls is None:
            self.inbox.put_nowait(data)
            return
        for packet in self.dtls.receive(payload):
            self.packets.put_nowait(packet)
        self.flush()

    def error_received(self, exc: Exception) -> None:
        """Note a refusal by ICMP."""
        self.inbox.put_nowait(b"refused")

    def send(self, datagram: bytes) -> None:
        """Send raw bytes."""
        assert self._transport
        self._transport.sendto(datagram)

    async def answer(self, patience: float = PATIENCE) -> bytes | None:
        """Return the next datagram outside DTLS, None when none comes for a while."""
        try:
            async with asyncio.timeout(patience):
                return await self.inbox.get()
        except TimeoutError:
            return None

    # Datagrams of both framings.

    def seal(self, header: bytes) -> bytes:
        """Return the HMAC of a 51 CC header."""
        key = self.credentials.uid.encode() + self._auth_key
        return hmac.digest(key, header, hashlib.sha1)

    def hello(self) -> bytes:
        """Return the first datagram."""
        if self.framing is Framing.CC51:
            return self._cc51_hello(0)
        body = bytearray(72)
        body[:20] = self.credentials.uid.encode()
        body[36:40] = b"\1\1\2\4"
        body[40:48] = self.session_id
        body[48] = 1
        body[58:66] = self._auth_key
        return transcode.encode(struct.pack("<4sHHHH4x", b"\4\2\x1a\2", 72, 0, 0x0601, 0x21) + body)

    def opening(self) -> bytes:
        """Return the datagram that opens a session."""
        if self.framing is Framing.CC51:
            return self._cc51_hello(2)
        body = self.credentials.uid.encode() + self.session_id + bytes(8)
        return transcode.encode(struct.pack("<4sHHHH4x", b"\4\2\x1a\2", 36, 0, 0x0402, 0x33) + body)

    def _cc51_hello(self, step: int) -> bytes:
        """Return a 51 CC hello."""
        header = b"\x51\xcc\0\0\2\x10\x28\0" + bytes(4) + struct.pack("<HH", step, self.ticket)
        header += self.session_id + b"\0\x08\x03\x04\x1d\0\0\0"
        return header + self.seal(header)

    def wrap(self, payload: bytes, channel: int = 0) -> bytes:
        """Return a datagram with DTLS bytes."""
        if self.framing is Framing.CC51:
            size = 16 + len(payload) + 20
            header = struct.pack(
                "<2sHHHIHH", b"\x51\xcc", 0, 0x1502, size, 0, 0x10 | channel << 8, self.ticket
            )
            header += self.session_id + b"\1\0\0\0"
            return header + payload + self.seal(header)
        header = struct.pack("<4sHHHH", b"\4\2\x1a\x0b", 12 + len(payload), 0, 0x0407, 0x21)
        header += self.session_id[:2] + bytes((channel, 1))
        return transcode.encode(header + b"\x0c\0\0\0" + self.session_id + payload)

    def _unwrap(self, datagram: bytes) -> bytes | None:
        """Return the DTLS bytes of the main channel, None for another datagram."""
        if self.framing is Framing.CC51:
            return datagram[28:-20] if datagram[4:6] == b"\2\x15" and datagram[13] == 0 else None
        clear = transcode.decode(datagram)
        return clear[28:] if clear[8:10] == b"\x08\x04" and clear[14] == 0 else None

    def flush(self) -> None:
        """Send what DTLS has to say."""
        assert self.dtls
        for payload in self.dtls.take():
            self.send(self.wrap(payload))

    # The log-in, step by step.

    async def discover(self, patience: float = PATIENCE) -> bool:
        """Say hello; return whether the camera answered."""
        self.send(self.hello())
        answer = await self.answer(patience)
        if answer is None or answer == b"refused":
            return False
        if self.framing is Framing.CC51:
            self.ticket = int.from_bytes(answer[14:16], "little")
            assert answer[-20:] == self.seal(answer[:-20])
            return answer[4:6] == b"\2\x10" and answer[16:24] == self.session_id
        return transcode.decode(answer)[8:10] == b"\2\6"

    async def open(self) -> bool:
        """Open a session; return whether the camera answered."""
        self.send(self.opening())
        answer = await self.answer()
        if answer is None:
            return False
        if self.framing is Framing.CC51:
            return answer[8:10] == b"\xff\xff" and answer[12] == 3
        return transcode.decode(answer)[8:10] == b"\4\4"

    async def handshake(self) -> State:
        """Go through the DTLS handshake; return how it ended."""
        self.dtls = DtlsClient(
            keys.psk(self.credentials.enr), identity=keys.PSK_IDENTITY, suite=ECDHE_PSK_CHACHA20
        )
        loop = asyncio.get_running_loop()
        end, repeat = loop.time() + PATIENCE, loop.time() + 0.3
        self.flush()
        while self.dtls.state is State.HANDSHAKE and loop.time() < end:
            await asyncio.sleep(0.005)
            if loop.time() > repeat:
                self.dtls.retransmit()
                self.flush()
                repeat = loop.time() + 0.3
        return self.dtls.state

    def packet(self, packet: bytes) -> None:
        """Send one AV packet."""
        assert self.dtls
        self.send(self.wrap(self.dtls.send(packet)))

    async def expect(self, magic: int, patience: float = PATIENCE) -> bytes | None:
        """Return the next packet of a kind and drop others; None when none comes."""
        try:
            async with asyncio.timeout(patience):
                while True:
                    packet = await self.packets.get()
                    if int.from_bytes(packet[:2], "little") == magic:
                        return packet
        except TimeoutError:
            return None

    async def av_login(self, password: str | None = None) -> bytes | None:
        """Log in; return the answer."""
        packet = bytearray(570)
        packet[2] = 0x0C
        packet[20:24] = b"abcd"
        packet[24:29] = b"admin"
        word = (self.credentials.enr if password is None else password).encode()
        packet[280 : 280 + len(word)] = word
        self.packet(bytes(packet))
        return await self.expect(0x2100, SILENCE if password else PATIENCE)

    def command(self, code: int, payload: bytes = b"") -> None:
        """Send a command."""
        message = b"HL\5\0" + struct.pack("<HH8x", code, len(payload)) + payload
        header = struct.pack("<HHI8xHHHHI", 0x0C, 0x0C, 1, 0x7000, 0, 1, 0, len(message) + 4)
        self.packet(header.ljust(36, b"\0") + b"\0\1\0\0" + message)

    async def ask(self, code: int, payload: bytes = b"", patience: float = PATIENCE) -> hl.Command | None:
        """Send a command; return the answer to it, None when none comes."""
        self.command(code, payload)
        while packet := await self.expect(0x7000, patience):
            answer = hl.parse(packet[32:])
            if answer.code == code + 1:
                return answer
        return None

    def respond(self, challenge: bytes) -> bytes:
        """Return the right answer to a challenge (status and 16 bytes)."""
        enr = self.credentials.enr.encode()
        status, block = challenge[0], challenge[1:17]
        if status == 6:
            return xxtea.decrypt(xxtea.decrypt(block, enr[:16]), enr[16:32])
        return xxtea.decrypt(block, enr[:16] if status == 3 else b"F" * 16)

    async def dial(self) -> bytes:
        """Do everything up to the media; return the JSON that ends the log-in."""
        assert await self.discover()
        assert await self.open()
        assert await self.handshake() is State.OPEN
        assert await self.av_login()
        challenge = await self.ask(10000)
        assert challenge
        result = await self.ask(10002, self.respond(challenge.payload) + b"\0\0\0\0\1\1")
        assert result
        return result.payload


async def media(viewer: Viewer, seconds: float) -> list[bytes]:
    """Return the media packets of some time, of frames in several packets the last ones."""
    packets: list[bytes] = []
    try:
        async with asyncio.timeout(seconds):
            while True:
                packet = await viewer.packets.get()
                if packet[0] in (KEY_PICTURE, PICTURE, SOUND) and packet[1] in (1, 5):
                    packets.append(packet)
    except TimeoutError:
        return packets


async def until(viewer: Viewer, met: Callable[[list[bytes]], object]) -> list[bytes]:
    """Return the media packets up to where something is true of them; raises TimeoutError."""
    packets: list[bytes] = []
    async with asyncio.timeout(PATIENCE):
        while not met(packets):
            packets += await media(viewer, 0.05)
    return packets


def pictures(packets: list[bytes]) -> int:
    """Return how many of the packets are pictures."""
    return sum(packet[0] != SOUND for packet in packets)
