"""A plain go2rtc with nothing of ours around it, to compare with."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Self

import aiohttp

from dev.home import ChildProcess, free_port
from dev.home.folder import ROOT

STREAM = "camera"
START_TIMEOUT = 10.0


class PlainGo2rtcError(Exception):
    """It did not start; the message says why."""


def find_go2rtc() -> str:
    """Return the program that script/setup found; raises PlainGo2rtcError."""
    path = os.pathsep.join([str(ROOT / ".tools" / "bin"), os.environ.get("PATH", os.defpath)])
    found = shutil.which("go2rtc", path=path)
    if not found:
        raise PlainGo2rtcError("There is no go2rtc. Run script/setup.")
    return found


class PlainGo2rtc:
    """go2rtc with one stream and its own pages, as somebody would run it by hand."""

    def __init__(self, process: ChildProcess, api_port: int, rtsp_port: int) -> None:
        """Take a started process; use `start`."""
        self._process = process
        self.page_url = f"http://127.0.0.1:{api_port}/stream.html?src={STREAM}&mode=webrtc"
        """Its page that shows the stream by WebRTC."""
        self.rtsp_url = f"rtsp://127.0.0.1:{rtsp_port}/{STREAM}"
        self._up_url = f"http://127.0.0.1:{api_port}/api"

    @classmethod
    async def start(cls, folder: Path, link: str) -> Self:
        """Start it for a camera's link; raises PlainGo2rtcError. `folder` takes configuration and log."""
        api, rtsp, webrtc = free_port(), free_port(), free_port()
        config = {
            # The rest of it listens on further ports, which the camera does not need.
            "app": {"modules": ["api", "ws", "rtsp", "webrtc", "wyze"]},
            "api": {"listen": f"127.0.0.1:{api}"},
            "rtsp": {"listen": f"127.0.0.1:{rtsp}"},
            # Without the empty list it would ask servers on the internet for its own address.
            "webrtc": {"listen": f":{webrtc}", "ice_servers": [], "filters": {"loopback": True}},
            "streams": {STREAM: link},
            "log": {"level": "warn"},
        }
        path = folder / "plain-go2rtc.yaml"
        await asyncio.to_thread(path.write_text, json.dumps(config))
        log = folder / "plain-go2rtc.log"
        started = cls(await ChildProcess.start([find_go2rtc(), "-c", path], cwd=folder, log=log), api, rtsp)
        try:
            await started._wait_until_up()
        except BaseException:
            await started.stop()
            raise
        return started

    async def stop(self) -> None:
        """Stop it."""
        await self._process.stop()

    async def _wait_until_up(self) -> None:
        try:
            async with asyncio.timeout(START_TIMEOUT), aiohttp.ClientSession() as session:
                while self._process.returncode is None:
                    try:
                        async with session.get(self._up_url) as answer:
                            answer.raise_for_status()
                            return
                    except aiohttp.ClientError:
                        await asyncio.sleep(0.05)
        except TimeoutError:
            raise PlainGo2rtcError("The plain go2rtc does not answer.") from None
        raise PlainGo2rtcError("The plain go2rtc ended at once.")
