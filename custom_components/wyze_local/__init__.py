"""Wyze Local: Wyze-class cameras on the local network, with their keys sealed on disk."""

from collections.abc import Awaitable
from functools import partial

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .account import AccountCoordinator
from .camera_events import CameraEvents
from .cameras import camera_names, is_external, is_signed_in, own_entries
from .check_services import async_set_up_check_services
from .clip_services import async_set_up_clip_services
from .const import CONF_KEYS_ALLOWED, CONF_NETWORKS, CONF_VAULT_ID, DOMAIN, LOGGER, PLATFORMS
from .control_memory import async_get_control_memory
from .control_services import async_set_up_control_services
from .controls import Controls
from .coordinator import CamerasCoordinator
from .devices import async_adopt_devices, async_remove_camera, async_tidy_devices
from .engine.catalog import Catalog, ControlCatalog
from .engine.model import CameraNetworks
from .engine.stream import PictureServer, StreamServerError
from .engine.vault import NO_LOGINS, VaultError
from .entry import WyzeLocalConfigEntry, WyzeLocalData, lan_door
from .entry_vault import EntryVault
from .finding import Finding
from .held_repairs import HeldRepairs
from .issues import async_clear_issues, async_report_keys_missing, async_report_not_moved, async_report_vault
from .keys import async_get_keys
from .server_errors import server_error_key
from .services import async_set_up_services
from .shared import Shared, async_get_shared
from .surroundings import Surroundings, async_attached_networks
from .views import async_set_up_views
from .watch_disabled import async_follow_disabled
from .zone_view import ZoneView

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up what exists once."""
    shared = await async_get_shared(hass)
    await async_get_keys(hass).async_finish()
    async_set_up_services(hass)
    async_set_up_clip_services(hass)
    async_set_up_control_services(hass)
    async_set_up_check_services(hass)
    async_set_up_views(hass, shared.clips)
    hass.http.register_view(ZoneView(hass))
    return True


async def async_setup_entry(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> bool:
    """Set up one entry: shared parts, vault, cameras, platforms, in this order."""
    shared = await async_get_shared(hass)
    vault = EntryVault(hass, entry.data[CONF_VAULT_ID])
    await _async_open_vault(hass, entry, vault)
    server = await _async_acquire(shared, entry, vault)
    catalog = await hass.async_add_executor_job(Catalog.load)
    coordinator = CamerasCoordinator(
        hass,
        entry,
        shared=shared,
        server=server,
        vault=vault,
        networks=CameraNetworks.parse(entry.options[CONF_NETWORKS]),
        surroundings=Surroundings(await async_attached_networks(hass), catalog),
    )
    await shared.relaying.async_set_networks(entry.entry_id, coordinator.networks)
    for camera_key in camera_names(entry):
        await coordinator.async_add(camera_key)
    await coordinator.async_config_entry_first_refresh()
    account = AccountCoordinator(entry, coordinator) if is_signed_in(entry) else None
    entry.runtime_data = WyzeLocalData(
        shared=shared,
        vault=vault,
        coordinator=coordinator,
        events=CameraEvents(entry, coordinator, account),
        controls=Controls(hass, coordinator, await hass.async_add_executor_job(ControlCatalog.load)),
        finding=Finding(entry, coordinator),
        account=account,
    )
    vault.opened_late = partial(_async_opened_late, hass, entry)
    coordinator.async_start()
    entry.async_on_unload(entry.runtime_data.finding.async_start())
    async_report_keys_missing(hass, entry)
    entry.async_on_unload(entry.add_update_listener(_async_entry_changed))
    async_adopt_devices(hass, entry)
    async_tidy_devices(hass, entry)
    await _async_show(hass, entry)
    return True


async def _async_show(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> None:
    """Set up the platforms, and around them what has to be there before, and what nobody waits for."""
    shared, account = entry.runtime_data.shared, entry.runtime_data.account
    if account is not None:
        # Before anything is shown: nobody is trusted more for the moment of a restart.
        account.trust.async_load()
    await shared.clips.keeper.async_start()
    entry.runtime_data.events.async_start()
    entry.async_on_unload(HeldRepairs(entry).async_start())
    entry.async_on_unload(async_follow_disabled(hass, shared.watching))
    # Whose controls are known already gets their entities at once.
    await entry.runtime_data.controls.async_load()
    start_cloud = entry.runtime_data.controls.async_add_cloud(account) if account is not None else None
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(entry.runtime_data.controls.async_start())
    # From now on there is somebody to hear of what moves.
    shared.watching.async_begin()
    # Last, and in the background: no picture waits for the vendor.
    if account is not None and start_cloud is not None:
        account.async_start()
        start_cloud()


async def _async_acquire(shared: Shared, entry: WyzeLocalConfigEntry, vault: EntryVault) -> PictureServer:
    """Return the stream server of an entry, counted until it is unloaded; raises ConfigEntryNotReady."""
    try:
        if is_external(entry):
            server: PictureServer = await shared.externals.async_acquire(
                entry.entry_id, vault.logins.server, takes_keys=bool(entry.options.get(CONF_KEYS_ALLOWED))
            )
            entry.async_on_unload(partial(shared.externals.async_release, entry.entry_id))
            return server
        server = await shared.async_acquire(entry.entry_id, lan_door(entry.options, vault.logins))
    except StreamServerError as err:
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key=server_error_key(err),
            translation_placeholders=err.details,
        ) from err
    entry.async_on_unload(shared.async_release)
    return server


async def _async_open_vault(hass: HomeAssistant, entry: WyzeLocalConfigEntry, vault: EntryVault) -> None:
    """Open the vault; one that cannot be opened becomes a repair, never a failed set-up."""
    try:
        recovered = await vault.async_load()
    except VaultError as err:
        LOGGER.warning("A vault cannot be opened (%s); its cameras wait for their keys", err.reason)
        async_report_vault(hass, entry, err)
        return
    if orphans := _async_note_open(hass, entry, vault, recovered):
        await _async_drop(vault, *orphans)


@callback
def _async_note_open(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, vault: EntryVault, recovered: bool
) -> set[str]:
    """Withdraw what was asked for an open vault; returns whose cameras were removed while it was shut."""
    async_clear_issues(hass, entry)
    if recovered:
        LOGGER.warning("The vault of an entry was damaged; its previous version is in use")
    return vault.records.keys() - camera_names(entry).keys()


@callback
def _async_opened_late(hass: HomeAssistant, entry: WyzeLocalConfigEntry, recovered: bool) -> None:
    """Follow a vault that was shut at the start and whose cause somebody mended meanwhile."""
    # Listed now: a camera that is just being added has its keys in the vault before it is in the entry.
    data = entry.runtime_data
    orphans = _async_note_open(hass, entry, data.vault, recovered)
    if data.vault.logins != NO_LOGINS:
        # What they open was set up without them.
        hass.config_entries.async_schedule_reload(entry.entry_id)
        return
    entry.async_create_task(hass, _async_take_up(hass, entry, orphans), f"{DOMAIN} vault opened late")
    if data.account is not None:
        data.account.async_account_changed()


async def _async_take_up(hass: HomeAssistant, entry: WyzeLocalConfigEntry, orphans: set[str]) -> None:
    """Give all cameras of an entry the keys that its vault holds after all."""
    data = entry.runtime_data
    async with data.lock:
        if entry.state is not ConfigEntryState.LOADED:
            return
        if orphans:
            await _async_drop(data.vault, *orphans)
        for camera_key in tuple(data.coordinator.data):
            await data.coordinator.async_change(camera_key)
        # Counters are read only from the next reading on.
        await data.coordinator.async_refresh()
        async_report_keys_missing(hass, entry)


async def _async_drop(vault: EntryVault, *camera_keys: str) -> None:
    """Erase keys; what cannot be written now is erased when the entry is loaded the next time."""
    try:
        await vault.async_drop(*camera_keys)
    except VaultError as err:
        LOGGER.warning("Keys of a removed camera could not be erased yet (%s)", err.reason)


async def _async_delete(work: Awaitable[None]) -> None:
    """Delete files of an entry that is no more; one that stays must not keep the rest from going."""
    try:
        await work
    except VaultError as err:
        LOGGER.warning("A file of a removed entry could not be deleted (%s)", err.reason)


async def _async_entry_changed(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> None:
    """Follow cameras and networks of the entry without reloading anything."""
    data = entry.runtime_data
    # Two changes in a row would both find the same camera new.
    async with data.lock:
        if entry.state is ConfigEntryState.LOADED and entry.runtime_data is data:
            await _async_follow(hass, entry)


async def _async_follow(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> None:
    data = entry.runtime_data
    coordinator = data.coordinator
    names = camera_names(entry)
    for camera_key in [key for key in coordinator.data if key not in names]:
        await coordinator.async_remove(camera_key)
        await async_get_control_memory(hass).async_forget([camera_key])
        await _async_drop(data.vault, camera_key)
    networks = CameraNetworks.parse(entry.options[CONF_NETWORKS])
    if networks != coordinator.networks:
        await coordinator.async_set_networks(networks)
    await coordinator.async_follow_settings()
    for camera_key in [key for key in names if key not in coordinator.data]:
        await coordinator.async_add(camera_key)
    await coordinator.async_refresh()
    async_tidy_devices(hass, entry)
    async_report_keys_missing(hass, entry)
    for listener in tuple(data.listeners):
        listener()


async def async_unload_entry(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> bool:
    """Unload an entry. Its streams linger with the shared parts, so that a reload costs nobody a picture."""
    # Not while a camera is being saved: the next load would read the vault without it.
    async with entry.runtime_data.lock:
        if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
            return False
        entry.runtime_data.coordinator.async_leave()
        if (account := entry.runtime_data.account) is not None:
            await account.async_close()
    return True


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, device: dr.DeviceEntry
) -> bool:
    """Let a person remove an account's camera, which then stays away; a local one goes with its subentry."""
    return async_remove_camera(hass, entry, device)


async def async_remove_entry(hass: HomeAssistant, entry: WyzeLocalConfigEntry) -> None:
    """Delete what an entry kept: the sealed file, and with the last entry key file and stream server."""
    vault = EntryVault(hass, entry.data[CONF_VAULT_ID])
    await _async_delete(vault.async_remove())
    async_clear_issues(hass, entry)
    async_report_not_moved(hass, entry, ())
    shared = await async_get_shared(hass)
    await shared.externals.async_remove(entry.entry_id, camera_names(entry))
    await shared.relaying.async_forget(entry.entry_id, camera_names(entry))
    await async_get_control_memory(hass).async_forget(camera_names(entry))
    if not own_entries(hass):
        await _async_delete(vault.async_remove_key())
        await shared.async_end()
        await shared.clips.mark.async_remove()
