"""Cuts this process, and all that it starts from then on, off from every network but its own loopback."""

import fcntl
import os
import socket
import struct

_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1
_REQUEST = struct.Struct("16sh14x")
_LOOPBACK = b"lo"
_SOMEWHERE = ("192.0.2.1", 443)
"""An address for documentation: nobody is there, but any way out would lead there."""
_SOMEBODY = "vendor.example"


def cut_off() -> None:
    """Move to a network namespace that has nothing but loopback.

    Raises PermissionError when this process may not. To be called before there are other threads.
    """
    os.unshare(os.CLONE_NEWNET)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, _REQUEST.pack(_LOOPBACK, 0))
        flags = _REQUEST.unpack(request)[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, _REQUEST.pack(_LOOPBACK, flags | _IFF_UP))


def ways_out() -> list[str]:
    """Return what leads to anybody outside, which is nothing once it is cut off. Blocks."""
    found = [f"interface {name}" for _, name in socket.if_nameindex() if name != _LOOPBACK.decode()]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Asks the routing table, and sends nothing.
        if probe.connect_ex(_SOMEWHERE) == 0:
            found.append("a route")
    if not found:
        # Without a way out no question gets anywhere; with one it is not to be asked.
        try:
            socket.getaddrinfo(_SOMEBODY, 443)
            found.append("names")
        except OSError:
            pass
    return found
