"""The harness itself: this Home Assistant, our integration, and nothing beyond loopback."""

import socket

import pytest

from homeassistant.const import __version__
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_integration


async def test_it_is_the_home_assistant_we_promise(hass: HomeAssistant) -> None:
    """The tests run on the minimum version and find the integration of this repository."""
    assert __version__ == "2026.11.0"
    integration = await async_get_integration(hass, "wyze_local")
    assert not integration.is_built_in


@pytest.mark.parametrize("address", ["192.0.2.1", "198.51.100.7"])
def test_nothing_leaves_this_machine(address: str) -> None:
    """A connection to another machine is refused before a packet is sent."""
    with (
        pytest.warns(UserWarning, match="socket"),
        pytest.raises(RuntimeError, match=address),
        socket.socket() as connection,
    ):
        connection.connect((address, 9))


def test_all_of_loopback_is_reachable() -> None:
    """Simulated cameras have addresses of their own on loopback."""
    with socket.create_server(("127.0.0.9", 0)) as server, socket.create_connection(server.getsockname()):
        pass
