"""Asks a vendor account for its cameras now and then; nothing of a camera's picture waits for the answer.

One list for all cameras, every quarter of an hour or so. What it says goes to `account_cameras.py`, which
lets cameras prove themselves before anything changes; how the asking goes is the account's status.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, override

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .account_notices import AccountNotices
from .account_people import AccountPeople
from .account_session import AccountSessions
from .account_status import ASKED, DOWN, STATES, AccountState, AccountStatus, answer_of
from .cloud_pictures import CloudPictures
from .const import DOMAIN
from .engine.cloud import CallRecord, CameraList, CloudError, CloudReason, CloudSession
from .engine.uplink import Call, Outcome, Refuse, Uplink, Why
from .issues import async_report_key_age
from .lan_only import async_keep_lan_only, async_withdraw_sign_in, is_lan_only
from .line import Line
from .line_status import Answer, LineStatus, async_fire_uplink

if TYPE_CHECKING:
    from .coordinator import CamerasCoordinator
    from .entry import WyzeLocalConfigEntry


class AccountCoordinator(AccountPeople):
    """Follows one account that stays signed in."""

    config_entry: WyzeLocalConfigEntry  # type: ignore[mutable-override]

    def __init__(self, entry: WyzeLocalConfigEntry, cameras: CamerasCoordinator) -> None:
        """Prepare; nothing is asked before `async_start`."""
        super().__init__(entry, cameras, self._async_ask_owner)
        self._vault = cameras.vault
        self._shared = cameras.shared
        self._clock = cameras.shared.environment.clock
        self._sessions = AccountSessions(entry, self._vault, self._shared)
        self._notices = AccountNotices(self.hass, entry)
        state = AccountState.LAN_ONLY if self.lan_only else AccountState.CHECKING
        self.data = AccountStatus(state, dt_util.utcnow())
        self.line = Line(
            entry,
            self._vault,
            cameras.shared.environment,
            spawn=self._spawn,
            ask_list=self.async_refresh,
            ask_user=self._async_ask_user,
            changed=self._async_on_line,
        )
        """How the way to the vendor stands, and whether it may be asked."""
        self.pictures = CloudPictures(self, self._shared)
        """The vendor's pictures of events, for whoever wants them."""

    @property
    def lan_only(self) -> bool:
        """Whether the person wants the vendor to be left alone."""
        return is_lan_only(self.config_entry)

    @property
    def calls(self) -> tuple[CallRecord, ...]:
        """The newest calls, oldest first."""
        return self._sessions.calls

    @property
    def key_days(self) -> int | None:
        """How many days ago the developer key was given."""
        if (account := self._vault.account) is None:
            return None
        return int((self._clock.time() - account.key_since) // (24 * 3600))

    @callback
    def async_start(self) -> None:
        """Begin to ask, beside everything else."""
        entry = self.config_entry
        # The account is followed even while its sensor is disabled.
        entry.async_on_unload(self.async_add_listener(lambda: None))
        entry.async_on_unload(self.async_shutdown)
        self.trust.async_start()
        self.pictures.async_start()
        if self.lan_only:
            self._spawn(self.async_request_refresh())
        else:
            self.line.async_start()
            self._agree()

    def _agree(self) -> None:
        """Let what is remembered of the answers fit the line, whose record may be older, newer or damaged."""
        if not self.lan_only:
            may_change = self.line.may_change
            self.trust.async_on_line(may_change=may_change)

    @callback
    def async_account_changed(self) -> None:
        """Ask soon: the vault may hold another session or key, or may just have been opened."""
        self.line.async_recall()
        self.trust.async_load()
        self._agree()
        self._spawn(self._async_ask_anew(self.async_request_refresh))

    async def _async_ask_anew(self, ask_list: Callable[[], Awaitable[None]]) -> None:
        """Ask for a list; while the line is down, whether it still is: a person has just met the vendor."""
        if not self.line.may_confirm and not self.lan_only:
            await self.line.async_check()
        await ask_list()

    async def async_set_lan_only(self, on: bool) -> None:
        """Leave the vendor alone from now on, over restarts too; or ask again, at once.

        A call under way is given up. Returns when nothing of the session is left: tokens that were on their
        way are sealed first, which takes 36 seconds at most.
        """
        async_keep_lan_only(self.hass, self.config_entry, on=on)
        if not on:
            self.line.async_start()
            self._spawn(self._async_ask_anew(self.async_refresh))
            return
        self.line.async_rest()
        self._notices.async_forget()
        async_withdraw_sign_in(self.hass, self.config_entry)
        self.async_set_updated_data(self._left_alone())
        await self._sessions.async_end()

    async def async_check_now(self) -> None:
        """Ask the vendor now whether it is there and whose account this is, and for a list if it may be.

        Raises HomeAssistantError, which says when it makes sense again.
        """
        if await self._sessions.async_get() is None:
            key = "unchecked_lan_only" if self.lan_only else "unchecked_no_session"
            raise HomeAssistantError(translation_domain=DOMAIN, translation_key=key)
        if (refusal := await self.line.async_check()) is not None:
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key=f"unchecked_{refusal.why.value}",
                translation_placeholders={"seconds": str(math.ceil(refusal.seconds))},
            )
        if self.line.may_confirm:
            await self.async_refresh()

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Do something beside everything else, for as long as the entry is loaded."""
        return self.config_entry.async_create_background_task(
            self.hass, work, name=f"{DOMAIN} account", eager_start=False
        )

    async def async_close(self) -> None:
        """End for good; tokens that are on their way are sealed first."""
        self._sessions.closed = True
        await self.line.async_close()
        await self._sessions.async_close()
        await self.ownership.async_close()

    @override
    async def _async_update_data(self) -> AccountStatus:
        """Ask for the list. Failures are states, none of which is an error of Home Assistant's."""
        while (session := await self._sessions.async_get()) is not None:
            account = self._sessions.account
            async_report_key_age(self.hass, self.config_entry, account, self._clock.time())
            verdict = await self.line.ask(Call.LIST)
            if isinstance(verdict, Refuse):
                return self._refused(verdict)
            try:
                found = await session.cameras()
            except CloudError as err:
                self.line.answered(Call.LIST, self._failure(err))
                if self._sessions.is_current(session):
                    return self._failed(err)
            else:
                if self._sessions.is_current(session):
                    return self._listed(session, found)
        if self._sessions.closed:
            return self.data
        if self.lan_only:
            return self._left_alone()
        async_report_key_age(self.hass, self.config_entry, self._sessions.account, self._clock.time())
        return self._stands(AccountState.SIGNED_OUT if self._vault.is_open else AccountState.SEALED)

    def _left_alone(self) -> AccountStatus:
        async_report_key_age(self.hass, self.config_entry, None, self._clock.time())
        return self._stands(AccountState.LAN_ONLY)

    async def _async_ask_user(self) -> Answer:
        """Make the cheapest call that says whose account it is: the line's probe, and nobody else's call."""
        if (session := await self._sessions.async_get()) is None:
            return Answer(Outcome.AUTH)
        try:
            user = await session.user(early=False)
        except CloudError as err:
            if self._sessions.is_current(session):
                self._show(self._failed(err))
            return self._failure(err)
        if not self._sessions.is_current(session):
            return Answer(Outcome.AUTH)
        self.line.limited(user.heard.away)
        judged = self.trust.async_judge_user(user, session.account)
        if judged is Outcome.TRUST:
            self._show(self._stands(AccountState.UNFAMILIAR))
        return Answer(self.line.policy.outcome(_seconds(session)) if judged is Outcome.OK else judged)

    async def _async_ask_owner(self) -> None:
        """Ask whose account it is: without that, answers that were not ours are not believed again."""
        if not isinstance(await self.line.ask(Call.BACKGROUND), Refuse):
            self.line.answered(Call.BACKGROUND, await self._async_ask_user())

    async def async_call[T](self, call: Call, ask: Callable[[CloudSession], Awaitable[T]]) -> T | None:
        """Return what a call of the session gives; None while the vendor may not be asked. Raises CloudError.

        None as well for what was said to a session that is not the account's any more.
        """
        session = await self._sessions.async_get()
        if session is None or isinstance(await self.line.ask(call), Refuse):
            return None
        try:
            found = await ask(session)
        except CloudError as err:
            self.line.answered(call, self._failure(err))
            raise
        self.line.answered(call, Answer(self.line.policy.outcome(_seconds(session))))
        return found if self._sessions.is_current(session) else None

    def _failure(self, err: CloudError) -> Answer:
        """Return what a failure says of the line, and of the account where it claims that all is well."""
        outcome = self.trust.async_failed(err)
        return answer_of(err, self._clock.time()) if outcome is None else Answer(outcome)

    def _listed(self, session: CloudSession, found: CameraList) -> AccountStatus:
        judged = self.trust.async_judge(found)
        outcome = judged.outcome
        if outcome is Outcome.OK:
            outcome = self.line.policy.outcome(_seconds(session))
        self.line.limited(found.heard.away)
        self.line.answered(Call.LIST, Answer(outcome))
        if judged.state is not AccountState.SIGNED_IN or self.ownership.only_confirms:
            return self._stands(judged.state)
        self._stands(AccountState.SIGNED_IN)
        return self.data.listed(self.trust.list_counts(), dt_util.utcnow())

    def _failed(self, err: CloudError) -> AccountStatus:
        if err.word is CloudReason.TOKEN_REFUSED and err.retry_at is not None:
            # A session that is refused is renewed as soon as it may be.
            self.line.list_in(max(err.retry_at - self._clock.time(), 0.0) * 1.02 + 0.1)
        return self._stands(STATES.get(err.word, AccountState.FAULT))

    def _refused(self, verdict: Refuse) -> AccountStatus:
        """Return what is true of an account that is not asked now."""
        if verdict.why is Why.LIMITED:
            return self._stands(AccountState.LIMITED)
        return self._down() if verdict.why is Why.OFFLINE else self.data

    def _down(self) -> AccountStatus:
        """Return what is true while the line is down; what a failure said last says more than the line."""
        if self.data.state not in ASKED:
            return self.data
        why = self.line.status.why
        return self._stands(DOWN.get(why, AccountState.OFFLINE) if why else AccountState.OFFLINE)

    @callback
    def _async_on_line(self, before: LineStatus) -> None:
        """Show how the line stands; what the account is said to be has to be true as well."""
        status = self.line.status
        self.trust.async_on_line(may_change=self.line.may_change)
        if status.state is not before.state and not self._sessions.closed:
            async_fire_uplink(self.hass, self.config_entry, before.state, status)
            if status.state is Uplink.OFFLINE:
                self.data = self._down()
        self.async_update_listeners()

    @callback
    def _show(self, status: AccountStatus) -> None:
        if status != self.data:
            self.data = status
            self.async_update_listeners()

    @callback
    def _stands(self, state: AccountState) -> AccountStatus:
        """Return the status; says what is worth saying."""
        self._notices.note(state, self._sessions.account)
        return self.data.becomes(state, dt_util.utcnow())

    @callback
    def async_ask_again(self) -> None:
        """Ask anew: whoever came to sign in has done so elsewhere."""
        self._notices.async_forget()
        self._notices.note(self.data.state, self._sessions.account)


def _seconds(session: CloudSession) -> float:
    """Return how long the last call took, its waiting for a turn not counted."""
    return session.calls[-1].duration_ms / 1000
