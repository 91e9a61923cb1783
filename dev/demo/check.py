"""The unattended demo: opens every camera as a person would and judges what is seen.

Standard output ends with one line of JSON::

    {"ok": true, "cameras": {"porch": {"video": "h264", "player": "ha-web-rtc-player", "frames": 60,
     "sound": "audio/PCMU", …}},
     "account": {"refreshes": 3, "log_ins_meanwhile": 0, …},
     "first_frame_ms": {"porch": 640, …}, "latency_ms": {"porch": 75, …},
     "screenshots": [paths], "home_assistant_start_s": 5.1, "failures": [sentences]}

`first_frame_ms` counts from the click on the card to the first moving frame on the screen (for H.265:
from the request of the stream to the first decoded frame), `latency_ms` from the moment when the
simulator sent a frame to the moment when it was shown. `account` is told in `account/story.py`.
"""

import asyncio
from pathlib import Path

from playwright.async_api import Error as BrowserProblem

from dev.home.browser import Browser

from .account import account
from .report import Report, empty, keep_logs, tell
from .stage import Demo, say
from .viewing import view_all


async def check(output: Path, port: int | None) -> int:
    """Run the check, print its line of JSON, and return the exit status."""
    report = Report()
    await asyncio.to_thread(empty, output)
    async with Demo(port) as demo:
        report.home_assistant_start_s = round(demo.home.start_seconds, 1)
        try:
            await _check(demo, output, report)
        except (BrowserProblem, TimeoutError) as err:
            report.failures.append(f"the browser: {err}".replace("\n", " "))
        report.failures += await asyncio.to_thread(keep_logs, demo, output)
    await account(output, port, report)
    return tell(report)


async def _check(demo: Demo, output: Path, report: Report) -> None:
    async with Browser() as browser:
        say("… logging in with a browser")
        page = await browser.sign_in(demo.url)
        try:
            await view_all(demo.home, demo.simulator, page, output, report)
        except BrowserProblem:
            await report.picture(page, output / "failure.png")
            raise
        report.failures += [f"the page: {problem}" for problem in browser.problems]
