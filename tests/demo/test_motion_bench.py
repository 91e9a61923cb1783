"""The judge of the motion bench, and what it promises about its clips; none of the footage is needed here."""

import tomllib

import numpy as np
import pytest

from dev.benchmarks.errors import BenchError
from dev.benchmarks.motion import clips
from dev.benchmarks.motion.clips import Clip
from dev.benchmarks.motion.packages import do
from dev.benchmarks.motion.report import KEY, OURS, Report, Side
from dev.benchmarks.motion.scene import Scene, Span
from dev.benchmarks.motion.truth import Verdict, judge
from dev.benchmarks.motion.visitors import visit

LOOKED = [number / 5 for number in range(300)]
TRUTH = [Span(10.0, 20.0), Span(40.0, 42.0)]


def verdict(*moments: float) -> Verdict:
    return judge(moments, 0.2, TRUTH, [Span(25.0, 27.0)], LOOKED)


def test_hits_misses_and_latency() -> None:
    found = verdict(10.6, 11.0, 12.0)
    assert found.latencies == pytest.approx((0.6,))
    assert (found.expected, found.hits, found.false_events) == (2, 1, 0)
    assert verdict(10.6, 41.0).missed == 0
    assert verdict().missed == 2


def test_false_events_count_by_themselves_even_beside_a_visit() -> None:
    found = verdict(3.0, 3.2, 8.0, 11.0, 30.0)
    assert (found.hits, found.false_events) == (1, 2)
    assert found.false_seconds == pytest.approx(0.8)


def test_early_late_and_undecidable_moments_are_excused() -> None:
    assert verdict(9.2, 15.0, 21.9, 26.0, 41.0).false_events == 0
    assert verdict(8.8, 15.0).false_events == verdict(15.0, 22.4).false_events == 1


def test_what_lies_between_two_key_frames_could_not_be_seen() -> None:
    found = judge([], 4.0, TRUTH, [], [number * 6.5 for number in range(10)])
    assert found.expected == 1


def test_clips_that_judge_share_no_ground_and_no_seed_with_those_that_tune() -> None:
    tuned, judged = list(clips.clips("tune", 0)), list(clips.clips("judge", 7))
    # The far walker is another part of the film that the lawn is from.
    assert not {clip.ground for clip in tuned if clip.family != "walker"} & {clip.ground for clip in judged}
    assert not {clip.seed for clip in tuned if clip.seed} & {clip.seed for clip in judged}


def test_fresh_clips_are_new_with_each_seed_and_can_be_repeated() -> None:
    def fresh(seed: int) -> list[Clip]:
        return [clip for clip in clips.clips("judge", seed) if clip.part == "fresh"]

    assert fresh(1) == fresh(1)
    assert not {clip.seed for clip in fresh(1)} & {clip.seed for clip in fresh(2)}
    assert len(fresh(1)) == tomllib.loads(clips.SPLIT.read_text())["fresh"]["count"]


def test_a_made_visitor_is_where_the_truth_says() -> None:
    half = np.full((180, 320), 100, np.uint8)
    grey = np.full((360, 640), 100, np.uint8), half, half
    for seed in range(12):
        stroke, truth = visit(np.random.default_rng(seed), 2.0, 12.0)
        scene = Scene(16.0, lambda _at: grey, [stroke], rate=5)
        changed = [bool((luma != 100).any()) for luma, _, _ in scene.frames()]
        assert all(changed[int(truth.start * 5) + 1 : int(truth.end * 5)])
        assert not any(changed[:10])
        assert truth.end - truth.start > 1


def test_without_a_network_it_says_what_is_missing() -> None:
    with pytest.raises(BenchError, match=r"could not be fetched .*with a network"):
        do(["sh", "-c", "echo unable to connect >&2; exit 100"])
    with pytest.raises(BenchError, match="no-such-program"):
        do(["no-such-program"])


@pytest.mark.parametrize(("mode", "how"), [("", "by every picture"), (KEY, "by key frames")])
def test_another_that_does_better_is_a_failure(mode: str, how: str) -> None:
    clip = Clip("lawn-day", "judge", "lawn")
    ours = Side(f"{OURS}{mode}", [Verdict(2, (0.5, 0.5), 1, 1.0)], cost=2.0, decoding=1.5, seconds=80.0)
    better = Side(f"mog2{mode}", [Verdict(2, (0.5, 0.9), 0, 0.0)])
    blinder = Side(f"motion{mode}", [Verdict(2, (0.5,), 0, 0.0)])
    assert Report("judge", 1, [clip], [ours, blinder]).problems == []
    assert Report("judge", 1, [clip], [ours, better, blinder]).problems == [
        f"MOG2 (OpenCV), {how}, is ahead: as much seen, with fewer false events"
    ]


def test_each_way_of_looking_is_judged_by_itself() -> None:
    clip = Clip("lawn-day", "judge", "lawn")
    ours = Side(OURS, [Verdict(2, (0.5, 0.5), 0, 0.0)], cost=2.0, decoding=1.5, seconds=80.0)
    keys = Side(f"{OURS}{KEY}", [Verdict(1, (0.5,), 1, 1.0)])
    other = Side("mog2", [Verdict(2, (0.5, 0.9), 0, 0.0)])
    report = Report("judge", 1, [clip], [ours, keys, other])
    assert report.problems == []
    every, only_keys = report.table().split("\n\n")
    assert every.startswith("| every picture | ours | MOG2 (OpenCV) |")
    assert only_keys.startswith("| key frames only | ours |\n")
