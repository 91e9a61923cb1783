"""Events that one clip cannot hold, streams that change, senders whose time jumps, clocks that are set."""

import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import pytest

from engine.model import ClipBegan, ClipFailed, ClipFinished, ClipName, ClipStill, Cut, Trouble
from engine.watch.recorder import MAX_RECORDINGS
from engine.watch.ring import Ring

from .camera import START, WALL, Stage, both, decoded, event, footage, once, stage


def test_a_long_event_goes_on_in_the_next_clip(tmp_path: Path) -> None:
    with stage(tmp_path, longest=10.0) as on:
        on.play(footage(), event(on, 10.5, 34.0))
        on.close()
        finished = on.of(ClipFinished)
        assert {news.event_id for news in finished} == {"event"}
        assert [news.part for news in on.of(ClipBegan)] == list(range(1, len(finished) + 1))
        assert [news.cut for news in finished[:-1]] == [Cut.LONGEST] * (len(finished) - 1)
        assert finished[-1].cut is Cut.NONE
        assert all(news.ended - news.started <= 10.2 for news in finished)
        assert len(finished) == 4
        for before, after in pairwise(finished):
            assert after.started == pytest.approx(before.ended, abs=0.15), "nothing is missing in between"
        assert finished[-1].ended == pytest.approx(WALL + START + 37, abs=0.3)
        for clip in on.clips():
            decoded(clip)
        assert len(on.clips()) == len(finished)


def test_an_event_outlives_a_reconnect(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.play(footage(), once(30.5, lambda at: on.recorder.trigger("event", at)))
        on.recorder.lost()
        on.clock.now += 7
        back = on.clock.now
        on.play(footage(), once(4.0, lambda _: on.recorder.release(on.clock.now)))
        on.close()
        first, second = on.of(ClipFinished)
        assert (first.event_id, first.cut) == ("event", Cut.RECONNECTED)
        assert (second.event_id, second.cut) == ("event", Cut.NONE)
        assert second.started == pytest.approx(WALL + back, abs=0.2)
        assert second.ended == pytest.approx(WALL + back + 7, abs=0.3)
        for clip in on.clips():
            decoded(clip)


@pytest.mark.parametrize(("codec", "size"), [("libx264", "640x360"), ("libx265", "320x180")])
def test_a_change_of_the_picture_begins_another_clip(tmp_path: Path, codec: str, size: str) -> None:
    with stage(tmp_path) as on:
        on.play(footage(), once(30.5, lambda at: on.recorder.trigger("event", at)))
        on.play(footage(codec, size=size), once(4.0, lambda _: on.recorder.release(on.clock.now)))
        on.close()
        first, second = on.of(ClipFinished)
        paths = [ClipName.parse(news.clip_id).path(tmp_path) for news in (first, second)]
        sizes = []
        for path in paths:
            decoded(path)
            with av.open(str(path)) as clip:
                sizes.append((clip.streams.video[0].codec_context.name, clip.streams.video[0].width))
        assert sizes == [("h264", 320), ({"libx264": "h264", "libx265": "hevc"}[codec], int(size[:3]))]


def test_a_change_of_size_inside_one_connection_begins_another_clip(tmp_path: Path) -> None:
    """Cameras change their resolution without a word: other parameter sets stand before a key frame."""
    small, large = footage(sound=""), footage(sound="", size="640x360")
    with stage(tmp_path) as on:
        mixed = tmp_path / "mixed.h264"
        mixed.write_bytes(_bare(small, tmp_path) + _bare(large, tmp_path))
        with av.open(str(mixed)) as source:
            on.recorder.opened(source.streams.video[0], None)
            for number, packet in enumerate(source.demux()):
                packet.pts = packet.dts = None
                on.clock.now = at = START + number / 10
                on.recorder.take(packet, at)
                if number == 380:
                    on.recorder.trigger("event", at)
                if number == 430:
                    on.recorder.release(at)
        on.close()
        first, second = on.of(ClipFinished)
        assert (first.cut, second.cut) == (Cut.CHANGED, Cut.NONE)
        assert second.started == pytest.approx(WALL + START + 40, abs=0.15)
        sizes = []
        for news in (first, second):
            path = ClipName.parse(news.clip_id).path(tmp_path)
            decoded(path)
            with av.open(str(path)) as clip:
                sizes.append(clip.streams.video[0].width)
        assert sizes == [320, 640]


def _bare(content: bytes, folder: Path) -> bytes:
    """Return the pictures of footage with nothing around them."""
    file = folder / "bare.nut"
    file.write_bytes(content)
    with av.open(str(file)) as source:
        sets = source.streams.video[0].codec_context.extradata or b""
        pictures = (packet for packet in source.demux(video=0) if packet.size)
        return b"".join((sets if packet.is_keyframe else b"") + bytes(packet) for packet in pictures)


def _disturbed(
    on: Stage, content: bytes, change: Callable[[int, float], tuple[float, float]], folder: Path
) -> None:
    """Play footage whose time and arrival somebody changes, in seconds, by packet and by its own time."""
    file = folder / "footage.nut"
    file.write_bytes(content)
    triggered = released = False
    with av.open(str(file)) as source:
        on.recorder.opened(source.streams.video[0], source.streams.audio[0])
        for number, packet in enumerate(source.demux()):
            if packet.pts is None or packet.time_base is None:
                continue
            passed = float(packet.pts * packet.time_base)
            said, arrived = change(number, passed)
            packet.pts = packet.dts = round((passed + said) / packet.time_base)
            on.clock.now = at = max(on.clock.now, START + passed + arrived)
            on.recorder.take(packet, at)
            if passed > 21.5 and not triggered:
                on.recorder.trigger("event", at)
                triggered = True
            if passed > 26 and not released:
                on.recorder.release(at)
                released = True


JUMPS: dict[str, Callable[[int, float], tuple[float, float]]] = {
    "forward an hour": lambda _, passed: (3600.0 if passed > 23 else 0.0, 0.0),
    "back an hour": lambda _, passed: (3600.0 if passed < 23 else 0.0, 0.0),
    "back a little": lambda _, passed: (0.7 if passed < 23 else 0.0, 0.0),
    "stuck for three seconds, then all at once": lambda _, passed: (
        0.0,
        26 - passed if 23 < passed < 26 else 0.0,
    ),
    "always the same": lambda _, passed: (-passed, 0.0),
    "twice as fast": lambda _, passed: (passed, 0.0),
    "jitter": lambda number, _: (0.0, (number * 7919 % 100) / 500),
    "late all along": lambda _, passed: (0.0, 0.3 if passed < 1 else 0.0),
}


@pytest.mark.parametrize("how", JUMPS)
def test_senders_whose_time_jumps_do_not_spoil_a_clip(tmp_path: Path, how: str) -> None:
    with stage(tmp_path) as on:
        _disturbed(on, footage(), JUMPS[how], tmp_path)
        on.close()
        (finished,) = on.of(ClipFinished)
        assert not on.of(ClipFailed)
        assert finished.started <= WALL + START + 16.6, "the asked time before the motion is there"
        assert finished.ended - finished.started == pytest.approx(12.5, abs=2.3)
        (clip,) = on.clips()
        frames = decoded(clip)
        assert frames["video"] > 90
        with av.open(str(clip)) as opened:
            for kind in range(2):
                opened.seek(0)
                times = [p.dts for p in opened.demux(opened.streams[kind]) if p.dts is not None]
                assert times == sorted(set(times))


def test_chance_does_not_spoil_a_clip_either(tmp_path: Path) -> None:
    seed = 20240216
    chance = random.Random(seed)
    for number in range(10):
        offsets = [chance.choice((0.0, 0.0, 1.0, -1.0, 60.0, -60.0, 5000.0)) for _ in range(8)]
        changes = sorted(chance.uniform(10, 30) for _ in offsets)

        def change(
            _: int, passed: float, offsets: list[float] = offsets, changes: list[float] = changes
        ) -> tuple[float, float]:
            said = sum(offset for offset, at in zip(offsets, changes, strict=True) if at < passed)
            return said, chance.uniform(0, 0.2)

        folder = tmp_path / str(number)
        folder.mkdir()
        with stage(folder) as on:
            _disturbed(on, footage(), change, tmp_path)
            on.close()
            (finished,) = on.of(ClipFinished)
            assert 9 < finished.ended - finished.started < 18, (seed, number, offsets, changes)
            decoded(on.clips()[0])


@pytest.mark.parametrize("step", [-3600.0, 3600.0, 86400.0 * 365])
def test_a_clock_that_is_set_changes_no_length(tmp_path: Path, step: float) -> None:
    def set_clock(_: float) -> None:
        on.clock.wall += step

    with stage(tmp_path) as on:
        on.play(
            footage(), both(event(on, 21.5, 25.0), once(23.0, set_clock), event(on, 31.5, 32.0, "second"))
        )
        on.close()
        first, second = on.of(ClipFinished)
        assert first.ended - first.started == pytest.approx(12, abs=0.4)
        assert second.ended - second.started == pytest.approx(9, abs=0.6)
        assert second.started - first.started == pytest.approx(step + 10, abs=0.6)
        assert len(on.clips()) == 2


def test_two_clips_of_one_second_have_two_names(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.play(footage(), both(event(on, 21.5, 23.0, "a"), event(on, 21.6, 23.0, "b")))
        on.close()
        assert {news.event_id for news in on.of(ClipFinished)} == {"a", "b"}
        assert len(on.clips()) == 2


def test_the_still_is_of_the_best_moment(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.play(
            footage(), both(event(on, 21.5, 30.0), once(26.2, on.recorder.best), once(29.2, lambda _: None))
        )
        on.close()
        stills = on.of(ClipStill)
        assert stills[-1].at == pytest.approx(WALL + START + 26, abs=0.15)
        (clip,) = on.clips()
        assert clip.with_suffix(".jpg").stat().st_size > 1000


def test_closing_ends_what_is_being_written(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.play(footage(), once(35.5, lambda at: on.recorder.trigger("event", at)))
        on.close()
        (finished,) = on.of(ClipFinished)
        assert finished.cut is Cut.CLOSED
        decoded(on.clips()[0])


def test_nothing_can_be_recorded_before_a_picture_came(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        on.recorder.record("20270115T080000-0123abcd", 5.0, START)
        on.recorder.close()
        on.close()
        (failed,) = on.of(ClipFailed)
        assert (failed.clip_id, failed.reason) == ("20270115T080000-0123abcd", Trouble.NO_PICTURE)


def test_a_camera_writes_a_few_clips_at_once_and_says_what_it_does_not(tmp_path: Path) -> None:
    with stage(tmp_path) as on:
        names = [f"20270115T08000{number}-0123abcd" for number in range(MAX_RECORDINGS + 1)]

        def record(at: float) -> None:
            for name in names:
                on.recorder.record(name, 5.0, at)

        on.play(footage(), once(20.5, record))
        on.close()
        assert [news.clip_id for news in on.of(ClipFinished)] == names[:-1]
        assert [(news.clip_id, news.reason) for news in on.of(ClipFailed)] == [(names[-1], Trouble.BUSY)]


def test_key_frames_that_are_too_far_apart_are_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with stage(tmp_path) as on:
        on.recorder.ring = Ring(5.0, max_bytes=20_000)
        on.play(footage(), event(on, 21.5, 26.0))
        on.close()
        (finished,) = on.of(ClipFinished)
        assert finished.started == pytest.approx(WALL + START + 22, abs=0.15), "with the next key frame"
        decoded(on.clips()[0])
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "too far apart" in caplog.text
