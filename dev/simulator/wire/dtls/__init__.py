"""DTLS 1.2 with pre-shared keys, sans IO: both roles, the two cipher suites cameras use.

Datagrams go in by `receive`, what must be sent comes out of `take`. Time is the caller's: while
`state` is HANDSHAKE it calls `retransmit` every few hundred milliseconds. Nothing here raises on
what a peer sends: bad records are dropped, bad handshakes end in state FAILED with an alert.
"""

from .client import DtlsClient
from .endpoint import Alert, DtlsEndpoint, State
from .server import DtlsServer
from .suites import ECDHE_PSK_CHACHA20, PSK_AES128_CBC, Suite

__all__ = [
    "ECDHE_PSK_CHACHA20",
    "PSK_AES128_CBC",
    "Alert",
    "DtlsClient",
    "DtlsEndpoint",
    "DtlsServer",
    "State",
    "Suite",
]
