"""What a person sees when an account's answers are not theirs, and what their word does. The real repairs."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.wyze_local.engine.ownership import Counts
from custom_components.wyze_local.engine.vault import VaultError, VaultReason
from custom_components.wyze_local.issues import (
    async_clear_not_yours,
    async_clear_waiting,
    async_report_not_yours,
    async_report_waiting,
)
from dev.simulator import Simulator
from dev.simulator.cloud import FakeCloud

from .account_rig import House, let_guests_leave, make_house
from .repairs_rig import NOT_YOURS, WAITING, Repairs
from .rigging import DOMAIN, Home


@dataclass
class Heard(Repairs):
    """Such a person, at an account that notes what it is told and does nothing by itself."""

    house: House
    asked: list[str] = field(default_factory=list)
    """What the account was told, in order."""

    def lend_ears(self, **answers: Callable[[], Awaitable[None]]) -> None:
        """Let the account note what it is told, and do something then."""
        account = self.entry.runtime_data.account
        for word in ("async_check_now", "async_release", "async_try_waiting", "async_refuse_waiting"):

            async def hear(word: str = word) -> bool:
                self.asked.append(word)
                if word in answers:
                    await answers[word]()
                return True

            setattr(account, word, hear)


@pytest.fixture
async def repairs(
    hass: HomeAssistant,
    home: Home,
    simulator: Simulator,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
) -> AsyncIterator[Heard]:
    """Run an account that has the porch camera, and a person who looks at its repairs."""
    let_guests_leave(hass)
    await async_setup_component(hass, "repairs", {})
    async with FakeCloud() as cloud:
        house = await make_house(hass, home, simulator, cloud)
        await house.start()
        ws = await hass_ws_client(hass)
        repairs = Heard(hass, house.entry, await hass_client(), ws, house)
        repairs.lend_ears()
        yield repairs


def frozen(repairs: Heard) -> None:
    """Let the account be told what is not ours."""
    async_report_not_yours(repairs.house.hass, repairs.house.entry, Counts(listed=7, ours=0, new=7), 1)


def held(repairs: Heard) -> None:
    """Let cameras wait."""
    models = ["Wyze Cam v3", "Wyze [Cam](https://evil.example)", "Wyze Cam v3"]
    async_report_waiting(repairs.house.hass, repairs.house.entry, 3, models)


async def test_what_is_not_yours_is_told_in_numbers(repairs: Heard) -> None:
    """The repair says that nothing was kept, how many cameras go on, how long it takes, and is no hurry."""
    frozen(repairs)
    (issue,) = (await repairs.listed()).values()
    assert issue["translation_key"] == NOT_YOURS
    assert issue["translation_placeholders"] == {
        "account": "a…@e…",
        "cameras": "1",
        "listed": "7",
        "ours": "0",
    }
    page = await repairs.open(NOT_YOURS)
    assert page["menu_options"][0] == "keep_ignoring", "the first one is the best"
    text = await repairs.text(NOT_YOURS, "fix_flow", "step", "init", "description", page=page)
    assert text.startswith("Nothing of it was shown or kept. Your 1 cameras keep working locally.")
    page = await repairs.choose(page, "keep_ignoring")
    assert page["reason"] == "ignoring"
    text = await repairs.text(NOT_YOURS, "fix_flow", "abort", "ignoring", page=page)
    assert "at the earliest 60 minutes" in text
    assert not repairs.asked, "to do nothing is to do nothing"
    assert NOT_YOURS in await repairs.listed(), "it is not over"


async def test_the_cloud_is_checked_at_once(repairs: Heard) -> None:
    """It is asked once; whether that ended the matter is said either way."""
    frozen(repairs)
    page = await repairs.choose(await repairs.open(NOT_YOURS), "check_now")
    assert page["reason"] == "not_over"
    assert repairs.asked == ["async_check_now"]

    async def well() -> None:
        async_clear_not_yours(repairs.house.hass, repairs.house.entry)

    repairs.lend_ears(async_check_now=well)
    page = await repairs.choose(await repairs.open(NOT_YOURS), "check_now")
    assert page["type"] == "create_entry"
    assert not await repairs.listed()


async def test_a_person_may_say_that_it_is_over(repairs: Heard) -> None:
    """Not before they have read what that means."""
    frozen(repairs)
    page = await repairs.choose(await repairs.open(NOT_YOURS), "release")
    assert page["step_id"] == "release"
    assert not repairs.asked
    page = await repairs.submit(page)
    assert page["type"] == "create_entry"
    assert repairs.asked == ["async_release"]
    assert not await repairs.listed()


async def test_added_cameras_may_prove_themselves(repairs: Heard) -> None:
    """The account stays as it is: the person's word is about cameras, not about answers."""
    frozen(repairs)
    page = await repairs.choose(await repairs.open(NOT_YOURS), "admit")
    assert page["reason"] == "trying"
    assert repairs.asked == ["async_try_waiting"]
    assert NOT_YOURS in await repairs.listed()


async def test_waiting_cameras_have_models_and_no_names(repairs: Heard) -> None:
    """How many and which models; what comes from the vendor is no link."""
    held(repairs)
    (issue,) = (await repairs.listed()).values()
    assert issue["translation_placeholders"] == {
        "account": "a…@e…",
        "count": "3",
        "models": r"1 × Wyze \[Cam\]\(https\://evil.example\), 2 × Wyze Cam v3",
    }
    page = await repairs.open(WAITING)
    assert page["menu_options"] == ["try_again", "not_mine", "by_name"]
    page = await repairs.choose(page, "by_name")
    text = await repairs.text(WAITING, "fix_flow", "step", "by_name", "description", page=page)
    assert "Reconfigure" in text
    page = await repairs.choose(page, "try_again")
    assert page["reason"] == "trying"
    assert repairs.asked == ["async_try_waiting"]


async def test_waiting_cameras_are_refused_only_after_a_second_look(repairs: Heard) -> None:
    """The page says how to undo it."""
    held(repairs)
    page = await repairs.choose(await repairs.open(WAITING), "not_mine")
    assert not repairs.asked
    page = await repairs.submit(page)
    assert page["type"] == "create_entry"
    assert repairs.asked == ["async_refuse_waiting"]
    assert not await repairs.listed()


@pytest.mark.parametrize(
    ("kind", "step", "word"),
    [
        (NOT_YOURS, "check_now", "async_check_now"),
        (NOT_YOURS, "release", "async_release"),
        (NOT_YOURS, "admit", "async_try_waiting"),
        (WAITING, "try_again", "async_try_waiting"),
        (WAITING, "not_mine", "async_refuse_waiting"),
    ],
)
async def test_what_cannot_be_done_is_said_with_its_reason(
    repairs: Heard, kind: str, step: str, word: str
) -> None:
    """In the words of whoever refused, of a vault that cannot be written too; the repair stays."""
    frozen(repairs)
    held(repairs)

    async def refuse() -> None:
        raise HomeAssistantError(translation_domain=DOMAIN, translation_key="stream_not_ready")

    async def sealed() -> None:
        raise VaultError(VaultReason.DISK_FULL)

    for answer, reason, said in (
        (refuse, "not_done", "Nothing was changed. The camera has no stream at this moment"),
        (sealed, "not_sealed", "disk full"),
    ):
        repairs.lend_ears(**{word: answer})
        page = await repairs.choose(await repairs.open(kind), step)
        if page["type"] == "form":
            page = await repairs.submit(page)
        assert page["reason"] == reason
        assert said in await repairs.text(kind, "fix_flow", "abort", reason, page=page)
        assert kind in await repairs.listed()


async def test_an_account_that_is_not_loaded_hears_nothing(repairs: Heard) -> None:
    """The page says so instead of failing."""
    frozen(repairs)
    held(repairs)
    pages = [await repairs.open(NOT_YOURS), await repairs.open(WAITING)]
    assert await repairs.house.hass.config_entries.async_unload(repairs.house.entry.entry_id)
    for page, step in zip(pages, ("check_now", "try_again"), strict=True):
        assert (await repairs.choose(page, step))["reason"] == "entry_not_loaded"


async def test_repairs_go_with_their_cause_and_with_the_entry(repairs: Heard, hass: HomeAssistant) -> None:
    """They are no news of yesterday: nothing of them is kept over a restart, either."""
    entry = repairs.house.entry
    frozen(repairs)
    held(repairs)
    assert not any(issue.is_persistent for issue in ir.async_get(hass).issues.values())
    async_clear_not_yours(hass, entry)
    assert set(await repairs.listed()) == {WAITING}
    async_clear_waiting(hass, entry)
    assert not await repairs.listed()
    frozen(repairs)
    held(repairs)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert not await repairs.listed()
