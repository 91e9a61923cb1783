"""Lets an account's list change an entry's cameras, as far as the cameras themselves agree.

The list alone admits, replaces and removes nothing. A new camera joins, and another address or key takes the
place of the old one, when the camera has proved on the local network that it holds the key. One that is not
in the list any more stays. Proofs go beside everything else: no set-up, list or picture waits for them.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_NAME
from homeassistant.core import callback

from .account_list import Listed, changed_way, new_cameras
from .account_status import ListCounts
from .cameras import CameraItem, all_cameras, async_change_camera, camera_item, camera_items
from .const import (
    CONF_CAMERAS,
    CONF_IGNORED,
    CONF_LISTED_NAME,
    CONF_MAC_HASH,
    CONF_MISSING_SINCE,
    CONF_MODEL,
    LOGGER,
)
from .engine.model import Camera, Credentials, EngineError, Secret, StreamAddress, new_camera_key
from .engine.vault import CameraRecord
from .issues import async_report_keys_missing
from .mixed_up import key_of_another
from .status import MAY_SLEEP

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator
    from .entry import WyzeLocalConfigEntry

PROOFS_AT_ONCE = 3
MISSING_LISTS = 3
MISSING_SECONDS = 24 * 3600
"""A camera counts as missing after so many lists without it over so long a time."""
MAX_PAUSE = 96
"""Lists that a camera which does not prove itself is left alone for, at most: about a day."""


@dataclass(slots=True)
class _Tries:
    failures: int = 0
    pause: int = 0
    """How many lists to let pass until the next try."""


class AccountCameras:
    """Follows the lists of one account."""

    def __init__(
        self, entry: WyzeLocalConfigEntry, coordinator: CamerasCoordinator, on_proofs: Callable[[], None]
    ) -> None:
        """Serve one entry; `on_proofs` is called when the proofs that a list asked for are over."""
        self._on_proofs = on_proofs
        self._listed: dict[str, Listed] = {}
        self._entry = entry
        self._coordinator = coordinator
        self._hass = coordinator.hass
        self._tries: dict[Credentials, _Tries] = {}
        self._absences: dict[str, int] = {}
        self._missing: set[str] = set()
        self._gate = asyncio.Semaphore(PROOFS_AT_ONCE)
        self.work: asyncio.Task[None] | None = None
        """The proofs that the last list asked for, as long as they are under way."""

    @callback
    def async_take(self, listed: dict[str, Listed]) -> None:
        """Take a list over: names at once, everything else as soon as it has proved itself."""
        self._listed = listed
        items = camera_items(self._entry)
        for item in items:
            self._note(item, listed.get(item.mac_hash))
        self._absences = {item.key: self._absences.get(item.key, 0) for item in items}
        self._missing.intersection_update(self._absences)
        self._prove_all(self._changes(), self._newcomers())

    def counts(self) -> ListCounts:
        """Return how the cameras of the last list stand at this moment."""
        listed = self._listed
        ours = {item.mac_hash for item in camera_items(self._entry)}
        everywhere = self._everywhere()
        new = new_cameras(listed, everywhere, self._entry.data[CONF_IGNORED])
        return ListCounts(
            cameras=len(listed),
            needs_cloud=sum(not one.local for one in new),
            elsewhere=len(listed.keys() & (everywhere - ours)),
            waiting=len(self._newcomers()),
            unproven_changes=len(self._changes()),
            missing=len(self._missing),
        )

    def _everywhere(self) -> set[str]:
        return {item.mac_hash for item in all_cameras(self._hass)}

    def _newcomers(self) -> list[tuple[Listed, Credentials]]:
        """Return the cameras of the list that may join."""
        new = new_cameras(self._listed, self._everywhere(), self._entry.data[CONF_IGNORED])
        return [(one, one.credentials) for one in new if one.local and one.credentials is not None]

    def _changes(self) -> list[tuple[CameraItem, Credentials]]:
        """Return the known cameras that the list says are reached in another way."""
        records, listed = self._coordinator.vault.records, self._listed
        return [
            (item, way)
            for item in camera_items(self._entry)
            if (one := listed.get(item.mac_hash)) and (way := changed_way(one, records.get(item.key)))
        ]

    # What needs no proof

    def _note(self, item: CameraItem, listed: Listed | None) -> None:
        """Take over a camera's name, and note whether it is there."""
        if listed is None:
            self._note_absence(item)
            return
        self._absences[item.key] = 0
        self._missing.discard(item.key)
        before = item.data.get(CONF_LISTED_NAME, item.name)
        changes: dict[str, Any] = {}
        if listed.name and listed.name != before:
            # A camera that came from another entry has a name that no list has told: it keeps it.
            changes = {CONF_LISTED_NAME: listed.name} | ({CONF_NAME: listed.name} if before else {})
        if item.data.get(CONF_MISSING_SINCE) is not None:
            changes[CONF_MISSING_SINCE] = None
        if changes:
            async_change_camera(self._hass, self._entry, item.key, **changes)

    def _note_absence(self, item: CameraItem) -> None:
        now = int(self._coordinator.shared.environment.clock.time())
        self._absences[item.key] = absences = self._absences.get(item.key, 0) + 1
        if (since := item.data.get(CONF_MISSING_SINCE)) is None:
            async_change_camera(self._hass, self._entry, item.key, **{CONF_MISSING_SINCE: now})
        elif absences >= MISSING_LISTS and now - since >= MISSING_SECONDS and item.key not in self._missing:
            self._missing.add(item.key)
            LOGGER.info("A camera is missing in its account; it stays until somebody removes it")

    # What needs a proof

    def _prove_all(
        self, changes: list[tuple[CameraItem, Credentials]], new: list[tuple[Listed, Credentials]]
    ) -> None:
        """Try whatever is due, in the background; what is still under way from the last list goes on."""
        if self.work is not None and not self.work.done():
            return
        told = {way for _, way in (*changes, *new)}
        self._tries = {way: self._tries.get(way, _Tries()) for way in told}
        work: list[Coroutine[Any, Any, None]] = []
        work += [self._async_replace(item, way) for item, way in changes if self._is_due(way)]
        work += [self._async_admit(one, way) for one, way in new if self._is_due(way)]
        if work:
            self.work = self._coordinator.spawn(self._async_all(work))

    async def _async_all(self, work: list[Coroutine[Any, Any, None]]) -> None:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
        self._on_proofs()

    def _is_due(self, way: Credentials) -> bool:
        tries = self._tries[way]
        tries.pause -= 1
        return tries.pause < 0

    async def _async_prove(self, way: Credentials) -> bool:
        """Tell whether a camera has proved itself there and with that key; a failure pauses the next try."""
        coordinator = self._coordinator
        reason = "outside"
        if self._is_mixed_up(way):
            reason = "mixed_up"
        elif way.address.reveal() in coordinator.networks:
            try:
                await self._async_dial(way)
            except EngineError as err:
                reason = err.reason
            else:
                return True
        self._pause(way, reason)
        return False

    async def _async_dial(self, way: Credentials) -> None:
        async with self._gate:
            await self._coordinator.shared.relaying.async_prove(way, self._coordinator.networks)

    def _pause(self, way: Credentials, reason: str) -> None:
        tries = self._tries.setdefault(way, _Tries())
        tries.pause = min(2**tries.failures - 1, MAX_PAUSE)
        tries.failures += 1
        LOGGER.debug("What an account tells of a camera is not believed (%s)", reason)

    async def _async_still_answers(self, before: CameraRecord | None, way: Credentials) -> bool:
        """Tell whether a camera still answers to the key that it had: then another one's is told of it."""
        ours = before.camera.credentials if before else None
        if ours is None or isinstance(ours, StreamAddress) or (ours.uid, ours.enr) == (way.uid, way.enr):
            return False
        try:
            await self._async_dial(ours)
        except EngineError:
            return False
        return True

    async def _async_admit(self, listed: Listed, way: Credentials) -> None:
        """Let a new camera join once it has proved itself."""
        if not await self._async_prove(way):
            return
        key = new_camera_key()
        name = listed.name or self._coordinator.catalog.model(way.model).name or "Camera"
        entry = self._entry
        async with entry.runtime_data.lock:
            held = {item.mac_hash for item in all_cameras(self._hass)}
            if not self._loaded or listed.fingerprint in {*held, *entry.data[CONF_IGNORED]}:
                return
            if self._is_mixed_up(way):
                return
            record = CameraRecord(Camera(key, name, way, proven=True), _new_token())
            try:
                await self._coordinator.vault.async_put(record)
            except EngineError as err:
                LOGGER.warning("A new camera's keys could not be sealed (%s)", err.reason)
                return
            data = {CONF_NAME: name, CONF_MAC_HASH: listed.fingerprint, CONF_MODEL: way.model}
            cameras = {**entry.data[CONF_CAMERAS], key: data}
            self._hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_CAMERAS: cameras})

    async def _async_replace(self, item: CameraItem, way: Credentials) -> None:
        """Use another address or key of a known camera once it has proved itself with it."""
        before = self._coordinator.vault.records.get(item.key)
        proven = await self._async_prove(way)
        if not proven and not self._may_believe(item.key, before, way):
            return
        if await self._async_still_answers(before, way):
            self._pause(way, "old_key_answers")
            return
        entry, coordinator = self._entry, self._coordinator
        async with entry.runtime_data.lock:
            if not self._loaded or camera_item(entry, item.key) is None:
                return
            if coordinator.vault.records.get(item.key) is not before or self._is_mixed_up(way):
                return
            token = before.token if before else _new_token()
            record = CameraRecord(Camera(item.key, item.name, way, proven=proven), token)
            try:
                await coordinator.vault.async_put(record, instead_of=before)
            except EngineError as err:
                LOGGER.warning("A camera's new keys could not be sealed (%s)", err.reason)
                return
            await coordinator.async_change(item.key)
            async_report_keys_missing(self._hass, entry)

    def _may_believe(self, camera_key: str, before: CameraRecord | None, way: Credentials) -> bool:
        """Tell whether a new address may be tried without a proof.

        A camera that sleeps proves nothing, and the old address is known to be of no use. The key stays the
        one that proved itself, so that whoever lies there is shown nothing and shows nothing.
        """
        if before is None or way.address.reveal() not in self._coordinator.networks:
            return False
        ours = before.camera.credentials
        if isinstance(ours, StreamAddress) or (ours.uid, ours.enr) != (way.uid, way.enr):
            return False
        status = self._coordinator.verdict(camera_key)
        return status is not None and status.battery and status.connection in MAY_SLEEP

    def _is_mixed_up(self, way: Credentials) -> bool:
        """Tell whether what a list tells of one camera is known to be another one's."""
        fingerprint = self._coordinator.shared.installation.fingerprint(way)
        return key_of_another(self._hass, fingerprint, way)

    @property
    def _loaded(self) -> bool:
        return self._entry.state is ConfigEntryState.LOADED


def _new_token() -> Secret:
    return Secret(secrets.token_hex(16))
