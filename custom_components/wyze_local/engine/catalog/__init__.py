"""What is known of models and firmware, as data files with a reviewed date. Imports the model only."""

from .catalog import Advisory, Catalog, CatalogError, LocalVideo, ModelInfo
from .controls import ControlCatalog, ModelControls
from .version import Version

__all__ = [
    "Advisory",
    "Catalog",
    "CatalogError",
    "ControlCatalog",
    "LocalVideo",
    "ModelControls",
    "ModelInfo",
    "Version",
]
