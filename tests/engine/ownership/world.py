"""A person's home, a vendor that answers well or wrongly, and a coordinator that obeys the verdicts.

What is true stands here, and the machine learns of it by evidence only. Strangers' cameras never answer on
the person's network.
"""

from random import Random

from engine.ownership import (
    AccountAnswer,
    AccountStanding,
    Admit,
    AskPerson,
    CameraStanding,
    Click,
    EventSeen,
    Evidence,
    Freeze,
    Judged,
    Listed,
    OtherEntry,
    PassEvent,
    Proof,
    Quality,
    Release,
    Replace,
    State,
    TestKeys,
    Uplink,
    Verdict,
    Word,
    state_from_json,
    state_to_json,
    step,
)
from engine.ownership.state import Waiting, settle
from tests.engine.ownership.rig import MODEL, OWNER, START, STRANGER, h

LOCAL = (Proof, Click)


class World:
    """One home over time; every step is judged by what must never happen."""

    def __init__(self, chance: Random, cameras: int) -> None:
        """Begin with cameras that were chosen by the person and proved themselves."""
        self.chance = chance
        self.now = float(START)
        self.state = State(OWNER)
        self.serial = 0
        self.true: dict[str, Listed] = {}
        """The person's cameras, as they are."""
        self.account: set[str] = set()
        """Those that the vendor has in the account."""
        self.strangers = [self._new("stranger") for _ in range(12)]
        self.foreign = frozenset(one.camera for one in self.strangers)
        self.right: set[tuple[str, str]] = set()
        """Keys that a camera of the person has had, or that the person said yes to."""
        self.clicked: set[str] = set()
        self.tried: set[str] = set()
        self.said: list[Verdict] = []
        self.alarms: list[Verdict] = []
        self.refused: set[str] = set()
        """Strangers' cameras that the person said no to."""
        for _ in range(cameras):
            self.try_out(self.add())

    # The person

    def _new(self, kind: str) -> Listed:
        self.serial += 1
        name = f"{kind} {self.serial}"
        return Listed(h(name), h(f"keys {name}"), h(f"uid {name}"), MODEL)

    def add(self) -> str:
        """Set up a camera in the vendor's application."""
        one = self._new("own")
        self._set(one)
        self.account.add(one.camera)
        return one.camera

    def _set(self, one: Listed) -> None:
        self.true[one.camera] = one
        self.right.add((one.camera, one.keys))

    def set_up_anew(self, camera: str) -> None:
        """Give a camera other keys, as a factory reset does."""
        self.serial += 1
        before = self.true[camera]
        self._set(Listed(camera, h(f"keys {self.serial}"), before.uid, before.model))

    def say(self, camera: str, word: Word) -> None:
        """Say a word on a camera, with the keys that it has."""
        one = self.true.get(camera) or next(one for one in self.strangers if one.camera == camera)
        if word is Word.TRY:
            self.tried.add(camera)
        if word is Word.MINE:
            self.clicked.add(camera)
            self.right.add((camera, one.keys))
        self.tell(Click(camera, word, one.keys, one.uid, one.model))

    def try_out(self, camera: str) -> None:
        """Add a camera by hand, without waiting for the list."""
        self.say(camera, Word.TRY)

    # The coordinator

    def tell(self, evidence: Evidence) -> None:
        """Tell evidence, judge what follows, and obey it."""
        before = settle(self.state, int(self.now))
        self.state, said = step(self.state, evidence, self.now)
        self.said = list(said)
        self._judge(before, evidence)
        self.alarms += [one for one in said if isinstance(one, Freeze)]
        for verdict in said:
            if isinstance(verdict, TestKeys):
                self.prove(verdict.camera, verdict.keys)

    def prove(self, camera: str, keys: str) -> None:
        """Try keys on the local network, and the pinned ones as well."""
        if self.chance.random() < 0.1:
            return  # Nothing answers there.
        if camera not in self.true:
            # What answers there is none of theirs, and does not know the key.
            self.tell(Proof(camera, keys, worked=False))
            return
        self.tell(Proof(camera, keys, keys == self.true[camera].keys))
        ours = self.state.ours.get(camera)
        if ours is not None and ours.pin.keys not in ("", keys):
            self.tell(Proof(camera, ours.pin.keys, ours.pin.keys == self.true[camera].keys))

    def connect(self, camera: str) -> None:
        """Connect as for a picture: with the pinned keys."""
        if (ours := self.state.ours.get(camera)) is not None and ours.pin.keys and camera in self.true:
            self.tell(Proof(camera, ours.pin.keys, ours.pin.keys == self.true[camera].keys))

    # The vendor

    def right_list(self) -> list[Listed]:
        """Return what is true."""
        return [self.true[camera] for camera in sorted(self.account)]

    def answer(
        self, cameras: list[Listed] | None, owner: str = OWNER, quality: Quality = Quality.FRESH
    ) -> None:
        """Answer."""
        if cameras is not None:
            self.chance.shuffle(cameras)
        self.tell(AccountAnswer(owner, quality, None if cameras is None else tuple(cameras)))

    def some(self, cameras: list[Listed], most: int) -> list[Listed]:
        """Return a few of them."""
        return self.chance.sample(cameras, min(len(cameras), self.chance.randint(1, most)))

    def wrong_answer(self, kind: str) -> None:
        """Answer as a vendor does whose caches are mixed up."""
        chance, right = self.chance, self.right_list()
        match kind:
            case "partial":
                self.answer(self.some(right, len(right)) if right else [])
            case "mixed":
                self.answer([*right, *self.some(self.strangers, 4)])
            case "foreign":
                self.answer(self.some(self.strangers, 12))
            case "half":
                self.answer([*right[: len(right) // 2], *self.some(self.strangers, 6)])
            case "swapped":
                other = chance.choice(self.strangers)
                self.answer(
                    [
                        Listed(one.camera, other.keys, chance.choice((one.uid, other.uid)), one.model)
                        if chance.random() < 0.5
                        else one
                        for one in right
                    ]
                )
            case "taken":
                pairs = zip(self.strangers, right, strict=False)
                taken = [Listed(theirs.camera, theirs.keys, ours.uid) for theirs, ours in pairs]
                self.answer([*right, *taken])
            case "owner":
                self.answer(
                    chance.choice((right, [*self.strangers], None)), STRANGER, chance.choice([*Quality])
                )
            case "old":
                self.answer([*right, *self.some(self.strangers, 2)], quality=chance.choice([*Quality][1:]))

    # What must never happen

    def _judge(self, before: State, evidence: Evidence) -> None:
        state = self.state
        for camera, ours in state.ours.items():
            assert camera in self.true or camera in self.clicked, "a stranger's camera is ours"
            assert (camera, ours.pin.keys) in self.right, "keys that the camera never had are pinned"
        if not isinstance(evidence, LOCAL):
            assert not any(isinstance(one, Admit | Replace) for one in self.said)
            assert {key: (o.pin, o.refusals) for key, o in state.ours.items()} == {
                key: (o.pin, o.refusals) for key, o in before.ours.items()
            }, "without proof or click a camera came, went or changed"
        if isinstance(evidence, AccountAnswer):
            self._judge_answer(before, evidence)
        if isinstance(evidence, EventSeen) and any(isinstance(one, PassEvent) for one in self.said):
            assert before.standing(evidence.camera) is CameraStanding.TRUSTED
            assert not before.account.only_confirms
        waiting = [
            key for key, known in state.cameras.items() if isinstance(known, Waiting) and not known.asked
        ]
        assert len(waiting) <= 8
        assert not (waiting and state.account.only_confirms), "hearsay is kept of an account in doubt"
        told = repr((state, [one for one in self.said if not isinstance(one, TestKeys)]))
        for camera in self.foreign - set(waiting) - self.refused:
            assert camera not in told, "a stranger's camera is remembered"

    def _judge_answer(self, before: State, told: AccountAnswer) -> None:
        state = self.state
        cameras = {one.camera for one in told.cameras or ()}
        frozen = state.account.standing is AccountStanding.FROZEN
        if told.owner and told.owner != OWNER:
            assert frozen, "a wrong user was not noticed"
        fresh = told.quality is Quality.FRESH
        if before.ours and cameras and cameras <= self.foreign and fresh:
            assert frozen, "a wrong account was not noticed"
        if before.account.only_confirms and state.account.only_confirms:
            assert state.cameras == before.cameras, "an account in doubt changed something"
        assert len(state.cameras.keys() - before.cameras.keys()) <= 2, "many new ones are tried at once"
        if not fresh:
            assert {*state.cameras} <= {*before.cameras}
        if cameras <= before.ours.keys() and told.owner == OWNER and fresh:
            assert not any(isinstance(one, Freeze) for one in self.said), "a subset froze"
        judged = next(one for one in self.said if isinstance(one, Judged))
        assert not (judged.clean and cameras & self.foreign - self.refused and before.account.only_confirms)
        assert state_from_json(state_to_json(state)) == state


WRONG = ("partial", "mixed", "foreign", "half", "swapped", "taken", "owner", "old")


def wild_step(world: World) -> None:
    """Let anything happen once: four answers of five are right, the others wrong in all ways."""
    chance = world.chance
    world.now += chance.choice((60, 300, 900, 900, 900, 4000)) * chance.uniform(0.8, 1.2)
    if chance.random() < 0.02:
        world.now += chance.choice((-86400, 86400, -3600))
    if chance.random() < 0.8:
        world.answer(world.right_list())
    else:
        world.wrong_answer(chance.choice(WRONG))
    if chance.random() < 0.1:
        world.tell(Release())
    if any(isinstance(one, AskPerson) for one in world.said) and chance.random() < 0.1:
        stranger = chance.choice(sorted(world.foreign))
        world.refused.add(stranger)
        world.say(stranger, Word.NOT_MINE)
    own, anyone = chance.choice([*world.true]), chance.choice([*world.true, *sorted(world.foreign)])
    match chance.randrange(12):
        case 0 | 1:
            _change(world, own)
        case 2:
            world.tell(Uplink(chance.random() < 0.3))
        case 3 | 4:
            world.tell(EventSeen(anyone, world.now - chance.choice((0, 30, 900, -600)), MODEL))
        case 5 | 6:
            world.connect(anyone)
        case 7:
            # A stray handshake, with keys that are right somewhere, that nobody asked for.
            world.prove(anyone, chance.choice([*world.strangers, *world.true.values()]).keys)
        case 8:
            world.tell(OtherEntry(own, uid=world.true[own].uid, held=chance.random() < 0.2))


def _change(world: World, own: str) -> None:
    """Let the person change something."""
    match world.chance.randrange(4):
        case 0:
            world.add()
        case 1:
            world.set_up_anew(own)
        case 2:
            world.account.discard(own)
        case 3:
            words = (Word.MINE, Word.TRY, Word.TRY, Word.SOLD, Word.LEFT_OUT)
            world.say(own, world.chance.choice(words))
