"""A finder, and cameras on loopback that are no longer where they were."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from dev.simulator import Camera, CameraSpec, Simulator
from engine.lan import Finder, Prover
from engine.model import CameraNetworks, Clock, Credentials, SystemClock

NETWORKS = CameraNetworks.parse(["127.9.9.0/24"])
BEFORE, AFTER = "127.9.9.40", "127.9.9.52"
UID = "W" * 20


def spec(name: str, host: str, port: int = 0, **more: object) -> CameraSpec:
    """Return a camera that answers to the same id, whatever its key is."""
    return CameraSpec(name, host=host, port=port, uid=UID, checks_mac=False, **more)  # type: ignore[arg-type]


def moved(camera: Camera) -> Credentials:
    """Return what was known of a camera before it moved."""
    found = camera.credentials
    return Credentials.parse(
        address=BEFORE, port=found.port, uid=found.uid, enr=found.enr, mac=found.mac, model=found.model
    )


class Turns:
    """Counts the turns that were taken at the gate, and those that were urgent."""

    def __init__(self) -> None:
        self.taken = 0
        self.urgent = 0

    async def __call__(self, urgent: bool) -> None:
        self.taken += 1
        self.urgent += urgent


def finder(turns: Turns | None = None, clock: Clock | None = None, prover: Prover | None = None) -> Finder:
    """Return a finder, by the real clock unless the test has another."""
    clock = clock or SystemClock()
    return Finder(clock, random.Random(7), turns or Turns(), prover or Prover(clock=clock))


@asynccontextmanager
async def cameras(*specs: CameraSpec) -> AsyncIterator[list[Camera]]:
    """Run cameras that all have the port of the first."""
    async with Simulator(specs[:1]) as first:
        port = first.cameras[specs[0].name].credentials.port
        async with Simulator([replace(one, port=port) for one in specs[1:]]) as others:
            yield [*first.cameras.values(), *others.cameras.values()]
