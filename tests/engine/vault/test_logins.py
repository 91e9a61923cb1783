"""Logins in a vault: there and back, absent where there are none, and nothing odd among them."""

from dataclasses import replace
from typing import Any

import pytest

from engine.model import Door, Secret
from engine.vault import (
    NO_LOGINS,
    LanLogin,
    Logins,
    ServerLogin,
    VaultError,
    logins_from_payload,
    records_from_payload,
    records_to_payload,
)

SERVER = ServerLogin(Secret("http://nvr:1984"), Secret("me"), Secret("opensesame"), Secret("5e" * 16))
DOOR = Door(Secret("192.168.1.5"), 18558, Secret("relay_1"), Secret("opensesame"))
REMOTE = replace(SERVER, door=DOOR)
LAN = LanLogin(Secret("viewer"), Secret("0f" * 16))


PLAIN = {"url": "http://nvr", "user": "", "password": "", "seed": "5e" * 16}
OPENED = {"host": "a", "user": "b", "password": "c", "port": 1}
DOORS: list[Any] = [None, {}, {**OPENED, "port": 0}, {**OPENED, "port": "1"}, {**OPENED, "more": ""}]


@pytest.mark.parametrize(
    "logins",
    [Logins(SERVER, LAN), Logins(REMOTE), Logins(REMOTE, LAN), Logins(SERVER), Logins(lan=LAN), NO_LOGINS],
)
def test_logins_come_back_as_they_were(logins: Logins) -> None:
    payload = records_to_payload([], logins)
    assert logins_from_payload(payload) == logins
    assert records_from_payload(payload) == []
    assert "opensesame" not in repr(logins)


def test_a_vault_without_logins_has_no_word_of_them() -> None:
    assert records_to_payload([]).keys() == {"schema", "cameras"}


@pytest.mark.parametrize(
    "odd",
    [
        None,
        {},
        {"server": None, "lan": None},
        {"server": None},
        {"server": {"url": "http://nvr"}, "lan": None},
        {"server": None, "lan": {"user": "a", "password": 1}},
        {"server": None, "lan": {"user": "a", "password": "b", "more": "c"}},
        {"server": None, "lan": {"user": "a", "password": "b" * 513}},
        {"server": {"url": "http://nvr", "user": "", "password": "", "seed": "short"}, "lan": None},
        *({"server": {**PLAIN, "door": door}, "lan": None} for door in DOORS),
    ],
)
def test_what_we_would_not_have_written_is_damage(odd: Any) -> None:
    payload = {**records_to_payload([]), "logins": odd}
    with pytest.raises(VaultError) as caught:
        logins_from_payload(payload)
    assert caught.value.reason == "vault_damaged"
