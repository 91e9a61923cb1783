"""The bench of the vault: what fifty cameras, an account and what was seen around it cost to seal and open.

No camera, no server, no Home Assistant: the engine's own room on this machine's processor and disk.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custom_components.wyze_local.engine.model import (
    Account,
    Camera,
    Credentials,
    DeveloperKey,
    Secret,
    Tokens,
)
from custom_components.wyze_local.engine.vault import JSON, CameraRecord, KeyPlaces, Vault, records_to_payload
from custom_components.wyze_local.engine.vault.envelope import new_header, parse, seal, unseal
from custom_components.wyze_local.engine.vault.keyfile import InstallationKey
from custom_components.wyze_local.engine.vault.slot import new_slot

from .figures import p95

CAMERAS = 50
LIMIT_MS = 2.0
"""For sealing and opening together, in memory (median)."""

WORDS = Secret("a passphrase of a bench")
ID = "b" * 32


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str
    title: str
    values: list[float]
    """Milliseconds."""
    limit: float | None = None

    @property
    def problem(self) -> str | None:
        """What is wrong with it; None when the limit is kept or there is none."""
        if self.limit is None or statistics.median(self.values) <= self.limit:
            return None
        return f"{self.name}: {statistics.median(self.values):.2f} ms, wanted ≤ {self.limit:g} ms"

    def line(self) -> str:
        """Return its line of the Markdown table."""
        limit = "–" if self.limit is None else f"≤ {self.limit:g}"
        found = f"{statistics.median(self.values):.2f} ({p95(self.values):.2f})"
        return f"| {self.title} | {found}{' ✗' if self.problem else ''} | {limit} |"


def measure(times: int) -> list[Row]:
    """Measure everything so many times (the slow parts a tenth of that). Blocks for seconds."""
    records = [_record(number) for number in range(CAMERAS)]
    payload = records_to_payload(records, account=_account(), memory=_memory())
    key = InstallationKey(os.urandom(32))
    header = new_header(ID, key, os.urandom, new_slot(WORDS, os.urandom))
    data = seal(payload, header, key, os.urandom)
    few = max(3, times // 10)

    def there_and_back() -> None:
        unseal(parse(seal(payload, header, key, os.urandom)), key)

    rows = [
        Row("seal_and_open", "seal and open", _timed(there_and_back, times), LIMIT_MS),
        Row("seal", "seal", _timed(lambda: seal(payload, header, key, os.urandom), times)),
        Row("open", "open", _timed(lambda: unseal(parse(data), key), times)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        vault = Vault(Path(folder, "vault"), KeyPlaces.at(Path(folder, "cache", "key")), ID)
        vault.create(payload)

        def set_passphrase() -> None:
            vault.set_passphrase(WORDS)

        rows += [
            Row("load", "load from the disk", _timed(vault.load, few)),
            Row("save", "save to the disk (two files, synced)", _timed(lambda: vault.save(payload), few)),
            Row(
                "set", "set a passphrase (Argon2id, 64 MiB)", _timed(lambda: vault.set_passphrase(WORDS), few)
            ),
        ]
    return rows


def table(rows: list[Row]) -> str:
    """Return the table for people, in Markdown."""
    head = f"| {CAMERAS} cameras and an account, median (p95), ms | measured | limit |\n|---|---|---|"
    return "\n".join([head, *(row.line() for row in rows)])


def as_dict(rows: list[Row]) -> dict[str, Any]:
    """Return the figures in the shape of their line of JSON."""
    problems = [row.problem for row in rows if row.problem]
    figures = {row.name: round(statistics.median(row.values), 3) for row in rows}
    return {"bench": "vault", "ok": not problems, "median_ms": figures, "failures": problems}


def _timed(call: Callable[[], object], times: int) -> list[float]:
    found = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        found.append((time.perf_counter() - started) * 1000)
    return found


def _record(number: int) -> CameraRecord:
    credentials = Credentials.parse(
        address=f"192.168.1.{number + 1}",
        uid=f"BENCH{number:015d}",
        enr="benchENRbench000",
        mac=f"7C78B2{number:06X}",
        model="HL_CAM4",
    )
    camera = Camera(f"{number:032x}", f"Camera {number}", credentials, proven=True)
    return CameraRecord(camera, Secret(f"{number:032x}"))


def _account() -> Account:
    return Account(
        user_id=Secret("0" * 32),
        email=Secret("bench@example.org"),
        key=DeveloperKey(Secret("0" * 36), Secret("0" * 60)),
        key_since=0,
        phone_id=Secret("0" * 36),
        tokens=Tokens(Secret("a" * 1200), Secret("r" * 1200), 0),
    )


def _memory() -> dict[str, JSON]:
    """Return as much as is remembered of fifty cameras: some 17 KiB."""
    cameras: dict[str, JSON] = {
        f"{number:064x}": {
            "pin": {"keys": f"{number:064x}", "uid": f"{number:064x}", "since": number},
            "refusals": {"count": 0, "first": 0, "suspect": False},
        }
        for number in range(CAMERAS)
    }
    return {"ownership": {"version": 1, "cameras": cameras}, "uplink": {"phase": "closed", "tries": 0}}
