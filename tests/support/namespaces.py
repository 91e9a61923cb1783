"""Two machines on one wire, as network namespaces: the one Home Assistant runs on, and all the rest.

What the first one sends is recorded at the other end of the wire, whatever it is for. The rest of the world
routes everything, answers every name, and holds the cameras.
"""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
HOME, CAMERAS, GATEWAY = "10.214.1.1", "10.214.1.2", "10.214.1.254"
DNS, ANYWHERE = "192.0.2.53", "198.51.100.7"
_ALL, _IP, _IP6, _ARP = 3, 0x0800, 0x86DD, 0x0806
OUTGOING = 4


class Sent(NamedTuple):
    """A kind of packet: whom it was for, by which protocol, to which port (0: it has none)."""

    to: str
    protocol: int
    port: int = 0


@dataclass(frozen=True)
class Town:
    """The names of the two namespaces."""

    home: str
    rest: str

    def ip(self, namespace: str, *words: str) -> None:
        """Configure one of them."""
        subprocess.run(["ip", "-n", namespace, *words], check=True, capture_output=True)

    @contextlib.asynccontextmanager
    async def run(
        self, namespace: str, *command: str, **options: Any
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """Run a program in one of them; it ends with the block."""
        process = await asyncio.create_subprocess_exec(
            "ip", "netns", "exec", namespace, *command, cwd=ROOT, **options
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            try:
                async with asyncio.timeout(20):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()

    def python(self, namespace: str, *arguments: str, **options: Any) -> Any:
        """Run Python in one of them."""
        return self.run(namespace, sys.executable, *arguments, **options)


@contextlib.contextmanager
def town(*addresses: str) -> Iterator[Town]:
    """Make both machines and the wire; `addresses` are further ones of the rest of the world, with length."""
    made = Town(f"wl-home-{os.getpid()}", f"wl-rest-{os.getpid()}")
    etc = Path("/etc/netns", made.home)
    try:
        for name in (made.home, made.rest):
            subprocess.run(["ip", "netns", "add", name], check=True, capture_output=True)
            made.ip(name, "link", "set", "lo", "up")
        made.ip(
            made.home, *["link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns"], made.rest
        )
        made.ip(made.home, "address", "add", f"{HOME}/24", "dev", "wire")
        for address in (f"{CAMERAS}/24", f"{GATEWAY}/24", f"{DNS}/32", *addresses):
            made.ip(made.rest, "address", "add", address, "dev", "wire")
        for name in (made.home, made.rest):
            made.ip(name, "link", "set", "wire", "up")
        made.ip(made.home, *["route", "add", "224.0.0.0/4", "dev", "wire"])
        made.ip(made.home, "route", "add", "default", "via", GATEWAY)
        etc.mkdir(parents=True)
        (etc / "resolv.conf").write_text(f"nameserver {DNS}\n")
        yield made
    finally:
        shutil.rmtree(etc, ignore_errors=True)
        for name in (made.home, made.rest):
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


@contextlib.asynccontextmanager
async def leading_to(place: Town, address: str, ports: Iterable[int]) -> AsyncIterator[None]:
    """Let servers of this machine be in the rest of the world, on the same ports of an address of its."""

    async def lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pour(reader, back))
                group.create_task(_pour(there, writer))
        finally:
            for one in (writer, back):
                one.transport.abort()

    async with contextlib.AsyncExitStack() as stack:
        for port in ports:
            door = within(place.rest, partial(socket.create_server, (address, port)))
            server = await asyncio.start_server(partial(lead, port=port), sock=door)
            await stack.enter_async_context(server)
            # It waits for its guests to leave, which those never do whose way back is gone.
            stack.callback(server.abort_clients)
        yield


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(1 << 16):
            writer.write(piece)
    writer.transport.abort()


def within[T](namespace: str, make: Callable[[], T]) -> T:
    """Return what is made inside a namespace, such as a socket, which then belongs there for good."""
    made: list[T] = []

    def work() -> None:
        descriptor = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
        try:
            os.setns(descriptor, os.CLONE_NEWNET)
        finally:
            os.close(descriptor)
        made.append(make())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return made[0]


class Record(set[Sent]):
    """What came from home, by kind."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.names: set[str] = set()
        """The names that were looked up."""
        self.answering = True
        """Whether names are answered."""

    def forget(self) -> None:
        """Begin anew."""
        self.clear()
        self.names.clear()


@contextlib.contextmanager
def recording(place: Town) -> Iterator[Record]:
    """Record what comes from home, and answer every name, while the block runs."""
    seen = Record()
    loop = asyncio.get_running_loop()
    wire = within(place.rest, listen)
    names = within(place.rest, _name_server)

    def on_frame() -> None:
        while True:
            try:
                frame, (_, _, kind, *_) = wire.recvfrom(2048)
            except BlockingIOError:
                return
            if kind != OUTGOING:
                seen.add(read(frame))

    def on_question() -> None:
        question, who = names.recvfrom(2048)
        seen.names.add(_name(question))
        if not seen.answering:
            return
        answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(ANYWHERE)
        names.sendto(question[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + _asked(question) + answer, who)

    loop.add_reader(wire, on_frame)
    loop.add_reader(names, on_question)
    try:
        yield seen
    finally:
        for one in (wire, names):
            loop.remove_reader(one)
            one.close()


def listen() -> socket.socket:
    """Return what hears all that is on the wire; to be made within a namespace."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ALL))
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    wire.bind(("wire", _ALL))
    wire.setblocking(False)
    return wire


def _name_server() -> socket.socket:
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind((DNS, 53))
    names.setblocking(False)
    return names


def _asked(question: bytes) -> bytes:
    """Return the name and type that are asked for."""
    end = question.index(0, 12) + 5
    return question[12:end]


def _name(question: bytes) -> str:
    """Return the name that is asked for."""
    labels, at = [], 12
    while length := question[at]:
        labels.append(question[at + 1 : at + 1 + length].decode(errors="replace"))
        at += 1 + length
    return ".".join(labels)


def read(frame: bytes) -> Sent:
    """Return what a frame is."""
    kind = int.from_bytes(frame[12:14])
    packet = frame[14:]
    if kind == _ARP:
        return Sent(socket.inet_ntoa(packet[24:28]), _ARP)
    if kind == _IP6:
        return Sent(socket.inet_ntop(socket.AF_INET6, packet[24:40]), _IP6)
    if kind != _IP:
        return Sent("", kind)
    protocol, to = packet[9], socket.inet_ntoa(packet[16:20])
    header = (packet[0] & 15) * 4
    port = int.from_bytes(packet[header + 2 : header + 4]) if protocol in {6, 17} else 0
    return Sent(to, protocol, port)
