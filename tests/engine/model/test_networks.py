"""Camera networks: nothing outside them is ever dialled."""

import ipaddress

import pytest
from hypothesis import given, strategies as st

from engine.model import CameraNetworks, InvalidField, attached_networks


def test_addresses_lie_inside_or_not() -> None:
    networks = CameraNetworks.parse(["192.168.1.0/24", "10.7.0.9", "127.0.0.0/8"])
    for address in ("192.168.1.1", "192.168.1.255", "10.7.0.9", "127.200.0.1"):
        assert address in networks
    for address in (
        "192.168.2.1",
        "10.7.0.8",
        "8.8.8.8",
        "",
        "camera.local",
        "::1",
        "192.168.1.1/32",
        "192.168.1.01",
    ):
        assert address not in networks
    assert "192.168.1.1" not in CameraNetworks()


def test_texts_come_back_in_their_usual_form() -> None:
    networks = CameraNetworks.parse([" 192.168.1.77/24 ", "192.168.1.0/24", "10.0.0.5"])
    assert networks.texts() == ["192.168.1.0/24", "10.0.0.5/32"]
    assert CameraNetworks.parse(networks.texts()) == networks


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (["x"], "not_a_network"),
        ([""], "not_a_network"),
        (["fe80::/10"], "not_a_network"),
        (["192.168.1.0/33"], "not_a_network"),
        (["192.168.1.0/24", "x"], "not_a_network"),
        (["0.0.0.0/0"], "too_wide"),
        (["10.0.0.0/7"], "too_wide"),
        (["224.0.0.0/8"], "not_for_cameras"),
        (["240.0.0.0/8"], "not_for_cameras"),
        (["0.0.0.0/8"], "not_for_cameras"),
        (["0.1.2.0/24"], "not_for_cameras"),
        ([f"10.{number}.0.0/16" for number in range(33)], "too_many"),
    ],
)
def test_what_is_no_camera_network_is_refused(values: list[str], reason: str) -> None:
    with pytest.raises(InvalidField) as caught:
        CameraNetworks.parse(values)
    assert (caught.value.field, caught.value.reason) == ("networks", reason)


def test_several_lists_together_are_as_wide_as_each_and_no_wider() -> None:
    porch, garden = (
        CameraNetworks.parse(texts)
        for texts in (["192.168.1.0/25", "10.0.0.5"], ["192.168.1.128/25", "10.0.0.5", "172.16.0.0/16"])
    )
    together = CameraNetworks.together([porch, garden])
    assert sorted(together.texts()) == ["10.0.0.5/32", "172.16.0.0/16", "192.168.1.0/24"]
    assert CameraNetworks.together([]) == CameraNetworks()


@given(st.ip_addresses(v=4), st.integers(8, 32), st.ip_addresses(v=4))
def test_membership_is_arithmetic(
    base: ipaddress.IPv4Address, prefix: int, address: ipaddress.IPv4Address
) -> None:
    try:
        networks = CameraNetworks.parse([f"{base}/{prefix}"])
    except InvalidField:
        return
    shift = 32 - prefix
    assert (str(address) in networks) is (int(address) >> shift == int(base) >> shift)


@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_text_is_taken_or_refused(values: list[str]) -> None:
    try:
        networks = CameraNetworks.parse(values)
    except InvalidField as err:
        assert err.field == "networks"
    else:
        assert CameraNetworks.parse(networks.texts()) == networks


def test_attached_networks_are_those_of_this_machine_but_loopback() -> None:
    addresses = [
        ("192.168.1.5", 24),
        ("192.168.1.6", 24),
        ("127.0.0.1", 8),
        ("10.0.0.1", 30),
        ("fe80::1", 64),
        ("nonsense", 24),
        ("10.0.0.1", 99),
    ]
    assert attached_networks(addresses) == ["192.168.1.0/24", "10.0.0.0/30"]
