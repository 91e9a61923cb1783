"""The engine: everything that works without Home Assistant, one room per folder."""
