"""The key file of the installation: where it lies, and how all vaults get another.

One for all entries, and so is the lock that every vault is touched under: nobody writes a vault under a key
that is just being replaced.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .cameras import own_entries
from .const import CONF_VAULT_ID, DOMAIN, LOGGER
from .engine.vault import KeyChange, KeyPlace, KeyPlaces, Settled, Vault, VaultError

DATA_KEYS: HassKey[Keys] = HassKey(f"{DOMAIN}_keys")

CONF_PATH = "path"
CONF_BEFORE = "before"
# A vault's id is as long; what was put aside of it, or is half written, is not.
VAULT_ID_LENGTH = 32


def vault_path(hass: HomeAssistant, vault_id: str) -> Path:
    """Return where an entry's sealed file lies: with Home Assistant's own storage, so backups hold it."""
    return Path(hass.config.path(".storage", f"{DOMAIN}.vault.{vault_id}"))


class Keys:
    """Where the key file lies now, and where it lay as long as a vault still needs that one."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin at the place that nobody chose, in the cache folder, which no backup holds."""
        self._hass = hass
        self.own = KeyPlace(Path(hass.config.cache_path(DOMAIN, "key")))
        self._store: Store[dict[str, Any]] = Store(
            hass, 1, f"{DOMAIN}.keys", private=True, atomic_writes=True
        )
        self._loaded = False
        self.lock = asyncio.Lock()
        """Held by whoever touches a vault or a key file."""
        self.places = KeyPlaces(self.own)
        self.writes: Counter[str] = Counter()
        """How often each vault was written, by its id: what was read before is old then."""

    async def async_run[*Ts, T](self, work: Callable[[*Ts], T], *args: *Ts) -> T:
        """Do something in a thread, under the lock, and let go only when it is over.

        No thread can be stopped. Whoever gives up waiting for one must not leave it writing beside the next
        writer, who might be the one with the newer tokens.
        """
        job = self._hass.async_add_executor_job(work, *args)
        try:
            return await asyncio.shield(job)
        except asyncio.CancelledError:
            await asyncio.wait({job})
            raise

    async def async_load(self) -> None:
        """Read where the key file lies, once; to be called under the lock."""
        if not self._loaded:
            stored = await self._store.async_load() or {}
            before = tuple(self._place(path) for path in stored.get(CONF_BEFORE, ()))
            self.places = KeyPlaces(self._place(stored.get(CONF_PATH)), before)
            self._loaded = True

    def vault(self, vault_id: str) -> Vault:
        """Return the vault of an entry; to be used under the lock."""
        return Vault(vault_path(self._hass, vault_id), self.places, vault_id)

    async def async_finish(self) -> None:
        """Finish what a crash interrupted, if it can be; until then each vault opens with one of the keys."""
        async with self.lock:
            await self.async_load()
            try:
                if not await self.async_run(self._is_settled):
                    await self._async_settle()
            except VaultError as err:
                LOGGER.warning("A change of the key file could not be finished yet (%s)", err.reason)

    async def async_rotate(self) -> int:
        """Seal all vaults under a new key and return how many; raises VaultError, all of them open then."""
        async with self.lock:
            await self.async_load()
            change = KeyChange(self.places)
            ids = self._ids()
            settled = await self.async_run(lambda: change.rotate(self._vaults(ids), also=self._strays(ids)))
            return settled.vaults

    async def async_move(self, path: str | None) -> None:
        """Take the key at another path, or make one there; None for the place that nobody chose.

        Vaults that do not open stay as they are, and the key file before stays with them. Raises VaultError.
        """
        async with self.lock:
            await self.async_load()
            place, before = self._place(path), self.places
            if place != before.current:
                await self.async_run(KeyChange(KeyPlaces(place)).prepare)
                older = tuple(one for one in (before.current, *before.before) if one != place)
                await self._async_save(KeyPlaces(place, older))
            elif not before.before:
                return
            await self._async_settle()

    async def _async_settle(self) -> Settled:
        change, older, ids = KeyChange(self.places), self.places.before, self._ids()
        settled = await self.async_run(lambda: change.settle(self._vaults(ids), also=self._strays(ids)))
        if older and not settled.left:
            await self._async_save(KeyPlaces(self.places.current))
            for place in older:
                await self.async_run(change.drop, place)
        return settled

    async def _async_save(self, places: KeyPlaces) -> None:
        """Remember places, on disk first: a key that nobody finds again is lost."""
        await self._store.async_save(
            {
                CONF_PATH: self._path(places.current),
                CONF_BEFORE: [self._path(place) for place in places.before],
            }
        )
        self.places = places

    def _place(self, path: str | None) -> KeyPlace:
        return KeyPlace(Path(path), chosen=True) if path else self.own

    @staticmethod
    def _path(place: KeyPlace) -> str | None:
        return str(place.path) if place.chosen else None

    def _is_settled(self) -> bool:
        return not self.places.before and not self.places.current.next.path.exists()

    @callback
    def _ids(self) -> list[str]:
        return [entry.data[CONF_VAULT_ID] for entry in own_entries(self._hass)]

    def _vaults(self, ids: Sequence[str]) -> list[Vault]:
        return [self.vault(vault_id) for vault_id in ids]

    def _strays(self, known: Sequence[str]) -> list[Vault]:
        """Return the vaults that no entry has, or not yet: a config flow makes the vault before the entry."""
        start = vault_path(self._hass, "")
        names = [path.name.removeprefix(start.name) for path in start.parent.glob(f"{start.name}*")]
        return [self.vault(name) for name in names if len(name) == VAULT_ID_LENGTH and name not in known]


@callback
def async_get_keys(hass: HomeAssistant) -> Keys:
    """Return the keys of this Home Assistant; they are read at their first use."""
    return hass.data.setdefault(DATA_KEYS, Keys(hass))
