"""How a stream server on another machine reads the relay: off unless a person wants it."""

from dataclasses import dataclass

from .secret import Secret


@dataclass(frozen=True, slots=True)
class Door:
    """A port of this machine for one stream server elsewhere, and what opens it."""

    host: Secret
    """Where that machine finds this one: an IPv4 address or a name."""
    port: int
    user: Secret
    password: Secret
