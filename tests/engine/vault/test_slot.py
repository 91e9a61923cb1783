"""The recovery passphrase: what it opens, what it refuses; no planted bomb, no changed bit."""

import base64
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings, strategies as st

from engine.model import Secret
from engine.vault import KeyPlaces, Vault, VaultError
from engine.vault.envelope import new_header, parse, seal, unseal, unseal_by_passphrase
from engine.vault.keyfile import InstallationKey
from engine.vault.slot import COST, Cost, new_slot

KEY = InstallationKey(bytes(range(32)))
ID = "ab" * 16
WORDS = Secret("correct horse battery")
OTHER_WORDS = Secret("another horse battery")
CHEAP = Cost(19 * 1024, 1, 1)
PAYLOAD: dict[str, Any] = {"uid": "CANARY7KEY7CANARY7KEY"}
EVERY = bool(os.environ.get("WYZE_LOCAL_EVERY_BYTE"))
"""Set for the full run: every changed byte and every truncation is tried with the passphrase, too."""


def sealed(cost: Cost = CHEAP, key: InstallationKey = KEY, words: Secret = WORDS) -> bytes:
    header = new_header(ID, key, os.urandom, new_slot(words, os.urandom, cost))
    return seal(PAYLOAD, header, key, os.urandom)


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def by_words(data: bytes, words: Secret = WORDS) -> str:
    """Return the reason why a passphrase does not open a file, or what it opened."""
    try:
        return str(unseal_by_passphrase(parse(data), words))
    except VaultError as err:
        return err.reason


def by_key(data: bytes) -> str:
    try:
        return str(unseal(parse(data), KEY))
    except VaultError as err:
        return err.reason


REFUSED = {"vault_damaged", "vault_too_new", "key_wrong", "passphrase_wrong", "passphrase_none"}


def test_a_vault_opens_by_passphrase_and_by_key() -> None:
    data = sealed()
    assert by_words(data) == by_key(data) == str(PAYLOAD)
    assert by_words(data, OTHER_WORDS) == "passphrase_wrong"


def test_the_slot_is_the_described_one() -> None:
    """By nothing but the format's description and the passphrase, with the cost that is written."""
    box = json.loads(sealed(COST))
    (slot,) = box["h"]["slots"]
    assert (slot["kdf"], slot["m"], slot["t"], slot["p"], box["h"]["v"]) == ("argon2id", 65536, 3, 4, 2)
    raw = {name: base64.b64decode(slot[name]) for name in ("salt", "pub", "eph", "w")}
    seed = Argon2id(salt=raw["salt"], length=32, iterations=3, lanes=4, memory_cost=65536).derive(
        WORDS.reveal().encode()
    )
    private = X25519PrivateKey.from_private_bytes(seed)
    assert private.public_key().public_bytes_raw() == raw["pub"]
    shared = private.exchange(X25519PublicKey.from_public_bytes(raw["eph"]))
    wrap = HKDF(
        algorithm=SHA256(), length=32, salt=raw["eph"] + raw["pub"], info=b"wyze_local vault slot 1"
    ).derive(shared)
    head = canonical({**box["h"], "slots": [], "v": 1})
    context = b"wyze_local vault slot 1\0" + head + canonical({**slot, "w": ""})
    vault_key = AESGCMSIV(wrap).decrypt(bytes(12), raw["w"], context)
    data_key = AESGCMSIV(vault_key).decrypt(
        base64.b64decode(box["wn"]),
        base64.b64decode(box["w"]),
        b"wyze_local vault data key 1\0" + canonical(box["h"]),
    )
    assert len(data_key) == 32


def test_every_changed_byte_is_refused_by_the_key() -> None:
    data = sealed()
    for position in range(len(data)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[position] ^= 1 << bit
            assert by_key(bytes(damaged)) in REFUSED
    for length in range(len(data)):
        assert by_key(data[:length]) == "vault_damaged"


def test_every_changed_byte_is_refused_by_the_passphrase() -> None:
    """Sampled over the whole file; most end before Argon2id, the rest cost 20 ms each."""
    data = sealed()
    for position in range(0, len(data), 1 if EVERY else 23):
        damaged = bytearray(data)
        damaged[position] ^= 1
        assert by_words(bytes(damaged)) in REFUSED
    for length in range(0, len(data), 1 if EVERY else 97):
        assert by_words(data[:length]) == "vault_damaged"


@pytest.mark.parametrize("part", ["eph", "pub", "salt", "w"])
def test_a_slot_of_another_file_is_refused(part: str) -> None:
    """Neither a part of a slot nor the whole opens anything but its own file, the key being the same."""
    mine, other = json.loads(sealed()), json.loads(sealed())
    mixed = json.loads(json.dumps(mine))
    mixed["h"]["slots"][0][part] = other["h"]["slots"][0][part]
    assert by_words(canonical(mixed)) in REFUSED
    assert by_key(canonical(mixed)) == "vault_damaged"
    whole = {**mine, "h": {**mine["h"], "slots": other["h"]["slots"]}}
    assert by_words(canonical(whole)) == by_key(canonical(whole)) == "vault_damaged"


def test_a_slot_taken_out_or_put_in_is_refused() -> None:
    with_slot = json.loads(sealed())
    bare = {**with_slot, "h": {**with_slot["h"], "slots": [], "v": 1}}
    assert by_key(canonical(bare)) == "vault_damaged"
    assert by_words(canonical(bare)) == "passphrase_none"
    plain = json.loads(seal(PAYLOAD, new_header(ID, KEY, os.urandom), KEY, os.urandom))
    planted = {**plain, "h": {**plain["h"], "slots": with_slot["h"]["slots"], "v": 2}}
    assert by_key(canonical(planted)) == by_words(canonical(planted)) == "vault_damaged"
    two = {**with_slot, "h": {**with_slot["h"], "slots": with_slot["h"]["slots"] * 2}}
    assert by_key(canonical(two)) == "vault_damaged"


@pytest.mark.parametrize(
    "bomb",
    [
        {"m": 256 * 1024 + 1},
        {"m": 1 << 40},
        {"m": 19 * 1024 - 1},
        {"m": 0},
        {"m": -1},
        {"t": 11},
        {"t": 0},
        {"p": 9},
        {"p": 0},
        {"m": True},
        {"kdf": "scrypt"},
        {"kind": "other"},
        {"more": 1},
        {"salt": ""},
    ],
)
def test_a_bomb_is_refused_before_it_goes_off(bomb: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """No parameter out of bounds reaches Argon2id, whoever wrote it."""
    box = json.loads(sealed())
    box["h"]["slots"][0].update(bomb)
    reached: list[object] = []
    monkeypatch.setattr("engine.vault.slot.Argon2id", lambda **given: reached.append(given))
    assert by_words(canonical(box)) == "vault_damaged"
    assert reached == []


@pytest.mark.parametrize("cost", [Cost(256 * 1024, 1, 8), Cost(19 * 1024, 10, 1)])
def test_what_lies_within_the_bounds_is_read(cost: Cost) -> None:
    assert by_words(sealed(cost)) == str(PAYLOAD)


def test_a_point_that_gives_everybody_the_same_secret_is_refused() -> None:
    box = json.loads(sealed())
    box["h"]["slots"][0]["eph"] = base64.b64encode(bytes(32)).decode()
    assert by_words(canonical(box)) == "vault_damaged"


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_odd_slots_are_refused(data: st.DataObject) -> None:
    box = json.loads(_FUZZED)
    slot = box["h"]["slots"][0]
    name = data.draw(st.sampled_from(sorted(slot)))
    odd = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=60)
        | st.binary(max_size=60).map(lambda raw: base64.b64encode(raw).decode())
    )
    slot[name] = data.draw(odd.filter(lambda value: value != box["h"]["slots"][0][name]))
    assert by_key(canonical(box)) in REFUSED
    assert by_words(canonical(box)) in REFUSED


_FUZZED = sealed()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", "passphrase_too_short"),
        ("eleven char", "passphrase_too_short"),
        ("x" * 1025, "passphrase_too_long"),
    ],
)
def test_short_and_endless_passphrases_are_refused(words: str, reason: str) -> None:
    with pytest.raises(VaultError) as caught:
        new_slot(Secret(words), os.urandom)
    assert caught.value.reason == reason


@pytest.mark.parametrize("words", ["twelve chars", "  spaces  at  ends  ", "паролю дванадцять", "🐎🔋📎" * 4])
def test_any_characters_will_do(words: str) -> None:
    assert by_words(sealed(words=Secret(words)), Secret(words)) == str(PAYLOAD)


def test_two_spellings_of_one_letter_are_one() -> None:
    """One keyboard sends é as one character, another as two."""
    data = sealed(words=Secret("\u00e9t\u00e9 \u00e9t\u00e9 \u00e9t\u00e9 ici"))
    assert by_words(data, Secret("e\u0301te\u0301 e\u0301te\u0301 e\u0301te\u0301 ici")) == str(PAYLOAD)


def test_half_a_character_breaks_nothing() -> None:
    assert by_words(sealed(), Secret("\ud800" * 12)) == "passphrase_wrong"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / ".storage").mkdir()
    return tmp_path


def vault(place: Path, key: str = "key") -> Vault:
    return Vault(place / ".storage" / "vault", KeyPlaces.at(place / key / "key"), ID)


def reason(call: Any, *given: Any) -> str:
    with pytest.raises(VaultError) as caught:
        call(*given)
    return caught.value.reason


def test_a_passphrase_is_set_changed_and_removed(place: Path) -> None:
    vault(place).create({"n": 1})
    assert not vault(place).load().has_passphrase
    assert not vault(place).has_passphrase()
    assert reason(vault(place).recover, WORDS) == "passphrase_none"
    vault(place).set_passphrase(WORDS)
    assert vault(place).load().has_passphrase
    vault(place).save({"n": 2})
    assert vault(place, "elsewhere").has_passphrase(), "seen without the key, too"
    vault(place).set_passphrase(OTHER_WORDS)
    assert reason(vault(place).recover, WORDS) == "passphrase_wrong"
    assert vault(place).recover(OTHER_WORDS).payload == {"n": 2}
    vault(place).set_passphrase(None)
    assert not vault(place).has_passphrase()
    assert reason(vault(place).recover, OTHER_WORDS) == "passphrase_none"
    assert vault(place).load().payload == {"n": 2}
    assert reason(vault(place).set_passphrase, Secret("short")) == "passphrase_too_short"


def test_another_machine_opens_it_and_makes_it_its_own(place: Path) -> None:
    vault(place).create({"n": 1})
    vault(place).set_passphrase(WORDS)
    vault(place).save({"n": 2})
    assert reason(vault(place, "elsewhere").load) == "key_missing"
    assert reason(vault(place, "elsewhere").recover, OTHER_WORDS) == "passphrase_wrong"
    assert not (place / "elsewhere").exists(), "nothing is made for a wrong passphrase"
    loaded = vault(place, "elsewhere").recover(WORDS)
    assert (loaded.payload, loaded.recovered, loaded.has_passphrase) == ({"n": 2}, False, True)
    assert vault(place, "elsewhere").load().payload == {"n": 2}
    assert reason(vault(place).load) == "key_wrong"
    # The next machine opens it by the same passphrase.
    vault(place, "elsewhere").save({"n": 3})
    assert vault(place, "third").recover(WORDS).payload == {"n": 3}


def test_a_machine_with_a_key_of_its_own_keeps_it(place: Path) -> None:
    vault(place).create({"n": 1})
    vault(place).set_passphrase(WORDS)
    other = Vault(place / ".storage" / "other", KeyPlaces.at(place / "elsewhere" / "key"), "cd" * 16)
    other.create({"n": 2})
    vault(place, "elsewhere").recover(WORDS)
    assert other.load().payload == {"n": 2}
    assert vault(place, "elsewhere").load().payload == {"n": 1}


def test_an_old_passphrase_and_an_old_file_open_no_later_one(place: Path) -> None:
    """Whoever saved the vault's key from an old file finds another one in use."""
    vault(place).create({"n": 1})
    vault(place).set_passphrase(WORDS)
    old = json.loads((place / ".storage" / "vault").read_bytes())
    vault(place).set_passphrase(OTHER_WORDS)
    new = json.loads((place / ".storage" / "vault").read_bytes())
    assert old["h"]["salt"] != new["h"]["salt"], "another salt is another key"
    for file in (place / ".storage").iterdir():
        assert json.loads(file.read_bytes())["h"] == new["h"], "in neither version the old slot"


def test_the_previous_version_opens_by_passphrase_too(place: Path) -> None:
    vault(place).create({"n": 1})
    vault(place).set_passphrase(WORDS)
    vault(place).save({"n": 2})
    (place / ".storage" / "vault").write_bytes(b"{}")
    loaded = vault(place, "elsewhere").recover(WORDS)
    assert (loaded.payload, loaded.recovered) == ({"n": 1}, True)
    assert (place / ".storage" / "vault.unreadable-1").read_bytes() == b"{}"
    assert vault(place, "elsewhere").load().recovered is False


def test_another_entry_s_file_is_not_opened_by_passphrase(place: Path) -> None:
    vault(place).create({"n": 1})
    vault(place).set_passphrase(WORDS)
    moved = Vault(place / ".storage" / "vault", KeyPlaces.at(place / "key" / "key"), "cd" * 16)
    assert reason(moved.recover, WORDS) == "vault_foreign"


def test_nothing_of_the_passphrase_is_written_or_printed(place: Path) -> None:
    vault(place).create({"n": 1})
    vault(place).set_passphrase(WORDS)
    for file in place.rglob("*"):
        if file.is_file():
            assert b"horse" not in file.read_bytes()
    assert "horse" not in f"{new_slot(WORDS, os.urandom, CHEAP)!r}{WORDS!r}"


def test_a_rekeyed_vault_keeps_its_passphrase() -> None:
    """The slot takes the next key in without the passphrase."""
    old = parse(sealed()).header
    other = InstallationKey(bytes(range(1, 33)))
    header = new_header(ID, other, os.urandom, old.slot)
    data = seal(PAYLOAD, header, other, os.urandom)
    assert by_words(data) == str(PAYLOAD)
    assert old.slot is not None
    assert header.slot is not None
    assert replace(header.slot, ephemeral=b"", wrapped=b"") == replace(old.slot, ephemeral=b"", wrapped=b"")
    assert header.slot.ephemeral != old.slot.ephemeral
