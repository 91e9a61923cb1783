"""What stands in the forms of the camera flow, as the engine's values; and where its complaints belong."""

from collections.abc import Mapping
from typing import Any

from homeassistant.const import CONF_IP_ADDRESS, CONF_NAME, CONF_PORT

from .const import CONF_ENR, CONF_LINK, CONF_MAC, CONF_MODEL, CONF_UID
from .engine.model import DEFAULT_PORT, Credentials, InvalidField, Secret
from .engine.stream import parse_wyze_link

# The engine's field names where the form's differ.
_FIELDS = {"address": CONF_IP_ADDRESS}


def form_field(step_id: str, err: InvalidField) -> str:
    """Return the field of a form that a complaint is shown at."""
    field = _FIELDS.get(err.field, err.field)
    # What is wrong inside a link belongs to the link's own field.
    return CONF_LINK if step_id == "link" and field != CONF_NAME else field


def read_credentials(step_id: str, values: Mapping[str, Any], known: Credentials | None) -> Credentials:
    """Return what a form holds, its empty fields filled with what is known; raises InvalidField."""
    if step_id == "link":
        return parse_wyze_link(values[CONF_LINK])

    def typed(field: str, sealed: Secret | None) -> str:
        value: str = values.get(field) or ""
        return sealed.reveal() if sealed is not None and not value.strip() else value

    return Credentials.parse(
        address=typed(CONF_IP_ADDRESS, known.address if known else None),
        uid=typed(CONF_UID, known.uid if known else None),
        enr=typed(CONF_ENR, known.enr if known else None),
        mac=typed(CONF_MAC, known.mac if known else None),
        model=values.get(CONF_MODEL) or "",
        port=int(values.get(CONF_PORT) or (known.port if known else DEFAULT_PORT)),
    )
