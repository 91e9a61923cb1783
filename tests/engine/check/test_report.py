"""What a report says, and what it cannot say."""

import json
import socket

import pytest

from engine.catalog import Catalog, ControlCatalog
from engine.check import (
    PREFIX,
    Diagnosis,
    Note,
    Outcome,
    Report,
    Rung,
    Saying,
    Step,
    Words,
    as_data,
    as_json,
    as_text,
    from_data,
)
from engine.check.climb import Climb
from engine.check.listening import Listener
from engine.check.values import PLAYING, Cue, Ending, Trial
from engine.check.words import ENGLISH
from engine.lan import Codec, Kind, LinkStats, MediaFrame
from engine.model import CameraNetworks, Credentials, Neighbour, SystemClock

from ..lan.virtual import LoopClock, virtual

REPORT = Report(
    Diagnosis.SLOW,
    (Note.CLOCK, Note.HELD),
    Saying("HL_CAM4", "4.52.9.4188", "cc51", 25),
    "HL_CAM4",
    (
        Step(Rung.ADDRESS, Outcome.PASSED, 0.1),
        Step(Rung.MEDIA, Outcome.DOUBTFUL, 9.5, {"pictures": 150, "video": "h264"}),
    ),
)


def test_a_report_survives_its_way_through_json() -> None:
    assert from_data(json.loads(as_json(REPORT, "1.2.3"))) == REPORT
    assert as_data(REPORT, "1.2.3")["version"] == "1.2.3"


@pytest.mark.parametrize(
    "change",
    [
        {"diagnosis": "fine"},
        {"notes": ["<script>"]},
        {"ladder": [{"rung": "roof", "outcome": "passed", "seconds": 0}]},
        {"model": "x" * 5000},
        {"firmware": None},
        {"ladder": None},
    ],
)
def test_what_is_no_report_is_none(change: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_data(as_data(REPORT) | change)


def test_every_word_of_a_check_has_its_sentence() -> None:
    """Texts are the integration's translations; one that is missing would read as its key."""
    words = Words.english()
    texts = json.loads(ENGLISH.read_text("utf-8"))["selector"]
    for kind in (Note, Outcome, Rung, Trial, Ending, Cue):
        assert set(texts[f"{PREFIX}{kind.__name__.lower()}"]["options"]) == {word.value for word in kind}
    listener = _listened(frame(1, 101, key=True), frame(2, 102, clock=5), frame(3, 103, kind=Kind.AUDIO))
    assert set(listener.figures(LinkStats(), 0.0)) <= set(texts[f"{PREFIX}figure"]["options"])
    for diagnosis in Diagnosis:
        assert words.cause(diagnosis).endswith("."), diagnosis
        assert words.remedy(diagnosis).endswith("."), diagnosis
        assert words.cause(diagnosis).startswith("It plays") <= (diagnosis in PLAYING), diagnosis
    text = as_text(REPORT, words)
    assert text.startswith("Model HL_CAM4, firmware 4.52.9.4188, framing cc51, protocol 25")
    assert "! Pictures and sound: doubtful (9.50 s)\n    pictures: 150\n    video: h264" in text
    assert "· the camera's clock is wrong by more than a minute" in text


def frame(
    number: int, at: float, *, key: bool = False, kind: Kind = Kind.VIDEO, clock: int = 0
) -> MediaFrame:
    return MediaFrame(kind, Codec.H264, key, b"12345", number, clock, 0, 0, 0, 15, at)


def _listened(*frames: MediaFrame) -> Listener:
    listener = Listener(100.0)
    for one in frames:
        listener.take(one)
    return listener


def test_what_is_heard_is_judged() -> None:
    clean = LinkStats(frames=100)
    assert _listened().judge(clean, sound=False) is Diagnosis.NO_MEDIA
    assert _listened(frame(1, 101)).judge(clean, sound=False) is Diagnosis.NO_KEY_FRAME
    playing = _listened(frame(1, 101, key=True), frame(2, 102))
    assert playing.judge(clean, sound=False) is None
    assert playing.judge(clean, sound=True) is Diagnosis.NO_SOUND
    assert playing.judge(LinkStats(frames=97, missing=2, given_up=1), sound=False) is Diagnosis.WEAK_NETWORK
    assert playing.judge(LinkStats(frames=99, missing=1), sound=False) is None


def test_numbers_key_frames_and_clock_are_noted() -> None:
    clean, now = LinkStats(), 1_000_000.0
    listener = _listened(
        frame(5, 101, key=True), frame(8, 102), frame(8, 103), frame(9, 112, key=True, clock=999_000)
    )
    figures = listener.figures(clean, now)
    assert figures["numbers_skipped"] == 2
    assert figures["numbers_backwards"] == 1
    assert figures["seconds_to_key_frame"] == 1
    assert figures["key_frame_interval"] == 11
    assert figures["clock_ahead"] == -1000
    assert set(listener.notes(clean, now)) == {Note.GAPS, Note.RARE_KEYS, Note.CLOCK}
    lossy = LinkStats(missing=2, late=1)
    assert set(listener.notes(lossy, now)) == {Note.REORDERED, Note.RARE_KEYS, Note.CLOCK}


@pytest.mark.parametrize(
    ("found", "model", "diagnosis"),
    [
        (None, "", "no_answer"),
        (None, "AN_RSCW", "asleep"),
        (Neighbour(False), "", "nobody_there"),
        (Neighbour(False), "AN_RSCW", "asleep"),
        (Neighbour(True, "2CAA8E000001"), "", "no_answer"),
        (Neighbour(True, "2CAA8E000002"), "", "no_answer"),
        (Neighbour(True, "0050C2000002"), "", "other_device"),
    ],
)
@virtual
async def test_silence_is_explained_by_who_has_the_address(
    found: Neighbour | None, model: str, diagnosis: str
) -> None:
    """Nothing listens on that port of loopback, and loopback says so: here it is made to keep silent."""
    report = await _climb(found, model, address="127.0.0.1")
    assert report.diagnosis == diagnosis


async def _climb(found: Neighbour | None, model: str, address: str) -> Report:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind((address, 0))
        credentials = Credentials.parse(
            address=address,
            uid="A" * 20,
            enr="0123456789abcdef",
            mac="2CAA8E000001",
            model=model,
            port=silent.getsockname()[1],
        )
        climb = Climb(
            credentials,
            CameraNetworks.parse(["127.0.0.0/8"]),
            clock=LoopClock(),
            catalog=Catalog.load(),
            controls=ControlCatalog.load(),
            look_up=lambda _: found,
        )
        return await climb.run(1)


async def test_nothing_is_sent_outside_the_camera_networks() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside:
        outside.bind(("127.0.0.1", 0))
        outside.setblocking(False)
        credentials = Credentials.parse(
            address="127.0.0.1", uid="A" * 20, enr="0123456789abcdef", mac="2CAA8E000001",
            port=outside.getsockname()[1],
        )  # fmt: skip
        climb = Climb(
            credentials,
            CameraNetworks.parse(["192.168.1.0/24"]),
            clock=SystemClock(),
            catalog=Catalog.load(),
            controls=ControlCatalog.load(),
        )
        report = await climb.run(1)
        assert report.diagnosis is Diagnosis.OUTSIDE
        assert report.step(Rung.ADDRESS).outcome is Outcome.FAILED
        assert report.step(Rung.UDP).outcome is Outcome.NOT_REACHED
        with pytest.raises(BlockingIOError):
            outside.recv(100)
