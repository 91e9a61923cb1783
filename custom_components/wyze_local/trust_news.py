"""Tells people how an account's answers are trusted: a repair, an event for automations, a line in the log.

Of answers that are not this person's nothing is told but counts: all the rest is somebody else's.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from .cameras import camera_items
from .const import DOMAIN, EVENT_TRUST, LOGGER
from .engine.ownership import (
    MEANINGS,
    AccountStanding,
    CheckOwner,
    Counts,
    Freeze,
    Invariant,
    Judged,
    SignInAgain,
    State,
    Suspect,
    Unfreeze,
    Verdict,
    Weight,
)
from .issues import async_clear_not_yours, async_report_not_yours

if TYPE_CHECKING:
    from .entry import WyzeLocalConfigEntry

REASONS: Mapping[Invariant, str] = {
    Invariant.A1: "another_account",
    Invariant.A2: "stale",
    Invariant.A3: "cached_or_hollow",
    Invariant.D1: "strangers",
    Invariant.D3: "other_keys",
    Invariant.D4: "mixed_up",
    Invariant.D6: "many_new",
}
"""Why answers are not trusted as usual, as words for automations."""


class TrustNews:
    """Has one place for each verdict on an account that somebody has to know of."""

    def __init__(
        self, hass: HomeAssistant, entry: WyzeLocalConfigEntry, check_owner: Callable[[], None]
    ) -> None:
        """Serve one entry; `check_owner` is called when it has to be asked whose account it is."""
        self._hass = hass
        self._entry = entry
        self._check_owner = check_owner
        self.counts = Counts()
        """How much the last answer held that was judged."""
        self.reason = ""
        """Why answers are not trusted as usual; empty when they are."""
        self._handlers: Mapping[type[Verdict], Callable[[Any], None]] = {
            Judged: self._on_judged,
            Freeze: self._on_freeze,
            Unfreeze: self._on_unfreeze,
            CheckOwner: self._on_check_owner,
            SignInAgain: self._on_sign_in_again,
            Suspect: self._on_suspect,
        }

    @callback
    def async_take(self, before: State, after: State, said: tuple[Verdict, ...]) -> None:
        """Take what was said to a piece of evidence."""
        for verdict in said:
            if (handler := self._handlers.get(type(verdict))) is not None:
                handler(verdict)
        if before.account.standing is not after.account.standing:
            self._tell(before.account.standing, after.account.standing)

    @callback
    def async_resume(self, state: State) -> None:
        """Take up what was known before a restart."""
        if (reason := state.account.frozen_by) is not None:
            self.reason = REASONS.get(reason, reason.lower())
            self._report()
        else:
            async_clear_not_yours(self._hass, self._entry)

    def _on_judged(self, judged: Judged) -> None:
        self.counts = judged.counts
        odd = [one for one in judged.broken if MEANINGS[one].weight is not Weight.KEEP and one in REASONS]
        if odd and not judged.clean:
            self.reason = REASONS[odd[0]]

    def _on_freeze(self, freeze: Freeze) -> None:
        self.reason, self.counts = REASONS.get(freeze.reason, freeze.reason.lower()), freeze.counts
        self._report()

    def _report(self) -> None:
        cameras = len(camera_items(self._entry))
        async_report_not_yours(self._hass, self._entry, self.counts, cameras)

    def _on_unfreeze(self, _: Unfreeze) -> None:
        async_clear_not_yours(self._hass, self._entry)

    def _on_check_owner(self, _: CheckOwner) -> None:
        self._check_owner()

    def _on_sign_in_again(self, again: SignInAgain) -> None:
        if again.by_vendor:
            LOGGER.info("The vendor ended the session of an account that was well a moment ago")

    def _on_suspect(self, _: Suspect) -> None:
        LOGGER.warning("A camera refuses its key again and again: it was set up anew, or is not what it was")

    def _tell(self, before: AccountStanding, after: AccountStanding) -> None:
        """Say that the account's answers are trusted in another way than so far."""
        if after is AccountStanding.FROZEN:
            LOGGER.warning("An account's answers are not this person's (%s): nothing is taken", self.reason)
        elif before is AccountStanding.FROZEN:
            LOGGER.info("An account's answers count again")
        if after is AccountStanding.NORMAL:
            self.reason = ""
        device = dr.async_get(self._hass).async_get_device_by_identifier(
            (DOMAIN, self._entry.entry_id), self._entry.entry_id
        )
        self._hass.bus.async_fire(
            EVENT_TRUST,
            {
                "config_entry_id": self._entry.entry_id,
                "device_id": device.id if device else None,
                "from": before.value,
                "to": after.value,
                "reason": self.reason,
                "counts": asdict(self.counts),
            },
        )
