"""A camera's UDP address, and the network behind it that may lose and reorder."""

import asyncio
import contextlib
import random
import socket
from collections.abc import Callable

from .counters import Counters
from .faults import Faults

_RECEIVE_SIZE = 4096
_BUFFER = 1 << 20
_READS = 64
"""Datagrams read at a time before others get their turn."""

type Address = tuple[str, int]


class Network:
    """One bound socket at a time; it can be closed, opened again and moved."""

    def __init__(
        self,
        faults: Faults,
        counters: Counters,
        chance: random.Random,
        on_datagram: Callable[[bytes, Address], None],
    ) -> None:
        """Not bound yet. `on_datagram` gets what arrives."""
        self._faults = faults
        self._counters = counters
        self._chance = chance
        self._on_datagram = on_datagram
        self._socket: socket.socket | None = None
        self._late: set[asyncio.TimerHandle] = set()
        self.address: Address = ("", 0)
        """Where the camera is, or was before it was closed."""

    def open(self, host: str, port: int) -> None:
        """Bind; port 0 takes a free one. Raises OSError when the address is taken or not ours."""
        new = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            new.setblocking(False)
            new.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
            new.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
            new.bind((host, port))
        except OSError:
            new.close()
            raise
        self.close()
        self._socket = new
        self.address = new.getsockname()
        asyncio.get_running_loop().add_reader(new, self._read)

    def reopen(self) -> None:
        """Be bound to the last address; raises OSError when somebody else has taken it."""
        if self._socket is None:
            self.open(*self.address)

    def close(self) -> None:
        """Close the socket: from now on the machine itself refuses datagrams."""
        for timer in self._late:
            timer.cancel()
        self._late.clear()
        if self._socket:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def transmit(self, datagram: bytes, address: Address) -> None:
        """Send a datagram with the faults in force."""
        faults = self._faults
        if faults.loss and self._chance.random() < faults.loss:
            self._counters.lost += 1
        elif faults.reorder and self._chance.random() < faults.reorder:
            self._counters.delayed += 1
            self._send_late(datagram, address)
        else:
            self._send(datagram, address)

    def _send_late(self, datagram: bytes, address: Address) -> None:
        """Send after the delay of a reordering network."""

        def send() -> None:
            self._late.discard(timer)
            self._send(datagram, address)

        timer = asyncio.get_running_loop().call_later(self._faults.reorder_delay, send)
        self._late.add(timer)

    def _send(self, datagram: bytes, address: Address) -> None:
        """Send now; what the kernel does not take is lost, as on any network."""
        if self._socket and not self._faults.deaf:
            with contextlib.suppress(OSError):
                self._socket.sendto(datagram, address)

    def _read(self) -> None:
        """Hand on what has arrived."""
        for _ in range(_READS):
            if self._socket is None:
                return
            try:
                datagram, address = self._socket.recvfrom(_RECEIVE_SIZE)
            except OSError:
                return
            if not self._faults.deaf:
                self._on_datagram(datagram, address)
