"""A device that answers every search for a camera, and has another key: a program, for tests with machines.

Run as `python -m tests.support.liar UID`; answers each line of its input with how often somebody tried a key.
"""

import asyncio
import json
import sys

from dev.simulator import CameraSpec, Simulator

from .hosts import ANY


async def main(uid: str) -> None:
    """Lie until the input ends."""
    spec = CameraSpec("liar", host=ANY, port=32761, uid=uid, enr="NobodyHasThisKey", checks_mac=False)
    async with Simulator([spec]) as simulator:
        counters = simulator.cameras["liar"].counters
        print(json.dumps("ready"), flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            assert counters.handshakes == 0
            print(json.dumps(counters.failed_handshakes), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
