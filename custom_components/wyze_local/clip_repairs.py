"""The repair that a folder of clips in trouble asks for; one at a time, and it goes away by itself."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .clip_trouble import FolderTrouble
from .const import DOMAIN
from .plain import plain


@callback
def async_report_clips(hass: HomeAssistant, trouble: FolderTrouble | None, folder: str) -> None:
    """Tell what keeps clips from being written; None withdraws it."""
    for other in FolderTrouble:
        if other is not trouble:
            ir.async_delete_issue(hass, DOMAIN, f"clips_{other.value}")
    if trouble is not None:
        ir.async_create_issue(
            hass,
            DOMAIN,
            f"clips_{trouble.value}",
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=f"clips_{trouble.value}",
            translation_placeholders={"folder": plain(folder)},
        )
