"""The cameras that an account shows, as a person is offered them: each with the truth about its model."""

import contextlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.selector import SelectOptionDict
from homeassistant.helpers.translation import async_get_translations

from .cameras import CameraItem, camera_items
from .const import CONF_IGNORED, CONF_WATCH, DOMAIN
from .engine.catalog import Catalog, LocalVideo
from .engine.cloud import CameraList, CloudCamera, Locality, Why
from .engine.model import CameraNetworks, Credentials, InvalidField, WatchMode, parse_name
from .engine.ownership import AccountStanding
from .installation import Installation
from .mixed_up import key_of_another, told_twice
from .ownership import Ownership
from .plain import plain
from .settings import CameraSettings

_KNOWN = {LocalVideo.YES: True, LocalVideo.NO: False, LocalVideo.UNKNOWN: None}
_WORDS = f"component.{DOMAIN}.selector.locality.options."


@dataclass(frozen=True, slots=True)
class Offer:
    """A camera of the account, with what is known of it here. Personal: it is shown, never logged."""

    name: str
    model_name: str
    locality: Locality
    why: Why
    credentials: Credentials | None
    """What reaches it on the LAN; None where the vendor left out too much for that."""
    fingerprint: str = ""
    """Its keyed hash; empty without credentials."""
    item: CameraItem | None = None
    """The camera as an entry has it already."""
    holder: ConfigEntry | None = None
    """That entry."""
    battery: bool = False
    """Whether it sleeps: nobody may keep it awake to watch it."""

    @property
    def choosable(self) -> bool:
        """Whether it can be a camera here."""
        return self.credentials is not None and self.locality is not Locality.NEEDS_CLOUD

    @property
    def mixed_up(self) -> Self:
        """The same without its keys, which are another camera's."""
        return replace(self, credentials=None, locality=Locality.UNKNOWN, why=Why.MIXED_UP)


def make_offers(
    found: CameraList, catalog: Catalog, installation: Installation, entries: Iterable[ConfigEntry]
) -> list[Offer]:
    """Return what an account's cameras are to this installation, sorted by name; each camera once."""
    held, twice = _held(entries), told_twice(found.cameras)
    offers: dict[str, Offer] = {}
    for number, camera in enumerate(found.cameras):
        offer = _offer(camera, catalog, installation, held)
        if offer.credentials is not None and not twice.isdisjoint({camera.uid, camera.enr}):
            offer = offer.mixed_up
        offers.setdefault(offer.fingerprint or str(number), offer)
    return sorted(offers.values(), key=lambda offer: offer.name.casefold())


def _offer(
    camera: CloudCamera,
    catalog: Catalog,
    installation: Installation,
    held: Mapping[str, tuple[CameraItem, ConfigEntry]],
) -> Offer:
    model = catalog.model(camera.model)
    model_name = model.name or camera.model or "–"
    credentials = camera.credentials()
    fingerprint = installation.fingerprint(credentials) if credentials else ""
    item, holder = held.get(fingerprint, (None, None)) if fingerprint else (None, None)
    locality, why = camera.locality(_KNOWN[model.local])
    return Offer(
        _name(camera, model_name),
        model_name,
        locality,
        why,
        credentials,
        fingerprint,
        item,
        holder,
        battery=model.battery,
    )


def _name(camera: CloudCamera, model_name: str) -> str:
    """Return what a camera is called: as in the vendor's application, where that can be shown."""
    try:
        return parse_name(camera.nickname)
    except InvalidField:
        return model_name


class Labels:
    """The words for offers, in the language of this Home Assistant."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """Take the words."""
        self._words = words

    @classmethod
    async def async_load(cls, hass: HomeAssistant) -> Labels:
        """Read the words."""
        return cls(await async_get_translations(hass, hass.config.language, "selector", {DOMAIN}))

    def options(self, offers: Iterable[Offer], mine: ConfigEntry | None) -> list[SelectOptionDict]:
        """Return the items of a list to choose from."""
        return [
            SelectOptionDict(value=offer.fingerprint, label=self._label(offer, mine))
            for offer in offers
            if offer.choosable
        ]

    def watchable(self, offers: Iterable[Offer], mine: ConfigEntry | None) -> list[SelectOptionDict]:
        """Return the cameras of which a person is asked whether they are to be watched, by name."""
        return [
            SelectOptionDict(value=offer.fingerprint, label=f"{offer.name} ({offer.model_name})")
            for offer in offers
            if may_watch(offer, mine)
        ]

    def others(self, offers: Iterable[Offer]) -> str:
        """Return the cameras that cannot be chosen, and why, one a line."""
        labels = [self._label(offer, None) for offer in offers if not offer.choosable]
        # A name comes from the vendor, and this text may hold links.
        lines = [f"- {plain(label)}" for label in labels]
        return "\n".join(lines) or "–"

    def _label(self, offer: Offer, mine: ConfigEntry | None) -> str:
        truth = self._word(offer.locality if offer.locality is Locality.LOCAL else offer.why)
        where = ""
        if offer.choosable and offer.holder is not None and offer.holder is not mine:
            where = f"; {self._word('move_here')} ({offer.holder.title})"
        return f"{offer.name} ({offer.model_name}): {truth}{where}"

    def _word(self, word: str) -> str:
        return self._words.get(f"{_WORDS}{word}", word)


def may_watch(offer: Offer, mine: ConfigEntry | None) -> bool:
    """Tell whether to ask about watching a camera; one that moves here brings its answer along."""
    return offer.choosable and not offer.battery and offer.holder in (None, mine)


def suggested_watched(
    offers: Iterable[Offer], mine: ConfigEntry | None, chosen: Collection[str], places: int
) -> list[str]:
    """Return whom the list of cameras to be watched shows as ticked: the watched, and new ones if it may."""
    ticked: list[str] = []
    for offer in offers:
        if not may_watch(offer, mine):
            continue
        if offer.item is not None:
            if CameraSettings.parse(offer.item.data).watch is not WatchMode.OFF:
                ticked.append(offer.fingerprint)
        elif offer.fingerprint in chosen and places > 0:
            ticked.append(offer.fingerprint)
            places -= 1
    return ticked


def watched_data(offer: Offer, watched: Collection[str] | None) -> dict[str, Any]:
    """Return what the answer changes about what is kept of a camera; `watched` is None for no answer."""
    if watched is None or offer.battery:
        return {}
    before = CameraSettings.parse(offer.item.data if offer.item else {}).watch
    wanted = offer.fingerprint in watched
    if wanted is (before is not WatchMode.OFF):
        return {}
    return {CONF_WATCH: (WatchMode.KEY if wanted else WatchMode.OFF).value}


@callback
def without_mixed_up(hass: HomeAssistant, offers: Iterable[Offer]) -> list[Offer]:
    """Return the offers, without the keys of those that are told another camera's."""
    return [
        one.mixed_up
        if one.credentials is not None and key_of_another(hass, one.fingerprint, one.credentials)
        else one
        for one in offers
    ]


def held_now(offers: Iterable[Offer], entries: Iterable[ConfigEntry]) -> list[Offer]:
    """Return the offers with who has each camera at this moment: other windows may have changed that."""
    held = _held(entries)
    nobody = (None, None)
    now = [(offer, held.get(offer.fingerprint, nobody) if offer.fingerprint else nobody) for offer in offers]
    return [replace(offer, item=item, holder=holder) for offer, (item, holder) in now]


def widened(networks: CameraNetworks, offers: Iterable[Offer]) -> tuple[list[str], CameraNetworks]:
    """Return the networks that would let cameras outside be reached, and the camera networks with them."""
    added: list[str] = []
    for offer in offers:
        if not offer.choosable or offer.credentials is None:
            continue
        address = offer.credentials.address.reveal()
        if address not in networks:
            # One that cannot hold cameras stays outside, and its connection says so.
            with contextlib.suppress(InvalidField):
                around, networks = networks.widened(address)
                added.append(around)
    return added, networks


def preselected(offers: Iterable[Offer], mine: ConfigEntry | None) -> list[str]:
    """Return what is chosen unless the person says otherwise: what is here, and what is new and local."""
    left = set(mine.data[CONF_IGNORED]) if mine else set()
    return [
        offer.fingerprint
        for offer in offers
        if offer.choosable
        and (
            offer.holder is mine
            if offer.holder
            else offer.locality is Locality.LOCAL
            and offer.fingerprint not in left
            and not _is_doubtful(offer, mine)
        )
    ]


def _is_doubtful(offer: Offer, mine: ConfigEntry | None) -> bool:
    """Tell whether only a person's own tick is to take a camera in.

    So it is of one that has not proved itself, or that they refused, and of all new ones while the answers
    of the account are not as usual: it may be a stranger's.
    """
    if mine is None or mine.state is not ConfigEntryState.LOADED:
        return False
    if (account := mine.runtime_data.account) is None:
        return False
    ownership: Ownership = account.ownership
    return ownership.standing is not AccountStanding.NORMAL or offer.fingerprint in ownership.state.cameras


def _held(entries: Iterable[ConfigEntry]) -> dict[str, tuple[CameraItem, ConfigEntry]]:
    return {item.mac_hash: (item, entry) for entry in entries for item in camera_items(entry)}
