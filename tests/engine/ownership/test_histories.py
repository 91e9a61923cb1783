"""Very many histories by chance: of a vendor that mixes people up, and of honest people."""

from random import Random

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from engine.ownership import (
    AskPerson,
    CameraStanding,
    EventSeen,
    Listed,
    OtherEntry,
    Quality,
    Release,
    Uplink,
    Word,
)
from engine.ownership.state import Apart, Ours, Waiting
from tests.engine.ownership.rig import MODEL, POLL
from tests.engine.ownership.world import WRONG, World, wild_step
from tests.support.fuzzing import IN_CI, Fuzz

LENGTH = 60


def histories(fuzz: Fuzz, in_ci: int) -> int:
    """Return how many to try: ten thousand on request."""
    return in_ci if fuzz.total <= IN_CI else 10_000


def test_no_history_makes_a_strangers_camera_ours(fuzz: Fuzz) -> None:
    wanted = histories(fuzz, 250)
    admitted = frozen = waited = listed = 0
    for number in range(wanted):
        chance = Random(f"{fuzz.seed} wild {number}")
        world = World(chance, chance.randint(1, 6))
        try:
            for _ in range(LENGTH):
                wild_step(world)
                waited += bool(world.foreign & world.state.cameras.keys())
        except AssertionError:
            print(f"history {number} of seed {fuzz.seed}")
            raise
        admitted += len(world.state.ours)
        frozen += bool(world.alarms)
        listed += len(world.state.ours.keys() - world.clicked - world.tried)
    print(f"{wanted} histories of {LENGTH} steps: {admitted} cameras ours in the end, {listed} by the list")
    print(f"{frozen} saw a freeze, {waited} steps with a stranger's camera on trial, seed {fuzz.seed}")
    # Otherwise the histories show nothing.
    assert admitted > wanted
    assert frozen > wanted // 2
    assert waited > wanted // 2
    assert listed > wanted // 10


def honest_change(world: World) -> None:
    """Do what people do: add, remove, sell, replace, reset, move and share cameras."""
    chance = world.chance
    here = sorted(world.account & world.state.ours.keys() - world.state.elsewhere.keys())
    if len(here) < 2:
        _added(world)
        return
    one = chance.choice(here)
    match chance.randrange(8):
        case 0:
            _added(world)
            _added(world)
        case 1:
            world.set_up_anew(one)
        case 2:
            world.account.discard(one)
        case 3:
            # One is replaced by another between two lists.
            world.account.discard(one)
            world.add()
        case 4:
            world.say(one, Word.SOLD)
            if chance.random() < 0.7:
                world.account.discard(one)
        case 5:
            world.tell(OtherEntry(one, uid=world.true[one].uid))
        case 6:
            _said(world, chance.randint(1, 2), (Word.MINE, Word.LEFT_OUT))
        case 7:
            _said(world, chance.randint(3, 5), (Word.TRY,))


def _said(world: World, number: int, words: tuple[Word, ...]) -> None:
    """Let cameras be shared with the person, or many be new at once: the person says what they are."""
    for camera in [world.add() for _ in range(number)]:
        world.say(camera, world.chance.choice(words))


def _added(world: World) -> None:
    """Add a camera; who has no other camera in the account adds it here as well, by hand."""
    alone = not world.account & world.state.ours.keys()
    camera = world.add()
    if alone:
        world.try_out(camera)


def _answered(world: World, cameras: list[Listed]) -> None:
    """Let the vendor answer; when the person is asked about cameras, they say that those are theirs."""
    world.answer(cameras)
    if any(isinstance(verdict, AskPerson) for verdict in world.said):
        for camera in sorted(world.account - world.state.elsewhere.keys()):
            known = world.state.cameras.get(camera)
            if known is None or (isinstance(known, Ours) and known.pin.keys != world.true[camera].keys):
                world.try_out(camera)


def honest(chance: Random) -> World:
    """Return a home after a history in which everybody was honest, and the vendor well or away."""
    world = World(chance, chance.randint(1, 8))
    for number in range(LENGTH):
        world.now += POLL * chance.uniform(0.8, 1.2)
        busy = number < LENGTH - 10
        if busy and chance.random() < 0.15:
            honest_change(world)
        if busy and chance.random() < 0.03:
            world.tell(Uplink(recovering=True))
            for _ in range(5):
                world.now += POLL
                _answered(world, world.right_list())
            world.tell(Uplink(recovering=False))
        # A list of less than half, with one in it that is not ours yet, is what D1 stops for, honest or not.
        known = {key for key, one in world.state.cameras.items() if not isinstance(one, Waiting)}
        known |= world.state.elsewhere.keys()
        partly = busy and world.account <= known and chance.random() < 0.05
        _answered(world, world.some(world.right_list(), 99) if partly else world.right_list())
        for camera in [*world.account]:
            if chance.random() < 0.2:
                world.connect(camera)
            if world.state.standing(camera) is CameraStanding.SUSPECT:
                assert world.state.ours[camera].pin.keys != world.true[camera].keys, (
                    "an honest camera is suspect"
                )
    return world


def test_honest_people_are_hardly_ever_alarmed(fuzz: Fuzz) -> None:
    wanted = histories(fuzz, 250)
    alarmed = []
    for number in range(wanted):
        world = honest(Random(f"{fuzz.seed} honest {number}"))
        if world.alarms:
            alarmed.append(number)
        for camera in world.account - world.state.elsewhere.keys():
            known = world.state.cameras[camera]
            assert isinstance(known, Apart) or (
                isinstance(known, Ours) and known.pin.keys == world.true[camera].keys
            ), "what an honest person changed was not taken"
    print(f"{wanted} honest histories, false alarms in {alarmed or 'none'}, seed {fuzz.seed}")
    assert len(alarmed) <= wanted // 10_000


class Anything(RuleBasedStateMachine):
    """Whatever order of evidence a search finds."""

    def __init__(self) -> None:
        """Begin with two cameras."""
        super().__init__()
        self.world = World(Random(0), 2)

    def _any(self, number: int) -> str:
        every = [*self.world.true, *sorted(self.world.foreign)]
        return every[number % len(every)]

    @rule(kind=st.sampled_from(WRONG))
    def wrong(self, kind: str) -> None:
        self.world.wrong_answer(kind)

    @rule(quality=st.sampled_from(Quality))
    def well(self, quality: Quality) -> None:
        self.world.answer(self.world.right_list(), quality=quality)

    @rule(seconds=st.integers(-90_000, 90_000))
    def later(self, seconds: int) -> None:
        self.world.now += seconds

    @rule(number=st.integers(0, 20), other=st.integers(0, 20))
    def stray_proof(self, number: int, other: int) -> None:
        true = [*self.world.true.values(), *self.world.strangers]
        self.world.prove(self._any(number), true[other % len(true)].keys)

    @rule(number=st.integers(0, 20), ago=st.integers(-2000, 2000))
    def event(self, number: int, ago: int) -> None:
        self.world.tell(EventSeen(self._any(number), self.world.now - ago, MODEL))

    @rule(recovering=st.booleans())
    def uplink(self, recovering: bool) -> None:
        self.world.tell(Uplink(recovering))

    @rule(number=st.integers(0, 20), word=st.sampled_from(Word))
    def word(self, number: int, word: Word) -> None:
        own = [*self.world.true]
        self.world.say(own[number % len(own)], word)

    @rule(number=st.integers(0, 20))
    def set_up_anew(self, number: int) -> None:
        own = [*self.world.true]
        self.world.set_up_anew(own[number % len(own)])

    @rule()
    def add(self) -> None:
        self.world.add()

    @rule()
    def release(self) -> None:
        self.world.tell(Release())

    @invariant()
    def no_stranger_is_ours(self) -> None:
        assert not self.world.foreign & self.world.state.ours.keys()


@pytest.mark.parametrize("steps", [40])
def test_a_search_finds_no_way_to_a_strangers_camera(fuzz: Fuzz, steps: int) -> None:
    wanted = histories(fuzz, 40)
    how = settings(settings(), max_examples=wanted, stateful_step_count=steps)
    run_state_machine_as_test(Anything, settings=how)  # type: ignore[no-untyped-call]
