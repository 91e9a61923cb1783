"""The configuration that go2rtc gets: nothing open that need not be, nothing on the internet, no shell."""

import json
from pathlib import Path
from typing import Any

from engine.model import Secret
from engine.stream import Binary, LanDoor, StreamServerSettings, Version
from engine.stream.config import Access, build_config

BINARY = Binary(Path("/usr/bin/go2rtc"), Version(1, 9, 14))


def built(**settings: Any) -> dict[str, Any]:
    access = Access("/run/x/api", "user", Secret("canary-password"))
    config = build_config(StreamServerSettings(BINARY, **settings), access, 40001)
    assert "canary-password" not in f"{config} {access}"
    document: dict[str, Any] = json.loads(config.reveal())
    return document


def test_the_api_is_on_a_private_socket_with_a_password_and_few_paths() -> None:
    api = built()["api"]
    assert (api["listen"], api["unix_listen"], api["local_auth"]) == ("", "/run/x/api", True)
    assert api["username"] == "user"
    assert api["password"] == "canary-password"
    assert set(api["allow_paths"]) == {
        "/api", "/api/streams", "/api/schemes", "/api/frame.jpeg", "/api/ws", "/api/stack",
    }  # fmt: skip


def test_restreams_are_for_this_machine_only() -> None:
    assert built()["rtsp"]["listen"] == "127.0.0.1:40001"


def test_nothing_runs_but_ffmpeg() -> None:
    config = built()
    assert config["exec"]["allow_paths"] == ["ffmpeg"]
    assert not {"echo", "expr", "hass", "homekit", "ngrok", "webtorrent", "pinggy", "rtmp", "srtp"} & set(
        config["app"]["modules"]
    )


def test_nobody_on_the_internet_is_asked_for_addresses() -> None:
    assert built()["webrtc"]["ice_servers"] == []
    assert built()["webrtc"]["candidates"] == []


def test_browsers_come_where_the_user_says() -> None:
    assert built()["webrtc"]["listen"] == ":18556"
    assert built()["webrtc"]["filters"] == {"loopback": False}
    here = built(webrtc_port=4000, webrtc_host="127.0.0.1", webrtc_on_loopback=True)["webrtc"]
    assert (here["listen"], here["filters"]) == ("127.0.0.1:4000", {"loopback": True})


def test_the_log_stays_at_a_level_that_prints_no_keys() -> None:
    assert built()["log"]["level"] == "info"
    assert "streams" not in built()


def test_other_machines_are_asked_for_user_and_password() -> None:
    lan = LanDoor(18557, Secret("viewer"), Secret("opensesame"))
    assert built(lan=lan)["rtsp"] == {"listen": ":40001", "username": "viewer", "password": "opensesame"}
    assert "opensesame" not in repr(StreamServerSettings(BINARY, lan=lan))
