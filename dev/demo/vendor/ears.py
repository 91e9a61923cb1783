"""Sits where the neighbour's cameras are said to be, and hears whether anybody dials there."""

import asyncio
from collections.abc import Iterable

from dev.simulator.specs import DEFAULT_PORT


class Ears(asyncio.DatagramProtocol):
    """Counts datagrams. Answers none."""

    def __init__(self) -> None:
        """Begin with none."""
        self.heard = 0
        self._transports: list[asyncio.DatagramTransport] = []

    async def listen(self, addresses: Iterable[str]) -> None:
        """Listen at cameras' port of some addresses of this machine; raises OSError."""
        loop = asyncio.get_running_loop()
        for address in addresses:
            transport, _ = await loop.create_datagram_endpoint(
                lambda: self, local_addr=(address, DEFAULT_PORT)
            )
            self._transports.append(transport)

    def close(self) -> None:
        """Listen no more."""
        for transport in self._transports:
            transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str | bytes, int]) -> None:
        """Count."""
        self.heard += 1
