"""A visitor is one episode, however often the motion pauses."""

from itertools import pairwise

from engine.model import Box
from engine.watch.episodes import Began, Ended, Episode, Episodes, Grew
from engine.watch.look import Change, Look

HERE, THERE = Box(0.1, 0.1, 0.2, 0.2), Box(0.5, 0.5, 0.2, 0.2)


def seen(score: float, *zones: str, box: Box = HERE) -> Look:
    return Look(moving=True, score=score, box=box, zones=zones, change=Change.NONE)


NOTHING = Look(moving=False, score=0.0, box=None, zones=(), change=Change.NONE)


def told(looks: dict[float, Look]) -> list[Episode]:
    episodes = Episodes()
    return [episode for at, look in looks.items() for episode in episodes.take(look, at)]


def test_motion_with_pauses_is_one_episode() -> None:
    looks = {0.0: NOTHING, 1.0: seen(0.3), 10.9: seen(0.3), 20.8: seen(0.3), 25.0: NOTHING, 30.9: NOTHING}
    assert told(looks) == [Began(1.0, 0.3, (), HERE), Ended(20.8, 0.3, (), HERE)]


def test_motion_after_ten_quiet_seconds_is_another() -> None:
    kinds = [type(episode) for episode in told({1.0: seen(0.3), 11.0: seen(0.3)})]
    assert kinds == [Began, Ended, Began]


def test_a_better_moment_is_told_and_remembered() -> None:
    found = told({0.0: seen(0.3), 1.0: seen(0.31), 2.0: seen(0.5, box=THERE), 3.0: seen(0.2), 20.0: NOTHING})
    assert found[1:] == [Grew(2.0, 0.5, (), THERE), Ended(3.0, 0.5, (), THERE)]


def test_news_comes_once_a_second_at_most_and_the_best_is_not_lost() -> None:
    episodes = Episodes()
    looks = [seen(0.1), seen(0.5, box=THERE), *[seen(0.2 + 0.01 * number) for number in range(40)]]
    times = [number / 5 for number, look in enumerate(looks) if episodes.take(look, number / 5)]
    assert times[:2] == [0.0, 1.0]
    assert all(after - before >= 1 for before, after in pairwise(times))
    assert told({0.0: seen(0.1), 0.2: seen(0.5, box=THERE), 1.2: seen(0.2)})[1] == Grew(0.2, 0.5, (), THERE)


def test_further_zones_are_added_in_their_order() -> None:
    found = told(
        {0.0: seen(0.3, "door"), 0.2: seen(0.3, "gate"), 4.0: seen(0.3, "gate", "road"), 20.0: NOTHING}
    )
    assert found == [
        Began(0.0, 0.3, ("door",), HERE),
        Grew(4.0, 0.3, ("door", "gate", "road"), HERE),
        Ended(4.0, 0.3, ("door", "gate", "road"), HERE),
    ]


def test_it_ends_by_time_alone_and_once() -> None:
    episodes = Episodes()
    episodes.take(seen(0.3), 5.0)
    assert episodes.running
    assert episodes.pass_time(14.9) is None
    assert episodes.pass_time(15.0) == Ended(5.0, 0.3, (), HERE)
    assert episodes.pass_time(99.0) is None
    assert not episodes.running
    assert episodes.close() is None


def test_it_can_be_cut_short() -> None:
    episodes = Episodes()
    episodes.take(seen(0.3), 5.0)
    assert episodes.close() == Ended(5.0, 0.3, (), HERE)
