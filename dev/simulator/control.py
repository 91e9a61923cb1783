"""The simulator's control API: JSON over HTTP, on loopback only.

    GET  /cameras                     all cameras
    GET  /cameras/NAME                one camera: link, credentials, faults, counters, sessions, settings
    GET  /cameras/NAME/sent?since=N   when frames were sent, those with a sequence above N
    GET  /cameras/NAME/walks          when somebody was in the picture, by the frames that were sent
    POST /cameras/NAME/TROUBLE        give it a trouble; the JSON body holds what TROUBLES names
    POST /cameras/NAME/motion         let somebody walk through its picture

Every answer that concerns one camera is its description; errors are {"error": "…"}. What is beside the
cameras, as the fake cloud (`cloud/control.py`), brings its own routes.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from aiohttp import web

from .camera import Camera
from .faults import Says, Stubborn, WrongKey
from .look import Light
from .specs import Refusal

type _Body = Mapping[str, Any]


def _change_key(camera: Camera, body: _Body) -> None:
    """Change the key or give the old one back."""
    how = body.get("how", WrongKey.ALERT)
    camera.change_key(None if how is None else WrongKey(how))


def _say(camera: Camera, body: _Body) -> None:
    """Let it say why nobody is let in, or let in again."""
    what = body["what"]
    camera.say(None if what is None else Says(what))


def _disobey(camera: Camera, body: _Body) -> None:
    """Let it do nothing that it is told, or obey again."""
    how = body.get("how", Stubborn.IGNORES)
    camera.disobey(None if how is None else Stubborn(how))


def _limit(camera: Camera, body: _Body) -> None:
    """Limit the sessions."""
    camera.limit_sessions(int(body["limit"]), Refusal(body.get("refusal", Refusal.ANSWER)))


def _motion(camera: Camera, body: _Body) -> None:
    """Let somebody walk through the picture."""
    camera.motion(float(body.get("seconds", 6.0)))


def _on(body: _Body) -> bool:
    """Return whether to switch on."""
    return bool(body.get("on", True))


TROUBLES: dict[str, tuple[str, Callable[[Camera, _Body], None]]] = {
    "freeze": ('{"on": true} media stops, everything else alive', lambda c, b: c.freeze(_on(b))),
    "mute": ('{"on": true} hears and says nothing', lambda c, b: c.mute(_on(b))),
    "sleep": ('{"on": true} asleep like a battery camera', lambda c, b: c.sleep(_on(b))),
    "reboot": (
        '{"away": seconds, "refused": false} loses its sessions and is away',
        lambda c, b: c.reboot(float(b.get("away", 5.0)), refused=bool(b.get("refused", False))),
    ),
    "move": (
        '{"host": "127.0.0.x", "port": 0} is at another address',
        lambda c, b: c.move(b.get("host"), int(b.get("port", 0))),
    ),
    "lose": ('{"share": 0.02} loses datagrams', lambda c, b: c.lose(float(b["share"]))),
    "reorder": (
        '{"share": 0.05, "delay": 0.012} delivers datagrams late',
        lambda c, b: c.reorder(float(b["share"]), float(b.get("delay", 0.012))),
    ),
    "slow": ('{"delay": seconds} answers log-in and commands late', lambda c, b: c.slow(float(b["delay"]))),
    "silence_audio": ('{"on": true} announces sound, sends none', lambda c, b: c.silence_audio(_on(b))),
    "change_key": ('{"how": "alert" | "silence" | null} has another key than its link', _change_key),
    "say": ('{"what": "updating" | "checking" | "off" | null} lets nobody in and says why', _say),
    "no_dtls": ('{"on": true} answers no handshake', lambda c, b: c.speak_no_dtls(_on(b))),
    "disobey": ('{"how": "ignores" | "refuses" | "silent" | null} does nothing it is told', _disobey),
    "dawdle": ('{"delay": seconds} says yes and does it later', lambda c, b: c.dawdle(float(b["delay"]))),
    "limit_sessions": ('{"limit": 1, "refusal": "answer" | "silence"} refuses further sessions', _limit),
    "resume": ("{} takes all troubles away", lambda c, b: c.resume()),
}
"""Trouble → what its body holds, and how it is given."""
HAPPENINGS: dict[str, tuple[str, Callable[[Camera, _Body], None]]] = {
    "motion": ('{"seconds": 6} somebody walks through (scene yard only)', _motion),
    "change": (
        '{"night_vision": 1, …} its settings are changed by somebody else',
        lambda c, b: c.conduct.change(b),
    ),
    "light": (
        '{"is": "day" | "dusk" | "dark"} that is how light it is before it',
        lambda c, b: c.conduct.light_up(Light(b["is"])),
    ),
}
"""The same for what happens before a camera; `resume` takes nothing of it away."""


def describe(camera: Camera) -> dict[str, Any]:
    """Return a camera as JSON."""
    spec = camera.spec
    return {
        "name": spec.name,
        "link": camera.link,
        "credentials": asdict(camera.credentials),
        "framing": spec.framing,
        "video": spec.video,
        "audio": spec.audio,
        "two_way": spec.two_way,
        "model": spec.model,
        "abilities": sorted(spec.able),
        "loop_frames": spec.picture.seconds * spec.picture.fps,
        "faults": asdict(camera.faults),
        "session_limit": camera.session_limit,
        "counters": asdict(camera.counters) | {"sessions": len(camera.sessions)},
        "sessions": [
            {
                "viewer": f"{s.address[0]}:{s.address[1]}",
                "stage": s.stage.value,
                "video": s.video,
                "audio": s.audio,
            }
            for s in camera.sessions
        ],
        "settings": asdict(camera.settings),
    }


class Control:
    """The API's server."""

    def __init__(self, cameras: Mapping[str, Camera], more: Iterable[web.RouteDef] = ()) -> None:
        """Serve these cameras, and more; the mapping may change while serving."""
        self._cameras = cameras
        self._more = list(more)
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> int:
        """Listen on 127.0.0.1; port 0 takes a free one. Return the port; raises OSError when it is taken."""
        app = web.Application(middlewares=[_errors])
        app.add_routes(
            [
                web.get("/cameras", self._list),
                web.get("/cameras/{name}", self._get),
                web.get("/cameras/{name}/sent", self._sent),
                web.get("/cameras/{name}/walks", self._walks),
                web.post("/cameras/{name}/{trouble}", self._trouble),
                *self._more,
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        bound: int = self._runner.addresses[0][1]
        return bound

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def _camera(self, request: web.Request) -> Camera:
        """Return the camera of a request's path."""
        try:
            return self._cameras[request.match_info["name"]]
        except KeyError:
            raise web.HTTPNotFound(text="there is no camera of that name") from None

    async def _list(self, request: web.Request) -> web.Response:
        """Answer with all cameras."""
        return web.json_response({"cameras": [describe(camera) for camera in self._cameras.values()]})

    async def _get(self, request: web.Request) -> web.Response:
        """Answer with one camera."""
        return web.json_response(describe(self._camera(request)))

    async def _sent(self, request: web.Request) -> web.Response:
        """Answer with when frames were sent."""
        since = int(request.query.get("since", "0"))
        return web.json_response({"sent": [asdict(entry) for entry in self._camera(request).sent(since)]})

    async def _walks(self, request: web.Request) -> web.Response:
        """Answer with who was in the picture when."""
        return web.json_response({"walks": [asdict(walk) for walk in self._camera(request).walks]})

    async def _trouble(self, request: web.Request) -> web.Response:
        """Give a camera a trouble."""
        camera = self._camera(request)
        name = request.match_info["trouble"]
        if name not in (known := TROUBLES | HAPPENINGS):
            raise web.HTTPNotFound(text=f"there is no such trouble; there are: {', '.join(known)}")
        text = await request.text()
        body = json.loads(text) if text.strip() else {}
        if not isinstance(body, dict):
            raise TypeError("the body must be a JSON object")
        known[name][1](camera, body)
        return web.json_response(describe(camera))


@web.middleware
async def _errors(request: web.Request, handler: Callable[[web.Request], Any]) -> web.StreamResponse:
    """Turn what went wrong into a sentence."""
    try:
        response: web.StreamResponse = await handler(request)
    except web.HTTPException as error:
        return web.json_response({"error": error.text}, status=error.status)
    except KeyError as error:
        return web.json_response({"error": f"the body lacks {error}"}, status=400)
    except (ValueError, TypeError, OSError) as error:
        return web.json_response({"error": str(error)}, status=400)
    return response
