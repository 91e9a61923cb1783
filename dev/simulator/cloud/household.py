"""A household for the demo: one person whose cameras are the simulated ones, and a neighbour."""

from collections.abc import Iterable
from ipaddress import IPv4Address
from typing import Any

from dev.ports import free_block

from ..camera import Camera
from .devices import Device, plug
from .events import PERSON, PET, Event
from .people import Factor, User
from .server import FakeCloud

EMAIL = "demo@example.org"
PASSWORD = "demo camera"  # noqa: S105 - printed to whoever starts it; it opens nothing but that
NEIGHBOUR = "neighbour@example.org"
"""Somebody else, for answers that mix people up."""


def move_in(cloud: FakeCloud, cameras: Iterable[Camera]) -> User:
    """Give the household its accounts; returns the person whose cameras these are."""
    devices = [Device.of_camera(camera) for camera in cameras]
    devices += [
        Device.elsewhere("Alley", "GW_GC1"),
        Device.elsewhere("Shop", "HL_WCO2", p2p_id="ABCDEFGHJKLMNPQRSTUV", p2p_type=4, electricity=71),
        plug(),
    ]
    person = cloud.add_user(EMAIL, PASSWORD, factors=(Factor.TOTP, Factor.SMS), devices=devices)
    now = cloud.clock.now_ms()
    person.events = [
        Event(f"{device.mac}-{number}", device.mac, device.model, now - number * 1_800_000, tags=tags)
        for device in devices
        if device.product_type == "Camera"
        for number, tags in enumerate(((PERSON,), (), (PET,)), 1)
    ]
    neighbour = cloud.add_user(NEIGHBOUR, PASSWORD, devices=_next_door())
    neighbour.nickname = "Quincunx"
    neighbour.events = [
        Event(f"{device.mac}-1", device.mac, device.model, now - 60_000, tags=(PERSON,))
        for device in neighbour.devices
    ]
    return person


def _next_door() -> list[Device]:
    """Return somebody else's cameras. Each word and number of them is found nowhere else, if all is well.

    Their addresses are such as we have, as the same private networks are everybody's: whoever believed what
    is told of them would dial there.
    """
    first = IPv4Address(free_block())
    return [
        Device.elsewhere(name, model, p2p_id=p2p_id, ip=str(first + number), p2p_type=4, dtls=1)
        for number, (name, model, p2p_id) in enumerate(
            (
                ("Zephyrine nursery", "WYZE_CAKP2JFUS", "VUTSRQPNMLKJHGFEDCBA"),
                ("Marzipan hallway", "HL_CAM4", "WVUTSRQPNMLKJHGFEDCB"),
                ("Obsidian pool", "HL_PAN3", "XWVUTSRQPNMLKJHGFEDC"),
            )
        )
    ]


def credentials(user: User) -> dict[str, Any]:
    """Return what the person would type."""
    return {
        "email": user.email,
        "password": PASSWORD,
        "key_id": user.key.key_id,
        "api_key": user.key.api_key,
        "totp_secret": user.totp_secret,
    }
