"""Which cameras of an account are ours, and how far its answers are trusted: engine, clock and memory.

All evidence comes through `tell`, in the order in which it came about. What follows is kept in the account's
vault, as keyed hashes and counts, so that a restart forgets nothing; whoever told it obeys.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import callback

from .cameras import CameraItem, camera_items, own_entries
from .const import CONF_IGNORED, CONF_LISTED_NAME, LOGGER
from .engine.model import Credentials
from .engine.ownership import (
    AccountStanding,
    Apart,
    CameraStanding,
    Click,
    Evidence,
    Known,
    OtherEntry,
    Ours,
    RecordError,
    State,
    Verdict,
    Word,
    state_from_json,
    state_to_json,
    step,
)
from .engine.vault import JSON, CameraRecord, VaultError

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator
    from .entry import WyzeLocalConfigEntry

MEMORY = "ownership"
"""Its place in the vault's memory."""

type Heard = Callable[[State, tuple[Verdict, ...]], None]
"""Takes the state before some evidence, and what was said to it."""


class Ownership:
    """What is known of the cameras of one account that stays signed in."""

    def __init__(self, entry: WyzeLocalConfigEntry, cameras: CamerasCoordinator, heard: Heard) -> None:
        """Begin without knowing anything; `heard` is called after every piece of evidence."""
        self._entry = entry
        self._cameras = cameras
        self._vault = cameras.vault
        self._installation = cameras.shared.installation
        self._clock = cameras.shared.environment.clock
        self._policy = cameras.shared.environment.ownership
        self._heard = heard
        self.state = State()
        """All that is remembered, in keyed hashes."""
        self._kept: State | None = None
        """What of it the vault holds."""
        self._saving: asyncio.Task[None] | None = None
        self._unsealed = False
        """Whether it was said that the vault does not take it."""

    @property
    def standing(self) -> AccountStanding:
        """How far the account's answers are trusted."""
        return self.state.account.standing

    @property
    def only_confirms(self) -> bool:
        """Whether the account's answers may confirm what is known, and change nothing."""
        return self.state.account.only_confirms

    def camera_standing(self, camera_key: str) -> CameraStanding:
        """Return how far a camera of the entry is trusted; while the vault is shut nobody says otherwise."""
        item = next((one for one in camera_items(self._entry) if one.key == camera_key), None)
        standing = self.state.standing(item.mac_hash) if item else None
        return standing or CameraStanding.TRUSTED

    def pinned(self, fingerprint: str) -> Ours | None:
        """Return a camera of ours with the keys that it was admitted with."""
        known = self.state.cameras.get(fingerprint)
        return known if isinstance(known, Ours) else None

    def missing(self) -> int:
        """Return how many cameras have been missing in the account for long."""
        policy, now = self._policy, self._clock.time()
        away = [ours.absence for ours in self.state.ours.values()]
        return sum(
            one.count >= policy.missing_answers and now - one.since >= policy.missing_over for one in away
        )

    # Evidence

    @callback
    def tell(self, *evidence: Evidence) -> tuple[Verdict, ...]:
        """Take evidence as it came; returns what follows."""
        before, said = self.state, tuple[Verdict, ...]()
        for one in evidence:
            self.state, more = step(self.state, one, self._clock.time(), self._policy)
            said += more
        self._save()
        self._heard(before, said)
        return said

    async def async_say(self, *words: Click) -> None:
        """Take a person's words once they are sealed, so that no restart forgets them.

        Raises VaultError, and then nothing was said.
        """
        state = self.state
        for word in words:
            state, _ = step(state, word, self._clock.time(), self._policy)
        await self._vault.async_put_memory(MEMORY, _record(state))
        self.tell(*words)

    def would_say(self, evidence: Evidence, verdict: type[Verdict]) -> bool:
        """Tell whether a verdict would follow from evidence: keys are sealed before they count."""
        _, said = step(self.state, evidence, self._clock.time(), self._policy)
        return any(isinstance(one, verdict) for one in said)

    # What a person chose, or a camera proved earlier

    @callback
    def async_load(self) -> None:
        """Read what the vault remembers of the account, whenever that is another one than so far."""
        account = self._vault.account
        owner = self._installation.owner(account.user_id) if account else ""
        if owner != self.state.owner:
            self.state = self._remembered(owner)
            self._kept = _lasting(self.state)
        self.async_follow()

    def _remembered(self, owner: str) -> State:
        """Return what was kept. Without it the entry's cameras are ours, and all else is unknown."""
        if not owner or (kept := self._vault.memory.get(MEMORY)) is None:
            return State(owner)
        try:
            state = state_from_json(kept)
        except RecordError as err:
            LOGGER.warning("What was known of an account's answers is lost (%s)", err.reason)
            return State(owner)
        return state if state.owner == owner else State(owner)

    @callback
    def async_follow(self) -> None:
        """Take over what all entries hold at this moment."""
        if not self.state.owner:
            return
        mine = {item.mac_hash for item in camera_items(self._entry)}
        ignored = {*self._entry.data[CONF_IGNORED]}
        self.state = self.state.without(
            {key for key, known in self.state.cameras.items() if _is_over(key, known, mine, ignored)}
        )
        if evidence := (*self._of_others(), *self._of_mine(), *self._of_ignored(ignored)):
            self.tell(*evidence)
        else:
            self._save()

    def _of_others(self) -> Iterator[Evidence]:
        """Yield which cameras other entries hold now, and which no more."""
        known, held = self.state.elsewhere, dict[str, str]()
        entries: list[WyzeLocalConfigEntry] = own_entries(self._cameras.hass)
        for entry in entries:
            if entry is self._entry:
                continue
            loaded = entry.state is ConfigEntryState.LOADED
            records = entry.runtime_data.vault.records if loaded else {}
            for item in camera_items(entry):
                _, uid = self._hashes(records.get(item.key))
                held[item.mac_hash] = uid or known.get(item.mac_hash, "")
        yield from (OtherEntry(key, held=False) for key in known if key not in held)
        yield from (OtherEntry(key, uid=uid) for key, uid in held.items() if known.get(key) != uid)

    def _of_mine(self) -> Iterator[Evidence]:
        """Yield the entry's cameras that are not known to be ours, with these keys: it has none by chance."""
        for item in camera_items(self._entry):
            ours = self.pinned(item.mac_hash)
            keys, uid = self._hashes(self._vault.records.get(item.key))
            if ours is None or keys not in ("", ours.pin.keys):
                yield Click(item.mac_hash, Word.MINE, keys, uid, _model(item))

    def _of_ignored(self, ignored: set[str]) -> Iterator[Evidence]:
        """Yield the cameras that the person leaves out, unless they said more of them already."""
        for key in ignored:
            if not isinstance(self.state.cameras.get(key), Apart):
                yield Click(key, Word.LEFT_OUT)

    def _hashes(self, record: CameraRecord | None) -> tuple[str, str]:
        """Return the keyed hashes of a camera's keys and of its P2P id, as far as there are any."""
        way = record.camera.credentials if record else None
        if not isinstance(way, Credentials):
            return "", ""
        return self._installation.keys_of(way.uid, way.enr), self._installation.uid_of(way.uid)

    # Memory

    @callback
    def _save(self) -> None:
        """Have what changed sealed; one writer at a time, who writes what is known by then."""
        if self._kept != _lasting(self.state) and (self._saving is None or self._saving.done()):
            self._saving = self._cameras.spawn(self._async_save())

    async def _async_save(self) -> None:
        while (lasting := _lasting(self.state)) != self._kept and self.state.owner:
            try:
                await self._vault.async_put_memory(MEMORY, _record(self.state))
            except VaultError as err:
                if not self._unsealed:
                    LOGGER.warning("What is known of an account's answers cannot be sealed (%s)", err.reason)
                self._unsealed = True
                return
            self._kept, self._unsealed = lasting, False

    async def async_close(self) -> None:
        """End when everything is sealed."""
        if self._saving is not None:
            await asyncio.wait({self._saving})


def _is_over(key: str, known: Known, mine: set[str], ignored: set[str]) -> bool:
    """Tell whether a camera is remembered for something that the entry does not say any more."""
    if isinstance(known, Ours):
        return key not in mine | ignored
    return known == Apart(Word.LEFT_OUT) and key not in ignored


def _model(item: CameraItem) -> str:
    """Return a camera's model, unless a person may have typed it, as of one that came from elsewhere."""
    return "" if item.data.get(CONF_LISTED_NAME) == "" else item.model


def _record(state: State) -> dict[str, JSON]:
    """Return what the vault is to hold of a state."""
    return state_to_json(replace(_lasting(state), now=state.now))


def _lasting(state: State) -> State:
    """Return what has to outlive a restart, so that nothing is written for what comes with every answer."""
    account = replace(state.account, well_at=None)
    if not account.watched:
        account = replace(account, clean=0, clean_at=0)
    return replace(state, account=account, elsewhere={}, now=0)
