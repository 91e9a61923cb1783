"""An account in a vault: there and back, absent where there is none, and nothing odd about it."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.model import Account, DeveloperKey, Secret, Tokens
from engine.vault import (
    LanLogin,
    Logins,
    VaultError,
    account_from_payload,
    logins_from_payload,
    records_from_payload,
    records_to_payload,
)

ACCOUNT = Account(
    user_id=Secret("0123456789abcdef0123456789abcdef"),
    email=Secret("canary@example.org"),
    key=DeveloperKey(Secret("key-id"), Secret("canary-api-key")),
    key_since=1_790_000_000,
    phone_id=Secret("c1a5e7e0-phone"),
    tokens=Tokens(Secret("lvtx.access"), Secret("rvtx.refresh"), 1_795_000_000),
)
LOGINS = Logins(lan=LanLogin(Secret("viewer"), Secret("0f" * 16)))
texts = st.text(min_size=1, max_size=512).filter(lambda text: text.encode("utf-8", "ignore").decode() == text)
accounts = st.builds(
    Account,
    user_id=texts.map(Secret),
    email=texts.map(Secret),
    key=st.builds(DeveloperKey, texts.map(Secret), texts.map(Secret)),
    key_since=st.integers(0, 1 << 40),
    phone_id=texts.map(Secret),
    tokens=st.builds(Tokens, texts.map(Secret), texts.map(Secret), st.integers(0, 1 << 40)),
)


def raw() -> dict[str, Any]:
    """Return the account of a payload, to be spoilt."""
    account = records_to_payload([], account=ACCOUNT)["account"]
    assert isinstance(account, dict)
    return dict(account)


def _read(payload: dict[str, Any]) -> Account | None:
    records_from_payload(payload)
    return account_from_payload(payload)


def reason(payload: dict[str, Any]) -> str:
    with pytest.raises(VaultError) as caught:
        _read(payload)
    return caught.value.reason


@given(accounts)
def test_an_account_comes_back_as_it_was(account: Account) -> None:
    payload = records_to_payload([], LOGINS, account)
    assert account_from_payload(payload) == account
    assert logins_from_payload(payload) == LOGINS
    assert records_from_payload(payload) == []


def test_an_account_prints_without_any_of_it() -> None:
    printed = repr(account_from_payload(records_to_payload([], account=ACCOUNT)))
    assert not any(part in printed for part in ("canary", "vtx", "0123456789", "c1a5e7e0", "key-id"))


def test_a_vault_without_an_account_is_written_as_before_there_were_any() -> None:
    payload = records_to_payload([])
    assert payload == {"schema": 2, "cameras": []}
    assert account_from_payload(payload) is None


def test_an_older_program_leaves_a_vault_with_an_account_alone() -> None:
    assert records_to_payload([], account=ACCOUNT)["schema"] == 3, "too new for it, and not damaged"


@pytest.mark.parametrize("schema", [1, 2])
def test_an_account_in_an_older_schema_was_not_written_by_us(schema: int) -> None:
    payload = {**records_to_payload([], account=ACCOUNT), "schema": schema}
    assert reason(payload) == "vault_damaged"


def test_the_account_s_schema_without_an_account_was_not_written_by_us() -> None:
    assert reason({"schema": 3, "cameras": []}) == "vault_damaged"


def test_a_newer_schema_is_told_apart_from_damage() -> None:
    assert reason({"schema": 5, "cameras": [], "account": raw()}) == "vault_too_new"


@pytest.mark.parametrize(
    "change",
    [
        {"more": "x"},
        {"user_id": ""},
        {"user_id": None},
        {"email": 7},
        {"email": "x" * 513},
        {"api_key": "x" * 513},
        {"phone_id": ["x"]},
        {"access": ""},
        {"access": "x" * 8193},
        {"refresh": "x" * 8193},
        {"obtained": -1},
        {"obtained": 1 << 53},
        {"obtained": True},
        {"obtained": "1"},
        {"key_since": None},
    ],
)
def test_what_we_would_not_have_written_is_damage(change: dict[str, Any]) -> None:
    assert reason({"schema": 3, "cameras": [], "account": {**raw(), **change}}) == "vault_damaged"


@pytest.mark.parametrize("name", list(raw()))
def test_a_missing_part_is_damage(name: str) -> None:
    account = raw()
    del account[name]
    assert reason({"schema": 3, "cameras": [], "account": account}) == "vault_damaged"


def test_a_token_as_long_as_the_vendor_s_longest_is_taken() -> None:
    payload: dict[str, Any] = {"schema": 3, "cameras": [], "account": {**raw(), "access": "x" * 8192}}
    account = account_from_payload(payload)
    assert account is not None
    assert len(account.tokens.access.reveal()) == 8192
