"""Ports: picking a free one, and finding out beforehand that one is taken (go2rtc keeps silent about it)."""

import errno
import socket

from .errors import PortTaken

_LOOPBACK = "127.0.0.1"
_KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


def pick_loopback_port(preferred: int | None = None) -> int:
    """Return a free TCP port on 127.0.0.1, the preferred one if it is still free.

    Nothing holds the port until somebody listens on it: be ready to pick again.
    """
    for port in (preferred or 0, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_LOOPBACK, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise PortTaken("rtsp", preferred or 0, "tcp")


def check_port_free(
    listener: str, host: str, port: int, *, transports: tuple[str, ...] = ("tcp", "udp")
) -> None:
    """Raise PortTaken when any program holds this port on the host (empty: on any address)."""
    for transport in transports:
        kind = _KINDS[transport]
        for family in (socket.AF_INET, socket.AF_INET6):
            if host and (":" in host) != (family == socket.AF_INET6):
                continue
            if _is_taken(family, kind, host, port):
                raise PortTaken(listener, port, transport)


def _is_taken(family: socket.AddressFamily, kind: socket.SocketKind, host: str, port: int) -> bool:
    try:
        probe = socket.socket(family, kind)
    except OSError:
        return False
    with probe:
        if family == socket.AF_INET6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind == socket.SOCK_STREAM:
            # Connections that ended a moment ago do not keep a listener away.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as err:
            return err.errno in (errno.EADDRINUSE, errno.EACCES)
    return False
