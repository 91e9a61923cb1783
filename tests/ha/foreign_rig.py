"""Fixtures for cameras of other makes: a plain go2rtc behind doors that ask for user and password."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from homeassistant.config_entries import ConfigSubentry
from homeassistant.data_entry_flow import FlowResultType

from dev.simulator import Simulator
from tests.support.foreign import PASSWORD, USER, Door, ForeignServer, foreign_server

from .rigging import Home

USER_INFO = {"user": USER, "password": PASSWORD}


@pytest.fixture
async def foreign(simulator: Simulator, tmp_path: Path) -> AsyncIterator[ForeignServer]:
    """Run a plain go2rtc that serves the simulated camera."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    async with foreign_server(folder, simulator.cameras["porch"].link) as server:
        yield server


@pytest.fixture
async def door(foreign: ForeignServer) -> AsyncIterator[Door]:
    """Open its door, which wants digest authentication."""
    async with Door(foreign.rtsp_port) as opened:
        yield opened


def typed(url: str, **more: Any) -> dict[str, Any]:
    """Return what a person types for a stream."""
    return {"name": "Yard", "url": url, **USER_INFO, **more}


async def add_stream(home: Home, values: dict[str, Any]) -> ConfigSubentry:
    """Add a camera by its URL."""
    result = await home.submit(await home.camera_flow("stream"), values)
    assert result["type"] is FlowResultType.CREATE_ENTRY, result.get("errors")
    return list(home.entry.subentries.values())[-1]
