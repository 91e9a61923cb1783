"""A camera that refuses the key it was admitted with: after ten minutes of that it is under suspicion."""

from collections.abc import AsyncIterator

import pytest

from homeassistant.core import HomeAssistant

from custom_components.wyze_local import control_rounds
from custom_components.wyze_local.engine.cloud import CloudEvent, EventKind
from custom_components.wyze_local.engine.model import Secret
from dev.simulator import CameraSpec, Simulator

from .account_rig import own_host
from .ownership_rig import PORT, Trusting, trusting
from .rigging import Home, view, wait_for

pytestmark = pytest.mark.parametrize(
    "simulator", [[CameraSpec("porch", host=own_host(), port=PORT)]], indirect=True
)

MINUTE = 60
TOLD = "A camera refuses its key again and again"


@pytest.fixture
async def here(
    hass: HomeAssistant,
    home: Home,
    simulator: Simulator,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Trusting]:
    """Run a person's account that has the porch camera, which nobody asks for anything but a proof."""
    monkeypatch.setattr(control_rounds.ControlRounds, "async_start", lambda _: lambda: None)
    async with trusting(hass, home, simulator, caplog) as found:
        await quiet(found)
        yield found


async def quiet(here: Trusting) -> None:
    """Wait until the camera is known to be well and nobody has to do with it."""
    runtime = here.house.entry.runtime_data
    (key,) = here.house.entry.data["cameras"]
    await wait_for(lambda: here.house.home.state("sensor.porch_connection") == "ready", 20)
    await wait_for(lambda: runtime.shared.relaying.camera_state(key).phase == "idle", 20)


def refusals(here: Trusting) -> int:
    """Return how many refusals in a row are counted."""
    (ours,) = here.account.ownership.state.ours.values()
    return int(ours.refusals.count)


def shows(here: Trusting) -> bool:
    """Tell whether something that happens before the camera now would be shown."""
    mac, now = Secret(here.house.camera.spec.mac), here.house.clock.time()
    return bool(here.account.may_show(CloudEvent("1", mac, EventKind.MOTION, frozenset(), now)))


def looks(here: Trusting) -> int:
    """Return how many handshakes the camera has seen end."""
    counters = here.house.camera.counters
    return int(counters.handshakes + counters.failed_handshakes)


async def look(here: Trusting, minutes: float) -> None:
    """Let time pass, whereupon the camera is looked at once more."""
    before = looks(here)
    here.house.clock.advance(minutes * MINUTE)
    await wait_for(lambda: looks(here) > before, 20)
    await here.house.hass.async_block_till_done()


async def test_it_is_suspect_until_it_takes_its_key_again(
    here: Trusting, caplog: pytest.LogCaptureFixture
) -> None:
    """Three times over ten minutes: no other key is used, and no event of it is shown."""
    before = here.kept()
    assert shows(here)
    here.house.camera.change_key()
    await look(here, 7)
    await wait_for(lambda: refusals(here) == 1)
    assert here.house.home.state("sensor.porch_connection") == "wrong_key"
    await look(here, 6)
    await wait_for(lambda: refusals(here) == 2)
    assert here.camera("Porch") == "trusted"
    assert shows(here)
    assert TOLD not in caplog.text
    await look(here, 6)
    await wait_for(lambda: here.camera("Porch") == "suspect")
    assert not shows(here)
    assert here.kept() == before
    assert caplog.text.count(TOLD) == 1
    assert await here.house.hass.config_entries.async_reload(here.house.entry.entry_id)
    await here.house.hass.async_block_till_done()
    assert here.camera("Porch") == "suspect", "a restart clears nothing"
    await wait_for(lambda: here.house.home.state("sensor.porch_connection") == "wrong_key", 20)
    here.house.camera.change_key(None)
    await look(here, 7)
    await wait_for(lambda: here.camera("Porch") == "trusted", 20)
    assert shows(here)
    assert refusals(here) == 0


async def test_many_refusals_in_short_time_are_none(here: Trusting) -> None:
    """A camera that is being set up says no for some minutes."""
    here.house.camera.change_key()
    for number, minutes in enumerate((7, 0.5, 1, 1.5, 2.5), 1):
        await look(here, minutes)
        # Only then it is known when the next look is due.
        await wait_for(lambda: refusals(here) == number)  # noqa: B023
    assert here.camera("Porch") == "trusted"


async def test_whoever_keeps_dialling_it_is_heard_as_well(here: Trusting) -> None:
    """While somebody looks nothing else asks the camera; each of their failed dials counts, once."""
    coordinator = here.house.entry.runtime_data.coordinator
    (key,) = here.house.entry.data["cameras"]
    viewer = await view(coordinator.server.restream_url(key).reveal())
    try:
        await wait_for(lambda: here.house.home.state("camera.porch") == "streaming", 15)
        here.house.camera.change_key()
        await wait_for(lambda: refusals(here) == 1, 15)
        for number in (2, 3):
            here.house.clock.advance(6 * MINUTE)
            # Other networks are a reason to dial at once whoever was refused.
            await coordinator.async_set_networks(coordinator.networks)
            await wait_for(lambda: refusals(here) == number, 15)  # noqa: B023
        await wait_for(lambda: here.camera("Porch") == "suspect")
        assert here.house.camera.counters.failed_handshakes == 3
    finally:
        viewer.kill()
        await viewer.wait()


async def test_what_the_camera_did_not_say_is_not_counted(here: Trusting) -> None:
    """Silence is no refusal, and neither is an old one that is told again."""
    coordinator = here.house.entry.runtime_data.coordinator
    (key,) = here.house.entry.data["cameras"]
    here.house.camera.change_key()
    await look(here, 7)
    await wait_for(lambda: refusals(here) == 1)
    here.house.camera.sleep()
    for _ in range(4):
        here.house.clock.advance(7 * MINUTE)
        await coordinator.async_change(key)
        await wait_for(lambda: here.house.home.state("sensor.porch_connection") == "no_answer", 20)
    assert refusals(here) == 1
    assert here.camera("Porch") == "trusted"


async def test_an_old_refusal_that_a_viewer_hears_is_not_counted_again(here: Trusting) -> None:
    """Who comes soon after a refusal is told of it without another dial."""
    relaying, camera = here.house.entry.runtime_data.shared.relaying, here.house.camera
    server = here.house.entry.runtime_data.coordinator.server
    (key,) = here.house.entry.data["cameras"]
    viewer = await view(server.restream_url(key).reveal())
    try:
        await wait_for(lambda: here.house.home.state("camera.porch") == "streaming", 15)
        camera.change_key()
        await wait_for(lambda: refusals(here) == 1, 15)
    finally:
        viewer.kill()
        await viewer.wait()
    await wait_for(lambda: relaying.camera_state(key).phase == "idle", 40)
    await wait_for(lambda: refusals(here) == 2, 15)
    again = await view(server.restream_url(key).reveal())
    try:
        await wait_for(lambda: relaying.camera_state(key).phase == "refused", 15)
        await here.house.hass.async_block_till_done()
        assert refusals(here) == camera.counters.failed_handshakes == 2
    finally:
        if again.returncode is None:
            again.kill()
        await again.wait()
