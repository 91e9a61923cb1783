"""Clips from what a camera sends: they begin before the motion, end after it, and play."""

import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from engine.model import (
    ClipBegan,
    ClipDetails,
    ClipFailed,
    ClipFinished,
    ClipName,
    ClipStill,
    Cut,
    Sound,
    Trouble,
)

from .camera import START, WALL, both, decoded, event, footage, once, settle, stage


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_a_clip_shows_what_came_before_and_after(tmp_path: Path, codec: str) -> None:
    with stage(tmp_path) as on:
        on.play(footage(codec), event(on, 21.5, 25.0))
        on.close()
        (began,), (finished,) = on.of(ClipBegan), on.of(ClipFinished)
        assert began.clip_id == finished.clip_id
        assert not on.of(ClipFailed)
        (clip,) = on.clips()
        assert clip == ClipName.parse(finished.clip_id).path(tmp_path)
        assert finished.started == pytest.approx(WALL + START + 16, abs=0.11), "a key frame before 21.5 - 5"
        assert finished.ended == pytest.approx(WALL + START + 28, abs=0.3)
        assert (finished.audio, finished.cut, finished.bytes) == (Sound.AAC, Cut.NONE, clip.stat().st_size)
        frames = decoded(clip)
        assert frames["video"] == pytest.approx(120, abs=2)
        assert frames["audio"] == pytest.approx(12 * 16000 / 1024, abs=3)
        told = ClipDetails.from_bytes(clip.with_suffix(".json").read_bytes())
        assert (told.started, told.ended, told.event_id) == (finished.started, finished.ended, "event")
        (still,) = on.of(ClipStill)
        assert finished.still
        assert still.at == pytest.approx(WALL + START + 20, abs=0.2) or still.at == pytest.approx(
            WALL + START + 22, abs=0.2
        )
        with av.open(str(clip.with_suffix(".jpg"))) as picture:
            assert (picture.streams.video[0].width, picture.streams.video[0].height) == (320, 180)
        assert sorted(path.suffix for path in clip.parent.iterdir()) == [".jpg", ".json", ".mp4"]
        with av.open(str(clip)) as opened:
            assert (
                opened.streams.video[0].codec_context.codec_tag
                == {"libx264": "avc1", "libx265": "hvc1"}[codec]
            )


def test_the_picture_of_the_clip_is_the_cameras_own(tmp_path: Path) -> None:
    """Nothing is encoded again: each frame is the one that came, and lies where it came."""
    content = footage()
    with stage(tmp_path) as on:
        on.play(content, event(on, 21.5, 25.0))
        on.close()
        (clip,) = on.clips()

    def hashes(path: Path, *more: str) -> list[str]:
        command = ["ffmpeg", "-v", "error", *more, "-i", str(path), "-map", "0:v", "-f", "framemd5", "-"]
        lines = subprocess.run(
            command, capture_output=True, check=True, timeout=60, text=True
        ).stdout.splitlines()
        return [line.split(",")[-1].strip() for line in lines if not line.startswith("#")]

    source = tmp_path / "source.nut"
    source.write_bytes(content)
    whole, part = hashes(source), hashes(clip)
    start = whole.index(part[0])
    assert start == 160
    assert whole[start : start + len(part)] == part


def test_a_clip_can_be_played_while_it_grows(tmp_path: Path) -> None:
    lengths = []

    def look(passed: float) -> None:
        if passed < 23:
            return
        (part,) = tmp_path.rglob("*.mp4.part")
        copy = tmp_path / "copy.mp4"
        copy.write_bytes(part.read_bytes())
        lengths.append(decoded(copy, count=True)["video"])

    with stage(tmp_path) as on:
        # The disk's thread comes to it soon, and not at once.
        on.play(
            footage(),
            both(event(on, 21.5, 30.0), *(once(at, lambda at: settle(on, at, look)) for at in (23, 25, 27))),
        )
        on.close()
    assert lengths[0] >= 60
    assert lengths == sorted(set(lengths))


def test_what_was_asked_for_has_the_asked_length(tmp_path: Path) -> None:
    clip_id = "20270115T080000-0123abcd"
    with stage(tmp_path) as on:
        on.play(footage(), once(20.5, lambda at: on.recorder.record(clip_id, 6.0, at, pre_roll=0.0)))
        on.close()
        (finished,) = on.of(ClipFinished)
        assert (finished.clip_id, finished.event_id) == (clip_id, None)
        assert finished.ended - finished.started == pytest.approx(6.5, abs=0.2)


def test_nothing_to_record_is_said(tmp_path: Path) -> None:
    with stage(tmp_path / "missing") as on:
        on.play(footage(), event(on, 21.5, 25.0))
        on.close()
        (failed,) = on.of(ClipFailed)
        assert failed.reason is Trouble.NO_FOLDER
        assert not on.of(ClipBegan)


@pytest.mark.parametrize(
    ("sound", "becomes", "codec", "rate"),
    [
        ("aac", Sound.AAC, "aac", 16000),
        ("libopus", Sound.OPUS, "opus", 48000),
        ("pcm_mulaw", Sound.ENCODED, "aac", 8000),
        ("pcm_alaw", Sound.ENCODED, "aac", 8000),
        ("mp2", Sound.DROPPED, "", 0),
        ("", Sound.NONE, "", 0),
    ],
)
def test_sound_is_kept_where_browsers_play_it(
    tmp_path: Path, sound: str, becomes: Sound, codec: str, rate: int
) -> None:
    with stage(tmp_path) as on:
        on.play(footage(sound=sound), event(on, 21.5, 25.0))
        on.close()
        (finished,) = on.of(ClipFinished)
        assert finished.audio is becomes
        (clip,) = on.clips()
        frames = decoded(clip)
        assert ("audio" in frames) == bool(codec)
        if not codec:
            return
        with av.open(str(clip)) as opened:
            stream = opened.streams.audio[0]
            assert (stream.codec_context.name.removeprefix("lib"), stream.sample_rate) == (codec, rate)
            times = [packet.pts for packet in opened.demux(stream) if packet.pts is not None]
        assert times == sorted(set(times))
        assert beep_in(clip) == pytest.approx(24 + WALL + START - finished.started, abs=0.08)
        assert length_of(clip, "audio") == pytest.approx(length_of(clip, "video"), abs=0.2)


def beep_in(clip: Path) -> float:
    """Return when something is to be heard for the third time; every four seconds is a beep."""
    with av.open(str(clip)) as opened:
        beeps: list[float] = []
        loud_until = -1.0
        for frame in opened.decode(audio=0):
            samples = np.abs(frame.to_ndarray().astype(np.float32)).reshape(-1)
            loud = np.nonzero(samples > 0.2)[0]
            assert frame.time is not None
            if len(loud) and frame.time > loud_until + 1:
                beeps.append(frame.time + loud[0] / frame.sample_rate)
            if len(loud):
                loud_until = frame.time
    return beeps[-1] - 4 * (len(beeps) - 3)


def length_of(clip: Path, kind: str) -> float:
    with av.open(str(clip)) as opened:
        (stream,) = (stream for stream in opened.streams if stream.type == kind)
        assert stream.duration
        assert stream.start_time is not None
        return float((stream.start_time + stream.duration) * stream.time_base)


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_pictures_that_come_in_another_order_than_they_are_shown(tmp_path: Path, codec: str) -> None:
    with stage(tmp_path) as on:
        on.play(footage(codec, ahead=2), event(on, 21.5, 25.0))
        on.close()
        (clip,) = on.clips()
        decoded(clip)
        with av.open(str(clip)) as opened:
            times = [frame.time for frame in opened.decode(video=0) if frame.time is not None]
        assert times == sorted(set(times))
        assert times[0] == pytest.approx(0, abs=0.01), "sound is not ahead of the picture"
        assert len(times) == pytest.approx(120, abs=4)
