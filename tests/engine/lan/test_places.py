"""Where a camera is looked for: never outside the camera networks, the likeliest first."""

import ipaddress
import random

import pytest

from engine.lan import places
from engine.model import CameraNetworks

HOME = CameraNetworks.parse(["192.168.1.0/24"])


def test_neighbours_are_the_nearest_first_and_all_of_them_once() -> None:
    found = places.neighbours("192.168.1.40", HOME)
    assert found[:4] == ["192.168.1.39", "192.168.1.41", "192.168.1.38", "192.168.1.42"]
    assert len(found) == len(set(found)) == 253
    assert not {"192.168.1.0", "192.168.1.255", "192.168.1.40"} & set(found)


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        (["192.168.1.100/30"], {f"192.168.1.{host}" for host in range(100, 104)}),
        (["192.168.1.7", "10.0.0.0/8"], {"192.168.1.7"}),
        (["192.168.2.0/24"], set()),
        ([], set()),
    ],
)
def test_neighbours_end_where_the_camera_networks_do(networks: list[str], expected: set[str]) -> None:
    assert set(places.neighbours("192.168.1.40", CameraNetworks.parse(networks))) == expected


@pytest.mark.parametrize(
    ("attached", "networks", "expected"),
    [
        (["192.168.1.0/24"], ["192.168.1.0/24"], ["192.168.1.255"]),
        (["192.168.1.0/24"], ["192.168.0.0/16"], ["192.168.1.255"]),
        (["192.168.1.0/24"], ["192.168.1.0/25", "192.168.1.128/25"], ["192.168.1.255"]),
        # Who is outside would hear it.
        (["192.168.1.0/24"], ["192.168.1.0/25"], []),
        (["192.168.1.0/24"], ["192.168.1.255"], []),
        (["10.0.0.0/24", "192.168.1.0/24"], ["192.168.1.0/24"], ["192.168.1.255"]),
        # Nobody is on these but the two ends.
        (["192.168.1.4/31", "192.168.1.9/32", "no network"], ["192.168.1.0/24"], []),
    ],
)
def test_a_broadcast_is_heard_by_nobody_outside(
    attached: list[str], networks: list[str], expected: list[str]
) -> None:
    assert places.broadcasts(attached, CameraNetworks.parse(networks)) == expected


def test_hints_are_few_and_inside() -> None:
    hints = ["192.168.1.5", "8.8.8.8", "192.168.1.5", "no address", "192.168.1.40", "192.168.1.6"]
    assert places.hinted(hints, {"192.168.1.40"}, HOME) == ["192.168.1.5", "192.168.1.6"]
    many = [f"192.168.1.{host}" for host in range(1, 200)]
    # Those that are known to be somebody else take nobody's room.
    assert places.hinted(many, set(many[:90]), HOME) == many[90 : 90 + places.MAX_HINTS]


def test_nothing_ever_leads_outside() -> None:
    """Whatever networks there are, attached or for cameras."""
    rng = random.Random(7)

    def network() -> str:
        address = ipaddress.IPv4Address(0x0A000000 + rng.getrandbits(10))
        return str(ipaddress.IPv4Network((address, rng.randint(22, 32)), strict=False))

    for _ in range(500):
        networks = CameraNetworks.parse([network() for _ in range(rng.randint(0, 4))])
        known = str(ipaddress.IPv4Address(0x0A000000 + rng.getrandbits(10)))
        attached = [network() for _ in range(3)]
        assert all(one in networks for one in places.neighbours(known, networks))
        for one in places.broadcasts(attached, networks):
            heard = [two for two in map(ipaddress.IPv4Network, attached) if str(two.broadcast_address) == one]
            assert any(all(str(host) in networks for host in two) for two in heard)
