"""How much memory an answer without measure can take: seen in a process that does nothing but ask for it."""

import asyncio
import json
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from dev.simulator.cloud import FakeCloud

ENGINE = Path(__file__).parents[2] / "custom_components" / "wyze_local"
MOST = 24 << 20
"""Bytes by which the process may grow: an answer takes 13 MiB at the most, and of the one before its text may
still be there, up to 8 MiB. All calls count."""
WELL_BEHAVED, CALLS = 3, 5


def _of(part: str, number: int = 1 << 30) -> str:
    """Return an answer that is just small enough to be read, of so many parts at most."""
    head, tail = '{"ts":1,"code":"1","msg":"SUCCESS","data":[', "0]}"
    room = (2 << 20) - len(head) - len(tail)
    return head + f"{part}," * min(number, room // (len(part.encode()) + 1)) + tail


MEASURELESS: dict[str, dict[str, Any]] = {
    "huge": {"bytes": 64 << 20},
    "huge, as it says": {"bytes": 64 << 20, "told": True},
    "gzip_bomb": {"bytes": 64 << 20},
    "deep": {"levels": 1_000_000},
    "raw, of numbers": {"body": _of("0.5")},
    "raw, of texts": {"body": _of('"ßab"')},
    "raw, of wide letters": {"body": _of(f'"{"a" * 500_000}\N{GRINNING FACE}"')},
    "raw, of some numbers": {"body": _of("0.5", 140_000)},
    "raw, of some texts": {"body": _of('"\N{GRINNING FACE}a"', 70_000)},
    "raw, of some objects": {"body": _of('{"a":0.5}', 35_000)},
}
"""Much more than may be taken; and what is just small enough to be read."""
READ = {"deep", *(name for name in MEASURELESS if "some" in name)}
"""Those that are read as a whole before it shows that there is nothing in them."""

ASKER = """
    import asyncio, json, random, ssl, sys

    import aiohttp

    from engine.cloud import CloudClient, CloudError, CloudSession, Hosts
    from engine.model import Account, DeveloperKey, Secret, SystemClock, Tokens

    def memory(name):
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(name)) * 1024


    async def keep(tokens):
        pass


    async def ask(session):
        try:
            await session.user()
        except CloudError as err:
            return err.reason
        return "ok"


    async def main(hosts, ca, access, refresh, since, user, well_behaved, calls):
        tls = ssl.create_default_context(cafile=ca)
        word = Secret("word")
        tokens = Tokens(Secret(access), Secret(refresh), since)
        account = Account(Secret(user), word, DeveloperKey(word, word), 0, word, tokens)
        async with aiohttp.ClientSession() as http:
            places, clock = Hosts(**hosts), SystemClock()
            client = CloudClient(http, hosts=places, tls=tls, clock=clock, rng=random.Random(1))
            session = CloudSession(client, account, on_tokens=keep)
            good = [await ask(session) for _ in range(well_behaved)]
            print(json.dumps(good), flush=True)
            sys.stdin.readline()
            open("/proc/self/clear_refs", "w").write("5")
            before = memory("VmRSS")
            bad = [await ask(session) for _ in range(calls)]
            grown = memory("VmHWM") - before
            print(json.dumps([bad, grown]), flush=True)


    asyncio.run(main(**json.loads(sys.stdin.readline())))
"""


@pytest.mark.parametrize("name", MEASURELESS)
async def test_an_answer_without_measure_takes_little_memory(name: str) -> None:
    """Whatever is sent, and however small it was packed: the most that the process held counts."""
    async with FakeCloud() as cloud:
        user = cloud.add_user()
        now = int(cloud.clock.now())
        grant = cloud.tokens.give(user.email, now)
        given = {
            "hosts": cloud.hosts(),
            "ca": str(cloud.ca_path),
            "access": grant.access,
            "refresh": grant.refresh,
            "since": now,
            "user": user.user_id,
            "well_behaved": WELL_BEHAVED,
            "calls": CALLS,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", textwrap.dedent(ASKER)),
            cwd=ENGINE,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            async with asyncio.timeout(60):
                process.stdin.write(f"{json.dumps(given)}\n".encode())
                assert json.loads(await process.stdout.readline()) == ["ok"] * WELL_BEHAVED
                cloud.fault(name.partition(",")[0], "user", **MEASURELESS[name])
                process.stdin.write(b"\n")
                reasons, grown = json.loads(await process.stdout.readline())
                assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    print(f"{name}: {grown / (1 << 20):.1f} MiB more, {reasons}")
    assert reasons == ["malformed" if name in READ else "too_large"] * CALLS
    assert grown <= MOST
