"""DTLS 1.2 with a pre-shared key, both roles, as endpoints that touch neither socket nor clock."""

from .client import Client
from .endpoint import Endpoint, State
from .server import Server

__all__ = ["Client", "Endpoint", "Server", "State"]
