"""Mutation that can be repeated: what is valid, changed by chance with a seed; and a bound on memory."""

import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

IN_CI = 20_000
ON_REQUEST = 1_000_000
"""Mutants over all tests that take a share of them; as many as this with `script/test --fuzz`."""

SEED = 20240216
_PAGE = os.sysconf("SC_PAGE_SIZE")
_SAMPLES = 12
"""How often a test's memory is looked at."""

_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFF)


class Mutator:
    """Changes bytes: flips, truncation, doubling, insertion, lengths that lie, splices of two."""

    def __init__(self, seed: str, *, limit: int = 4096) -> None:
        """Begin; the same seed changes the same bytes the same way. Nothing gets longer than the limit."""
        self.chance = random.Random(seed)
        self.made = 0
        """Mutants so far."""
        self.last: list[bytes] = []
        """The newest ones, for whoever wants to know what broke it."""
        self._limit = limit

    def any(self, corpus: Sequence[bytes]) -> bytes:
        """Return a mutant of one of several."""
        data = bytearray(self.chance.choice(corpus))
        for _ in range(self.chance.choice((1, 1, 1, 2, 3, 8))):
            self.chance.choice(self._WAYS)(self, data, corpus)
        del data[self._limit :]
        self.made += 1
        self.last = [*self.last[-39:], bytes(data)]
        return bytes(data)

    def cuts(self, data: bytes) -> list[bytes]:
        """Return the bytes in pieces, as a stream may deliver them."""
        places = sorted(self.chance.randrange(len(data) + 1) for _ in range(self.chance.choice((0, 0, 1, 4))))
        return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]

    def _flip(self, data: bytearray, _: Sequence[bytes]) -> None:
        if data:
            data[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)

    def _put(self, data: bytearray, _: Sequence[bytes]) -> None:
        if data:
            data[self.chance.randrange(len(data))] = self.chance.randrange(256)

    def _truncate(self, data: bytearray, _: Sequence[bytes]) -> None:
        del data[self.chance.randrange(len(data) + 1) :]

    def _remove(self, data: bytearray, _: Sequence[bytes]) -> None:
        start = self.chance.randrange(len(data) + 1)
        del data[start : start + self.chance.randrange(1, 20)]

    def _double(self, data: bytearray, _: Sequence[bytes]) -> None:
        start = self.chance.randrange(len(data) + 1)
        part = data[start : start + self.chance.randrange(1, 200)]
        data[start:start] = part * self.chance.choice((1, 1, 2, 20))

    def _insert(self, data: bytearray, _: Sequence[bytes]) -> None:
        start = self.chance.randrange(len(data) + 1)
        data[start:start] = self.chance.randbytes(self.chance.randrange(1, 40))

    def _length(self, data: bytearray, _: Sequence[bytes]) -> None:
        """Put a number where one may stand, of any size and order: an extreme, or a little off."""
        size = self.chance.choice((1, 2, 3, 4))
        order: Literal["big", "little"] = "big" if self.chance.random() < 0.5 else "little"
        start = self.chance.randrange(len(data) + 1)
        before = int.from_bytes(data[start : start + size], order)
        value = self.chance.choice(
            (*_EXTREMES, before - 1, before + 1, len(data), self.chance.randrange(2048))
        )
        data[start : start + size] = (value % (1 << 8 * size)).to_bytes(size, order)

    def _splice(self, data: bytearray, corpus: Sequence[bytes]) -> None:
        other = self.chance.choice(corpus)
        at = self.chance.randrange(len(data) + 1)
        data[at:] = other[self.chance.choice((min(at, len(other)), self.chance.randrange(len(other) + 1))) :]

    _WAYS: tuple[Callable[[Mutator, bytearray, Sequence[bytes]], None], ...] = (
        *(_flip, _flip, _put, _truncate, _remove, _double, _insert, _length, _length, _splice),
    )


@dataclass(frozen=True)
class Fuzz:
    """How much a run is to try, and with which seed."""

    seed: int | str
    total: int

    @contextmanager
    def share(
        self, name: str, thousandths: int, *, limit: int = 4096, megabytes: int = 32
    ) -> Iterator[Share]:
        """Give a test its share of all mutants; says the seed, the last mutants when it breaks.

        The process must not grow by more than so many megabytes meanwhile.
        """
        mutator = Mutator(f"{self.seed} {name}", limit=limit)
        share = Share(mutator, self.total * thousandths // 1000)
        print(f"{name}: {share.wanted} mutants, seed {self.seed}")
        try:
            yield share
        except BaseException:
            print("the newest mutants, oldest first:", *(data.hex() for data in mutator.last), sep="\n")
            raise
        assert mutator.made >= share.wanted
        grown = share.grown()
        print(f"{name}: {mutator.made} made, grown by {grown >> 10} KiB")
        assert grown < megabytes << 20, f"grown by {grown} bytes"


class Share:
    """The mutants of one test."""

    def __init__(self, mutator: Mutator, wanted: int) -> None:
        """Begin with none."""
        self.mutator = mutator
        self.wanted = wanted
        self._sizes: list[int] = []

    @property
    def more(self) -> bool:
        """Whether there are to be more."""
        # What is needed for a moment only shows in some of the samples.
        if self.mutator.made >= (len(self._sizes) + 1) * self.wanted // (_SAMPLES + 1):
            self._sizes.append(_resident())
        return self.mutator.made < self.wanted

    def grown(self) -> int:
        """Return by how many bytes this process has grown from the first third to the last."""
        third = len(self._sizes) // 3
        return min(self._sizes[-third:]) - min(self._sizes[:third]) if third else 0


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
