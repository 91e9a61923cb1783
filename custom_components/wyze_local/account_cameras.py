"""Lets an account's list change an entry's cameras, as far as the cameras themselves agree.

What comes here was judged by `ownership.py`. Even so the list alone admits, replaces and removes nothing: a
new camera joins, and another key or address takes the place of the old one, when the camera has proved it
(`account_proofs.py`). One that is not in the list any more stays.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from homeassistant.const import CONF_NAME
from homeassistant.core import callback

from .account_list import Listed, changed_way, new_cameras
from .account_proofs import AccountProofs
from .account_status import ListCounts
from .cameras import CameraItem, all_cameras, async_change_camera, camera_items
from .const import CONF_IGNORED, CONF_LISTED_NAME
from .engine.model import Credentials
from .engine.ownership import Apart, TestKeys
from .ownership import Ownership

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator
    from .entry import WyzeLocalConfigEntry

type Prove = Callable[[], Coroutine[Any, Any, None]]


class AccountCameras:
    """Follows the lists of one account."""

    def __init__(
        self,
        entry: WyzeLocalConfigEntry,
        coordinator: CamerasCoordinator,
        ownership: Ownership,
        on_proofs: Callable[[], None],
    ) -> None:
        """Serve one entry; `on_proofs` is called when the proofs that a list asked for are over."""
        self._on_proofs = on_proofs
        self._listed: dict[str, Listed] = {}
        self._entry = entry
        self._coordinator = coordinator
        self._hass = coordinator.hass
        self._ownership = ownership
        self._proofs = AccountProofs(entry, coordinator, ownership)
        self.work: asyncio.Task[None] | None = None
        """The proofs that the last list asked for, as long as they are under way."""

    @callback
    def async_take(
        self, listed: dict[str, Listed], tests: Iterable[TestKeys], *, asked: bool = False
    ) -> None:
        """Take a list over: names at once, everything else as soon as it has proved itself.

        `tests` are the keys that may be tried; `asked`: a person wants that now.
        """
        self._listed = listed
        self._proofs.undecided.intersection_update(listed)
        if not self._ownership.only_confirms:
            for item in camera_items(self._entry):
                self._note_name(item)
        self._prove_all(list(tests), asked=asked)

    @callback
    def async_forget(self) -> None:
        """Forget the last list: it may be somebody else's."""
        self._listed = {}
        self.async_settle()

    @callback
    def async_settle(self) -> None:
        """Ask no more what became of cameras whose keys are said to be others now."""
        self._proofs.undecided.clear()

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
            waiting=len(self.newcomers()),
            unproven_changes=sum(self._way(item) is not None for item in camera_items(self._entry)),
            missing=self._ownership.missing(),
        )

    def newcomers(self) -> list[Listed]:
        """Return the cameras of the list that may join, and that nobody has said anything of."""
        new = new_cameras(self._listed, self._everywhere(), self._entry.data[CONF_IGNORED])
        known = self._ownership.state.cameras
        return [
            one
            for one in new
            if one.local and one.credentials is not None and not isinstance(known.get(one.fingerprint), Apart)
        ]

    def undecided(self) -> list[Listed]:
        """Return the cameras of the list of which a person may know more than the cameras tell."""
        tried, only_confirms = self._proofs, self._ownership.only_confirms
        known = self._ownership.state.cameras
        new = [
            one
            for one in self.newcomers()
            if one.fingerprint not in known
            or only_confirms
            or (one.credentials is not None and tried.has_failed(one.credentials))
        ]
        return new + [one for key, one in self._listed.items() if key in tried.undecided]

    def _everywhere(self) -> set[str]:
        return {item.mac_hash for item in all_cameras(self._hass)}

    def _way(self, item: CameraItem) -> Credentials | None:
        """Return how the list says that a known camera is reached, if it is in another way than so far."""
        listed = self._listed.get(item.mac_hash)
        return changed_way(listed, self._coordinator.vault.records.get(item.key)) if listed else None

    def _is_pinned(self, listed: Listed) -> bool:
        """Tell whether the list tells a camera of ours by the keys that it was admitted with."""
        ours = self._ownership.pinned(listed.fingerprint)
        return ours is not None and bool(ours.pin.keys) and listed.told.keys == ours.pin.keys

    @callback
    def _note_name(self, item: CameraItem) -> None:
        """Take over what the account calls a camera; under other keys it is another's name."""
        listed = self._listed.get(item.mac_hash)
        if listed is None or not listed.name or not self._is_pinned(listed):
            return
        before = item.data.get(CONF_LISTED_NAME, item.name)
        if listed.name != before:
            # A camera that came from another entry has a name that no list has told: it keeps it.
            changes = {CONF_LISTED_NAME: listed.name} | ({CONF_NAME: listed.name} if before else {})
            async_change_camera(self._hass, self._entry, item.key, **changes)

    # What needs a proof

    @callback
    def _prove_all(self, tests: list[TestKeys], *, asked: bool) -> None:
        """Try whatever is due, in the background; what is still under way from the last list goes on."""
        if self.work is not None and not self.work.done():
            return
        told = self._told(tests)
        self._proofs.begin([way for way, _ in told], asked=asked)
        if work := [prove() for way, prove in told if self._proofs.is_due(way)]:
            self.work = self._coordinator.spawn(self._async_all(work))

    def _told(self, tests: list[TestKeys]) -> list[tuple[Credentials, Prove]]:
        """Return the ways to be tried, and what tries each."""
        items, proofs = {item.mac_hash: item for item in camera_items(self._entry)}, self._proofs
        told: list[tuple[Credentials, Prove]] = []
        for test in tests:
            listed, item = self._listed.get(test.camera), items.get(test.camera)
            if listed is None or listed.credentials is None or listed.told.keys != test.keys:
                continue
            if item is None:
                told.append((listed.credentials, partial(proofs.async_admit, listed, listed.credentials)))
            elif (way := self._way(item)) is not None:
                told.append((way, partial(proofs.async_replace, item, listed, way)))
        if not self._ownership.only_confirms:
            for key, item in items.items():
                listed = self._listed.get(key)
                if listed and self._is_pinned(listed) and (way := self._way(item)) is not None:
                    told.append((way, partial(proofs.async_move, item, listed, way)))
        return told

    async def _async_all(self, work: list[Coroutine[Any, Any, None]]) -> None:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
        self._on_proofs()
