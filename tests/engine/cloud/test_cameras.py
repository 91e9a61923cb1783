"""The list of cameras: what is kept of it, and what is not."""

from engine.cloud import Locality, Why
from tests.engine.cloud import rig as r
from tests.engine.cloud.server import good


async def test_a_camera_comes_with_its_keys_and_nothing_else() -> None:
    async with r.rig() as rig:
        rig.on(r.CAMERAS, good({"device_list": [r.device(), {"mac": "1", "product_type": "Light"}]}))
        found = await rig.client.cameras(r.tokens(), r.log_in().phone_id)
        (camera,) = found.cameras
        assert (found.others, found.unreadable) == (1, 0)
        assert camera.locality() == (Locality.LOCAL, Why.KEYS)
        assert camera.nickname == "Front door"
        credentials = camera.credentials()
        assert credentials is not None
        assert credentials.address.reveal() == "192.168.77.88"
        kept = [getattr(camera, name) for name in camera.__slots__]
        assert "unwanted" not in repr([getattr(value, "reveal", lambda v=value: v)() for value in kept])
        assert "Front door" not in repr(camera)
