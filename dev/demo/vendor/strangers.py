"""Looks for anything of the household next door: in states, registries, logs, files and diagnostics."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..traces import Wanted, forms, in_files, in_text
from .town import NEIGHBOUR, VendorTown

COMMANDS = (
    *("get_states", "get_config", "config/device_registry/list", "config/entity_registry/list"),
    *("config/area_registry/list", "config_entries/get", "config_entries/flow/progress"),
    *("repairs/list_issues", "system_log/list"),
)
"""What a person, or another program, can ask Home Assistant for."""


CONTROL = "name of our own camera"
"""What is looked for beside all that, and must be found: whoever finds nothing at all may be blind."""
SEEN_IN = frozenset({"get_states", "config/entity_registry/list", "the log", "a file"})
"""Where at least that is to be found."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has found."""

    places: list[str]
    """Where something of the neighbour's is, and what."""
    blind: int
    """In how many places not even our own camera was found."""


class Strangers:
    """What would betray somebody else's cameras."""

    def __init__(self, wanted: Wanted) -> None:
        """Take what is looked for; use `of`."""
        self._wanted = wanted

    @classmethod
    async def of(cls, town: VendorTown) -> Strangers:
        """Ask the fake cloud what the neighbour has."""
        traces = (await town.simulator.ask_cloud(f"users/{NEIGHBOUR}/traces"))["traces"]
        ours = {CONTROL: {town.simulator.cameras[0].name}}
        return cls({what: forms(what, value) for what, value in traces.items()} | ours)

    async def find(self, town: VendorTown, heard: Iterable[str]) -> Found:
        """Look everywhere; `heard` is what was said on the bus."""
        found: list[tuple[str, str]] = []
        said = {"the bus": "\n".join(heard), "the log": town.home.log(), **await _said(town)}
        for where, text in said.items():
            found += [(where, what) for what in in_text(text, self._wanted)]
        files = await asyncio.to_thread(lambda: list(in_files(town.home.folder, self._wanted)))
        seen = {where for where, what in found if what == CONTROL}
        if any(what == CONTROL for _, what in files):
            seen.add("a file")
        places = [f"{where} holds the {what}" for where, what in found if what != CONTROL]
        places += [f"the file {name} holds the {what}" for name, what in files if what != CONTROL]
        return Found(places, len(SEEN_IN - seen))


async def _said(town: VendorTown) -> dict[str, str]:
    """Return what Home Assistant answers to whoever asks, by what was asked."""
    client, said = town.home.client, dict[str, Any]()
    for command in COMMANDS:
        said[command] = await client.command(command)
    for entry in await town.entries():
        said["diagnostics"] = await client.rest("GET", f"/api/diagnostics/config_entry/{entry['entry_id']}")
    # None of the words has a letter that would be escaped.
    return {where: json.dumps(answer) for where, answer in said.items()}


async def known(town: VendorTown) -> frozenset[str]:
    """Return the devices and entities of the integration."""
    devices = await town.home.client.command("config/device_registry/list")
    entries = {entry["entry_id"] for entry in await town.entries()}
    ours = [device["id"] for device in devices if entries & {*device["config_entries"]}]
    return frozenset([*ours, *await town.registered()])
