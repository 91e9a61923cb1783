"""Whose turn it is to speak through a camera: a person first, then what was announced last."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.child import Question
from engine.lan import CameraInfo, Codec, Framing, Reason
from engine.relay import RelayError, say
from engine.relay.formats import AudioFormat, adts
from engine.relay.messages import Speak
from engine.relay.speech import LATE, PIECE, STUCK, TAIL, WAITING
from engine.relay.talk import QUIET
from tests.engine.lan.virtual import virtual
from tests.support import footage
from tests.support.announcing import FFMPEG, RATE, STEP, Announcement
from tests.support.clock import settle
from tests.support.relay import Rig, rtsp_rig
from tests.support.tones import tone

ANNA, BEN = "Anna", "Ben"
HOUR = 3600.0


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rtsp_rig() as made:
        await made.live()
        made.channel.hub.formats = replace(made.channel.hub.formats, audio=AudioFormat("pcmu", RATE))
        yield made


def say_live(rig: Rig, payload: bytes, voice: str) -> None:
    """Have somebody talk who was told how the camera is spoken to."""
    rig.channel.talk(payload, rig.channel.hub.formats, voice)


async def test_it_is_said_in_real_time_whatever_ffmpeg_does(rig: Rig) -> None:
    announcement = Announcement(rig, tone(500, 2))
    await announcement.begins()
    await announcement.coded()
    assert len(rig.camera.heard) == PIECE
    for count in range(2, 6):
        await rig.advance(STEP)
        assert len(rig.camera.heard) == count * PIECE
    took = await announcement.ends()
    await announcement.task
    assert len(rig.camera.heard) == 2 * RATE
    assert took == pytest.approx(2 - 4 * STEP + TAIL, abs=STEP)


async def test_a_sound_that_comes_slowly_has_gaps_and_is_not_hurried(rig: Rig) -> None:
    # Of less, ffmpeg does not yet make anything.
    file = tone(500, 10)
    announcement = Announcement(rig, file[: len(file) // 2])
    announcement.feeding.cancel()
    for start in range(0, len(file) // 2, 4096):
        await announcement.speech.feed(file[start : start + 4096])
    await announcement.begins()
    before = 0
    # Until there has been a gap: what ffmpeg is slow to make of it comes late then, as the rest does.
    while len(rig.camera.heard) > before:
        before = len(rig.camera.heard)
        await rig.advance(2 * LATE)
    for start in range(len(file) // 2, len(file), 4096):
        await announcement.speech.feed(file[start : start + 4096])
    await announcement.speech.feed(b"")
    async with asyncio.timeout(10):
        while len(rig.camera.heard) == before:
            await rig.advance(0)
    await rig.advance(0)
    assert len(rig.camera.heard) - before <= PIECE, "not all at once"
    await announcement.stop()


async def test_a_voice_is_not_talked_over(rig: Rig) -> None:
    say_live(rig, b"voice", ANNA)
    await settle()
    assert await Announcement(rig, tone(500, 1)).fails() == "speaker_taken"
    await rig.advance(QUIET)
    later = Announcement(rig, tone(500, 0.2))
    await later.ends()
    await later.task
    assert rig.camera.talks == 2


async def test_who_begins_to_talk_is_heard_at_once_and_the_announcer_is_told(rig: Rig) -> None:
    announcement = Announcement(rig, tone(500, 5))
    await announcement.begins()
    say_live(rig, b"voice", ANNA)
    assert await announcement.fails() == "interrupted"
    await rig.advance(0)
    assert bytes(rig.camera.heard).endswith(b"voice")
    heard = len(rig.camera.heard)
    await rig.advance(STEP * 4)
    assert len(rig.camera.heard) == heard, "nothing of the announcement comes behind it"


async def test_who_could_not_talk_holds_no_speaker(rig: Rig) -> None:
    """The camera speaks otherwise than a browser was told; an announcement is heard at once all the same."""
    rig.camera.talk_codec = Codec.PCM
    say_live(rig, b"voice", ANNA)
    await settle()
    say_live(rig, b"voice", ANNA)
    announcement = Announcement(rig, tone(500, 0.2))
    await announcement.begins()
    say_live(rig, b"voice", BEN)
    await announcement.ends()
    await announcement.task
    assert rig.camera.talks == 2


async def test_a_newer_announcement_ends_the_older_one(rig: Rig) -> None:
    older = Announcement(rig, tone(500, 5))
    await older.begins()
    newer = Announcement(rig, tone(900, 0.5))
    assert await older.fails() == "superseded"
    await newer.ends()
    await newer.task
    assert rig.camera.talks == 2


async def test_of_two_voices_one_is_heard_until_it_has_been_quiet(rig: Rig) -> None:
    say_live(rig, b"anna", ANNA)
    say_live(rig, b"ben", BEN)
    await settle()
    assert bytes(rig.camera.heard) == b"anna"
    await rig.advance(QUIET)
    say_live(rig, b"ben", BEN)
    await settle()
    assert bytes(rig.camera.heard) == b"annaben"


async def test_who_gives_up_leaves_the_speaker_to_the_next(rig: Rig) -> None:
    announcement = Announcement(rig, tone(500, 5))
    await announcement.begins()
    await announcement.stop()
    say_live(rig, b"voice", ANNA)
    await rig.advance(0)
    assert bytes(rig.camera.heard).endswith(b"voice")


async def test_a_camera_that_is_taken_away_ends_it(rig: Rig) -> None:
    announcement = Announcement(rig, tone(500, 5))
    await announcement.begins()
    await rig.channel.close()
    assert await announcement.fails() == "closed"


async def test_the_session_lasts_as_long_as_it_is_spoken_on(rig: Rig) -> None:
    announcement = Announcement(rig, tone(500, 60))
    await announcement.begins()
    for _ in range(400):
        await rig.advance(STEP)
        rig.camera.show(b"\0\0\0\1\x41", key=False)
    assert len(rig.camera.dials) == 1
    assert not announcement.task.done()
    await announcement.stop()


@pytest.mark.parametrize(
    ("file", "ffmpeg", "reason"),
    [
        (b"no sound at all" * 1000, FFMPEG, "sound_unreadable"),
        (b"", FFMPEG, "sound_unreadable"),
        (tone(500, 1), "", "no_ffmpeg"),
        (tone(500, 1), "/nonexistent/ffmpeg", "no_ffmpeg"),
    ],
)
async def test_why_nothing_is_said(rig: Rig, file: bytes, ffmpeg: str, reason: str) -> None:
    assert await Announcement(rig, file, ffmpeg).fails() == reason
    assert not rig.camera.heard


async def test_no_sound_leads_to_another_file(rig: Rig, tmp_path: Path) -> None:
    other = tmp_path / "other.aac"
    aac = AudioFormat("aac", 16000, 1, b"\x14\x08")
    other.write_bytes(b"".join(adts(unit, aac) for unit in footage.sound("aac", seconds=1)))
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:{other}\n#EXT-X-ENDLIST\n"
    assert await Announcement(rig, playlist.encode()).fails() == "sound_unreadable"
    assert not rig.camera.heard


async def test_a_speaker_that_takes_what_nobody_can_make_is_told_apart(rig: Rig) -> None:
    rig.camera.talk_codec = Codec.MP3
    assert await Announcement(rig, tone(500, 1)).fails() == "sound_unsupported"


async def test_a_sound_that_never_comes_is_not_waited_for_without_end(rig: Rig) -> None:
    announcement = Announcement(rig, b"")
    announcement.feeding.cancel()
    await rig.advance(0)
    await rig.advance(STUCK)
    assert await announcement.fails() == "sound_stuck"


async def test_more_of_it_is_asked_for_only_as_it_is_used_up(rig: Rig) -> None:
    rig.camera.refusal = Reason.NO_ANSWER
    announcement = Announcement(rig, b"")
    for _ in range(WAITING):
        await announcement.speech.feed(b"x")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await announcement.speech.feed(b"x")
    await announcement.stop()


async def test_a_camera_without_a_speaker_says_so() -> None:
    async with rtsp_rig() as rig:
        rig.camera.info = CameraInfo(Framing.CC51, two_way=False)
        assert await Announcement(rig, tone(500, 1)).fails() == "no_speaker"


async def test_a_camera_that_cannot_be_reached_says_why() -> None:
    async with rtsp_rig() as rig:
        rig.camera.refusal = Reason.WRONG_KEY
        assert await Announcement(rig, tone(500, 1)).fails() == "wrong_key"


async def test_what_cannot_be_had_does_not_wake_a_camera() -> None:
    class Nobody:
        """A relay that is to be asked nothing."""

        async def ask(self, question: Question, within: float) -> bytes:
            raise AssertionError("the relay was asked")

    async def gone() -> AsyncIterator[bytes]:
        raise FileNotFoundError
        yield b""

    with pytest.raises(FileNotFoundError):
        await say(Nobody(), "camera", gone())


@virtual
async def test_a_sound_without_an_end_ends_after_an_hour() -> None:
    class Relay:
        """A relay that speaks for as long as sound comes."""

        async def ask(self, question: Question, within: float) -> bytes:
            try:
                async with asyncio.timeout(within):
                    await asyncio.sleep(24 * HOUR if isinstance(question(1), Speak) else 60)
            except TimeoutError:
                raise RelayError(reason="timeout") from None
            return b""

    async def radio() -> AsyncIterator[bytes]:
        while True:
            yield b"music"

    began = asyncio.get_running_loop().time()
    with pytest.raises(RelayError):
        await say(Relay(), "camera", radio())
    assert asyncio.get_running_loop().time() - began == pytest.approx(HOUR)
