"""Takes what comes from an account and from its cameras as evidence, and does what follows.

Answers, handshakes and a person's words go to `ownership.py`. What may be taken of a list goes on to
`account_cameras.py`; what people have to know of goes to `trust_news.py`.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .account_cameras import AccountCameras
from .account_judgement import Judgement, Lists, judged_of
from .account_list import Listed, as_evidence, quality_of, read_list
from .account_status import AccountState, ListCounts
from .const import DOMAIN
from .engine.cloud import CameraList, CloudError, CloudEvent, CloudReason, Heard, UserInfo
from .engine.model import Account, InvalidField, parse_mac
from .engine.ownership import (
    AccountAnswer,
    Click,
    EventSeen,
    Freeze,
    Invariant,
    LoggedOut,
    PassEvent,
    Quality,
    Release,
    State,
    TestKeys,
    Uplink,
    Verdict,
    Waiting,
    Word,
)
from .engine.uplink import Outcome
from .issues import async_clear_waiting, async_report_waiting
from .ownership import Ownership
from .trust_news import TrustNews
from .trying import clicks_to_try, is_asked
from .witness import Witness

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator
    from .entry import WyzeLocalConfigEntry

TRY_SECONDS = 60.0
"""How long a person waits at most for what they want tried; it goes on after that."""

_DISCARDED = frozenset({Invariant.A2, Invariant.A3})


@dataclass(frozen=True, slots=True)
class Undecided:
    """Cameras of which only a person knows whose they are. Nothing is told of them but this."""

    count: int = 0
    models: tuple[str, ...] = ()
    """The names of their models, one for each."""


class AccountTrust:
    """Judges for one account that stays signed in."""

    def __init__(
        self,
        entry: WyzeLocalConfigEntry,
        cameras: CamerasCoordinator,
        *,
        changed: Callable[[], None],
        ask_owner: Callable[[], Coroutine[Any, Any, None]],
    ) -> None:
        """Serve one entry; `changed` shows how things stand, `ask_owner` asks whose account it is."""
        self._entry = entry
        self._coordinator = cameras
        self._hass = cameras.hass
        self._installation = cameras.shared.installation
        self._changed = changed
        self._ask_owner = ask_owner
        self.news = TrustNews(self._hass, entry, self._check_owner)
        self.ownership = Ownership(entry, cameras, self._heard)
        self.cameras = AccountCameras(entry, cameras, self.ownership, self._async_on_proofs)
        self.unreadable = self.others = 0
        """Devices of the last list that could not be understood, and those that are no cameras."""
        self.waiting = Undecided()
        self.listeners: list[Callable[[], None]] = []
        """Called after every piece of evidence."""
        self._lists = Lists()
        self._try_next = False
        """Whether a person wants everything tried that the next list holds."""
        self._witness = Witness(entry, cameras, self.ownership)

    @callback
    def async_start(self) -> None:
        """Begin to follow cameras and entries; what is known already was loaded before."""
        self._witness.async_start()
        self._entry.async_on_unload(
            async_dispatcher_connect(self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._async_on_entry)
        )

    @callback
    def _async_on_entry(self, _: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Follow what a person does with any entry of ours: it says whose cameras are where."""
        if entry.domain == DOMAIN:
            self.ownership.async_follow()

    @callback
    def async_load(self) -> None:
        """Take up what the vault remembers, at the start or when it can be read after all."""
        self.ownership.async_load()
        self.news.async_resume(self.ownership.state)

    def _check_owner(self) -> None:
        self._coordinator.spawn(self._ask_owner())

    def _heard(self, before: State, said: tuple[Verdict, ...]) -> None:
        self.news.async_take(before, self.ownership.state, said)
        for listener in tuple(self.listeners):
            listener()

    def list_counts(self) -> ListCounts:
        """Return what the last list held that was taken, as things stand now."""
        return replace(self.cameras.counts(), others=self.others, unreadable=self.unreadable)

    # Answers

    @callback
    def async_judge(self, found: CameraList) -> Judgement:
        """Judge a list, and take over what may be taken of it."""
        self.ownership.async_follow()
        listed, unreadable = read_list(found, self._coordinator.catalog, self._installation)
        said = self.ownership.tell(self._evidence(listed, found.heard))
        judgement, broken = self._lists.judge(said, self.ownership.state), judged_of(said).broken
        if self._try_next and _DISCARDED.isdisjoint(broken):
            self._try_next = False
            said += self.ownership.tell(*clicks_to_try(listed, self.ownership.state))
        tests = [one for one in said if isinstance(one, TestKeys)]
        if judgement.state is AccountState.SIGNED_IN or tests:
            self.unreadable, self.others = unreadable, found.others
            self.cameras.async_take(
                listed, tests, asked=any(is_asked(one, self.ownership.state) for one in tests)
            )
        elif self.ownership.only_confirms:
            self.cameras.async_forget()
        self._ask_people()
        return judgement

    def is_foreign(self, found: CameraList) -> bool:
        """Tell whether a list that somebody else asked for is not this person's, as far as is known."""
        listed, _ = read_list(found, self._coordinator.catalog, self._installation)
        frozen = self.ownership.state.account.frozen_by is not None
        return frozen or self.ownership.would_say(self._evidence(listed, found.heard), Freeze)

    def _evidence(self, listed: Mapping[str, Listed], heard: Heard) -> AccountAnswer:
        known = self.ownership.state.cameras.keys() | self.ownership.state.elsewhere.keys()
        return as_evidence(listed, heard, known)

    @callback
    def async_judge_user(self, user: UserInfo, account: Account) -> Outcome:
        """Judge an answer that says whose account it is; returns what it says of the line."""
        owner = self._owner(user, account)
        said = self.ownership.tell(AccountAnswer(owner, quality_of(user.heard)))
        if any(isinstance(one, Freeze) for one in said):
            return Outcome.TRUST
        return Outcome.OK if owner and _DISCARDED.isdisjoint(judged_of(said).broken) else Outcome.MALFORMED

    @callback
    def async_failed(self, err: CloudError) -> Outcome | None:
        """Take a call's failure, as far as it says something; returns what else it says of the line."""
        if err.word is CloudReason.SIGNED_OUT:
            self.ownership.tell(LoggedOut())
        if not err.hollow:
            return None
        said = self.ownership.tell(AccountAnswer(quality=Quality.BROKEN))
        return Outcome.TRUST if any(isinstance(one, Freeze) for one in said) else None

    @callback
    def async_on_line(self, *, may_change: bool) -> None:
        """Take how the line stands: after a long outage an answer only confirms."""
        if self.ownership.state.account.recovering is may_change:
            self.ownership.tell(Uplink(recovering=not may_change))
            self._ask_people()

    def _owner(self, user: UserInfo, account: Account) -> str:
        """Return the keyed hash of whose account it is; empty if that was not told.

        An e-mail address means the same in every answer. Of the ids nobody documents that they do, and no
        person is to be taken for somebody else because of that.
        """
        if user.email and user.email.reveal().casefold() == account.email.reveal().casefold():
            return self.ownership.state.owner
        return self._installation.owner(user.user_id) if user.user_id else ""

    # What a person says

    async def async_try_waiting(self, ask_list: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        """Let everything prove itself that the next list holds, and wait until that is over.

        Returns whether there was a list.
        """
        self._try_next = True
        try:
            async with asyncio.timeout(TRY_SECONDS):
                await self._async_proofs_over()
                await ask_list()
                await self._async_proofs_over()
        except TimeoutError:
            pass
        return not self._try_next

    async def _async_proofs_over(self) -> None:
        if self.cameras.work is not None:
            await asyncio.wait({self.cameras.work})

    async def async_refuse_waiting(self) -> None:
        """Have nothing to do with the cameras that wait. Raises VaultError, and then nothing has changed."""
        keys = {
            one.fingerprint for one in self.cameras.undecided() if not self.ownership.pinned(one.fingerprint)
        }
        waiting = self.ownership.state.cameras.items()
        keys |= {key for key, known in waiting if isinstance(known, Waiting)}
        if keys:
            await self.ownership.async_say(*(Click(key, Word.NOT_MINE) for key in sorted(keys)))
        self.cameras.async_settle()
        self._ask_people()

    def may_show(self, event: CloudEvent) -> bool:
        """Tell whether an event may be shown: a recent one, of a camera that is trusted."""
        camera = self.fingerprint_of(event)
        return bool(camera) and self.ownership.would_say(EventSeen(camera, event.at, event.model), PassEvent)

    def fingerprint_of(self, event: CloudEvent) -> str:
        """Return the keyed hash of an event's camera; empty where it has no hardware address."""
        try:
            return self._installation.fingerprint_of(parse_mac(event.mac.reveal()))
        except InvalidField:
            return ""

    @callback
    def async_release(self) -> None:
        """Take it that the account's answers are right again."""
        self.ownership.tell(Release())
        self._changed()

    def _ask_people(self) -> None:
        """Ask, or ask no more, whose the cameras are that prove nothing."""
        found = [] if self.ownership.state.account.frozen_by else self.cameras.undecided()
        catalog = self._coordinator.catalog
        models = [catalog.model(one.told.model).name or one.told.model or "?" for one in found]
        self.waiting = Undecided(len(found), tuple(sorted(models)))
        if found:
            async_report_waiting(self._hass, self._entry, len(found), self.waiting.models)
        else:
            async_clear_waiting(self._hass, self._entry)

    @callback
    def _async_on_proofs(self) -> None:
        self._ask_people()
        self._changed()
