"""When cameras are asked how their controls stand: with a session often, at rest rarely, asleep never."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest

from custom_components.wyze_local.control_rounds import AGAIN, AT_REST, SETTLE, WITH_SESSION, ControlRounds
from custom_components.wyze_local.control_state import ControlFailed, Path
from tests.support.clock import FakeClock, settle

CAMERA = "porch"
OFTEN = 30.0


class House:
    """One camera, as the coordinator tells of it, and the questions that it is asked."""

    def __init__(self) -> None:
        """Begin with a mains camera at rest that answers."""
        self.clock = FakeClock()
        self.asked: list[float] = []
        """When it was asked, in seconds from the beginning."""
        self.lost = self.left = 0
        self.live = self.failing = False
        self.answering: asyncio.Event | None = None
        """When it answers; None for at once."""
        self.path = Path.NONE
        """How what is shown of it came."""
        self.status = SimpleNamespace(available=True, checked_at=object())
        self.watched = SimpleNamespace(battery=False, called=False, settings=SimpleNamespace(relayed=True))
        self._notes: list[Callable[[], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._began = self.clock.monotonic()
        coordinator: Any = SimpleNamespace(
            hass=None,
            data={CAMERA: self.status},
            config_entry=SimpleNamespace(async_create_background_task=self._spawn),
            shared=SimpleNamespace(
                environment=SimpleNamespace(clock=self.clock),
                relaying=SimpleNamespace(async_leave=self._leave),
            ),
            is_live=lambda _: self.live,
            watched=lambda _: self.watched,
            async_add_listener=self._listen,
        )
        controls: Any = SimpleNamespace(
            async_refresh=self._ask,
            async_follow=lambda _: None,
            async_lost=self._lose,
            async_restore=self._restore,
            of=lambda _: SimpleNamespace(path=self.path),
        )
        self.rounds = ControlRounds(controls, coordinator)

    def _spawn(self, _hass: None, work: Coroutine[Any, Any, None], _name: str) -> None:
        self._tasks.append(asyncio.ensure_future(work))

    def _listen(self, note: Callable[[], None]) -> Callable[[], None]:
        self._notes.append(note)
        return lambda: self._notes.remove(note)

    def _lose(self, _camera_key: str) -> None:
        self.lost += 1
        self.path = Path.NONE

    async def _restore(self, _camera_key: str) -> None:
        """Nobody ever wished for anything."""

    async def _leave(self, _camera_key: str) -> None:
        self.left += 1

    async def _ask(self, _camera_key: str) -> None:
        self.asked.append(self.clock.monotonic() - self._began)
        if self.answering is not None:
            await self.answering.wait()
        if self.failing:
            raise ControlFailed("no_answer")
        self.path = Path.LAN

    def note(self) -> None:
        """Tell that the coordinator has news."""
        for note in self._notes:
            note()

    async def advance(self, seconds: float) -> None:
        """Let time pass, in which the checks find the camera well, or away, often enough."""
        while seconds > 0:
            await self.clock.advance(min(seconds, OFTEN))
            seconds -= OFTEN
            self.status.checked_at = object()
            self.note()

    def let_go2rtc_hold(self) -> None:
        """Have go2rtc hold the camera, so that each round takes a session of its own."""
        self.watched.settings.relayed, self.watched.called = False, True

    async def somebody_looks(self) -> None:
        """Let hours pass in which nobody does, and then somebody."""
        self.rounds.async_start()
        await self.advance(2 * AT_REST)
        assert not self.asked
        self.live = True
        self.note()

    async def end(self) -> None:
        """Unload."""
        for task in self._tasks:
            task.cancel()
        await settle()


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Return a house whose rounds have not begun."""
    found = House()
    yield found
    await found.end()


async def test_at_rest_it_is_asked_rarely_and_with_a_session_often(house: House) -> None:
    """A first picture goes before the questions."""
    house.rounds.async_start()
    await house.advance(2 * AT_REST)
    assert house.asked == [0, AT_REST, 2 * AT_REST]
    house.live = True
    house.note()
    await house.advance(SETTLE - 0.5)
    assert len(house.asked) == 3
    await house.advance(2 * WITH_SESSION)
    assert not house.left
    assert house.asked[3:] == [2 * AT_REST + WITH_SESSION, 2 * AT_REST + 2 * WITH_SESSION]


async def test_a_battery_is_asked_only_while_it_is_awake(house: House) -> None:
    """Somebody looks at it anyway; nobody wakes it for a question."""
    house.watched.battery = True
    await house.somebody_looks()
    await house.advance(SETTLE)
    assert len(house.asked) == 1


async def test_beside_go2rtc_it_is_asked_rarely_and_left_at_once(house: House) -> None:
    """Whether or not somebody looks: a session of its own is one of the few that the camera has."""
    house.let_go2rtc_hold()
    house.rounds.async_start()
    await house.advance(AT_REST)
    house.live = True
    house.note()
    await house.advance(AT_REST)
    assert house.asked == [0, AT_REST, 2 * AT_REST]
    assert house.left == len(house.asked)


async def test_a_battery_that_go2rtc_holds_is_asked_only_while_it_is_awake(house: House) -> None:
    house.let_go2rtc_hold()
    house.watched.battery = True
    await house.somebody_looks()
    await house.advance(AT_REST)
    assert house.asked == [2 * AT_REST + SETTLE]


@pytest.mark.parametrize("why", ["away", "of another make"])
async def test_who_cannot_answer_is_not_dialled(house: House, why: str) -> None:
    """One that is away is forgotten, too, and asked as soon as it is back."""
    house.rounds.async_start()
    await house.advance(1)
    if why == "away":
        house.status.available = False
    else:
        house.watched.settings.relayed = False
    house.note()
    await house.advance(2 * AT_REST)
    assert len(house.asked) == 1
    assert house.lost == (why == "away")
    house.status.available = house.watched.settings.relayed = True
    house.note()
    await house.advance(AGAIN)
    assert len(house.asked) == 2


async def test_who_gives_no_answer_is_asked_ever_less_often(house: House) -> None:
    """Up to as rarely as one at rest."""
    house.failing = True
    house.rounds.async_start()
    await house.advance(2.5 * AT_REST)
    gaps = [later - earlier for earlier, later in zip(house.asked, house.asked[1:], strict=False)]
    assert gaps == [AGAIN, 2 * AGAIN, 4 * AGAIN, 8 * AGAIN, AT_REST]


async def test_what_one_said_that_goes_away_meanwhile_is_not_shown(house: House) -> None:
    """The last of its answers may come after the news that it is gone."""
    house.answering = asyncio.Event()
    house.rounds.async_start()
    await house.clock.advance(1)
    house.status.available = False
    house.note()
    house.answering.set()
    await house.clock.advance(1)
    assert house.path is Path.NONE


@pytest.mark.parametrize("path", [Path.LAN, Path.CLOUD])
async def test_what_one_said_while_it_was_away_goes_with_the_next_check(house: House, path: Path) -> None:
    """A person may have switched something in the moment that it was back; the vendor's word stays."""
    house.status.available = False
    house.rounds.async_start()
    await house.clock.advance(1)
    house.path = path
    house.note()
    assert house.path is path
    house.status.checked_at = object()
    house.note()
    assert house.path is (Path.NONE if path is Path.LAN else Path.CLOUD)
