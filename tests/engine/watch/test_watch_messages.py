"""What parent and worker say: exactly what was meant, of several kinds the right one, and no URL in print."""

from pathlib import Path
from typing import Any

import pytest

from engine.child import ProtocolError, decode, encode
from engine.model import (
    Box,
    ClipBegan,
    ClipFailed,
    ClipFinished,
    ClipSettings,
    Cut,
    Secret,
    Sensitivity,
    Sound,
    Trouble,
    WatchMode,
    Zone,
)
from engine.watch import MotionBegan, MotionEnded, WatchPhase, WatchSettings, WatchState, WatchStill
from engine.watch.messages import (
    FROM_PARENT,
    FROM_WORKER,
    News,
    SetCamera,
    State,
    still_from_bytes,
    still_to_bytes,
)

KEY = "ab" * 16
URL = Secret("rtsp://127.0.0.1:1/canary?auth=canary")
ODD = Path("/media/a\nb/\udcff" + "x" * 600)
"""A folder of a name that no text of ours may have."""
SETTINGS = WatchSettings(
    WatchMode.AUTO,
    Sensitivity.HIGH,
    (Zone("Way, gate", 0.1, 0.2, 0.3, 0.4),),
    ClipSettings(ODD, 3.0, 4.0, 60.0, keep_free=7, owner=b"\0mark"),
    keep_motion=False,
)
NEWS = [
    MotionBegan("e", 1.5, 0.5, ("Way",), Box(0, 0, 1, 1)),
    MotionEnded("e", 1.5, 0.5, (), None),
    ClipBegan("20261126T210324-0123abcd", "e", 1.5, 1),
    ClipFinished("20261126T210324-0123abcd", None, 1.5, 3.0, 5, Sound.AAC, True, Cut.LONGEST),
    ClipFailed(None, "e", Trouble.DISK_FULL),
]


@pytest.mark.parametrize("news", NEWS, ids=lambda news: type(news).__name__)
def test_news_arrive_as_what_they_are(news: Any) -> None:
    heard = decode(encode(News(KEY, news))[4:], FROM_WORKER)
    assert heard == News(KEY, news)
    assert type(heard.news) is type(news)


@pytest.mark.parametrize(
    "news", [b"null", b"{}", b'{"Ping":{"id":1}}', b'{"MotionBegan":{}}', b"[1]", b'{"MotionBegan":{},"x":1}']
)
def test_other_news_are_refused(news: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(b'["News",{"key":"k","news":' + news + b"}]", FROM_WORKER)


def test_what_is_wanted_arrives_whatever_the_folder_is_called() -> None:
    for settings in (SETTINGS, WatchSettings()):
        message = SetCamera.of(KEY, 7, URL, settings)
        heard = decode(encode(message)[4:], FROM_PARENT)
        assert (heard.slot, heard.url) == (7, URL)
        assert heard.settings == settings
        assert "canary" not in f"{message} {heard!r}"


def test_a_state_arrives() -> None:
    state = WatchState(WatchPhase.STALLED, WatchMode.KEY, 0.01, 5.0, "timeout")
    assert decode(encode(State(KEY, state))[4:], FROM_WORKER) == State(KEY, state)


def test_a_still_arrives_with_its_time() -> None:
    still = WatchStill(b"\xff\xd8jpeg", 1795728097.25)
    assert still_from_bytes(still_to_bytes(still)) == still
    for payload in (b"", b"12345678"):
        with pytest.raises(ProtocolError):
            still_from_bytes(payload)
