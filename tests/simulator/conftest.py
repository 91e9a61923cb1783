"""Sockets on loopback are what these tests are about."""

from collections.abc import AsyncIterator

import pytest

from dev.simulator import Camera, CameraSpec, Framing, Simulator


@pytest.fixture(autouse=True)
def _loopback(socket_enabled: None) -> None:
    """Let sockets work already while fixtures are made."""


@pytest.fixture(params=Framing)
def framing(request: pytest.FixtureRequest) -> Framing:
    """Each test runs with both framings."""
    return Framing(request.param)


@pytest.fixture
async def camera(framing: Framing) -> AsyncIterator[Camera]:
    """Run one camera."""
    async with Simulator([CameraSpec("porch", framing)]) as simulator:
        yield simulator.cameras["porch"]
