"""Finds an entry's cameras when their address changed: on the person's own networks, with nobody's help.

A verdict that a camera is not where it was begins a search, which the relay makes; Home Assistant's DHCP
data gives hints, and a lease that it hears of is tried at once. Whatever address comes of it, the camera has
proved itself there before anything is changed; then its keys are sealed with it, and whoever watches stays.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import callback

from .addresses_left import async_note_left
from .const import LOGGER
from .discovery_flow import async_close_cards
from .engine.model import Credentials, EngineError, Secret
from .engine.vault import CameraRecord, VaultError
from .finding_rounds import Heard, search_on
from .hints import async_hints, async_taken
from .status import Connection
from .surroundings import async_attached_networks

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator
    from .entry import WyzeLocalConfigEntry

LOST = frozenset({Connection.NO_ANSWER, Connection.NOT_HERE, Connection.UNREACHABLE, Connection.UNPROVEN})
"""The verdicts of a camera that may well be somewhere else."""

TAKEN = frozenset({Connection.WRONG_KEY, Connection.NO_DTLS, Connection.BUSY})
"""The verdicts that somebody else at its address would get: news only of a camera that was there once.

Newer cameras answer a search for any other, and may then open no session: that looks like one that is busy.
"""


class Finding:
    """Follows the verdicts on one entry's cameras."""

    def __init__(self, entry: WyzeLocalConfigEntry, coordinator: CamerasCoordinator) -> None:
        """Serve one entry."""
        self._entry = entry
        self._coordinator = coordinator
        self._hass = coordinator.hass
        self._relaying = coordinator.shared.relaying
        environment = coordinator.shared.environment
        self._clock, self._rng = environment.clock, environment.random
        self._searches: dict[str, asyncio.Task[None]] = {}
        self._heard = Heard(self._async_try, self._clock, coordinator.spawn)

    @callback
    def async_start(self) -> Callable[[], None]:
        """Begin to follow; returns what ends it and every search."""
        stops = (
            self._coordinator.async_add_listener(self._async_follow),
            self._entry.runtime_data.async_listen_cameras(self._async_close_cards),
        )
        self._async_follow()
        self._async_close_cards()

        def end() -> None:
            for stop in stops:
                stop()
            for camera_key in tuple(self._searches):
                self._end(camera_key)

        return end

    @callback
    def _async_close_cards(self) -> None:
        async_close_cards(self._hass, self._entry)

    @callback
    def _async_follow(self) -> None:
        """Search for whoever is lost, and no longer for whoever is not."""
        lost = {camera_key for camera_key in self._coordinator.data if self._is_lost(camera_key)}
        for camera_key in self._searches.keys() - lost:
            self._end(camera_key)
        for camera_key in lost - self._searches.keys():
            self._begin(camera_key)

    def _begin(self, camera_key: str) -> None:
        self._searches[camera_key] = self._coordinator.spawn(
            search_on(lambda: self._async_find(camera_key), self._clock, self._rng)
        )

    def _end(self, camera_key: str) -> None:
        self._searches.pop(camera_key).cancel()

    def _is_lost(self, camera_key: str) -> bool:
        """Tell whether a camera may be elsewhere. One with a battery sleeps, and would not answer there."""
        status, watched = self._coordinator.verdict(camera_key), self._coordinator.watched(camera_key)
        if status is None or watched is None or watched.battery:
            return False
        camera = watched.record.camera
        if not isinstance(camera.credentials, Credentials):
            return False
        return status.connection in LOST or (camera.proven and status.connection in TAKEN)

    async def _async_find(self, camera_key: str) -> None:
        """Search once; a camera that is found is asked there from now on, which ends the search."""
        record = self._coordinator.vault.records.get(camera_key)
        if record is None or not isinstance(way := record.camera.credentials, Credentials):
            return
        hints, taken = await async_hints(self._hass, way), async_taken(self._hass, camera_key, way)
        attached = await async_attached_networks(self._hass)
        try:
            networks = self._coordinator.networks
            address = await self._relaying.async_find(way, networks, attached, hints, taken)
        except EngineError as err:
            LOGGER.debug("A camera was not found elsewhere (%s)", err.reason)
            return
        # A verdict that changes meanwhile ends the search, never the move: an address that is sealed and not
        # asked at would be looked for nowhere any more.
        await asyncio.shield(self._coordinator.spawn(self._async_move(camera_key, record, Secret(address))))

    @callback
    def async_hear(self, camera_key: str, address: Secret) -> None:
        """Hear that a camera has an address from now on; nothing changes before it proves itself there."""
        record = self._coordinator.vault.records.get(camera_key)
        known = record is not None and record.camera.credentials.address == address
        if not known and address.reveal() in self._coordinator.networks:
            self._heard.hear(camera_key, address)

    async def _async_try(self, camera_key: str, address: Secret) -> None:
        record = self._coordinator.vault.records.get(camera_key)
        if record is None or not isinstance(way := record.camera.credentials, Credentials):
            return
        if way.address == address:
            return
        try:
            await self._relaying.async_prove(replace(way, address=address), self._coordinator.networks)
        except EngineError as err:
            LOGGER.debug("A camera is not where it is said to be (%s)", err.reason)
            if camera_key in self._searches:
                # It is starting, most likely: that is no time for a long pause.
                self._end(camera_key)
                self._begin(camera_key)
            return
        await self._async_move(camera_key, record, address)

    async def _async_move(self, camera_key: str, before: CameraRecord, address: Secret) -> None:
        """Ask a camera from now on where it has just proved itself, and search for it no longer."""
        coordinator, entry = self._coordinator, self._entry
        async with entry.runtime_data.lock:
            vault = coordinator.vault
            if entry.state is not ConfigEntryState.LOADED or vault.records.get(camera_key) is not before:
                return
            if address.reveal() not in coordinator.networks:
                return
            camera = before.camera
            assert isinstance(camera.credentials, Credentials)
            way = replace(camera.credentials, address=address)
            after = replace(before, camera=replace(camera, credentials=way, proven=True))
            try:
                await vault.async_put(after, instead_of=before)
            except VaultError as err:
                LOGGER.warning("A camera's new address could not be sealed (%s)", err.reason)
                return
            LOGGER.info("A camera was found at another address")
            if camera_key in self._searches:
                # Whoever found it: another search would go on for ever.
                self._end(camera_key)
            coordinator.on_handshake(camera_key, after, True)
            async_note_left(self._hass, entry, camera_key, camera.credentials.address, address)
            await coordinator.async_change(camera_key)
