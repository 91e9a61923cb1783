"""What stands in the forms of the camera flow, as the engine's values; and where its complaints belong."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import CONF_IP_ADDRESS, CONF_NAME, CONF_PASSWORD, CONF_PORT, CONF_URL

from .const import (
    CONF_CAMERA_KEY,
    CONF_ENR,
    CONF_KIND,
    CONF_LINK,
    CONF_MAC,
    CONF_MAC_HASH,
    CONF_MODEL,
    CONF_UID,
    CONF_USER,
)
from .engine.model import (
    DEFAULT_PORT,
    Camera,
    Credentials,
    InvalidField,
    Secret,
    StreamAddress,
    Way,
    parse_wyze_link,
)
from .status import Connection

# The engine's field names where the form's differ.
_FIELDS = {"address": CONF_IP_ADDRESS}

CHANGES = frozenset({"change", "change_stream"})
"""The forms in which an empty field means: as it is sealed."""


def form_field(step_id: str, err: InvalidField) -> str:
    """Return the field of a form that a complaint is shown at."""
    field = _FIELDS.get(err.field, err.field)
    # What is wrong inside a link belongs to the link's own field.
    return CONF_LINK if step_id == "link" and field != CONF_NAME else field


def known_values(step_id: str, title: str, model: str, known: Way | None) -> dict[str, Any]:
    """Return what a form for a known camera may start with: what is no key and no address."""
    if step_id in ("stream", "change_stream"):
        return {CONF_NAME: title}
    port = known.port if isinstance(known, Credentials) else DEFAULT_PORT
    return {CONF_NAME: title, CONF_MODEL: model, CONF_PORT: port}


def read_way(step_id: str, values: Mapping[str, Any], known: Way | None) -> Way:
    """Return what a form holds, its empty fields filled with what is known; raises InvalidField."""
    if step_id == "link":
        return parse_wyze_link(values[CONF_LINK])
    if step_id in ("stream", "change_stream"):
        return _read_stream(values, known if isinstance(known, StreamAddress) else None)
    return _read_credentials(values, known if isinstance(known, Credentials) else None)


def dial_error(connection: Connection, way: Way) -> str:
    """Return the text for why a camera could not be connected to while it was being added."""
    if not isinstance(way, StreamAddress):
        return f"dial_{connection.value}"
    return f"stream_{connection.value}"


def entry_data(camera: Camera, fingerprint: str, kind: str, before: ConfigSubentry | None) -> dict[str, Any]:
    """Return what Home Assistant keeps of a camera; what was chosen for it before stays."""
    return {
        **(before.data if before else {}),
        CONF_CAMERA_KEY: camera.key,
        CONF_MAC_HASH: fingerprint,
        CONF_MODEL: camera.credentials.model,
        **({CONF_KIND: kind} if kind else {}),
    }


def _read_credentials(values: Mapping[str, Any], known: Credentials | None) -> Credentials:
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


def _read_stream(values: Mapping[str, Any], known: StreamAddress | None) -> StreamAddress:
    url: str = values.get(CONF_URL) or ""
    user: str = (values.get(CONF_USER) or "").strip()
    password: str = values.get(CONF_PASSWORD) or ""
    if known is None:
        return StreamAddress.parse(url, user=user, password=password)
    place = StreamAddress.parse(url) if url.strip() else known
    if place is not known and place.user:
        # It holds user and password already; if more were typed, that is refused.
        return StreamAddress.parse(url, user=user, password=password)
    return StreamAddress.of_parts(
        place.scheme,
        place.address.reveal(),
        place.port,
        place.path.reveal(),
        user or known.user.reveal(),
        password or known.password.reveal(),
    )
