"""A real Home Assistant with its frontend, on loopback and without any download, for the demo and the tests.

::

    async with HomeAssistantRig(folder) as home:
        entry = await home.client.flow("wyze_local")   # a flow, as the frontend drives it
        await home.client.command("get_states")        # the websocket
        home.url, home.log_path

Everything that the rig starts ends with the process that started it, however that one ends.
"""

from .client import FLOWS, ApiError, Client, Flow
from .processes import ChildProcess
from .rig import PASSWORD, USERNAME, HomeAssistantRig, RigError

__all__ = [
    "FLOWS",
    "PASSWORD",
    "USERNAME",
    "ApiError",
    "ChildProcess",
    "Client",
    "Flow",
    "HomeAssistantRig",
    "RigError",
]
