"""The config flow: server check, camera networks, and a clear sentence for every way it can fail."""

import os
import socket
import stat
from pathlib import Path

import pytest

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.translation import async_get_translations

from custom_components.wyze_local.engine.stream import (
    ApiError,
    PortTaken,
    ServerDown,
    StreamServer,
    StreamServerError,
)
from custom_components.wyze_local.shared import DATA_SHARED
from dev.ports import free_port

from .rigging import DOMAIN, LOOPBACK, TOOLS, Home, open_options


def script(path: Path, text: str, mode: int = 0o755) -> Path:
    """Write an executable."""
    path.write_text(text)
    path.chmod(mode)
    return path


async def test_a_person_sets_it_up(hass: HomeAssistant, home: Home) -> None:
    """The version is shown, the attached networks are filled in, and the entry holds no key."""
    flow = await home.start_flow()
    assert flow["step_id"] == "networks"
    assert flow["description_placeholders"]["version"].startswith("1.9.")
    entry = await home.set_up(flow=flow)
    assert entry.title == "Local cameras"
    assert set(entry.data) == {"vault_id"}
    assert entry.options == {"networks": [LOOPBACK]}
    vault = Path(hass.config.path(".storage", f"{DOMAIN}.vault.{entry.data['vault_id']}"))
    key = Path(hass.config.cache_path(DOMAIN, "key"))
    for path, mode in ((vault, 0o600), (key, 0o600), (key.parent, 0o700)):
        assert stat.S_IMODE(path.stat().st_mode) == mode


async def test_a_recovery_passphrase_is_offered(hass: HomeAssistant, home: Home) -> None:
    """It may stay empty; what is no good leaves nothing on disk, and the page open."""
    manager = hass.config_entries.flow
    flow = await home.start_flow()
    await manager.async_configure(flow["flow_id"], home.networks_input())
    for typed, again, errors in (
        ("a long passphrase", "another passphrase", {"passphrase_again": "passphrase_differs"}),
        ("too short", "too short", {"base": "vault_passphrase_too_short"}),
    ):
        values = {"passphrase": typed, "passphrase_again": again}
        page = await manager.async_configure(flow["flow_id"], values)
        assert page["errors"] == errors
        assert not list(Path(hass.config.path(".storage")).glob(f"{DOMAIN}.vault.*"))
    words = "a long passphrase"
    values = {"passphrase": words, "passphrase_again": words}
    result = await manager.async_configure(flow["flow_id"], values)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert home.entry.runtime_data.vault.has_passphrase
    assert words not in str(result)


async def test_the_first_camera_follows_at_once(hass: HomeAssistant, home: Home) -> None:
    """The flow goes straight on to adding a camera."""
    flow = await home.start_flow()
    page = await hass.config_entries.flow.async_configure(flow["flow_id"], home.networks_input())
    result = await home.finish(page)
    kind, flow_id = result["next_flow"]
    assert kind == "config_subentries_flow"
    assert hass.config_entries.subentries.async_get(flow_id)["step_id"] == "user"


async def test_only_one_entry_for_local_cameras(hass: HomeAssistant, home: Home) -> None:
    """A second set-up is for an account; one that was open already is told where to add cameras."""
    manager = hass.config_entries.flow
    other = await manager.async_init(DOMAIN, context={"source": SOURCE_USER})
    assert other["menu_options"] == ["vendor", "local"]
    await home.set_up()
    late = await home.choose(dict(other))
    assert late["type"] is FlowResultType.ABORT
    assert late["reason"] == "local_configured"
    flow = await home.start_flow()
    result = await manager.async_configure(flow["flow_id"], home.networks_input())
    assert result["step_id"] == "account"


@pytest.mark.parametrize(
    ("networks", "error"),
    [
        ([], "networks_missing"),
        (["porch.local"], "networks_not_a_network"),
        (["${HOME}"], "networks_not_a_network"),
        (["192.168.1.0/33"], "networks_not_a_network"),
        (["0.0.0.0/0"], "networks_too_wide"),
        (["224.0.0.0/8"], "networks_not_for_cameras"),
        ([f"10.0.{n}.0/24" for n in range(33)], "networks_too_many"),
    ],
)
async def test_wrong_networks(hass: HomeAssistant, home: Home, networks: list[str], error: str) -> None:
    """Every wrong network has its own message, and the flow goes on from there."""
    flow = await home.start_flow()
    bad = {**home.networks_input(), "networks": networks}
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], bad)
    assert result["errors"] == {"networks": error}
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], home.networks_input())
    result = await home.finish(result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_binary_missing(
    hass: HomeAssistant, home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without go2rtc the first page says so and takes a path."""
    good = next(
        Path(folder) / "go2rtc"
        for folder in os.environ["PATH"].split(os.pathsep)
        if (Path(folder) / "go2rtc").exists()
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    flow = await home.start_flow()
    assert flow["step_id"] == "server"
    assert flow["errors"] == {"base": "server_binary_missing"}
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"binary": str(good), "webrtc_port": home.port}
    )
    assert (await home.choose(dict(result)))["step_id"] == "networks"
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], home.networks_input(binary=str(good))
    )
    result = await home.finish(result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("text", "mode", "error"),
    [
        (None, 0, "server_binary_missing"),
        ("#!/bin/sh\necho 'go2rtc version 1.9.14 (abc) linux/amd64'\n", 0o644, "server_not_executable"),
        ("#!/bin/sh\necho hello\n", 0o755, "server_not_go2rtc"),
        ("#!/bin/sh\nexit 3\n", 0o755, "server_not_go2rtc"),
        ("\x7fELF broken", 0o755, "server_not_go2rtc"),
        ("#!/bin/sh\necho 'go2rtc version 1.9.13 (abc) linux/amd64'\n", 0o755, "server_too_old"),
    ],
)
async def test_wrong_binary(
    hass: HomeAssistant, home: Home, tmp_path: Path, text: str | None, mode: int, error: str
) -> None:
    """Each thing that can be wrong with the program has its own message; what was typed stays."""
    path = tmp_path / "go2rtc"
    if text is not None:
        script(path, text, mode)
    flow = await home.start_flow()
    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], home.networks_input(binary=str(path))
    )
    assert result["errors"] == {"base": error}
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], home.networks_input())
    result = await home.finish(result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_go2rtc_without_the_cameras_protocol(hass: HomeAssistant, home: Home, tmp_path: Path) -> None:
    """One that starts but was built without its wyze module is told apart from one that does not start."""
    real = TOOLS / "go2rtc"
    path = script(
        tmp_path / "go2rtc",
        f'#!/bin/sh\n[ "$1" = -v ] && exec {real} -v\n'
        f"exec {real} \"$@\" -c 'app.modules=[api, ws, rtsp, webrtc, debug]'\n",
    )
    flow = await home.start_flow()
    values = home.networks_input(binary=str(path))
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], values)
    assert result["errors"] == {"base": "server_without_wyze"}
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["minimum"] == "1.9.14"
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], home.networks_input())
    result = await home.finish(result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (ServerDown("gone"), "server_server_down"),
        (ApiError("slow", reason="server_timeout"), "server_server_timeout"),
        (ApiError("odd", reason="bad_answer"), "server_fault"),
        (ApiError("odd", reason="server_fault"), "server_fault"),
        (ApiError("odd", reason="refused_source"), "server_fault"),
        (PortTaken("webrtc", 18556, "udp"), "server_port_taken"),
        (PortTaken("rtsp", 0, "tcp"), "server_no_free_port"),
    ],
)
async def test_every_way_not_to_start_has_a_text(
    hass: HomeAssistant, home: Home, monkeypatch: pytest.MonkeyPatch, error: StreamServerError, key: str
) -> None:
    """Whatever the stream server says at its start, form and entry say something a person can read."""
    entry = await home.set_up()
    shared = hass.data[DATA_SHARED]
    assert await hass.config_entries.async_unload(entry.entry_id)
    await shared.async_end()

    async def refuse(server: StreamServer) -> None:
        raise error

    monkeypatch.setattr(StreamServer, "start", refuse)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.error_reason_translation_key == key
    flow = await open_options(hass, entry)
    result = await hass.config_entries.options.async_configure(flow["flow_id"], home.networks_input())
    assert result["errors"] == {"base": key}
    for category in ("options", "exceptions"):
        texts = await async_get_translations(hass, "en", category, {DOMAIN})
        assert any(f".{key}" in name for name in texts), category


async def test_port_taken(hass: HomeAssistant, home: Home) -> None:
    """A port that another program holds is named, and another one works."""
    with socket.create_server(("0.0.0.0", 0)) as other:
        taken = other.getsockname()[1]
        flow = await home.start_flow()
        result = await hass.config_entries.flow.async_configure(
            flow["flow_id"], home.networks_input(port=taken)
        )
        assert result["errors"] == {"base": "server_port_taken"}
        assert result["description_placeholders"] is not None
        assert result["description_placeholders"]["port"] == str(taken)
        result = await hass.config_entries.flow.async_configure(flow["flow_id"], home.networks_input())
        result = await home.finish(result)
        assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_key_file_that_others_may_read_is_refused(hass: HomeAssistant, home: Home) -> None:
    """No vault is made with a key that anybody can read."""
    key = Path(hass.config.cache_path(DOMAIN, "key"))
    await home.set_up()
    await hass.config_entries.async_remove(home.entry.entry_id)
    await home.set_up()
    key.chmod(0o644)
    vault_id = home.entry.data["vault_id"]
    await hass.config_entries.async_reload(home.entry.entry_id)
    assert hass.config_entries.async_entries(DOMAIN)[0].data["vault_id"] == vault_id
    result = await home.submit(await home.camera_flow(), {"name": "Porch", "link": "nonsense"})
    assert result["errors"] == {"link": "link_not_a_link"}


async def test_options_change_networks_and_port_without_reload(hass: HomeAssistant, home: Home) -> None:
    """Another network and another port take effect at once; a taken port changes nothing."""
    entry = await home.set_up()
    server = entry.runtime_data.coordinator.server
    options = hass.config_entries.options
    flow = await open_options(hass, entry)
    with socket.create_server(("0.0.0.0", 0)) as other:
        bad = home.networks_input(LOOPBACK, port=other.getsockname()[1])
        result = await options.async_configure(flow["flow_id"], bad)
        assert result["errors"] == {"base": "server_port_taken"}
        assert result["data_schema"] is not None
    another = free_port()
    result = await options.async_configure(
        flow["flow_id"], home.networks_input(LOOPBACK, "192.0.2.0/24", port=another)
    )
    result = await home.finish(result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert entry.options["networks"] == [LOOPBACK, "192.0.2.0/24"]
    assert "192.0.2.7" in entry.runtime_data.coordinator.networks
    assert entry.runtime_data.coordinator.server is server
    with socket.create_connection(("127.0.0.1", another), timeout=2):
        pass


async def test_options_keep_what_they_do_not_ask_about(hass: HomeAssistant, home: Home) -> None:
    """What another page has put there stays, and what this page no longer says goes."""
    entry = await home.set_up()
    others = {"lan_only": True, "of_a_later_version": [1]}
    hass.config_entries.async_update_entry(entry, options={**entry.options, **others, "lan_port": 18600})
    options = hass.config_entries.options
    flow = await open_options(hass, entry)
    answer = home.networks_input(LOOPBACK) | {"other_machines": {"lan": False, "lan_port": 18600}}
    await home.finish(await options.async_configure(flow["flow_id"], answer))
    await hass.async_block_till_done()
    assert entry.options == {"networks": [LOOPBACK], **others}
