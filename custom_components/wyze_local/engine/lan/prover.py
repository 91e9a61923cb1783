"""The proof that the camera at an address is the one whose key we have. Nothing but the handshake."""

from ..model import CameraNetworks, Clock, Credentials, SystemClock
from .tunnel import Tunnel
from .values import LinkStats, Proof


class Prover:
    """Proves cameras, one DTLS handshake each."""

    def __init__(self, *, clock: Clock | None = None) -> None:
        """Take the time from a clock."""
        self._clock = clock or SystemClock()

    async def prove(self, credentials: Credentials, networks: CameraNetworks) -> Proof:
        """Complete a handshake with the camera's key and hang up politely; nothing else is sent.

        Sends nothing at all when the address lies outside the networks (`outside`). Ends within
        15 s. Raises LanError.
        """
        began = self._clock.monotonic()
        tunnel = Tunnel(credentials, self._clock, LinkStats())
        await tunnel.open(networks)
        tunnel.close()
        return Proof(tunnel.framing, self._clock.time(), self._clock.monotonic() - began)
