"""Cameras that somebody else holds are told things on a short session: one, left soon, and seldom in vain."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from dev.simulator import CameraSpec, Simulator, Stubborn
from engine.model import CameraNetworks, parse_wyze_link
from engine.relay import CallCommand, CallWay, call, leave
from engine.relay.calls import LINGER
from engine.relay.gate import PASSES, SPACING
from tests.support.relay import arrived, running_relay
from tests.support.streaming import new_token

from .calls_rig import ASK, AUTO, KEY, ON, TELL, calls, until

SEARCHES = 0.3
"""Seconds in which a camera that is searched for is called more than once."""


async def test_one_session_carries_what_is_asked_told_and_read_back() -> None:
    """With an answer for each, and what the camera said of itself; it is left 5 s after the last."""
    async with calls(firmware="4.36.13.0416") as rig:
        asked = await rig.say()
        assert (asked.payload, asked.reason, asked.dialled) == (AUTO, "", True)
        assert asked.facts.firmware == "4.36.13.0416"
        told = await rig.say(TELL, ON)
        assert (told.reason, told.dialled) == ("", False)
        assert rig.camera.settings.night_vision == ON[0]
        await rig.pass_time(LINGER - 0.1)
        assert (await rig.say()).payload == ON
        await rig.pass_time(LINGER - 0.1)
        assert rig.dials == len(rig.camera.sessions) == 1
        await rig.pass_time(0.1)
        await rig.left()
        assert (await rig.say()).dialled
        assert rig.dials == 2


async def test_many_at_once_take_one_session() -> None:
    async with calls() as rig:
        answers = await asyncio.gather(*(rig.say() for _ in range(4)))
        assert [answer.payload for answer in answers] == [AUTO] * 4
        assert sum(answer.dialled for answer in answers) == rig.dials == 1


async def test_other_keys_are_another_session_and_the_old_one_is_left() -> None:
    async with calls() as rig:
        await rig.say()
        (before,) = rig.camera.sessions
        assert (await rig.say(credentials=replace(rig.credentials, model="HL_CAM4"))).dialled
        await until(lambda: before not in rig.camera.sessions)
        assert len(rig.camera.sessions) == 1
        await rig.say(networks=("127.9.9.0/24",))
        await rig.left()


async def test_a_camera_outside_its_networks_is_sent_nothing() -> None:
    async with calls() as rig:
        assert (await rig.say(networks=("127.9.9.0/24",))).reason == "outside"
        assert rig.camera.counters.discoveries == rig.dials == 0


async def test_a_camera_that_is_removed_is_left_in_the_middle_of_it() -> None:
    async with calls() as rig:
        await rig.say()
        rig.camera.slow(10)
        saying = asyncio.create_task(rig.say())
        commands = rig.camera.counters.commands
        await until(lambda: rig.camera.counters.commands > commands)
        await rig.calls.forget(KEY)
        assert (await saying).reason == "closed"
        await rig.left()


async def test_a_camera_that_is_removed_while_it_is_dialled_is_left() -> None:
    async with calls() as rig:
        rig.camera.sleep()
        saying = asyncio.create_task(rig.say())
        await arrived()
        await rig.calls.forget(KEY)
        rig.camera.resume()
        assert (await saying).reason == "closed"
        await asyncio.sleep(SEARCHES)
        assert not rig.dials


async def test_a_refused_key_is_told_once_and_not_tried_again_soon() -> None:
    """Who asks again meanwhile hears the same, of which nobody is to count a second refusal."""
    async with calls() as rig:
        rig.camera.change_key()
        refused = await rig.say()
        assert (refused.reason, refused.dialled) == ("wrong_key", True)
        for _ in range(4):
            again = await rig.say(TELL, ON)
            assert (again.reason, again.dialled) == ("wrong_key", False)
            await rig.pass_time(5)
        assert rig.camera.counters.failed_handshakes == 1
        await rig.pass_time(20)
        rig.camera.resume()
        assert (await rig.say()).dialled
        assert rig.camera.settings.night_vision == AUTO[0]


async def test_a_camera_that_has_no_session_left_says_so() -> None:
    """And can be told something as soon as it has one."""
    async with calls(session_limit=0) as rig:
        assert (await rig.say()).reason in ("busy", "refused")
        rig.camera.limit_sessions(1)
        await rig.pass_time(1)
        assert (await rig.say()).payload == AUTO


async def test_it_waits_for_its_turn_before_everything_that_is_not_urgent() -> None:
    async with calls() as rig:
        for _ in range(PASSES):
            await rig.gate.enter(urgent=False)
        others = [asyncio.create_task(rig.gate.enter(urgent=False)) for _ in range(3)]
        saying = asyncio.create_task(rig.say())
        await rig.pass_time(0.1)
        assert rig.camera.counters.discoveries == 0
        await rig.pass_time(PASSES * SPACING)
        assert (await saying).payload == AUTO
        assert sum(other.done() for other in others) < len(others)
        for other in others:
            other.cancel()


async def test_a_camera_that_went_away_in_silence_is_dialled_for_the_next_command() -> None:
    """Though each command is within the time that a session is kept."""
    async with calls() as rig:
        await rig.say()
        rig.camera.mute()
        # What it has said is heard by then, not at the moment when nobody answers.
        await arrived()
        await rig.pass_time(1)
        assert (await rig.say(within=0.4)).reason == "timeout"
        rig.camera.resume()
        assert (await rig.say()).payload == AUTO
        assert rig.dials == 2


async def test_a_camera_that_hung_up_is_dialled_for_the_next_command() -> None:
    async with calls() as rig:
        await rig.say()
        rig.camera.hang_up(rig.camera.sessions[0])
        await rig.pass_time(0.1)
        assert (await rig.say()).payload == AUTO


async def test_a_command_without_an_answer_leaves_the_session_that_brings_others() -> None:
    async with calls() as rig:
        await rig.say()
        rig.camera.disobey(Stubborn.SILENT)
        await rig.pass_time(1)
        await rig.heard()
        assert (await rig.say(within=0.4)).reason == "timeout"
        rig.camera.disobey(None)
        assert (await rig.say()).payload == AUTO
        assert rig.dials == 1


async def test_a_relay_leaves_it_for_whoever_is_to_have_the_camera() -> None:
    """For anybody, as all was said; for itself; for nobody; for go2rtc, when that is about to dial."""
    async with (
        Simulator([CameraSpec("porch")]) as simulator,
        running_relay() as relay,
    ):
        camera = simulator.cameras["porch"]
        credentials = parse_wyze_link(camera.link)
        way = CallWay(credentials, CameraNetworks.parse(["127.0.0.0/8"]))

        async def restart() -> None:
            await relay.stop()
            await relay.start()

        ends: tuple[Callable[[], Awaitable[None]], ...] = (
            lambda: leave(relay, KEY),
            lambda: relay.add(KEY, credentials, new_token()),
            lambda: relay.remove(KEY),
            restart,
            relay.turn,
        )
        for end in ends:
            called = await call(relay, KEY, way, CallCommand(ASK, b"", 5.0))
            assert (called.payload, called.dialled) == (AUTO, True)
            assert len(camera.sessions) == 1
            await end()
            await until(lambda: not camera.sessions, LINGER - 1)
        assert camera.counters.dials == len(ends)
