"""What Home Assistant's DHCP discovery comes to: a known camera is followed, a new one becomes a card."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from homeassistant.config_entries import SOURCE_DHCP, SOURCE_IGNORE, ConfigFlowContext
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.discovery_flow import DiscoveryKey
from homeassistant.helpers.service_info.dhcp import DhcpServiceInfo
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wyze_local.engine.model import Secret
from custom_components.wyze_local.engine.model.makers import BLOCKS, is_vendors
from custom_components.wyze_local.shared import async_get_shared
from custom_components.wyze_local.status import Connection
from dev.simulator import Camera, CameraSpec, Simulator

from .rigging import DOMAIN, Home, wait_for

NEW = "2caa8e123456"
MANIFEST = Path(__file__).parents[2] / "custom_components" / DOMAIN / "manifest.json"


async def lease(hass: HomeAssistant, mac: str, address: str = "10.0.0.7", hostname: str = "") -> Any:
    """Let Home Assistant hear that a device has an address from now on."""
    info = DhcpServiceInfo(ip=address, hostname=hostname, macaddress=mac.lower())
    # As the DHCP integration does it.
    key = DiscoveryKey(domain="dhcp", key=mac.lower(), version=1)
    context = ConfigFlowContext(source=SOURCE_DHCP, discovery_key=key)
    return await hass.config_entries.flow.async_init(DOMAIN, context=context, data=info)


def cards(hass: HomeAssistant) -> list[str]:
    """Return the titles of the cards."""
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    return [flow["context"]["title_placeholders"]["name"] for flow in flows]


def searches() -> list[asyncio.Task[Any]]:
    """Return the searches that are under way."""
    coros = ((task, task.get_coro()) for task in asyncio.all_tasks())
    return [task for task, coro in coros if coro.__qualname__ == "search_on"]  # type: ignore[union-attr]


def address_of(home: Home) -> str:
    """Return the address at which the one camera is asked."""
    (record,) = home.entry.runtime_data.vault.records.values()
    return str(record.camera.credentials.address.reveal())


async def test_a_known_camera_is_followed_once_it_has_proved_itself(
    hass: HomeAssistant, home: Home, porch: Camera
) -> None:
    """Also before anybody noticed that it is gone; its last still is there all the while."""
    (subentry,) = home.entry.subentries.values()
    coordinator, camera_key = home.entry.runtime_data.coordinator, subentry.data["camera_key"]
    await wait_for(lambda: coordinator.stills(camera_key).last)
    stills: list[Any] = []
    porch.move("127.0.0.77", porch.credentials.port)
    result = await lease(hass, porch.spec.mac, "127.0.0.77")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "camera_known")
    await wait_for(lambda: address_of(home) == "127.0.0.77")

    def ready() -> bool:
        stills.append(coordinator.stills(camera_key).last)
        return home.state("sensor.porch_connection") == "ready"

    await wait_for(ready)
    assert None not in stills
    assert cards(hass) == []


async def test_a_lease_that_led_to_a_camera_ends_the_search_for_it(
    hass: HomeAssistant, home: Home, porch: Camera
) -> None:
    """Where no search would have come to; one that went on would ask the whole network for ever."""
    porch.move("127.0.9.77", porch.credentials.port)
    await wait_for(searches, 60)
    assert (await lease(hass, porch.spec.mac, "127.0.9.77"))["reason"] == "camera_known"
    await wait_for(lambda: address_of(home) == "127.0.9.77", 30)
    await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 30)
    # One that is told to end takes a moment for it.
    await wait_for(lambda: not searches(), 5)


async def test_who_is_at_its_old_address_at_once_does_not_hide_a_camera(
    hass: HomeAssistant, home: Home, porch: Camera
) -> None:
    """Another one answers there, by another key: nobody is missing, and it is looked for all the same."""
    known, port = porch.credentials.address, porch.credentials.port
    other = CameraSpec("attic", host=known, port=port, uid=porch.spec.uid, checks_mac=False)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    porch.move("127.0.0.77", port)
    async with Simulator([other]):
        assert await hass.config_entries.async_setup(home.entry.entry_id)
        await wait_for(lambda: address_of(home) == "127.0.0.77", 30)
        await wait_for(lambda: home.state("sensor.porch_connection") == "ready", 30)


async def test_what_is_not_as_it_was_at_its_address_has_a_camera_looked_for(
    hass: HomeAssistant, home: Home, porch: Camera
) -> None:
    """Whatever somebody else there would answer; not where the camera itself has shown that it is there."""
    coordinator = home.entry.runtime_data.coordinator
    (camera_key,) = coordinator.data
    elsewhere = {"no_answer", "not_here", "unreachable", "unproven", "wrong_key", "no_dtls", "busy"}
    for verdict in Connection:
        coordinator.async_set(camera_key, verdict)
        coordinator.publish()
        looked_for = any(not search.cancelling() for search in searches())
        assert looked_for is (verdict in elsewhere), verdict
    coordinator.async_set(camera_key, Connection.READY)
    coordinator.publish()
    await wait_for(lambda: not searches(), 5)


async def test_nobody_else_is_followed(
    hass: HomeAssistant, home: Home, porch: Camera, caplog: pytest.LogCaptureFixture
) -> None:
    """Not another camera, though it answers; nor is anybody asked outside the camera networks."""
    known, port = porch.credentials.address, porch.credentials.port
    other = CameraSpec("attic", host="127.0.0.78", port=port, uid=porch.spec.uid, checks_mac=False)
    async with Simulator([other]) as others:
        for address in ("192.0.2.7", known, "127.0.0.78"):
            assert (await lease(hass, porch.spec.mac, address))["reason"] == "camera_known"
        liar = others.cameras["attic"].counters
        # Once it was tried, whatever comes of it has come.
        await wait_for(lambda: "A camera is not where it is said to be" in caplog.text)
        assert liar.failed_handshakes == 1
    assert address_of(home) == known
    assert cards(hass) == []


async def test_a_new_device_becomes_a_card_without_its_hardware_address(
    hass: HomeAssistant, home: Home
) -> None:
    named = await lease(hass, NEW, hostname=f"wyze_cakp2jfus-{NEW}")
    assert (named["type"], named["step_id"]) == (FlowResultType.FORM, "discovered")
    assert cards(hass) == ["Wyze Cam v3"]
    assert (await lease(hass, NEW, "10.0.0.8"))["reason"] == "already_in_progress"
    hass.config_entries.flow.async_abort(named["flow_id"])
    await lease(hass, "d03f27abcdef", hostname="d03f27abcdef")
    assert cards(hass) == ["Wyze device"]
    shown = str([named, *(flow["context"] for flow in hass.config_entries.flow.async_progress())]).lower()
    assert "d03f27abcdef" not in shown
    assert NEW not in str(named["description_placeholders"]).lower()


async def test_a_house_has_one_card_and_none_beside_a_set_up(hass: HomeAssistant, home: Home) -> None:
    """Cameras come by the half dozen, and one sign-in brings them all; two met at once are no two cards."""
    flows = hass.config_entries.flow
    macs = [f"2caa8e00000{number}" for number in range(6)]
    results = await asyncio.gather(*(lease(hass, mac) for mac in macs))
    assert sorted(str(one.get("reason")) for one in results) == ["None"] + ["already_in_progress"] * 5
    assert len(cards(hass)) == 1
    (card,) = flows.async_progress()
    menu = await flows.async_configure(card["flow_id"], {})
    await flows.async_configure(menu["flow_id"], {"next_step_id": "vendor"})
    assert (await lease(hass, NEW))["reason"] == "already_in_progress"
    flows.async_abort(card["flow_id"])
    signing_in = await home.start_flow("vendor")
    assert (await lease(hass, NEW))["reason"] == "already_in_progress"
    flows.async_abort(signing_in["flow_id"])
    assert (await lease(hass, NEW))["type"] is FlowResultType.FORM


@pytest.mark.parametrize("simulator", [[CameraSpec("porch", mac=NEW.upper())]], indirect=True)
async def test_a_card_leads_into_the_set_up_and_goes_with_its_camera(
    hass: HomeAssistant, home: Home, simulator: Simulator
) -> None:
    flows = hass.config_entries.flow
    card = await lease(hass, NEW)
    await home.set_up(flow=await home.choose(dict(await flows.async_configure(card["flow_id"], {}))))
    assert NEW not in str(home.entry.as_dict()).lower()
    card = await lease(hass, NEW)
    menu = await flows.async_configure(card["flow_id"], {})
    assert menu["menu_options"] == ["vendor", "camera"]
    done = await flows.async_configure(menu["flow_id"], {"next_step_id": "camera"})
    form = await hass.config_entries.subentries.async_configure(
        done["next_flow"][1], {"next_step_id": "link"}
    )
    await lease(hass, NEW)
    assert len(cards(hass)) == 1
    camera = simulator.cameras["porch"]
    assert (await home.submit(dict(form), {"name": "Porch", "link": camera.link}))[
        "type"
    ] is FlowResultType.CREATE_ENTRY
    assert cards(hass) == []


async def test_an_ignored_device_stays_away(hass: HomeAssistant, home: Home) -> None:
    """It is kept as an entry by Home Assistant, and is none of ours."""
    await lease(hass, NEW)
    (card,) = hass.config_entries.flow.async_progress()
    chosen = {"unique_id": card["context"]["unique_id"], "title": "Wyze device"}
    await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_IGNORE}, data=chosen)
    assert (await lease(hass, NEW, "10.0.0.9"))["reason"] == "camera_known"
    assert cards(hass) == []
    await home.set_up()
    (entry,) = hass.config_entries.async_loaded_entries(DOMAIN)
    key = Path(hass.config.cache_path(DOMAIN, "key"))
    assert key.exists()
    await hass.config_entries.async_remove(entry.entry_id)
    assert not key.exists(), "with the last entry its key goes"


async def test_an_account_tells_of_its_devices_itself(hass: HomeAssistant, home: Home) -> None:
    """Cards are for whoever has none that is asked; and nobody is shown again what they did not want."""
    data: dict[str, Any] = {"account": "signed_in", "vault_id": "0" * 32, "cameras": {}, "ignored": []}
    entry = MockConfigEntry(domain=DOMAIN, data=data)
    entry.add_to_hass(hass)
    assert (await lease(hass, NEW))["reason"] == "account_tells"
    data["lan_only"] = True
    unwanted = (await async_get_shared(hass)).installation.fingerprint_of(Secret(NEW.upper()))
    hass.config_entries.async_update_entry(entry, data={**data, "ignored": [unwanted]})
    assert (await lease(hass, NEW))["reason"] == "camera_known"
    hass.config_entries.async_update_entry(entry, data=data)
    assert (await lease(hass, NEW))["step_id"] == "discovered"


def test_only_the_vendors_blocks_are_met() -> None:
    matchers = json.loads(MANIFEST.read_text())["dhcp"]
    assert matchers == [{"registered_devices": True}, *({"macaddress": f"{block}*"} for block in BLOCKS)]
    assert not is_vendors("A4DA22312345")
