"""A mirror camera on a real socket, strict about what it hears. It does what a test says, and no more."""

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Self

from engine.lan.dtls import Endpoint, State
from engine.lan.keys import derive_psk
from engine.model import Credentials
from tests.engine.lan import wire
from tests.engine.lan.mirror import MirrorClient, MirrorServer

NONCE = bytes(range(100, 116))
CHALLENGE_KEYS = {1: ("FFFFFFFFFFFFFFFF",), 3: (wire.ENR,), 6: (wire.ENR_LONG[16:32], wire.ENR_LONG[:16])}


class Camera:
    """Lives as long as its `async with` block."""

    def __init__(
        self,
        framing: wire.Older | wire.Newer | None = None,
        *,
        status: int = 3,
        cookie: bytes = b"",
        enr: str = wire.ENR,
        host: str = "127.0.0.1",
    ) -> None:
        self.framing = framing or wire.Older()
        self.status = status
        self.enr = enr
        self.host = host
        self.dtls = MirrorServer(derive_psk(enr), cookie=cookie)
        self.talk: MirrorClient | None = None
        self.deaf: set[str] = set()
        """What it does not answer: `search`, `wish`, `data`, `login`, or the code of a command."""
        self.answers: dict[int, bytes] = {}
        """What it answers to commands besides those of the log-in, by their code."""
        self.info = wire.camera_info()
        self.login_answer = wire.login_answer()
        self.short = False
        """Whether its control packets have the short form."""
        self.on_command: Callable[[int], None] = lambda _: None
        """Called before a command is answered."""
        self.forge: Callable[[bytes], list[bytes]] = lambda datagram: [datagram]
        """What the network makes of what it sends."""
        self.on_open: Callable[[], None] = lambda: None
        """Called when the handshake has just ended."""
        self.elsewhere = False
        """Whether it answers the search from another port than the one that was asked."""
        self.mimic = False
        """Whether it sends back what it hears instead of a handshake."""
        self.behind_handshake = b""
        """A packet that it sends in the datagram that ends the handshake."""
        self.heard: list[tuple[float, wire.Heard]] = []
        """The viewer's datagrams and when they came."""
        self.packets: list[tuple[float, bytes]] = []
        """The viewer's packets, and when they came."""
        self.said: list[bytes] = []
        """The sound that came for the speaker, packet by packet."""
        self.hellos: list[bytes] = []
        self.response = b""
        self.viewer = ("", 0)
        self.session = bytes(8)
        self._sequence = 0
        self._socket: socket.socket | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self._socket = self.bind()
        self.port = self._socket.getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._socket:
            self._read(self._socket)
        self.close()

    def bind(self) -> socket.socket:
        """Return a new socket of the camera's host that hears its viewer."""
        new = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        new.setblocking(False)
        new.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        new.bind((self.host, 0))
        asyncio.get_running_loop().add_reader(new, self._read, new)
        return new

    def close(self) -> None:
        """Be gone: from now on the machine says that nobody is there."""
        if self._socket:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None
        if self._timer:
            self._timer.cancel()

    def move(self) -> None:
        """Answer from another port from now on."""
        old, self._socket = self._socket, self.bind()
        if old:
            asyncio.get_running_loop().remove_reader(old)
            old.close()

    def credentials(self, **others: str) -> Credentials:
        return wire.credentials(self.port, **{"enr": self.enr, "address": self.host} | others)

    # What a test has it say.

    def send_datagram(self, datagram: bytes) -> None:
        for forged in self.forge(datagram):
            if self._socket:
                self._socket.sendto(forged, self.viewer)

    def send(self, *packets: bytes) -> None:
        """Send packets to the viewer, each sealed and framed."""
        for packet in packets:
            self.send_datagram(self.framing.data(0, self.dtls.seal(packet)))

    def send_together(self, *packets: bytes) -> None:
        """Send packets in one datagram, and a good-bye behind them if there is one to send."""
        sealed = b"".join(self.dtls.seal(packet) for packet in packets)
        self.dtls.close()
        self.send_datagram(self.framing.data(0, sealed + b"".join(self.dtls.take())))

    def command(self, code: int, payload: bytes) -> None:
        """Send a control packet."""
        self.send(wire.command(code, payload, sequence=self._sequence, short=self.short))
        self._sequence += 1

    def hang_up(self) -> None:
        self.dtls.close()
        self._flush(0, self.dtls)

    # What it hears.

    def commands(self) -> list[tuple[int, bytes]]:
        """Return code and payload of every command that came, repeats included."""
        return [command for _, command in self.timed_commands()]

    def timed_commands(self) -> list[tuple[float, tuple[int, bytes]]]:
        """Return them with the time at which each came."""
        return [(at, parsed) for at, packet in self.packets if (parsed := parse_command(packet))]

    def times(self, kind: str) -> list[float]:
        return [at for at, heard in self.heard if heard.kind == kind]

    def _read(self, source: socket.socket) -> None:
        while True:
            try:
                datagram, address = source.recvfrom(4096)
            except OSError:
                return
            heard = self.framing.hear(datagram)
            if (
                not heard.kind
                and self.framing.framing is not wire.Older.framing
                and datagram[:2] != b"\x51\xcc"
            ):
                continue  # the other framing's search
            if not heard.kind and isinstance(self.framing, wire.Older) and datagram[:2] == b"\x51\xcc":
                continue
            self.heard.append((self.now(), heard))
            if heard.kind not in self.deaf:
                self.viewer = address
                self._act(heard)
            if source is not self._socket:
                return

    def _act(self, heard: wire.Heard) -> None:
        match heard.kind:
            case "search":
                if self.elsewhere:
                    self.move()
                self.session = heard.session
                self.send_datagram(self.framing.found(heard.session))
            case "wish":
                self.send_datagram(self.framing.opened(heard.session))
            case "data" if heard.channel == 1:
                self._on_talk(heard.payload)
            case "data" if self.mimic:
                self.send_datagram(self.framing.data(0, heard.payload))
            case "data":
                self._on_data(heard.payload)

    def _on_data(self, payload: bytes) -> None:
        before = self.dtls.state
        packets = self.dtls.receive(payload, self.now())
        opened = before is State.HANDSHAKE and self.dtls.state is State.OPEN
        if opened and self.behind_handshake:
            last = b"".join(self.dtls.take()) + self.dtls.seal(self.behind_handshake)
            self.send_datagram(self.framing.data(0, last))
        self._flush(0, self.dtls)
        if opened:
            self.on_open()
        for packet in packets:
            self.packets.append((self.now(), packet))
            self._on_packet(packet)

    def _on_packet(self, packet: bytes) -> None:
        kind = struct.unpack_from("<H", packet)[0]
        if kind in {0x0000, 0x2000}:
            self.hellos.append(packet)
            if "login" not in self.deaf and kind == 0:
                self.send(self.login_answer)
        elif parsed := parse_command(packet):
            self.on_command(parsed[0])
            if str(parsed[0]) not in self.deaf and self.dtls.state is State.OPEN:
                self._on_command(*parsed)

    def _on_command(self, code: int, payload: bytes) -> None:
        if code == 10000:
            block = NONCE
            for key in CHALLENGE_KEYS.get(self.status, ()):
                block = wire.xxtea_encrypt(block, key.encode())
            self.command(10001, bytes((self.status,)) + block)
        elif code == 10002:
            self.response = payload
            self.command(10003, self.info)
        elif code == 10010:
            self.command(10011, b"\1")
            if payload == b"\3\1":
                self._start_talk()
        elif code in self.answers:
            self.command(code + 1, self.answers[code])

    # Talk-back: it is the client there.

    def _start_talk(self) -> None:
        if "talk" not in self.deaf and self.talk is None:
            self.talk = MirrorClient(derive_psk(self.enr), b"AUTHPWD_admin")
            self.talk.start(self.now())
            self._flush(1, self.talk)

    def _on_talk(self, payload: bytes) -> None:
        if self.talk is None:
            return
        before = self.talk.state
        packets = self.talk.receive(payload, self.now())
        self._flush(1, self.talk)
        opened = before is State.HANDSHAKE and self.talk.state is State.OPEN
        if opened and "talk-login" not in self.deaf:
            self.log_in_to_talk()
        for packet in packets:
            if packet[:2] == b"\x03\x09":
                self.said.append(packet)

    def log_in_to_talk(self, *, good_bye: bool = False) -> None:
        """Log in on the talk-back channel, and perhaps hang it up in the same datagram."""
        assert self.talk
        login = struct.pack("<HHI8xHHI", 0, 0x0C, 0, 546, 1, 0xABCD1234).ljust(570, b"\0")
        sealed = self.talk.seal(login)
        if good_bye:
            self.talk.close()
            sealed += b"".join(self.talk.take())
        self.send_datagram(self.framing.data(1, sealed))

    def hang_up_talk(self) -> None:
        assert self.talk
        self.talk.close()
        self._flush(1, self.talk)

    # Sending.

    def _flush(self, channel: int, end: Endpoint) -> None:
        for payload in end.take():
            self.send_datagram(self.framing.data(channel, payload))
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if end.deadline is not None:
            delay = max(0.0, end.deadline - self.now())
            self._timer = asyncio.get_running_loop().call_later(delay, self._repeat, channel, end)

    def _repeat(self, channel: int, end: Endpoint) -> None:
        self._timer = None
        end.poll(self.now())
        if self._socket:
            self._flush(channel, end)

    @staticmethod
    def now() -> float:
        """Return the time of the running loop."""
        return asyncio.get_running_loop().time()


def parse_command(packet: bytes) -> tuple[int, bytes] | None:
    """Return code and payload of a viewer's control packet, which must have exactly the known form."""
    if packet[:4] != b"\x0c\0\x0c\0":
        return None
    assert packet[8:16] == bytes(8)
    inner, counter, chunks, chunk, size, again, zero, kind = struct.unpack_from("<HHHHIIII", packet, 16)
    assert (inner, chunks, chunk, size, zero, kind) == (0x7000, 1, 0, len(packet) - 36, 0, 0x100)
    assert counter == again
    mark, version, code, length = struct.unpack_from("<2sHHH", packet, 40)
    assert (mark, version, length, packet[48:56]) == (b"HL", 5, len(packet) - 56, bytes(8))
    return code, packet[56:]
