"""The repairs that an entry or the stream server may ask for, and when they go away."""

from collections import Counter
from collections.abc import Sequence

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .cameras import CameraItem, camera_names, is_account
from .const import (
    DOMAIN,
    ISSUE_EXTERNAL,
    ISSUE_KEY_AGE,
    ISSUE_KEYS_MISSING,
    ISSUE_NOT_MOVED,
    ISSUE_NOT_YOURS,
    ISSUE_SOLD,
    ISSUE_STREAM_SERVER,
    ISSUE_VAULT,
    ISSUE_WAITING,
    ISSUE_WATCH,
)
from .engine.model import Account
from .engine.ownership import Counts
from .engine.stream import ServerPhase, ServerState
from .engine.vault import VaultError
from .entry import WyzeLocalConfigEntry
from .keys import async_get_keys, vault_path
from .plain import plain, plain_list

KEY_AGE_SECONDS = 334 * 24 * 3600
"""Eleven months: the vendor ends a developer key after twelve."""

# Causes that the person mends outside and that need no new vault.
MENDED_OUTSIDE = frozenset({"key_mode_too_wide", "key_not_ours"})


@callback
def async_report_external(hass: HomeAssistant, entry_id: str, reason: str) -> None:
    """Tell of an external stream server that stays away."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{ISSUE_EXTERNAL}_{entry_id}",
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=ISSUE_EXTERNAL,
        translation_placeholders={"reason": reason.removeprefix("external_").replace("_", " ")},
    )


@callback
def async_clear_external(hass: HomeAssistant, entry_id: str) -> None:
    """Withdraw that."""
    ir.async_delete_issue(hass, DOMAIN, f"{ISSUE_EXTERNAL}_{entry_id}")


def _issue_id(kind: str, entry: WyzeLocalConfigEntry) -> str:
    return f"{kind}_{entry.entry_id}"


@callback
def async_report_vault(hass: HomeAssistant, entry: WyzeLocalConfigEntry, err: VaultError) -> None:
    """Ask for the repair of a vault that cannot be opened."""
    by_hand = err.reason in MENDED_OUTSIDE
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(ISSUE_VAULT, entry),
        data={"entry_id": entry.entry_id},
        is_fixable=True,
        severity=ir.IssueSeverity.ERROR,
        translation_key=f"{ISSUE_VAULT}_by_hand" if by_hand else ISSUE_VAULT,
        translation_placeholders={
            "reason": err.reason.replace("_", " "),
            "cameras": plain_list(camera_names(entry).values()),
            "vault": vault_path(hass, entry.data["vault_id"]).name,
            "key": str(async_get_keys(hass).places.current.path),
        },
    )


@callback
def async_report_keys_missing(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> None:
    """Ask for the keys of cameras that the open vault does not know; withdraws the request when it does."""
    vault = entry.runtime_data.vault
    missing = [name for key, name in camera_names(entry).items() if key not in vault.records]
    if not missing or not vault.is_open:
        ir.async_delete_issue(hass, DOMAIN, _issue_id(ISSUE_KEYS_MISSING, entry))
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(ISSUE_KEYS_MISSING, entry),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=f"{ISSUE_KEYS_MISSING}_account" if is_account(entry) else ISSUE_KEYS_MISSING,
        translation_placeholders={"cameras": plain_list(missing)},
    )


@callback
def async_report_key_age(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, account: Account | None, now: float
) -> None:
    """Ask for a new developer key before the vendor ends the old one; withdraws it when there is one."""
    if account is None or now - account.key_since < KEY_AGE_SECONDS:
        ir.async_delete_issue(hass, DOMAIN, _issue_id(ISSUE_KEY_AGE, entry))
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(ISSUE_KEY_AGE, entry),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_KEY_AGE,
        translation_placeholders={"account": entry.title},
    )


@callback
def async_report_not_yours(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, counts: Counts, cameras: int
) -> None:
    """Tell that an account's answers are not this person's; `cameras` go on without them.

    An answer that is not ours is somebody else's: nothing of it is told but how much it held.
    """
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(ISSUE_NOT_YOURS, entry),
        config_entry_id=entry.entry_id,
        data={"entry_id": entry.entry_id},
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_NOT_YOURS,
        translation_placeholders={
            "account": entry.title,
            "cameras": str(cameras),
            "listed": str(counts.listed),
            "ours": str(counts.ours),
        },
    )


@callback
def async_clear_not_yours(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> None:
    """Withdraw that."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(ISSUE_NOT_YOURS, entry))


@callback
def async_report_waiting(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, count: int, models: Sequence[str]
) -> None:
    """Ask whose the cameras are that an account tells of and that prove nothing here.

    `models` are the names of their models, one for each camera. What else is told of them may be another
    household's.
    """
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(ISSUE_WAITING, entry),
        config_entry_id=entry.entry_id,
        data={"entry_id": entry.entry_id},
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_WAITING,
        translation_placeholders={
            "account": entry.title,
            "count": str(count),
            "models": plain_list(f"{times} × {model}" for model, times in Counter(models).items()),
        },
    )


@callback
def async_clear_waiting(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> None:
    """Withdraw that."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(ISSUE_WAITING, entry))


@callback
def async_report_not_moved(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, stayed: Sequence[tuple[str, str]]
) -> None:
    """Tell which cameras could not be moved to an account: names and reasons. None of them withdraws it."""
    if not stayed:
        ir.async_delete_issue(hass, DOMAIN, _issue_id(ISSUE_NOT_MOVED, entry))
        return
    told = [f"{name} ({reason.replace('_', ' ')})" for name, reason in stayed]
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(ISSUE_NOT_MOVED, entry),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_NOT_MOVED,
        translation_placeholders={"account": entry.title, "cameras": plain_list(told)},
    )


@callback
def async_report_sold(hass: HomeAssistant, entry: WyzeLocalConfigEntry, item: CameraItem) -> None:
    """Tell what is left to do for a camera that was forgotten, until the person has done it."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{ISSUE_SOLD}_{item.key}",
        config_entry_id=entry.entry_id,
        data={"entry_id": entry.entry_id},
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_SOLD,
        translation_placeholders={"name": plain(item.name)},
    )


@callback
def async_clear_issues(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> None:
    """Withdraw everything asked for an entry."""
    for kind in (ISSUE_VAULT, ISSUE_KEYS_MISSING, ISSUE_KEY_AGE, ISSUE_NOT_YOURS, ISSUE_WAITING):
        ir.async_delete_issue(hass, DOMAIN, _issue_id(kind, entry))


@callback
def async_report_server(hass: HomeAssistant, state: ServerState) -> None:
    """Tell of a stream server that keeps failing, until it runs or nobody wants it to run."""
    if state.phase is ServerPhase.FAILED:
        ir.async_create_issue(
            hass,
            DOMAIN,
            ISSUE_STREAM_SERVER,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=ISSUE_STREAM_SERVER,
            translation_placeholders={
                "reason": state.reason or "unknown",
                "lines": "\n".join(state.last_lines[-12:]) or "–",
            },
        )
    elif state.phase in (ServerPhase.READY, ServerPhase.STOPPED):
        ir.async_delete_issue(hass, DOMAIN, ISSUE_STREAM_SERVER)


@callback
def async_report_watch(hass: HomeAssistant, reason: str) -> None:
    """Say that the watch worker does not come up, or keeps ending."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        ISSUE_WATCH,
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=ISSUE_WATCH,
        translation_placeholders={"reason": reason or "unknown"},
    )


@callback
def async_clear_watch(hass: HomeAssistant) -> None:
    """Take that back."""
    ir.async_delete_issue(hass, DOMAIN, ISSUE_WATCH)
