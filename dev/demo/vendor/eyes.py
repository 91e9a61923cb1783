"""What Home Assistant says while a play goes on: states, repairs, new entities, and every word of it."""

import json
from collections.abc import Callable, Mapping
from typing import override

from ..scenario.states import Event, States
from ..stage import DOMAIN

REPAIRS = "repairs_issue_registry_updated"
REGISTRIES = frozenset({"entity_registry_updated", "device_registry_updated"})
AWAY = frozenset({"unavailable", "unknown", "gone"})
"""States of an entity that shows nothing."""


class Eyes(States):
    """Everything that happens on Home Assistant's bus. Its changes are those from one state to another."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.heard: list[str] = []
        """Every event as text."""
        self.repairs: list[tuple[float, str, str]] = []
        """Unix time, `create`, `update` or `remove`, and the issue's id."""
        self.created: list[str] = []
        """What was new in a registry."""
        self._told: Mapping[str, str] = {}
        self._tell: Callable[[str], None] = lambda _: None

    def name(self, told: Mapping[str, str], tell: Callable[[str], None]) -> None:
        """Have the changes of some entities told, each under a name, as sentences for a person."""
        self._told, self._tell = told, tell

    def away(self, entity_id: str, since: float, until: float) -> int:
        """Return how often an entity came to show nothing between two Unix times."""
        states = [state for at, state in self.since(since, entity_id) if at <= until]
        return sum(
            state in AWAY and (before is None or before not in AWAY)
            for before, state in zip([None, *states], states, strict=False)
        )

    def repair(self, kind: str, action: str, since: float) -> float | None:
        """Return when a repair of a kind was raised (`create`) or withdrawn (`remove`) since a Unix time."""
        return next(
            (
                at
                for at, done, issue in self.repairs
                if issue.startswith(kind) and done == action and at >= since
            ),
            None,
        )

    @property
    @override
    def _kind(self) -> dict[str, str]:
        return {}

    @override
    def _note(self, at: float, event: Event) -> None:
        self.heard.append(json.dumps(event))
        kind, data = event["event_type"], event["data"]
        if kind == "state_changed":
            old, new = (state and state["state"] for state in (data["old_state"], data["new_state"]))
            if old != new:
                super()._note(at, event)
                self._say(data["entity_id"], new)
        elif kind == REPAIRS and data["domain"] == DOMAIN:
            self._repair(at, data["action"], data["issue_id"])
        elif kind in REGISTRIES and data["action"] == "create":
            self.created.append(str(data.get("entity_id") or kind.partition("_")[0]))

    @override
    def _follows(self, entity_id: str) -> bool:
        return True

    def _say(self, entity_id: str, state: str | None) -> None:
        if entity_id in self._told:
            self._tell(f"{self._told[entity_id]}: {state}")
        elif entity_id.startswith("camera.") and state in {*AWAY, None}:
            self._tell(f"✗ {entity_id}: {state}")

    def _repair(self, at: float, action: str, issue_id: str) -> None:
        self.repairs.append((at, action, issue_id))
        self._news.set()
        words = {"create": "a repair is asked for", "remove": "a repair is withdrawn"}
        if action in words:
            self._tell(f"{words[action]}: {issue_id.rpartition('_')[0]}")
