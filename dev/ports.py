"""Ports and addresses for servers that the tools and the tests start, each promised to one process only.

Whoever looks for a free one binds it a little later, or gives it up for a moment during a restart. So a
number that was given away stays claimed until the process that got it has ended, or has got many more: by a
lock on that number's byte in a file that all of this user's processes look at.
"""

import contextlib
import fcntl
import os
import random
import socket
import tempfile
from collections import deque
from pathlib import Path

_CAMERA_PORT = 32761
"""The UDP port of cameras."""

_BLOCKS = 1 << 16
"""Where in the file the addresses begin; before them come the ports."""

_MOST = 1000
"""Claims that a process holds at a time; the oldest gives way."""


_HOW = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


class Claims:
    """What this process has been promised."""

    def __init__(self, path: Path) -> None:
        """Nothing yet. The file is opened by the first claim and stays open: to close it would end all."""
        self._path = path
        self._file: int | None = None
        self._pid = 0
        self._held: deque[int] = deque()

    def take(self, number: int) -> bool:
        """Claim a number for this process; returns whether nobody had it, this process included."""
        if self._file is None or self._pid != os.getpid():
            # A fork inherits no lock, so its claims begin anew.
            self._file, self._pid = os.open(self._path, _HOW, 0o600), os.getpid()
            self._held.clear()
        if number in self._held:
            return False
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except BlockingIOError, PermissionError:
            return False
        self._held.append(number)
        if len(self._held) > _MOST:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, self._held.popleft())
        return True


CLAIMED = Path(tempfile.gettempdir(), f"wyze_local_ports.{os.getuid()}")
"""The file that the processes of this user look at; who has claimed anything keeps it open."""

_claims = Claims(CLAIMED)


def free_port() -> int:
    """Return a port that nobody uses or was promised at this moment, neither by TCP nor by UDP.

    It lies below those that the system gives to outgoing connections: one of them would often be gone again
    before it is used.
    """
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(20_000, 30_000)
        if not _claims.take(port):
            continue
        with (
            contextlib.suppress(OSError),
            socket.socket() as tcp,
            socket.socket(type=socket.SOCK_DGRAM) as udp,
        ):
            tcp.bind(("", port))
            udp.bind(("", port))
            return port


def free_block() -> str:
    """Return the first of 200 addresses of this machine that no other simulator uses or was promised."""
    chance = random.SystemRandom()
    while True:
        net, subnet = chance.randrange(20, 250), chance.randrange(256)
        if not _claims.take(_BLOCKS + net * 256 + subnet):
            continue
        first = f"127.{net}.{subnet}.1"
        with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as udp:
            udp.bind((first, _CAMERA_PORT))
            return first
