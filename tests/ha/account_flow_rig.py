"""What the tests of the account flow need: the fake cloud over TLS, and a person with an account."""

import os
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.translation import async_get_translations

from custom_components.wyze_local.engine.cloud import Hosts
from custom_components.wyze_local.engine.model import DEFAULT_PORT
from custom_components.wyze_local.engine.model.clock import SystemClock
from custom_components.wyze_local.environment import DATA_ENVIRONMENT, Environment
from dev.ports import free_port
from dev.simulator import CameraSpec
from dev.simulator.cloud import Device, Factor, FakeCloud, User

from .rigging import DOMAIN, LOOPBACK

PASSWORD = "correct horse"


class HastyClock(SystemClock):
    """The machine's clock, but for waiting long: a pause between two sign-ins is over at once."""

    def __init__(self) -> None:
        """Begin at the real time."""
        self._ahead = 0.0

    def monotonic(self) -> float:
        """Return the time with all pauses that were skipped."""
        return super().monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """Wait, if it is not for long."""
        if seconds > 5:
            self.skip(seconds)
            seconds = 0
        await super().sleep(seconds)

    def skip(self, seconds: float) -> None:
        """Let time pass at once."""
        self._ahead += seconds


CLOCK = HastyClock()


@dataclass
class Person:
    """Somebody at the pages of the account flow."""

    hass: HomeAssistant
    cloud: FakeCloud
    user: User
    port: int = field(default_factory=free_port)
    seen: list[dict[str, Any]] = field(default_factory=list)
    """Every page that was shown."""

    @property
    def entries(self) -> list[ConfigEntry]:
        """The entries of the integration."""
        return self.hass.config_entries.async_entries(DOMAIN)

    def typed(self, **changes: Any) -> dict[str, Any]:
        """Return what the person types to sign in."""
        values = {
            "email": self.user.email,
            "password": PASSWORD,
            "key_id": self.user.key.key_id,
            "api_key": self.user.key.api_key,
        }
        return {name: value for name, value in (values | changes).items() if value is not None}

    async def open(self) -> dict[str, Any]:
        """Open the config flow and go on to the page that asks for the account."""
        manager = self.hass.config_entries.flow
        page = self._saw(await manager.async_init(DOMAIN, context={"source": SOURCE_USER}))
        if page["type"] is FlowResultType.MENU:
            page = await self.choose(page, "vendor")
        assert page["step_id"] == "networks"
        return await self.submit(page, networks=[LOOPBACK], stream_server={"webrtc_port": self.port})

    async def choose(self, page: dict[str, Any], step: str) -> dict[str, Any]:
        """Choose an item of a menu."""
        assert step in page["menu_options"]
        return await self.submit(page, next_step_id=step)

    async def submit(self, page: dict[str, Any], **values: Any) -> dict[str, Any]:
        """Submit a page."""
        result = await self.hass.config_entries.flow.async_configure(page["flow_id"], values)
        await self.hass.async_block_till_done()
        return self._saw(result)

    async def look_again(self, page: dict[str, Any]) -> dict[str, Any]:
        """Open a page once more, as a browser does when it is reloaded."""
        return self._saw(await self.hass.config_entries.flow.async_configure(page["flow_id"]))

    async def sign_in(self, page: Any = None, **changes: Any) -> dict[str, Any]:
        """Type everything and submit it."""
        return await self.submit(page or await self.open(), **self.typed(**changes))

    async def finish(self, page: dict[str, Any], *names: str, passphrase: str = "") -> ConfigEntry:
        """Choose cameras by name, or leave what is chosen, and go to the end; returns the new entry."""
        before = {entry.entry_id for entry in self.entries}
        choice = {"cameras": values_of(page, names) if names else chosen(page)}
        page = await self.submit(page, **(choice if options(page) else {}))
        assert page["step_id"] == "passphrase", page
        typed = {"passphrase": passphrase, "passphrase_again": passphrase} if passphrase else {}
        page = await self.submit(page, **typed)
        assert page["type"] is FlowResultType.CREATE_ENTRY, page
        return next(entry for entry in self.entries if entry.entry_id not in before)

    async def text(self, page: dict[str, Any], name: str = "base") -> str:
        """Return the error that a page shows, as a person reads it."""
        texts = await async_get_translations(self.hass, "en", "config", {DOMAIN})
        text = texts[f"component.{DOMAIN}.config.error.{page['errors'][name]}"]
        return text.format(**page["description_placeholders"])

    def _saw(self, page: Any) -> dict[str, Any]:
        self.seen.append(dict(page))
        return dict(page)


def options(page: dict[str, Any]) -> dict[str, str]:
    """Return the cameras that a page offers: value by label."""
    found = [selector for marker, selector in page["data_schema"].schema.items() if marker == "cameras"]
    return {option["label"]: option["value"] for option in found[0].config["options"]} if found else {}


def chosen(page: dict[str, Any]) -> list[str]:
    """Return what is chosen already."""
    markers = [marker for marker in page["data_schema"].schema if marker == "cameras"]
    return list(markers[0].description["suggested_value"]) if markers else []


def chosen_names(page: dict[str, Any]) -> set[str]:
    """Return the names of the cameras that are chosen already."""
    return {label.partition(" (")[0] for label, value in options(page).items() if value in chosen(page)}


def values_of(page: dict[str, Any], names: Iterable[str]) -> list[str]:
    """Return the values of cameras by name."""
    by_name = {label.partition(" (")[0]: value for label, value in options(page).items()}
    return [by_name[name] for name in names]


def lan_device(name: str, number: int, **more: Any) -> Device:
    """Return a local camera of an account; nothing answers at its address."""
    mac = f"02AA00BB{number:04X}"
    known = {"ip": f"127.9.9.{number}", "model": "WYZE_CAKP2JFUS"} | more
    return Device(mac, f"enr+/=-{number:09}", f"UID{number:017}", nickname=name, **known)


def lan_spec(name: str, number: int, **more: Any) -> CameraSpec:
    """Return a camera at the usual port, which no list tells, and at an address of this run's own."""
    pid = os.getpid()
    host = f"127.{100 + pid // 250 % 100}.{pid % 250}.{number}"
    return CameraSpec(name, host=host, port=DEFAULT_PORT, **more)


@pytest.fixture
async def cloud(hass: HomeAssistant) -> AsyncIterator[FakeCloud]:
    """Run the vendor's cloud, known to this Home Assistant as the one there is."""
    async with FakeCloud() as running:
        hass.data[DATA_ENVIRONMENT] = Environment(
            clock=CLOCK, hosts=Hosts(**running.hosts()), tls=running.tls_context
        )
        yield running


@pytest.fixture
def person(hass: HomeAssistant, cloud: FakeCloud, request: pytest.FixtureRequest) -> Person:
    """Return somebody with two local cameras; second factors by parameter."""
    factors: tuple[Factor, ...] = getattr(request, "param", ())
    user = cloud.add_user("mallory@example.org", PASSWORD, factors=factors)
    user.devices += [lan_device("Porch", 1), lan_device("Garden", 2)]
    return Person(hass, cloud, user)
