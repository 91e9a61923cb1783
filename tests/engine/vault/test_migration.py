"""A vault of the first schema meets a program that knows streams: nothing is lost, power cut or not."""

from pathlib import Path
from typing import Any

import pytest

from engine.model import Camera, Credentials, Secret, StreamAddress
from engine.vault import CameraRecord, KeyPlaces, Vault, records_from_payload, records_to_payload
from tests.support.disks import PowerCut, PowerCutDisk, Survival

ID = "ab" * 16
UID, ENR, MAC = "CANARYUID0CANARYUID0", "canaryENRcanary0", "7C78B2000001"

# As the first schema wrote it, letter by letter.
FIRST: dict[str, Any] = {
    "schema": 1,
    "cameras": [
        {
            "key": f"{number:032x}",
            "name": "Porch",
            "address": "127.0.0.9",
            "uid": UID,
            "enr": ENR,
            "mac": MAC,
            "model": "HL_CAM4",
            "port": 32761,
            "proven": True,
            "token": f"{number:032x}",
        }
        for number in (1, 2)
    ],
}
OLD = [
    CameraRecord(
        Camera(
            f"{number:032x}",
            "Porch",
            Credentials.parse(address="127.0.0.9", uid=UID, enr=ENR, mac=MAC, model="HL_CAM4"),
            proven=True,
        ),
        Secret(f"{number:032x}"),
    )
    for number in (1, 2)
]
STREAM = CameraRecord(
    Camera("f" * 32, "Yard", StreamAddress.parse("rtsp://127.0.0.8/live", user="a", password="b")),
    Secret("e" * 32),
)


class Home:
    """A folder with a vault of the first schema in it."""

    def __init__(self, root: Path) -> None:
        self.storage, self.keys = root / ".storage", root / "keys"
        self.storage.mkdir(parents=True)
        self.keys.mkdir(mode=0o700)
        self.vault().create({"schema": 1, "cameras": []})
        self.vault().save(FIRST)

    def vault(self, **options: Any) -> Vault:
        return Vault(self.storage / "vault", KeyPlaces.at(self.keys / "key"), ID, **options)

    def records(self) -> list[CameraRecord]:
        return records_from_payload(self.vault().load().payload)


def test_it_opens_as_it_is_and_is_not_touched_for_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    before = (home.storage / "vault").read_bytes()
    assert home.records() == OLD
    assert (home.storage / "vault").read_bytes() == before


def test_the_next_change_writes_all_of_it_in_the_present_schema(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.vault().save(records_to_payload([*home.records(), STREAM]))
    assert home.records() == [*OLD, STREAM]
    assert home.vault().load().payload["schema"] == 2
    (home.storage / "vault").write_bytes(b"broken")
    assert home.records() == OLD, "the previous version is one of the first schema, and opens too"


@pytest.mark.parametrize("survival", Survival)
@pytest.mark.parametrize("way", ["save", "forget"])
def test_a_power_cut_on_the_way_leaves_the_old_cameras_or_all(
    tmp_path: Path, survival: Survival, way: str
) -> None:
    found: list[list[CameraRecord]] = []
    done = False
    for at in range(1000):
        home = Home(tmp_path / str(at))
        disk = PowerCutDisk(at, home.storage, home.keys)
        try:
            getattr(home.vault(disk=disk), way)(records_to_payload([*OLD, STREAM]))
        except PowerCut:
            disk.settle(survival)
            found.append(home.records())
        else:
            done = home.records() == [*OLD, STREAM]
            break
    assert done
    assert len(found) > 20
    assert all(records in (OLD, [*OLD, STREAM]) for records in found)
    assert OLD in found
