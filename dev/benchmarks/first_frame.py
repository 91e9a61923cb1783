"""How soon a person sees a picture: our dialog against go2rtc's own page, opening by opening.

Both show equal simulated cameras. An opening counts from the click on the card, or from the beginning of
the page's navigation, to the first frame on the screen. In the cold cases nobody is at the camera before,
and an opening during which somebody else came to it is measured again, with its pair.
"""

import random
import statistics
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Error as BrowserProblem

from dev.demo.stage import say
from dev.home.browser import playback

from .errors import BenchError
from .figures import Case, Limit, Report, ratio
from .sides import Dialog, OwnPage, Side, after_key_frame, picture, reader
from .stage import Stage

NAME = "first-frame"
MAX_RATIO = 1.15
MIN_HLS_FACTOR = 3.0
MAX_LATER_MS = 80.0
MAX_STILL_MS = 300.0

WEBRTC, HLS = "ha-web-rtc-player", "ha-hls-player"
PLAY_MS = 60_000
LATENCY_FRAMES = 30
# A browser that may only use a relay server, and has none, finds no way to anybody.
NO_WEBRTC = """globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration) { super({ ...configuration, iceTransportPolicy: "relay" }); }
};"""
STAGES_SCRIPT = Path(__file__).with_name("stages.js")


class Spoiled(Exception):
    """The opening does not count: something else came between; the message says what."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What was measured of one opening, in milliseconds."""

    first: float
    latency: float


type Pair = tuple[Opening, Opening]
"""Ours and theirs."""
type Measure = Callable[[Side, float], Awaitable[Opening]]


@dataclass
class FirstFrame:
    """The measurement; `run` fills the report."""

    stage: Stage
    report: Report
    hls_openings: int
    chance: random.Random
    with_stages: bool = False
    stages: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    """By side and case, then by stage: milliseconds from the beginning of each opening."""

    async def run(self) -> None:
        """Measure all cases."""
        scripts = (STAGES_SCRIPT.read_text(),) if self.with_stages else ()
        dialog = await Dialog.start(self.stage, scripts=scripts)
        page = await OwnPage.start(self.stage, scripts=scripts)
        for side in (dialog, page):
            # The very first opening loads code that later ones have.
            await side.ready()
            await self._open(side, 1)
            await side.close()
        cold = await self._pairs("cold", dialog, page, self._cold)
        async with reader(dialog), reader(page):
            warm = await self._pairs("warm", dialog, page, self._warm)
        stills = await self._stills(dialog)
        hls = await self._hls()
        self.report.cases = cases(cold, warm, stills, hls)

    async def _pairs(self, case: str, ours: Side, theirs: Side, measure: Measure) -> list[Pair]:
        """Measure pairs, the sides taking turns in who goes first."""
        say(f"… {case}: {self.report.pairs} pairs")
        found: list[Pair] = []
        spoiled = 0
        while len(found) < self.report.pairs:
            phase = self.chance.random()
            sides = (ours, theirs) if len(found) % 2 == 0 else (theirs, ours)
            try:
                openings = {side.name: await measure(side, phase) for side in sides}
            except Spoiled as err:
                spoiled += 1
                say(f"  once more: {err}")
                if spoiled > self.report.pairs:
                    raise BenchError(f"{case}: too many spoiled openings; in the last one {err}") from err
                continue
            pair = openings[ours.name], openings[theirs.name]
            found.append(pair)
            say(f"  {len(found):>3}  {pair[0].first:5.0f} ms against {pair[1].first:5.0f} ms")
        self.report.repeated += spoiled
        return found

    async def _cold(self, side: Side, _phase: float) -> Opening:
        """Measure an opening that wakes the camera."""
        await side.ready()
        await side.rest()
        return await self._counted(side, "cold", frames=1, dials=1)

    async def _warm(self, side: Side, phase: float) -> Opening:
        """Measure an opening of a stream that another program reads already."""
        await side.ready()
        await after_key_frame(side.camera, phase)
        return await self._counted(side, "warm", frames=LATENCY_FRAMES, dials=0)

    async def _counted(self, side: Side, case: str, *, frames: int, dials: int) -> Opening:
        """Measure an opening that costs the camera exactly so many sessions; raises Spoiled."""
        before = side.camera.counters.dials
        try:
            await self._open(side, frames)
            player, first, late = await picture(side)
            if self.with_stages and first is not None:
                await self._note_stages(side, case, first)
        finally:
            await side.close()
        if (opened := side.camera.counters.dials - before) != dials:
            raise Spoiled(f"{side.name} opened {opened} sessions at the camera instead of {dials}")
        # Where HLS was first, that is what a person saw, and it counts as it is.
        if first is None or not late:
            raise BenchError(f"{side.name} showed no numbered picture, but {player}")
        return Opening(first, statistics.median(late))

    async def _open(self, side: Side, frames: int) -> None:
        await side.open()
        try:
            await side.page.wait_for_function(f"playback.visibleFrames() >= {frames}", timeout=PLAY_MS)
        except BrowserProblem as err:
            raise BenchError(f"{side.name} showed no picture within {PLAY_MS // 1000} s") from err

    async def _note_stages(self, side: Side, case: str, first: float) -> None:
        began = (await playback(side.page))["clicked"]
        passed = await side.page.evaluate("stages")
        series = self.stages.setdefault(f"{case}, {side.name}", defaultdict(list))
        for name, moment in passed.items():
            series[name].append(moment - began)
        series["first frame"].append(first)

    async def _stills(self, dialog: Dialog) -> list[float]:
        """Return how long the dialog takes to show the last still, in ms."""
        say(f"… still: {self.report.pairs} openings")
        found: list[float] = []
        for _ in range(self.report.pairs):
            await dialog.ready()
            await dialog.page.evaluate("still.follow()")
            await dialog.open()
            await dialog.page.wait_for_function("still.at !== null")
            clicked = (await playback(dialog.page))["clicked"]
            found.append(await dialog.page.evaluate("still.at") - clicked)
            await dialog.close()
        return found

    async def _hls(self) -> list[float]:
        """Return how long the dialog takes to its first frame in a browser without WebRTC, in ms."""
        say(f"… HLS: {self.hls_openings} openings")
        dialog = await Dialog.start(self.stage, scripts=(NO_WEBRTC,))
        found: list[float] = []
        for _ in range(self.hls_openings):
            await dialog.ready()
            await dialog.rest()
            await self._open(dialog, 1)
            player, first, _late = await picture(dialog)
            await dialog.close()
            if player != HLS or first is None:
                raise BenchError(f"without WebRTC the dialog showed {player}")
            found.append(first)
            say(f"  {len(found):>3}  {first:5.0f} ms")
        return found


def cases(cold: list[Pair], warm: list[Pair], stills: list[float], hls: list[float]) -> list[Case]:
    """Return the cases with their limits."""
    at_most = Limit(f"≤ {MAX_RATIO}", lambda figure: figure <= MAX_RATIO)
    later = Limit(f"≤ {MAX_LATER_MS:.0f} ms", lambda figure: figure <= MAX_LATER_MS)
    soon = Limit(f"≤ {MAX_STILL_MS:.0f} ms", lambda figure: figure <= MAX_STILL_MS)
    factor = Limit(f"≥ {MIN_HLS_FACTOR:.0f} × cold", lambda figure: figure >= MIN_HLS_FACTOR)
    cold_ms, cold_page_ms = _columns(cold, "first")
    warm_ms, warm_page_ms = _columns(warm, "first")
    late, late_page = _columns(warm, "latency")

    def against_cold(case: Case) -> float:
        return statistics.median(case.ours) / statistics.median(cold_ms)

    return [
        Case("cold", "first frame, nobody watching", cold_ms, cold_page_ms, at_most, _ratio, "× {:.2f}"),
        Case("warm", "first frame, stream running", warm_ms, warm_page_ms, at_most, _ratio, "× {:.2f}"),
        Case("latency", "age of the shown frames", late, late_page, later, _difference, "{:+.0f} ms"),
        Case("still", "last still in the dialog", stills, [], soon, _median, "{:.0f} ms"),
        Case("hls", "first frame by HLS, nobody watching", hls, [], factor, against_cold, "× {:.1f}"),
    ]


def _columns(pairs: list[Pair], name: str) -> tuple[list[float], list[float]]:
    """Return one figure of all openings, ours and theirs."""
    return [getattr(ours, name) for ours, _ in pairs], [getattr(theirs, name) for _, theirs in pairs]


def _median(case: Case) -> float:
    return statistics.median(case.ours)


def _ratio(case: Case) -> float:
    return ratio(case.ours, case.theirs)


def _difference(case: Case) -> float:
    return statistics.median(case.ours) - statistics.median(case.theirs)
