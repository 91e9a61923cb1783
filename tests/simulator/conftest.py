"""Sockets on loopback are what these tests are about."""

import pytest


@pytest.fixture(autouse=True)
def _loopback(socket_enabled: None) -> None:
    """Let sockets work already while fixtures are made."""
