"""The reader of models.json and advisories.json: what is known of models and firmware, and since when.

The data says what was found out until its `reviewed` date, never that something is safe.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from ..model import EngineError
from .version import Version

FOLDER = Path(__file__).parent


class CatalogError(EngineError):
    """The data files are not what this program can read (`reason`: `catalog_damaged`)."""

    reason = "catalog_damaged"


class LocalVideo(StrEnum):
    """Whether a model's picture can be had on the LAN."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class When(StrEnum):
    """Which builds of a model an advisory is about."""

    ALWAYS = "always"
    BELOW = "below"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What is known of a model. An unknown one has an empty name."""

    model_id: str
    name: str = ""
    local: LocalVideo = LocalVideo.UNKNOWN
    battery: bool = False
    """Sleeps to save its battery: never watched or recorded without being asked to."""
    doorbell: bool = False
    end_of_life: date | None = None
    """Since when the vendor gives it no updates."""


@dataclass(frozen=True, slots=True)
class Advisory:
    """A known hole, or the end of a model's life. `severity` is `error` or `warning`."""

    advisory_id: str
    severity: str
    fixable: bool
    """Whether a newer firmware helps."""
    cves: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class _Rule:
    model_id: str
    when: When
    build: Version | None
    advisory: Advisory

    def concerns(self, model_id: str, firmware: Version | None) -> bool:
        """Tell whether a camera is known to be concerned. What is not known raises no alarm."""
        if model_id != self.model_id:
            return False
        if self.when is When.ALWAYS:
            return True
        if firmware is None or self.build is None:
            return False
        return firmware < self.build if self.when is When.BELOW else firmware == self.build


@dataclass(frozen=True, slots=True)
class Catalog:
    """Models and advisories."""

    reviewed: date
    """The older one of the two files' dates."""
    _models: Mapping[str, ModelInfo]
    _rules: tuple[_Rule, ...]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """Read the data files; blocks on the disk. Raises CatalogError."""
        try:
            return cls.parse(
                json.loads((folder / "models.json").read_text("utf-8")),
                json.loads((folder / "advisories.json").read_text("utf-8")),
            )
        except (OSError, ValueError, RecursionError) as err:
            raise CatalogError("the data files cannot be read") from err

    @classmethod
    def parse(cls, models: object, advisories: object) -> Self:
        """Take the parsed files; raises CatalogError for anything unexpected in them."""
        models_reviewed, model_rows = parse_fields(models, "reviewed", "models")
        rules_reviewed, rule_rows = parse_fields(advisories, "reviewed", "advisories")
        found = [_model(row) for row in parse_list(model_rows)]
        known = {model.model_id: model for model in found}
        rules = tuple(rule for row in parse_list(rule_rows) for rule in _rules(row, known))
        if len(known) != len(found) or len(
            {(rule.model_id, rule.advisory.advisory_id) for rule in rules}
        ) != len(rules):
            raise CatalogError("twice the same")
        return cls(min(parse_date(models_reviewed), parse_date(rules_reviewed)), known, rules)

    def model(self, model_id: str) -> ModelInfo:
        """Return what is known of a model id; nothing is assumed of an unknown one."""
        return self._models.get(model_id.upper()) or ModelInfo(model_id)

    def models(self) -> list[ModelInfo]:
        """Return all known models, by id."""
        return sorted(self._models.values(), key=lambda model: model.model_id)

    def advisories(self, model_id: str, firmware: str | None) -> list[Advisory]:
        """Return what is known against a camera; an unknown model or version has no advisory."""
        version = Version.parse(firmware or "")
        return [rule.advisory for rule in self._rules if rule.concerns(model_id.upper(), version)]


def _model(row: object) -> ModelInfo:
    model_id, name, local, battery, doorbell, end = parse_fields(
        row, "id", "name", "local", "battery", "doorbell", "end_of_life"
    )
    if not isinstance(battery, bool) or not isinstance(doorbell, bool) or local not in list(LocalVideo):
        raise CatalogError("odd model")
    return ModelInfo(
        parse_text(model_id).upper(),
        parse_text(name),
        LocalVideo(local),
        battery=battery,
        doorbell=doorbell,
        end_of_life=None if end is None else parse_date(end),
    )


def _rules(row: object, known: Mapping[str, ModelInfo]) -> list[_Rule]:
    advisory_id, severity, fixable, cves, url, builds = parse_fields(
        row, "id", "severity", "fixable", "cves", "url", "builds"
    )
    if severity not in ("error", "warning") or not isinstance(fixable, bool):
        raise CatalogError("odd advisory")
    if not parse_text(url).startswith("https://"):
        raise CatalogError("odd address")
    advisory = Advisory(
        parse_text(advisory_id),
        severity,
        fixable,
        tuple(parse_text(cve) for cve in parse_list(cves)),
        parse_text(url),
    )
    return [_rule(build, advisory, known) for build in parse_list(builds)]


def _rule(row: object, advisory: Advisory, known: Mapping[str, ModelInfo]) -> _Rule:
    model_id, when, build = parse_fields(row, "model", "when", "build")
    if model_id not in known or when not in list(When):
        raise CatalogError("odd build")
    version = None if when == When.ALWAYS and build == "" else Version.parse(parse_text(build))
    if (version is None) != (when == When.ALWAYS):
        raise CatalogError("odd build")
    return _Rule(parse_text(model_id), When(when), version, advisory)


def parse_fields(value: object, *names: str) -> list[Any]:
    """Return the values of an object with exactly these keys; raises CatalogError."""
    if not isinstance(value, dict) or value.keys() != set(names):
        raise CatalogError("unexpected fields")
    return [value[name] for name in names]


def parse_list(value: object) -> list[object]:
    """Return a list; raises CatalogError."""
    if not isinstance(value, list):
        raise CatalogError("not a list")
    return value


def parse_text(value: object) -> str:
    """Return a text that is not blank; raises CatalogError."""
    if not isinstance(value, str) or not value.strip():
        raise CatalogError("not a text")
    return value


def parse_date(value: object) -> date:
    """Return a date; raises CatalogError."""
    try:
        return date.fromisoformat(parse_text(value))
    except ValueError:
        raise CatalogError("not a date") from None
