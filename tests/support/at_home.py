"""Home Assistant on its machine: a program that sets up cameras and uses them, for tests of its network.

Run as `python -m tests.support.at_home FOLDER [MODULE:FUNCTION THAT PREPARES]`; each line of standard input
is a JSON list of a word and its arguments, each line of output the JSON answer.
"""

import asyncio
import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from dev.home import ApiError, HomeAssistantRig
from dev.ports import free_port
from tests.support.offer import OFFER

DOMAIN = "wyze_local"


class AtHome:
    """What can be asked for."""

    def __init__(self, home: HomeAssistantRig) -> None:
        self._home = home
        self._entry = ""
        self._playlist_url = ""
        self._begun: list[asyncio.Task[bool]] = []

    async def set_up(self, *networks: str) -> str:
        """Set the integration up; returns its entry's id."""
        flow = await self._home.client.flow(DOMAIN)
        await flow.choose("local")
        await flow.submit(networks=networks, stream_server={"webrtc_port": free_port()})
        result = await flow.submit()
        await self._close(result["next_flow"][1])
        self._entry = str(result["result"]["entry_id"])
        return self._entry

    async def sign_in(self, network: str, typed: dict[str, Any]) -> str:
        """Set the integration up with a vendor account and all of its cameras; returns its entry's id."""
        flow = await self._home.client.flow(DOMAIN)
        await flow.choose("vendor")
        await flow.submit(networks=[network], stream_server={"webrtc_port": free_port()})
        await flow.submit(**typed)
        (field,) = [field for field in flow.result["data_schema"] if field["name"] == "cameras"]
        await flow.submit(cameras=field["description"]["suggested_value"])
        result = await flow.submit()
        self._entry = str(result["result"]["entry_id"])
        return self._entry

    async def call(self, domain: str, service: str, data: dict[str, Any]) -> bool:
        """Call an action; returns whether it was done."""
        try:
            await self._home.client.call(domain, service, **data)
        except ApiError:
            return False
        return True

    async def begin(self, domain: str, service: str, data: dict[str, Any]) -> None:
        """Call an action and wait for nothing."""
        self._begun.append(asyncio.create_task(self.call(domain, service, data)))

    async def restart(self) -> None:
        """Restart Home Assistant."""
        await self._home.restart()

    async def entities(self) -> list[str]:
        """Return the entities of the integration."""
        found = await self._home.client.command("config/entity_registry/list")
        return [one["entity_id"] for one in found if one["platform"] == DOMAIN]

    async def reconfigure(self, entry_id: str, *choices: str) -> dict[str, Any]:
        """Open Reconfigure and choose; returns the page that is shown then."""
        flow = await self._home.client.flow(DOMAIN, entry_id=entry_id)
        for choice in choices:
            await flow.choose(choice)
        return flow.result

    async def set_up_external(self, network: str, *tries: dict[str, Any]) -> list[dict[str, str]]:
        """Set the integration up with a go2rtc that somebody else runs; returns the errors on the way."""
        flow = await self._home.client.flow(DOMAIN)
        await flow.choose("local")
        await flow.submit(networks=[network], stream_server={"server": "external", "webrtc_port": 18556})
        errors: list[dict[str, str]] = []
        for typed in tries:
            await flow.submit(keys_allowed=False, **typed)
            if flow.step == "local_passphrase":
                result = await flow.submit()
                self._entry = str(result["result"]["entry_id"])
                await self._close(result["next_flow"][1])
                break
            errors.append(flow.errors)
        return errors

    async def _close(self, flow_id: str) -> None:
        await self._home.client.rest("DELETE", f"/api/config/config_entries/subentries/flow/{flow_id}")

    async def add(self, name: str, link: str, tries: int) -> list[dict[str, str]]:
        """Add a camera, unproven at the last try if need be; returns the errors on the way."""
        flow = await self._home.client.flow([self._entry, "camera"], "subentry")
        await flow.choose("link")
        errors: list[dict[str, str]] = []
        for number in range(tries):
            more = {"save_unproven": True} if number >= 2 else {}
            result = await flow.submit(name=name, link=link, **more)
            if result["type"] == "create_entry":
                break
            errors.append(flow.errors)
        return errors

    async def state(self, entity_id: str, *words: str) -> dict[str, Any]:
        """Wait until an entity says one of the words."""
        return await self._home.client.wait_for_state(entity_id, *words, limit=45)

    async def view(self, entity_id: str) -> dict[str, Any]:
        """Look at a camera in every way there is without a browser; returns what came."""
        client = self._home.client
        still = await client.rest("GET", f"/api/camera_proxy/{entity_id}")
        config = await client.command("camera/webrtc/get_client_config", entity_id=entity_id)
        kinds: list[str] = []
        async with client.subscribe("camera/webrtc/offer", entity_id=entity_id, offer=OFFER) as events:
            async with asyncio.timeout(20):
                while not {"answer", "error"} & set(kinds):
                    kinds.append((await events.get())["type"])
            master = (await client.command("camera/stream", entity_id=entity_id))["url"]
            media = (await self._text(master)).split()[-1]
            playlist = await self._playlist(f"{master.rpartition('/')[0]}/{media}")
            await client.wait_for_state(entity_id, "streaming")
        segments = playlist.count("#EXTINF")
        return {"still": len(still), "config": config, "webrtc": kinds[-1], "segments": segments}

    async def follow(self, entity_id: str) -> None:
        """Begin to watch a camera, as a browser does that plays HLS."""
        master = (await self._home.client.command("camera/stream", entity_id=entity_id))["url"]
        media = (await self._text(master)).split()[-1]
        self._playlist_url = f"{master.rpartition('/')[0]}/{media}"
        await self._playlist(self._playlist_url)

    async def segment(self) -> int:
        """Return the number of the newest piece of what is watched."""
        text = await self._text(self._playlist_url)
        first = int(text.partition("#EXT-X-MEDIA-SEQUENCE:")[2].split()[0])
        return first + text.count("#EXTINF") - 1

    async def look(self, entity_id: str) -> None:
        """Begin to look at a camera, whether or not anything comes."""
        with contextlib.suppress(ApiError):
            await self._home.client.command("camera/stream", entity_id=entity_id)

    async def _playlist(self, url: str) -> str:
        async with asyncio.timeout(30):
            while "#EXTINF" not in (text := await self._text(url)):
                await asyncio.sleep(0.2)
        return text

    async def _text(self, url: str) -> str:
        return bytes(await self._home.client.rest("GET", url)).decode()


async def main(folder: Path, prepare: str = "dev.home.launcher:prepare") -> None:
    """Start Home Assistant, obey, stop."""
    async with HomeAssistantRig(folder, prepare=prepare) as home:
        at_home = AtHome(home)
        print(json.dumps(home.start_seconds), flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            word, *arguments = json.loads(line)
            print(json.dumps(await getattr(at_home, word)(*arguments)), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
