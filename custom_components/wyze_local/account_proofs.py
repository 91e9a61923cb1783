"""Asks cameras whether what an account tells of them is true, and keeps what they proved.

A proof is a handshake with the key that was told, at the address that was told. What it comes to is judged by
`ownership.py`: keys are sealed first, then they count, then Home Assistant is told. Proofs go beside
everything else; no set-up, list or picture waits for them.
"""

import asyncio
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_NAME

from .account_list import Listed
from .addresses_left import has_left
from .cameras import CameraItem, all_cameras, camera_item
from .const import CONF_CAMERAS, CONF_IGNORED, CONF_MAC_HASH, CONF_MODEL, LOGGER
from .engine.model import Camera, Credentials, EngineError, Secret, StreamAddress, new_camera_key
from .engine.ownership import Admit, Evidence, Proof, Replace, TestKeys, Verdict
from .engine.vault import CameraRecord
from .issues import async_report_keys_missing
from .mixed_up import key_of_another
from .ownership import Ownership
from .status import MAY_SLEEP
from .trying import is_asked

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator
    from .entry import WyzeLocalConfigEntry

PROOFS_AT_ONCE = 3
MAX_PAUSE = 96
"""Lists that a camera which does not prove itself is left alone for, at most: about a day."""


@dataclass(slots=True)
class _Tries:
    failures: int = 0
    pause: int = 0
    """How many lists to let pass until the next try."""


class AccountProofs:
    """Seeks the proofs for one account's lists."""

    def __init__(
        self, entry: WyzeLocalConfigEntry, coordinator: CamerasCoordinator, ownership: Ownership
    ) -> None:
        """Serve one entry."""
        self._entry = entry
        self._coordinator = coordinator
        self._hass = coordinator.hass
        self._ownership = ownership
        self._tries: dict[Credentials, _Tries] = {}
        self._gate = asyncio.Semaphore(PROOFS_AT_ONCE)
        self.undecided: set[str] = set()
        """Cameras of ours whose new keys worked elsewhere, while nothing says what became of the old ones."""

    def begin(self, told: Iterable[Credentials], *, asked: bool) -> None:
        """Take note of what a list tells; what a person asks to be tried is tried now."""
        self._tries = {way: _Tries() if asked else self._tries.get(way, _Tries()) for way in told}

    def is_due(self, way: Credentials) -> bool:
        """Tell whether to try what is told, counting a list that passed."""
        tries = self._tries.setdefault(way, _Tries())
        tries.pause -= 1
        return tries.pause < 0

    def has_failed(self, way: Credentials) -> bool:
        """Tell whether what is told was tried in vain."""
        return (tries := self._tries.get(way)) is not None and tries.failures > 0

    async def async_admit(self, listed: Listed, way: Credentials) -> None:
        """Let a new camera join once it has proved itself."""
        if not await self._async_prove(listed, way):
            return
        proof = Proof(listed.fingerprint, listed.told.keys, worked=True)
        key, entry = new_camera_key(), self._entry
        name = listed.name or self._coordinator.catalog.model(way.model).name or "Camera"
        async with entry.runtime_data.lock:
            held = {item.mac_hash for item in all_cameras(self._hass)}
            if listed.fingerprint in {*held, *entry.data[CONF_IGNORED]}:
                return
            record = CameraRecord(Camera(key, name, way, proven=True), _new_token())
            if not await self._async_seal(record, None, proof, Admit):
                return
            data = {CONF_NAME: name, CONF_MAC_HASH: listed.fingerprint, CONF_MODEL: way.model}
            cameras = {**entry.data[CONF_CAMERAS], key: data}
            self._hass.config_entries.async_update_entry(entry, data={**entry.data, CONF_CAMERAS: cameras})

    async def async_replace(self, item: CameraItem, listed: Listed, way: Credentials) -> None:
        """Use other keys of a camera of ours once it has them, and has the old ones no more."""
        before, ours = self._coordinator.vault.records.get(item.key), self._ownership.pinned(item.mac_hash)
        if ours is None or not await self._async_prove(listed, way):
            return
        proof = Proof(item.mac_hash, listed.told.keys, worked=True)
        if not self._ownership.would_say(proof, Replace):
            self._ownership.tell(proof)
            works = await self._async_old_works(
                before, way, asked=is_asked(TestKeys(item.mac_hash, proof.keys), self._ownership.state)
            )
            if works is None:
                self.undecided.add(item.mac_hash)
            if works is not False:
                if works:
                    self._ownership.tell(Proof(item.mac_hash, ours.pin.keys, worked=True))
                self._pause(way, "old_key_answers" if works else "old_key_unheard")
                return
            proof = Proof(item.mac_hash, ours.pin.keys, worked=False)
        await self._async_use(item, before, way, proof)

    async def async_move(self, item: CameraItem, listed: Listed, way: Credentials) -> None:
        """Use another address of a camera, whose keys stay the same."""
        before = self._coordinator.vault.records.get(item.key)
        # Another device may be there. What it refuses says nothing about a camera that is elsewhere.
        proven = await self._async_prove(listed, way, tell=False)
        if proven or self._may_believe(item, before, way):
            await self._async_use(item, before, way, None, proven=proven)

    async def _async_use(
        self,
        item: CameraItem,
        before: CameraRecord | None,
        way: Credentials,
        proof: Proof | None,
        *,
        proven: bool = True,
    ) -> None:
        """Seal another way to a camera, and follow it."""
        entry, coordinator = self._entry, self._coordinator
        async with entry.runtime_data.lock:
            if camera_item(entry, item.key) is None or coordinator.vault.records.get(item.key) is not before:
                return
            token = before.token if before else _new_token()
            record = CameraRecord(Camera(item.key, item.name, way, proven=proven), token)
            if await self._async_seal(record, before, proof, Replace):
                self.undecided.discard(item.mac_hash)
                await coordinator.async_change(item.key)
                async_report_keys_missing(self._hass, entry)

    async def _async_seal(
        self,
        record: CameraRecord,
        before: CameraRecord | None,
        proof: Evidence | None,
        verdict: type[Verdict],
    ) -> bool:
        """Seal keys, and let them count; where that is not so after all, they are not kept."""
        vault, way = self._coordinator.vault, record.camera.credentials
        if self._entry.state is not ConfigEntryState.LOADED:
            return False
        if isinstance(way, StreamAddress) or self._is_mixed_up(way):
            return False
        if proof is None and self._ownership.only_confirms:
            return False
        if proof is not None and not self._ownership.would_say(proof, verdict):
            return False
        try:
            await vault.async_put(record, instead_of=before)
            if proof is None:
                return True
            if any(isinstance(one, verdict) for one in self._ownership.tell(proof)):
                return True
            # Something was heard while the file was written.
            if before is None:
                await vault.async_drop(record.camera.key)
            else:
                await vault.async_put(before, instead_of=record)
        except EngineError as err:
            LOGGER.warning("A camera's new keys could not be sealed (%s)", err.reason)
        return False

    # Proofs

    async def _async_prove(self, listed: Listed, way: Credentials, *, tell: bool = True) -> bool:
        """Tell whether a camera has proved itself there and with that key; a failure pauses the next try.

        Unless told otherwise, a refusal is evidence against the key.
        """
        reason = "mixed_up" if self._is_mixed_up(way) else await self._async_dial(way)
        if not reason:
            return True
        if reason == "wrong_key" and tell:
            self._ownership.tell(Proof(listed.fingerprint, listed.told.keys, worked=False))
        self._pause(way, reason)
        return False

    async def _async_old_works(
        self, before: CameraRecord | None, way: Credentials, *, asked: bool
    ) -> bool | None:
        """Tell whether a camera answers to the keys that it had; None while that cannot be known.

        They are tried where the new ones worked: whoever refuses them there is that camera, set up anew. So
        is one that says nothing to them and takes the new ones again. If that is another place than so far, a
        flatmate's camera may be there, and ours be off: then a person has to say that it moved.
        """
        ours = before.camera.credentials if before else None
        if ours is None or isinstance(ours, StreamAddress):
            return None
        there = await self._async_answers(replace(ours, address=way.address, port=way.port))
        if there is None and await self._async_answers(way):
            there = False
        if there is not False or ours.address == way.address:
            return there
        at_home = await self._async_answers(ours)
        return False if at_home is None and asked else at_home

    async def _async_answers(self, way: Credentials) -> bool | None:
        """Tell whether a camera took a key, or refused it; None when nobody was heard."""
        reason = await self._async_dial(way)
        return True if not reason else False if reason == "wrong_key" else None

    async def _async_dial(self, way: Credentials) -> str:
        """Seek a proof; returns why there is none."""
        if way.address.reveal() not in self._coordinator.networks:
            return "outside"
        try:
            async with self._gate:
                await self._coordinator.shared.relaying.async_prove(way, self._coordinator.networks)
        except EngineError as err:
            return err.reason
        return ""

    def _pause(self, way: Credentials, reason: str) -> None:
        tries = self._tries.setdefault(way, _Tries())
        tries.pause = min(2**tries.failures - 1, MAX_PAUSE)
        tries.failures += 1
        LOGGER.debug("What an account tells of a camera is not believed (%s)", reason)

    def _may_believe(self, item: CameraItem, before: CameraRecord | None, way: Credentials) -> bool:
        """Tell whether a new address may be tried without a proof.

        A camera that sleeps proves nothing, and the old address is known to be of no use. The key stays the
        one that proved itself, so that whoever lies there is shown nothing and shows nothing. An address that
        the camera has left is none of the new ones.
        """
        if before is None or way.address.reveal() not in self._coordinator.networks:
            return False
        if has_left(self._coordinator.shared.installation, item, way.address):
            return False
        ours = before.camera.credentials
        if isinstance(ours, StreamAddress) or (ours.uid, ours.enr) != (way.uid, way.enr):
            return False
        status = self._coordinator.verdict(item.key)
        return status is not None and status.battery and status.connection in MAY_SLEEP

    def _is_mixed_up(self, way: Credentials) -> bool:
        """Tell whether what a list tells of one camera is known to be another one's."""
        fingerprint = self._coordinator.shared.installation.fingerprint(way)
        return key_of_another(self._hass, fingerprint, way)


def _new_token() -> Secret:
    return Secret(secrets.token_hex(16))
