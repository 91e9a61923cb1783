"""A plain go2rtc with nothing of ours around it, to compare with."""

import asyncio
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import aiohttp

from dev.home import ChildProcess
from dev.home.folder import ROOT
from dev.ports import free_port

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
    """go2rtc with some streams and its own pages, as somebody would run it by hand."""

    def __init__(self, process: ChildProcess, api_port: int, rtsp_port: int) -> None:
        """Take a started process; use `start`."""
        self._process = process
        self._http = f"http://127.0.0.1:{api_port}"
        self._rtsp = f"rtsp://127.0.0.1:{rtsp_port}"

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def page_url(self, stream: str) -> str:
        """Return its page that shows a stream by WebRTC."""
        return f"{self._http}/stream.html?src={stream}&mode=webrtc"

    def still_url(self, stream: str) -> str:
        """Return where it makes a still of a stream."""
        return f"{self._http}/api/frame.jpeg?src={stream}"

    def rtsp_url(self, stream: str) -> str:
        """Return its restream of a stream."""
        return f"{self._rtsp}/{stream}"

    @classmethod
    async def start(cls, folder: Path, links: Mapping[str, str]) -> Self:
        """Start it for cameras' links by name; raises PlainGo2rtcError. `folder` takes its files."""
        api, rtsp, webrtc = free_port(), free_port(), free_port()
        config = {
            # The rest of it listens on further ports, which the camera does not need.
            "app": {"modules": ["api", "ws", "rtsp", "webrtc", "mjpeg", "exec", "ffmpeg", "wyze"]},
            "api": {"listen": f"127.0.0.1:{api}"},
            "rtsp": {"listen": f"127.0.0.1:{rtsp}"},
            # Without the empty list it would ask servers on the internet for its own address.
            "webrtc": {"listen": f":{webrtc}", "ice_servers": [], "filters": {"loopback": True}},
            "streams": dict(links),
            "log": {"level": "warn"},
        }
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
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
                        async with session.get(f"{self._http}/api") as answer:
                            answer.raise_for_status()
                            return
                    except aiohttp.ClientError:
                        await asyncio.sleep(0.05)
        except TimeoutError:
            raise PlainGo2rtcError("The plain go2rtc does not answer.") from None
        raise PlainGo2rtcError("The plain go2rtc ended at once.")
