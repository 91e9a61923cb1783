"""Addresses that an account's camera was found to have left: its account may tell them for a long time yet.

The vendor hears of a new address from the camera, some time; a lease or a search on the own network is
sooner. So an address that a camera left is believed only when it proves itself there. Kept as keyed hashes in
the entry: an address is nobody's business.
"""

from homeassistant.core import HomeAssistant, callback

from .cameras import CameraItem, async_change_camera, camera_item, is_account
from .const import CONF_LEFT
from .engine.model import Secret
from .entry import WyzeLocalConfigEntry
from .installation import Installation

MOST = 8
"""Addresses that are remembered of one camera."""


@callback
def async_note_left(
    hass: HomeAssistant, entry: WyzeLocalConfigEntry, camera_key: str, left: Secret, now: Secret
) -> None:
    """Remember that a camera has proved itself at another address than so far."""
    if not is_account(entry) or (item := camera_item(entry, camera_key)) is None:
        return
    installation = entry.runtime_data.shared.installation
    gone, here = installation.address_of(left), installation.address_of(now)
    others = [one for one in item.data.get(CONF_LEFT, ()) if one not in (gone, here)]
    async_change_camera(hass, entry, camera_key, **{CONF_LEFT: [*others, gone][-MOST:]})


def has_left(installation: Installation, item: CameraItem, address: Secret) -> bool:
    """Tell whether a camera was at an address, and has proved itself at another one since."""
    return installation.address_of(address) in item.data.get(CONF_LEFT, ())
