"""Short visits to a camera that nobody keeps: for its first picture, or for what it says about itself."""

import asyncio

from ..child import wait_for
from ..lan import CameraInfo, Kind, LanError, LanSession, MediaFrame, Reason
from ..model import CameraNetworks, Clock, Credentials, EngineError
from .states import CameraFacts

FIRST_PICTURE = 10.0
"""Seconds from log-in to the first picture; some cameras turn their lens on first."""


async def look(credentials: Credentials, networks: CameraNetworks, clock: Clock) -> None:
    """Return when a picture came; raises LanError, or EngineError (`no_media`).

    The handshake on the way is the proof. Nothing of the session is left.
    """
    over = asyncio.Event()
    ends: list[LanError] = []
    seen = False

    def on_frame(frame: MediaFrame) -> None:
        nonlocal seen
        if frame.kind is Kind.VIDEO:
            seen = True
            over.set()

    def on_end(error: LanError) -> None:
        ends.append(error)
        over.set()

    session = await LanSession.open(
        credentials, clock=clock, on_frame=on_frame, on_end=on_end, networks=networks, want_audio=False
    )
    try:
        await wait_for(clock, over.wait(), FIRST_PICTURE)
    finally:
        await session.close()
    if not seen:
        if ends and ends[0].word is not Reason.HUNG_UP:
            raise ends[0]
        raise EngineError(reason="busy" if ends else "no_media")


async def greet(credentials: Credentials, networks: CameraNetworks, clock: Clock) -> CameraInfo:
    """Return what a camera says about itself when it lets us in; raises LanError."""
    session = await LanSession.open(
        credentials,
        clock=clock,
        on_frame=lambda _: None,
        on_end=lambda _: None,
        networks=networks,
        want_audio=False,
    )
    await session.close()
    return session.info


def facts_of(info: CameraInfo) -> CameraFacts:
    """Return what a camera said, cut and made printable: it may be hostile."""
    model, firmware = (
        "".join(character for character in text if character.isprintable())[:64]
        for text in (info.model, info.firmware)
    )
    return CameraFacts(
        model,
        firmware,
        info.wifi_signal,
        talk=info.two_way,
        battery=info.battery,
        sd_present=info.sd_present,
        sd_capacity_mb=info.sd_capacity_mb,
        sd_free_mb=info.sd_free_mb,
    )
