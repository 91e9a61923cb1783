"""What the parent keeps: what a new relay is told, how cameras stand while there is none."""

import asyncio
import random
from typing import Any

import pytest

from engine.child import Answer, Forget, Ping, Questions
from engine.model import CameraNetworks, InvalidField, Secret
from engine.relay import Phase, Relay, RelayError, RelayPhase
from engine.relay.asking import listen_on_loopback
from engine.relay.formats import AudioFormat, Formats
from engine.relay.messages import (
    RELAY,
    Learned,
    Serve,
    SetCamera,
    SetGuests,
    SetNetworks,
    State,
    formats_from_text,
)
from engine.relay.records import Record
from engine.relay.states import CameraState
from tests.engine.relay.test_messages import CREDENTIALS, ENR, FORMATS, KEY, TOKEN
from tests.support.clock import FakeClock


def test_a_new_process_is_told_everything() -> None:
    formats = Formats(audio=AudioFormat("pcmu", 8000))
    record = Record(KEY, TOKEN, CREDENTIALS, True, False, "sd", "relay_1", formats)
    record.watched_at_end = True
    message = record.message()
    assert (message.key, message.token, message.credentials) == (KEY, TOKEN, CREDENTIALS)
    assert (message.always_on, message.audio, message.resolution) == (True, False, "sd")
    assert (message.formats, message.wanted) == (formats, True)
    assert message.guest == "relay_1"


@pytest.mark.parametrize(
    ("key", "token", "resolution"),
    [
        ("x", TOKEN, ""),
        (KEY.upper(), TOKEN, ""),
        (KEY, Secret("x" * 32), ""),
        (KEY, Secret(""), ""),
        (KEY, TOKEN, "4k"),
    ],
)
def test_what_would_become_another_url_is_refused(key: str, token: Secret, resolution: str) -> None:
    with pytest.raises(InvalidField):
        Record(key, token, CREDENTIALS, resolution=resolution)


def test_how_a_camera_stands_while_the_relay_does_not() -> None:
    record = Record(KEY, TOKEN, CREDENTIALS)
    live = CameraState(Phase.LIVE, "", 5, 1)
    assert record.state_while(RelayPhase.FAILED, 9) == record.state, "nobody misses an idle camera"
    record.state = live
    assert record.state_while(RelayPhase.BACKOFF, 9) == live, "a restart takes less than anybody notices"
    record.state = record.state_while(RelayPhase.FAILED, 9)
    assert record.state == CameraState(Phase.LOST, "relay_down", 9)
    assert record.state_while(RelayPhase.FAILED, 70) == record.state
    assert record.state_while(RelayPhase.STOPPED, 80) == CameraState(since=80)
    record.state, record.always_on = CameraState(), True
    assert record.state_while(RelayPhase.FAILED, 9).phase is Phase.LOST


class Mouth:
    """A pipe of which only what was said is looked at; and the process it leads to."""

    def __init__(self) -> None:
        self.said: list[Any] = []
        self.pipe = self

    def send(self, message: Any) -> None:
        self.said.append(message)


async def test_answers_find_their_questions() -> None:
    questions, pipe = Questions(RELAY), Mouth()
    asking = [asyncio.ensure_future(questions.ask(pipe, Ping, 5)) for _ in range(3)]  # type: ignore[arg-type]
    await asyncio.sleep(0)
    first, second, third = (message.id for message in pipe.said)
    questions.answered(second, b"two")
    questions.failed(first, "wrong_key")
    questions.answered(999, b"nobody asked")
    questions.nobody_there()
    questions.answered(third, b"late")
    assert await asking[1] == b"two"
    for number, reason in ((0, "wrong_key"), (2, "relay_down")):
        with pytest.raises(RelayError) as caught:
            await asking[number]
        assert caught.value.reason == reason


async def test_no_answer_is_not_waited_for_for_ever() -> None:
    with pytest.raises(RelayError) as caught:
        await Questions(RELAY).ask(Mouth(), Ping, -1)  # type: ignore[arg-type]
    assert caught.value.reason == "timeout"


async def test_what_nobody_waits_for_is_stopped_in_the_process_too() -> None:
    """Who asked is gone, or would not wait so long: the relay hears it, and hears it only then."""
    questions, mouth = Questions(RELAY), Mouth()
    asking = asyncio.ensure_future(questions.ask(mouth, Ping, 5))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert mouth.said == [Ping(1), Forget(1)]
    answered = asyncio.ensure_future(questions.ask(mouth, Ping, 5))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    questions.take(Answer(2, b"here"))
    assert await answered == b"here"
    assert mouth.said == [Ping(1), Forget(1), Ping(2)]


def test_a_port_that_is_taken_is_left_to_who_has_it() -> None:
    with listen_on_loopback(0) as first:
        host, port = first.getsockname()
        assert host == "127.0.0.1"
        with listen_on_loopback(port) as second:
            assert second.getsockname()[1] != port
    with listen_on_loopback(port) as again:
        assert again.getsockname()[1] == port


async def test_a_new_process_hears_of_networks_first_and_lets_readers_in_last() -> None:
    relay, process = Relay(clock=FakeClock(), rng=random.Random(1)), Mouth()
    await relay.set_networks(CameraNetworks.parse(["192.168.1.0/24"]))
    for number in range(3):
        await relay.add(f"{number:032x}", CREDENTIALS, TOKEN)
    relay._hear(State("0" * 32, CameraState(Phase.LIVE, readers=2)))
    relay._process_ended()
    relay._restore(process)  # type: ignore[arg-type]
    expected = [SetNetworks, SetCamera, SetCamera, SetCamera, SetGuests, Serve]
    assert [type(said) for said in process.said] == expected
    assert process.said[0].networks == ("192.168.1.0/24",)
    assert [said.wanted for said in process.said[1:4]] == [True, False, False], "who looked looks on"


async def test_what_is_worth_keeping_of_a_camera_holds_no_secret() -> None:
    kept: list[str] = []
    relay = Relay(clock=FakeClock(), rng=random.Random(1), on_remember=lambda _, text: kept.append(text))
    await relay.add(KEY, CREDENTIALS, TOKEN)
    relay._hear(Learned(KEY, FORMATS))
    (text,) = kept
    for canary in (ENR, "CANARYUID", "C0FFEE", "127.0.0.53", TOKEN.reveal()):
        assert canary not in text
    assert formats_from_text(text) == FORMATS
