"""The seal itself, without any file: what is accepted, what is refused, and what shows on the outside."""

import base64
import json
import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings, strategies as st

from engine.vault import VaultError
from engine.vault.envelope import MAX_FILE, MAX_PAYLOAD, new_header, parse, seal, unseal
from engine.vault.keyfile import InstallationKey

KEY = InstallationKey(bytes(range(32)))
OTHER_KEY = InstallationKey(bytes(range(1, 33)))
VAULT_ID = "ab" * 16
CANARY = "CANARY7KEY7CANARY7KEY"
PAYLOAD: dict[str, Any] = {"schema": 1, "cameras": [{"uid": CANARY, "proven": True, "port": 32761}]}

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
payloads = st.dictionaries(st.text(max_size=10), _json, max_size=5)


def sealed(payload: dict[str, Any] = PAYLOAD, vault_id: str = VAULT_ID, key: InstallationKey = KEY) -> bytes:
    return seal(payload, new_header(vault_id, key, os.urandom), key, os.urandom)


def opened(data: bytes, key: InstallationKey = KEY) -> dict[str, Any]:
    return unseal(parse(data), key)


def refusal(data: bytes, key: InstallationKey = KEY) -> str:
    """Return the reason of a refusal; whatever is not a VaultError fails the test."""
    with pytest.raises(VaultError) as caught:
        opened(data, key)
    assert CANARY not in f"{caught.value}{caught.value!r}"
    return caught.value.reason


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def by_the_book(data: bytes, material: bytes) -> tuple[bytes, dict[str, Any]]:
    """Open a file by nothing but the format's description; returns the data key and the payload."""
    box = json.loads(data)
    head = canonical(box["h"])
    raw = {name: base64.b64decode(box[name]) for name in ("c", "n", "w", "wn")}
    kek = HKDF(
        algorithm=SHA256(),
        length=32,
        salt=base64.b64decode(box["h"]["salt"]),
        info=b"wyze_local vault kek 1\0" + box["h"]["vault_id"].encode(),
    ).derive(material)
    data_key = AESGCMSIV(kek).decrypt(raw["wn"], raw["w"], b"wyze_local vault data key 1\0" + head)
    context = b"wyze_local vault payload 1\0" + head + raw["wn"] + raw["w"]
    plain = AESGCMSIV(data_key).decrypt(raw["n"], raw["c"], context)
    return data_key, json.loads(plain.rstrip(b"\0"))


@given(payloads)
@settings(deadline=None)
def test_what_goes_in_comes_out(payload: dict[str, Any]) -> None:
    assert opened(sealed(payload)) == payload


def test_the_format_is_the_described_one() -> None:
    data_key, payload = by_the_book(sealed(), KEY.material)
    assert payload == PAYLOAD
    assert len(data_key) == 32


def test_every_write_has_a_data_key_and_nonces_of_its_own() -> None:
    header = new_header(VAULT_ID, KEY, os.urandom)
    files = [seal(PAYLOAD, header, KEY, os.urandom) for _ in range(8)]
    assert len({by_the_book(data, KEY.material)[0] for data in files}) == 8
    for name in ("n", "wn", "c", "w"):
        assert len({json.loads(data)[name] for data in files}) == 8


def test_every_flipped_bit_is_refused() -> None:
    data = sealed()
    for position in range(len(data)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[position] ^= 1 << bit
            assert refusal(bytes(damaged)) in {"vault_damaged", "vault_too_new", "key_wrong"}


def test_every_truncation_and_every_addition_is_refused() -> None:
    data = sealed()
    for length in range(len(data)):
        assert refusal(data[:length]) == "vault_damaged"
    for tail in (b"\n", b" ", b"\0", b"}", data):
        assert refusal(data + tail) == "vault_damaged"
        assert refusal(tail + data) == "vault_damaged"


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode) | payloads.map(canonical))
def test_what_is_not_a_vault_is_refused(data: bytes) -> None:
    assert refusal(data) == "vault_damaged"


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_odd_values_in_a_well_formed_file_are_refused(data: st.DataObject) -> None:
    box = json.loads(sealed())
    part = data.draw(st.sampled_from([box, box["h"]]))
    name = data.draw(st.sampled_from(sorted(part)))
    old = part[name]
    part[name] = data.draw(_json.filter(lambda value: value != old or type(value) is not type(old)))
    assert refusal(canonical(box)) in {"vault_damaged", "vault_too_new", "key_wrong"}


def test_other_spellings_of_the_same_file_are_refused() -> None:
    data = sealed()
    box = json.loads(data)
    assert canonical(box) == data
    spellings = [
        json.dumps(box, sort_keys=True).encode(),
        json.dumps(dict(reversed(box.items())), separators=(",", ":")).encode(),
        data.replace(b'"v":1', b'"v":1,"v":1'),
        data.replace(b'"v":1', b'"v":1.0'),
        data.replace(b'"v":1', b'"v":true'),
        data.replace(b'"alg":"A', b'"alg":"\\u0041'),
        b"\xef\xbb\xbf" + data,
        data.decode().encode("utf-16"),
    ]
    for spelling in spellings:
        assert refusal(spelling) == "vault_damaged"


def test_base64_has_one_spelling() -> None:
    box = json.loads(sealed())
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    salt = box["h"]["salt"]
    assert salt.endswith("=")
    # 32 bytes leave two bits of the last letter unused.
    position = alphabet.index(salt[-2].encode())
    for spare in range(1, 4):
        other = salt[:-2] + chr(alphabet[position ^ spare]) + "="
        assert base64.b64decode(other) == base64.b64decode(salt)
        spelled = {**box, "h": {**box["h"], "salt": other}}
        assert refusal(canonical(spelled)) == "vault_damaged"


@pytest.mark.parametrize(
    "bomb",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 100_000,
        b'{"h":{"v":' + b"9" * 5000 + b"}}",
        b'{"h":{"v":1e999}}',
        b'{"h":NaN}',
        b"",
        b"null",
        b"[]",
        b"{}",
    ],
)
def test_bombs_are_refused(bomb: bytes) -> None:
    assert refusal(bomb) == "vault_damaged"


def test_size_is_looked_at_before_anything_else() -> None:
    assert refusal(b"[" * (MAX_FILE + 1)) == "vault_too_large"


def test_too_much_to_keep_is_refused_before_it_is_written() -> None:
    with pytest.raises(VaultError) as caught:
        sealed({"a": "x" * MAX_PAYLOAD})
    assert caught.value.reason == "vault_too_large"
    assert len(sealed({"a": "x" * (MAX_PAYLOAD - 10)})) <= MAX_FILE


@pytest.mark.parametrize("payload", [{"a": 0.5}, {1: "a"}, {"a": (1, 2)}, {"a": b"x"}, {"a": {2: 3}}])
def test_what_would_come_back_otherwise_is_not_sealed(payload: dict[Any, Any]) -> None:
    with pytest.raises((ValueError, TypeError)):
        sealed(payload)


def test_parts_of_two_files_do_not_go_together() -> None:
    header = new_header(VAULT_ID, KEY, os.urandom)
    one, two = (json.loads(seal({"n": n}, header, KEY, os.urandom)) for n in (1, 2))
    foreign = json.loads(sealed({"n": 3}, vault_id="cd" * 16))
    parts = [
        ("c",),
        ("n",),
        ("w",),
        ("wn",),
        ("h",),
        ("w", "wn"),
        ("c", "n"),
        ("w", "wn", "h"),
        ("c", "n", "h"),
    ]
    for other in (two, foreign):
        for names in parts:
            mixed = {**one, **{name: other[name] for name in names}}
            if canonical(mixed) != canonical(one):
                assert refusal(canonical(mixed)) == "vault_damaged"


def test_another_installations_key_is_named_as_such() -> None:
    assert refusal(sealed(), OTHER_KEY) == "key_wrong"


def test_a_key_that_borrows_the_right_id_does_not_open() -> None:
    box = json.loads(sealed(key=OTHER_KEY))
    box["h"]["kid"] = KEY.key_id
    assert refusal(canonical(box)) == "vault_damaged"


def test_a_newer_format_is_named_as_such() -> None:
    box = json.loads(sealed())
    box["h"] = {"v": 3, "something": "new"}
    assert refusal(canonical(box)) == "vault_too_new"


def test_unknown_slots_are_refused() -> None:
    box = json.loads(sealed())
    box["h"]["slots"] = [{"kind": "passphrase"}]
    assert refusal(canonical(box)) == "vault_damaged"


def test_nothing_of_the_payload_shows() -> None:
    data = sealed()
    for form in (CANARY, CANARY.lower(), CANARY[::-1], CANARY.encode().hex(), "uid", "proven", "32761"):
        assert form.encode() not in data
    for start in range(3):
        inner = base64.b64encode(CANARY.encode()[start:])[:-4]
        assert inner not in data
        assert CANARY.encode() not in base64.b64decode(json.loads(data)["c"])


def test_the_length_tells_little() -> None:
    lengths = {len(sealed({"a": "x" * size})) for size in range(240)}
    assert len(lengths) == 1


def test_nothing_prints_the_key() -> None:
    shown = f"{KEY!r}{KEY}{parse(sealed())!r}"
    assert str(KEY.material) not in shown
    assert KEY.material.hex() not in shown
    assert base64.b64encode(KEY.material).decode() not in shown
