"""Shows the form about motion the camera's still with its zones, as long as that form is open.

The path is signed for the person who has the form, and ends with it; it names no camera.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

from aiohttp import web

from homeassistant.components.http import KEY_HASS_USER, HomeAssistantView
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .clip_rights import async_may
from .const import DOMAIN
from .engine.model import Zone
from .zone_picture import draw_zones

VALID = timedelta(minutes=10)
"""How long a page may be open before its picture can no longer be fetched."""
HEADERS = {
    "Cache-Control": "no-store",
    # It is an image and nothing else, whoever opens it.
    "Content-Security-Policy": "default-src 'none'; img-src data:; sandbox",
    "X-Content-Type-Options": "nosniff",
}

type Draw = Callable[[], Awaitable[str]]

DATA_PREVIEWS: HassKey[dict[str, tuple[str, Draw]]] = HassKey(f"{DOMAIN}_zone_previews")


class ZonePreview:
    """The picture of one open form."""

    def __init__(
        self, hass: HomeAssistant, camera_key: str, still: Callable[[], Awaitable[bytes | None]]
    ) -> None:
        """Take whose picture it is, and what returns its still, or None when there is none."""
        self._hass = hass
        self._camera_key = camera_key
        self._still = still
        self._token = ""

    @callback
    def async_show(self, zones: Iterable[Zone]) -> str:
        """Return the path of a picture with these zones; the one before it is gone."""
        shown = tuple(zones)
        self.async_close()
        self._token = secrets.token_hex(16)
        previews = self._hass.data.setdefault(DATA_PREVIEWS, {})

        async def draw() -> str:
            return draw_zones(await self._still(), shown)

        previews[self._token] = self._camera_key, draw
        return async_sign_path(self._hass, f"/api/{DOMAIN}/zones/{self._token}", VALID)

    @callback
    def async_close(self) -> None:
        """Show nothing any more."""
        self._hass.data.get(DATA_PREVIEWS, {}).pop(self._token, None)


class ZoneView(HomeAssistantView):
    """Serves the pictures of open forms."""

    url: str | None = f"/api/{DOMAIN}/zones/{{token}}"
    name: str | None = f"api:{DOMAIN}:zones"

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve one Home Assistant."""
        self._hass = hass

    async def get(self, request: web.Request, token: str) -> web.Response:
        """Return the picture of a form that is still open."""
        if (found := self._hass.data.get(DATA_PREVIEWS, {}).get(token)) is None:
            raise web.HTTPNotFound
        camera_key, draw = found
        if not async_may(self._hass, request[KEY_HASS_USER], camera_key):
            raise web.HTTPForbidden
        return web.Response(text=await draw(), content_type="image/svg+xml", headers=HEADERS)
