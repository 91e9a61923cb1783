"""The reader of controls.json: what is known of models before they are asked what they can be told.

Little on purpose. What a camera has is found out by asking it; the data only keeps a question from being put
where its answer would mislead (firmware may tell the position of a motor that is not built in), and says who
understands the older commands only.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

from .catalog import FOLDER, CatalogError, parse_date, parse_fields, parse_list, parse_text


@dataclass(frozen=True, slots=True)
class ModelControls:
    """What is known of the controls of a model. By default: nothing, so it is asked."""

    turns: bool | None = None
    """Whether it has motors; None where nobody knows."""
    older_commands: bool = False
    """Whether it only knows the older command for its picture and the older one for motion detection."""


@dataclass(frozen=True, slots=True)
class ControlCatalog:
    """What is known of all models."""

    reviewed: date
    _models: Mapping[str, ModelControls]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """Read the data file; blocks on the disk. Raises CatalogError."""
        try:
            return cls.parse(json.loads((folder / "controls.json").read_text("utf-8")))
        except (OSError, ValueError, RecursionError) as err:
            raise CatalogError("the data file cannot be read") from err

    @classmethod
    def parse(cls, content: object) -> Self:
        """Take the parsed file; raises CatalogError for anything unexpected in it."""
        reviewed, rows = parse_fields(content, "reviewed", "models")
        found = [_model(row) for row in parse_list(rows)]
        models = dict(found)
        if len(models) != len(found):
            raise CatalogError("twice the same")
        return cls(parse_date(reviewed), models)

    def model(self, model_id: str) -> ModelControls:
        """Return what is known of a model id; nothing is assumed of an unknown one."""
        return self._models.get(model_id.upper(), ModelControls())


def _model(row: object) -> tuple[str, ModelControls]:
    model_id, turns, older = parse_fields(row, "id", "turns", "older_commands")
    if not isinstance(turns, bool) or not isinstance(older, bool):
        raise CatalogError("odd model")
    return parse_text(model_id).upper(), ModelControls(turns, older)
