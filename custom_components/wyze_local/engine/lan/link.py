"""The UDP socket to one camera's address: reads in batches, sends at once, names what the network says."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable

from .errors import LanError, Reason
from .framing import MAX_DATAGRAM
from .values import LinkStats

_BUFFER = 1 << 20
"""Bytes of receive buffer that are asked for: a key frame is dozens of datagrams at once."""
_BATCH = 64
"""Datagrams read before others get their turn."""
_ERRORS = {
    errno.ECONNREFUSED: Reason.PORT_CLOSED,
    errno.EHOSTUNREACH: Reason.UNREACHABLE,
    errno.ENETUNREACH: Reason.UNREACHABLE,
    errno.EHOSTDOWN: Reason.UNREACHABLE,
    errno.ENETDOWN: Reason.UNREACHABLE,
    errno.ENONET: Reason.UNREACHABLE,
    errno.EADDRNOTAVAIL: Reason.UNREACHABLE,
    errno.EINVAL: Reason.UNREACHABLE,
    errno.EPERM: Reason.BLOCKED,
    errno.EACCES: Reason.BLOCKED,
}


class Link:
    """A socket that talks to one host. Open until `close`."""

    def __init__(
        self,
        host: str,
        port: int,
        on_datagram: Callable[[bytes, int], None],
        on_error: Callable[[LanError], None],
        stats: LinkStats,
    ) -> None:
        """Open a socket; `on_datagram` gets what the host sends, with the port it came from.

        Raises OSError when this machine has no socket left.
        """
        self.port = port
        """The host's port; set it when the host answers from another one."""
        self._stats = stats
        self._host = host
        self._on_datagram = on_datagram
        self._on_error = on_error
        self._loop = asyncio.get_running_loop()
        self._socket: socket.socket | None = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._prepare(self._socket)
        except OSError:
            self._socket.close()
            raise
        self._loop.add_reader(self._socket, self._read)

    @staticmethod
    def _prepare(new: socket.socket) -> None:
        new.setblocking(False)
        new.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        # Without being told, a socket that is not connected never hears that a port is closed; and
        # connected it must not be, because cameras may answer from another port.
        new.setsockopt(socket.IPPROTO_IP, socket.IP_RECVERR, 1)
        new.bind(("", 0))

    def send(self, datagram: bytes) -> None:
        """Send now; a full buffer loses it, as any network may."""
        if self._socket is None:
            return
        try:
            self._socket.sendto(datagram, (self._host, self.port))
        except BlockingIOError:
            return
        except OSError as err:
            self._report(err)

    def close(self) -> None:
        """Close the socket; nothing is called any more."""
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _read(self) -> None:
        """Hand on what has arrived."""
        for _ in range(_BATCH):
            if self._socket is None:
                return
            try:
                datagram, (host, port) = self._socket.recvfrom(MAX_DATAGRAM)
            except BlockingIOError:
                self._drain_errors()
                return
            except OSError as err:
                self._report(err)
                return
            if host == self._host:
                self._on_datagram(datagram, port)
            else:
                self._stats.foreign += 1

    def _report(self, err: OSError) -> None:
        """Tell what the network said; what has no meaning here is forgotten."""
        self._drain_errors()
        if reason := _ERRORS.get(err.errno or 0):
            self._on_error(LanError(reason))

    def _drain_errors(self) -> None:
        """Empty the socket's queue of errors, which would wake us up for ever."""
        with contextlib.suppress(OSError):
            while self._socket is not None:
                self._socket.recvmsg(512, 512, socket.MSG_ERRQUEUE)
