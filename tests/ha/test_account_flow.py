"""Signing in to a vendor account: what arrives, what is kept, and what is not."""

from pathlib import Path
from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.translation import async_get_translations

from custom_components.wyze_local.engine.model import Secret
from custom_components.wyze_local.shared import DATA_SHARED
from dev.simulator.cloud import Device, FakeCloud
from tests.support.external import PASSWORD as SERVER_PASSWORD, USER, external_go2rtc

from .account_flow_rig import Person, chosen_names, cloud, lan_device, options, person, values_of
from .rigging import DOMAIN, Home, suggested

__all__ = ["cloud", "person"]

PASSPHRASE = "tram otter violet basin"


def vaults(hass: HomeAssistant) -> list[Path]:
    """Return the sealed files."""
    return list(Path(hass.config.path(".storage")).glob(f"{DOMAIN}.vault.*"))


async def test_a_person_signs_in_and_gets_all_cameras(hass: HomeAssistant, person: Person) -> None:
    """One log-in and one list; the entry holds references only, the vault the rest."""
    page = await person.open()
    assert page["step_id"] == "account"
    assert page["description_placeholders"]["keys_page"].startswith("https://")
    assert page["description_placeholders"]["keys_help"].startswith("https://")
    page = await person.sign_in(page)
    assert page["step_id"] == "cameras"
    assert chosen_names(page) == {"Porch", "Garden"}
    entry = await person.finish(page)
    assert entry.title == "m…@e…"
    assert set(entry.data) == {"vault_id", "account", "cameras", "ignored"}
    assert entry.data["account"] == "signed_in"
    assert sorted(kept["name"] for kept in entry.data["cameras"].values()) == ["Garden", "Porch"]
    assert len(person.cloud.calls("login")) == 1
    vault = entry.runtime_data.vault
    assert vault.account.email.reveal() == person.user.email
    assert vault.account.tokens.access.reveal() == person.cloud.tokens.given[-1].access
    assert vault.records.keys() == entry.data["cameras"].keys()
    assert not any(record.camera.proven for record in vault.records.values()), "a list proves nothing"
    assert entry.unique_id == hass.data[DATA_SHARED].installation.owner(vault.account.user_id)


async def test_nothing_is_written_by_a_flow_that_is_left(hass: HomeAssistant, person: Person) -> None:
    """A window that is closed on the last page leaves no vault, nor does a passphrase that is no good."""
    page = await person.sign_in()
    page = await person.submit(page, cameras=values_of(page, ["Porch"]))
    assert page["step_id"] == "passphrase"
    page = await person.submit(page, passphrase=PASSPHRASE, passphrase_again="another")
    assert page["errors"] == {"passphrase_again": "passphrase_differs"}
    page = await person.submit(page, passphrase="short", passphrase_again="short")
    assert page["errors"] == {"base": "vault_passphrase_too_short"}
    assert not vaults(hass)
    hass.config_entries.flow.async_abort(page["flow_id"])
    await hass.async_block_till_done()
    assert not vaults(hass)
    assert not Path(hass.config.cache_path(DOMAIN, "key")).exists()


async def test_a_passphrase_opens_the_vault_without_its_key(hass: HomeAssistant, person: Person) -> None:
    """It may be given on the last page; the page says what it means to have none."""
    page = await person.sign_in()
    entry = await person.finish(page, passphrase=PASSPHRASE)
    vault = entry.runtime_data.vault
    assert vault.has_passphrase
    keys = set(vault.records)
    await hass.config_entries.async_unload(entry.entry_id)
    Path(hass.config.cache_path(DOMAIN, "key")).unlink()
    await vault.async_recover(Secret(PASSPHRASE))
    assert set(vault.records) == keys
    assert vault.account.email.reveal() == person.user.email
    texts = await async_get_translations(hass, "en", "config", {DOMAIN})
    said = texts[f"component.{DOMAIN}.config.step.passphrase.description"]
    assert (
        "restores a backup during a long outage of the vendor's cloud and has no passphrase has no video"
        in said
    )


async def test_each_camera_is_told_the_truth_about(person: Person) -> None:
    """Local ones are chosen; what needs the vendor's cloud is named with the reason, and cannot be chosen."""
    person.user.devices += [
        Device.elsewhere("Drive", "GW_GC1"),
        lan_device("Old", 5, dtls=0),
        lan_device("Perhaps", 6, dtls=None),
        lan_device("Asleep", 7, ip=""),
        lan_device("[a](b) *c*", 8, dtls=0),
    ]
    page = await person.sign_in()
    assert chosen_names(page) == {"Porch", "Garden"}
    labels = sorted(options(page))
    assert [label.partition(":")[0] for label in labels] == [
        "Garden (Cam v3)",
        "Perhaps (Cam v3)",
        "Porch (Cam v3)",
    ]
    assert labels[0].endswith(": local")
    assert "unknown" in labels[1]
    others = page["description_placeholders"]["others"].splitlines()
    assert len(others) == 4
    assert all("needs the vendor's cloud" in line for line in others if "Drive" in line or "Old" in line)
    assert any("Asleep" in line and "no address" in line for line in others)
    assert any(r"\[a\]\(b\) \*c\*" in line for line in others), "a name is no link"


async def test_what_is_not_chosen_is_ignored(hass: HomeAssistant, person: Person) -> None:
    """Only the cameras that the person calls theirs are here; the others are known as not wanted."""
    page = await person.sign_in()
    left = values_of(page, ["Garden"])
    entry = await person.finish(page, "Porch")
    assert [kept["name"] for kept in entry.data["cameras"].values()] == ["Porch"]
    assert entry.data["ignored"] == left
    assert len(entry.runtime_data.vault.records) == 1


async def test_an_account_is_there_once(hass: HomeAssistant, person: Person) -> None:
    """The same account again ends as already configured, and its entry has the newer session."""
    entry = await person.finish(await person.sign_in())
    result = await person.sign_in(email=person.user.email.upper())
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "already_configured")
    assert person.entries == [entry]
    tokens = entry.runtime_data.vault.account.tokens
    assert tokens.access.reveal() == person.cloud.tokens.given[-1].access
    assert len(vaults(hass)) == 2, "the sealed file and its previous version"


async def test_two_accounts_side_by_side(person: Person, cloud: FakeCloud) -> None:
    """Each has its own entry and cameras."""
    first = await person.finish(await person.sign_in())
    bob = cloud.add_user("bob@example.net", "tr0ub4dor")
    bob.devices.append(lan_device("Attic", 9))
    key = {"key_id": bob.key.key_id, "api_key": bob.key.api_key}
    page = await person.sign_in(email=bob.email, password="tr0ub4dor", **key)
    assert chosen_names(page) == {"Attic"}
    second = await person.finish(page)
    assert first.unique_id != second.unique_id
    assert [kept["name"] for kept in second.data["cameras"].values()] == ["Attic"]


async def test_a_one_time_sign_in_keeps_nothing_of_the_account(hass: HomeAssistant, person: Person) -> None:
    """No token, user id, e-mail or key of it: only what reaches the cameras."""
    page = await person.sign_in(keep=False)
    entry = await person.finish(page)
    assert entry.title == "Wyze cameras"
    assert entry.data["account"] == "one_time"
    vault = entry.runtime_data.vault
    assert vault.account is None
    assert len(vault.records) == 2
    owner = hass.data[DATA_SHARED].installation.owner(Secret(person.user.user_id))
    assert entry.unique_id != owner
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.runtime_data.vault.account is None


async def test_one_time_without_a_camera_makes_no_sense(person: Person) -> None:
    """Then nothing at all would be kept."""
    page = await person.sign_in(keep=False)
    page = await person.submit(page, cameras=[])
    assert page["errors"] == {"base": "cameras_none"}
    await person.finish(page, "Porch")


async def test_an_account_without_cameras_may_be_signed_in(person: Person) -> None:
    """They come later."""
    person.user.devices.clear()
    page = await person.sign_in()
    assert options(page) == {}
    entry = await person.finish(page)
    assert entry.data["cameras"] == {}


async def test_the_list_fails_after_the_sign_in(person: Person) -> None:
    """Nobody has to sign in once more for it."""
    person.cloud.fault("broken", "devices")
    page = await person.sign_in()
    assert page["step_id"] == "again"
    assert page["errors"] == {"base": "cloud_server"}
    assert "goes on" in await person.text(page)
    await person.cloud.resume()
    page = await person.submit(page)
    assert page["step_id"] == "cameras"
    assert len(person.cloud.calls("login")) == 1


async def test_removing_the_entry_leaves_nothing(hass: HomeAssistant, person: Person) -> None:
    """Sealed file, previous version and key file are gone."""
    entry = await person.finish(await person.sign_in())
    assert vaults(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert not vaults(hass)
    assert not Path(hass.config.cache_path(DOMAIN, "key")).exists()


async def test_the_networks_of_the_first_page_are_the_entrys(person: Person, home: Home) -> None:
    """What the person said before the sign-in counts after it."""
    entry = await person.finish(await person.sign_in())
    assert entry.options == {"networks": ["127.0.0.0/8"]}


async def test_a_camera_in_another_network(hass: HomeAssistant, person: Person) -> None:
    """The page offers to add the network of those that are chosen, and adds none unasked."""
    person.user.devices += [lan_device("Barn", 3, ip="192.0.2.9"), lan_device("Mill", 4, ip="198.51.100.7")]
    page = await person.sign_in()
    assert page["description_placeholders"]["network"] == "192.0.2.0/24, 198.51.100.0/24"
    page = await person.submit(page, cameras=values_of(page, ["Porch", "Barn"]), add_network=True)
    await person.submit(page)
    (entry,) = person.entries
    assert entry.options == {"networks": ["127.0.0.0/8", "192.0.2.0/24"]}
    context: Any = {"source": "reconfigure", "entry_id": entry.entry_id}
    page = dict(await hass.config_entries.flow.async_init(DOMAIN, context=context))
    page = await person.sign_in(await person.choose(page, "account"))
    assert page["description_placeholders"]["network"] == "198.51.100.0/24"
    everything = list(options(page).values())
    page = await person.submit(page, cameras=everything, add_network=False)
    assert page["reason"] == "reconfigure_successful"
    assert entry.options == {"networks": ["127.0.0.0/8", "192.0.2.0/24"]}
    page = dict(await hass.config_entries.flow.async_init(DOMAIN, context=context))
    page = await person.sign_in(await person.choose(page, "account"))
    await person.submit(page, cameras=everything, add_network=True)
    assert entry.options == {"networks": ["127.0.0.0/8", "192.0.2.0/24", "198.51.100.0/24"]}


async def test_an_account_at_somebody_elses_go2rtc(
    hass: HomeAssistant, person: Person, tmp_path: Path
) -> None:
    """The pages about the stream server come first, and what they were told is sealed with the account."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    async with external_go2rtc(folder) as external:
        page: Any = await hass.config_entries.flow.async_init(DOMAIN, context={"source": SOURCE_USER})
        page = await person.choose(page, "vendor")
        server = {"server": "external", "webrtc_port": person.port}
        page = await person.submit(page, networks=["127.0.0.0/8"], stream_server=server)
        assert page["step_id"] == "external"
        login = {"url": external.url, "username": USER, "password": SERVER_PASSWORD}
        page = await person.submit(page, **login, keys_allowed=False)
        assert page["step_id"] == "account"
        entry = await person.finish(await person.sign_in(page))
        assert entry.options["server"] == "external"
        vault = entry.runtime_data.vault
        assert vault.account is not None
        assert vault.logins.server.url.reveal() == external.url
        assert await hass.config_entries.async_remove(entry.entry_id)
        await hass.async_block_till_done()


async def test_a_page_never_shows_a_password(person: Person) -> None:
    """After an error all is still typed but the password."""
    page = await person.sign_in(password="wrong battery")
    assert page["errors"] == {"base": "cloud_bad_credentials"}
    shown = suggested(page)
    assert shown["email"] == person.user.email
    assert shown["api_key"] == person.user.key.api_key
    assert shown["password"] is None
