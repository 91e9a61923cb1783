"""What parent and relay say: exactly what was meant, or an error; and no key in what is printed."""

import asyncio
import dataclasses
import json
import socket
from typing import Any

import pytest
from hypothesis import given, seed, strategies as st

from engine.child import (
    MAX_MESSAGE,
    Answer,
    Failure,
    Log,
    Ping,
    Pipe,
    ProtocolError,
    Stop,
    decode,
    encode,
    messages as common,
)
from engine.lan import Reason
from engine.model import Credentials, Secret
from engine.relay import messages
from engine.relay.formats import AudioFormat, Formats, VideoFormat
from engine.relay.guests import Guest
from engine.relay.messages import (
    FROM_PARENT,
    FROM_RELAY,
    Call,
    Command,
    Facts,
    Figures,
    Learned,
    Leave,
    Prove,
    RemoveCamera,
    Serve,
    SetCamera,
    SetGuests,
    SetNetworks,
    State,
    Turn,
    formats_from_text,
    formats_to_text,
)
from engine.relay.states import CameraFacts, CameraState, CameraStats, Phase

ENR = "CanaryEnr+/=?;:!"
CREDENTIALS = Credentials.parse(
    address="127.0.0.53", uid="CANARYUIDCANARYUID12", enr=ENR, mac="C0FFEEC0FFEE", model="WYZE_CAKP2JFUS"
)
FORMATS = Formats(
    VideoFormat("h265", b"\x40vps", b"\x42sps", b"\x44pps"), AudioFormat("aac", 16000, 1, b"\x14\x08"), True
)
KEY, TOKEN = "ab" * 16, Secret("0123456789abcdef" * 2)
SET = SetCamera(KEY, TOKEN, CREDENTIALS, True, False, "hd", FORMATS, True, "")
CALL = Call(7, KEY, CREDENTIALS, ("127.0.0.0/8",), 10020, bytes(range(256)), 2.5)
MESSAGES: list[tuple[Any, dict[str, type]]] = [
    (SET, FROM_PARENT),
    (SetNetworks(("127.0.0.0/8", "192.168.1.0/24")), FROM_PARENT),
    (SetGuests(3, (Guest(18558, Secret("relay_1"), Secret("0f" * 16)),)), FROM_PARENT),
    (RemoveCamera(KEY), FROM_PARENT),
    (Command(7, KEY, 10020, bytes(range(256)), 2.5), FROM_PARENT),
    (CALL, FROM_PARENT),
    (Leave(7, KEY), FROM_PARENT),
    (Turn(9, "porch"), FROM_PARENT),
    (Prove(8, CREDENTIALS, (), False, True), FROM_PARENT),
    (Serve(), FROM_PARENT),
    (Ping(1), FROM_PARENT),
    (Stop(), FROM_PARENT),
    (State(KEY, CameraState(Phase.REFUSED, Reason.WRONG_KEY, 1.5, 3)), FROM_RELAY),
    (Learned(KEY, Formats()), FROM_RELAY),
    (Facts(KEY, CameraFacts("m", "f", None, True)), FROM_RELAY),
    (Facts(KEY, CameraFacts(battery=87, sd_present=True, sd_capacity_mb=30436, sd_free_mb=0)), FROM_RELAY),
    (Figures(KEY, CameraStats(frames=3, fps=14.8)), FROM_RELAY),
    (Answer(1, b""), FROM_RELAY),
    (Failure(1, "wrong_key"), FROM_RELAY),
    (Log(30, "engine.relay", "text", ""), FROM_RELAY),
]


@pytest.mark.parametrize(("message", "allowed"), MESSAGES)
def test_what_is_said_is_what_is_heard(message: Any, allowed: dict[str, type]) -> None:
    data = encode(message)
    assert int.from_bytes(data[:4]) == len(data) - 4
    heard = decode(data[4:], allowed)
    assert heard == message
    assert type(heard) is type(message)


@pytest.mark.parametrize(("message", "allowed"), MESSAGES)
def test_nobody_may_say_what_is_the_others_to_say(message: Any, allowed: dict[str, type]) -> None:
    with pytest.raises(ProtocolError):
        decode(encode(message)[4:], FROM_RELAY if allowed is FROM_PARENT else FROM_PARENT)


def test_what_is_printed_of_a_message_holds_no_key() -> None:
    text = f"{SET!r} {SET} {CALL!r} {Prove(1, CREDENTIALS, (), True, False)!r}"
    for canary in (ENR, "CANARYUID", "C0FFEE", "127.0.0.53", TOKEN.reveal()):
        assert canary not in text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b"null",
        b'["Ping"]',
        b'["Ping",{}]',
        b'["Ping",{"id":1,"more":1}]',
        b'["Ping",{"id":"1"}]',
        b'["Ping",{"id":1.0}]',
        b'["Ping",{"id":true}]',
        b'["Ping",{"id":1e999}]',
        b'["Ping",{"id":99999999999999999999}]',
        b'["Ping",[1]]',
        b'[["Ping"],{"id":1}]',
        b'["SetNetworks",{"networks":"x"}]',
        b'["SetNetworks",{"networks":[1]}]',
        json.dumps(["SetNetworks", {"networks": ["x"] * 1025}]).encode(),
        json.dumps(["RemoveCamera", {"key": "x" * 513}]).encode(),
        json.dumps(["RemoveCamera", {"key": "a\nb"}]).encode(),
        b'["Command",{"id":1,"key":"k","code":2,"payload":"%%","within":1}]',
        b'["Command",{"id":1,"key":"k","code":2,"payload":"","within":NaN}]',
        b'["Command",{"id":1,"key":"k","code":2,"payload":"","within":1' + b"0" * 400 + b"}]",
        b"[" * 100000,
    ],
)
def test_anything_else_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode(body, FROM_PARENT)


def test_a_word_that_nobody_knows_is_refused() -> None:
    body = encode(State(KEY, CameraState(Phase.LIVE)))[4:].replace(b'"live"', b'"lively"')
    with pytest.raises(ProtocolError):
        decode(body, FROM_RELAY)


@seed(20)
@given(st.sampled_from([encode(message)[4:] for message, _ in MESSAGES]), st.data())
def test_damage_is_noticed_or_harmless(body: bytes, data: st.DataObject) -> None:
    damaged = bytearray(body)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        message = decode(bytes(damaged), FROM_PARENT | FROM_RELAY)
    except ProtocolError as err:
        assert ENR not in str(err)
        return
    assert dataclasses.is_dataclass(message)
    encode(message)


async def test_too_long_a_message_is_not_sent_and_not_waited_for() -> None:
    with pytest.raises(ProtocolError):
        encode(Answer(1, bytes(MAX_MESSAGE)))
    ours, theirs = socket.socketpair()
    pipe = await Pipe.over(ours, FROM_RELAY)
    with theirs:
        theirs.sendall((MAX_MESSAGE + 1).to_bytes(4))
        with pytest.raises(ProtocolError):
            async with asyncio.timeout(5):
                await pipe.receive()
    pipe.close()


async def test_a_pipe_brings_messages_in_order_and_then_its_end() -> None:
    ours, theirs = socket.socketpair()
    here, there = await Pipe.over(ours, FROM_RELAY), await Pipe.over(theirs, FROM_PARENT)
    for number in range(100):
        here.send(Ping(number))
    here.send(SET)
    await here.drained(1)
    assert [await there.receive() for _ in range(101)] == [*map(Ping, range(100)), SET]
    here.close()
    assert await there.receive() is None
    there.send(Answer(1))
    await asyncio.sleep(0)
    there.close()
    there.send(Answer(2))


def test_what_is_remembered_of_streams_can_be_kept() -> None:
    silent = dataclasses.replace(FORMATS, audio=None, spoken=AudioFormat("pcm", 16000))
    for formats in (Formats(), FORMATS, dataclasses.replace(FORMATS, audio=None), silent):
        assert formats_from_text(formats_to_text(formats)) == formats


def test_what_an_older_version_kept_of_streams_is_taken() -> None:
    kept = json.loads(formats_to_text(FORMATS))
    del kept["spoken"]
    assert formats_from_text(json.dumps(kept)) == FORMATS


@pytest.mark.parametrize(
    "formats",
    [
        dataclasses.replace(FORMATS, audio=AudioFormat("aac", 0)),
        dataclasses.replace(FORMATS, audio=AudioFormat("pcm", 16000, 0)),
        dataclasses.replace(FORMATS, audio=AudioFormat("exe", 16000)),
        dataclasses.replace(FORMATS, audio=None, spoken=AudioFormat("exe", 16000)),
        dataclasses.replace(FORMATS, video=VideoFormat("vp9", b"", b"sps1", b"pps1")),
        dataclasses.replace(FORMATS, video=VideoFormat("h264", b"", b"sps1", b"")),
        dataclasses.replace(FORMATS, video=VideoFormat("h264", b"", b"x" * 2000, b"pps1")),
    ],
)
def test_what_was_changed_meanwhile_is_forgotten(formats: Formats) -> None:
    assert formats_from_text(formats_to_text(formats)) == Formats()


@given(st.text(max_size=300))
def test_whatever_was_kept_is_taken_or_forgotten(text: str) -> None:
    assert formats_from_text(text).sane


def test_every_message_is_somebodys() -> None:
    everything = (*vars(messages).values(), *vars(common).values())
    classes = [found for found in everything if isinstance(found, type)]
    ours = [found for found in classes if found.__module__ in (messages.__name__, common.__name__)]
    said = {found.__name__ for found in ours if dataclasses.is_dataclass(found)}
    assert said == FROM_PARENT.keys() | FROM_RELAY.keys()
    assert not FROM_PARENT.keys() & FROM_RELAY.keys()
