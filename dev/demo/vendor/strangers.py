"""Looks for anything of the household next door: in states, registries, logs, files and diagnostics."""

import asyncio
import json
from collections.abc import Iterable

from ..traces import Wanted, forms, in_files, in_text
from .town import VendorTown

NEIGHBOUR = "neighbour@example.org"
"""Whose cameras the cloud mixes up with ours."""

COMMANDS = (
    *("get_states", "get_config", "config/device_registry/list", "config/entity_registry/list"),
    *("config/area_registry/list", "config_entries/get", "config_entries/flow/progress"),
    *("repairs/list_issues", "system_log/list"),
)
"""What a person, or another program, can ask Home Assistant for."""


class Strangers:
    """What would betray somebody else's cameras."""

    def __init__(self, wanted: Wanted) -> None:
        """Take what is looked for; use `of`."""
        self._wanted = wanted

    @classmethod
    async def of(cls, town: VendorTown) -> Strangers:
        """Ask the fake cloud what the neighbour has."""
        traces = (await town.simulator.ask_cloud(f"users/{NEIGHBOUR}/traces"))["traces"]
        return cls({what: forms(what, value) for what, value in traces.items()})

    async def found(self, town: VendorTown, heard: Iterable[str]) -> list[str]:
        """Return where something of theirs is; `heard` is what was said on the bus."""
        places: list[str] = []

        def look(where: str, text: str) -> None:
            places.extend(f"{where} holds the {what}" for what in in_text(text, self._wanted))

        for command in COMMANDS:
            look(command, json.dumps(await town.home.client.command(command), ensure_ascii=False))
        for entry in await town.entries():
            path = f"/api/diagnostics/config_entry/{entry['entry_id']}"
            diagnostics = await town.home.client.rest("GET", path)
            look("diagnostics", json.dumps(diagnostics, ensure_ascii=False))
        # `json.dumps` escapes what is not ASCII; none of the words is.
        look("the bus", "\n".join(heard))
        look("the log", town.home.log())
        files = await asyncio.to_thread(lambda: list(in_files(town.home.folder, self._wanted)))
        return places + [f"the file {name} holds the {what}" for name, what in files]


async def known(town: VendorTown) -> frozenset[str]:
    """Return the devices and entities of the integration."""
    devices = await town.home.client.command("config/device_registry/list")
    entries = {entry["entry_id"] for entry in await town.entries()}
    ours = [device["id"] for device in devices if entries & {*device["config_entries"]}]
    return frozenset([*ours, *await town.registered()])
