"""What the fake cloud tells a simulated camera, that camera does; and the cloud knows what others did."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from dev.simulator import Camera, CameraSpec, Simulator
from dev.simulator.cloud import Device, FakeCloud

from .vendor import Vendor

ACT, SET, READ = "/app/v2/auto/run_action", "/app/v2/device/set_property", "/app/v2/device/get_property_list"


class Owner:
    """Somebody who tells cameras what to do from outside."""

    def __init__(self, vendor: Vendor, camera: Camera) -> None:
        """Speak of one camera."""
        self._vendor = vendor
        self._mac, self._model = camera.credentials.mac, camera.credentials.model

    async def act(self, order: str) -> int:
        """Give an order; return what the cloud says came of it."""
        words = {"action_key": order, "instance_id": self._mac, "provider_key": self._model}
        reply = await self._vendor.call(ACT, **words, action_params={}, custom_string="")
        return int(reply.data["result"])

    async def set(self, pid: str, value: str) -> None:
        """Change a property."""
        await self._vendor.call(SET, **self._device, pid=pid, pvalue=value)

    async def read(self, pid: str) -> str:
        """Read a property."""
        reply = await self._vendor.call(READ, **self._device, target_pid_list=[pid])
        return str(reply.data["property_list"][0]["value"])

    @property
    def _device(self) -> dict[str, Any]:
        return {"device_mac": self._mac, "device_model": self._model}


@pytest.fixture
async def cloud() -> AsyncIterator[FakeCloud]:
    """Run the cloud."""
    async with FakeCloud() as running:
        yield running


@pytest.mark.parametrize(("model", "lamp"), [("HL_CAM4", "spotlight"), ("HL_CFL2", "floodlight")])
async def test_an_order_by_the_cloud_reaches_the_camera(cloud: FakeCloud, model: str, lamp: str) -> None:
    """Siren, lamp, motion and restart; what the camera is told by others shows in the cloud, too."""
    async with Simulator([CameraSpec("attic", model=model)]) as simulator:
        camera = simulator.cameras["attic"]
        async with Vendor(cloud, cloud.add_user(devices=[Device.of_camera(camera)])) as vendor:
            await vendor.log_in()
            owner = Owner(vendor, camera)
            assert await owner.act("siren_on") == 1
            assert (camera.settings.siren, camera.counters.sirens) == (1, 1)
            await owner.set("P1056", "1")
            assert getattr(camera.settings, lamp) == 1
            await owner.set("P1001", "0")
            assert camera.settings.motion_detection == 2
            camera.conduct.change({lamp: 2, "siren": 2, "motion_detection": 1})
            assert [await owner.read(pid) for pid in ("P1049", "P1056", "P1001")] == ["2", "2", "1"]
            assert await owner.act("restart") == 1
            assert camera.counters.reboots == 1


async def test_a_camera_without_a_lamp_stays_dark(cloud: FakeCloud) -> None:
    """The cloud takes note of anything; the camera has no such thing."""
    async with Simulator([CameraSpec("attic", model="WYZE_CAKP2JFUS")]) as simulator:
        camera = simulator.cameras["attic"]
        async with Vendor(cloud, cloud.add_user(devices=[Device.of_camera(camera)])) as vendor:
            await vendor.log_in()
            owner = Owner(vendor, camera)
            await owner.set("P1056", "1")
            assert await owner.read("P1056") == "1"
            assert camera.settings.spotlight == camera.settings.floodlight == 2
