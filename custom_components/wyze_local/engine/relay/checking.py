"""The camera check inside the relay: a session of its own, beside the one that may be held."""

import asyncio
import json

from ..catalog import Catalog, ControlCatalog
from ..check import as_data
from ..check.climb import Climb
from ..model import CameraNetworks, Clock
from .channel import Channels
from .gate import Gate
from .messages import Check


async def check(message: Check, *, clock: Clock, gate: Gate, channels: Channels) -> bytes:
    """Return the report on a camera as JSON; raises EngineError for networks that are none."""
    catalog, controls = await asyncio.gather(
        asyncio.to_thread(Catalog.load), asyncio.to_thread(ControlCatalog.load)
    )
    channel = channels.by_key.get(message.key)
    climb = Climb(
        message.credentials,
        CameraNetworks.parse(message.networks),
        clock=clock,
        catalog=catalog,
        controls=controls,
        turn=lambda: gate.enter(urgent=True),
        held=channel is not None and channel.keeper.session is not None,
    )
    return json.dumps(as_data(await climb.run(message.seconds))).encode()
