"""What a vault remembers around an account: there and back, bounded, and nothing odd about it."""

from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.vault import (
    VaultError,
    account_from_payload,
    memory_from_payload,
    records_from_payload,
    records_to_payload,
    remembered,
)
from tests.engine.vault.test_accounts import ACCOUNT, raw

plain = st.none() | st.booleans() | st.integers(-(1 << 53) + 1, (1 << 53) - 1) | st.text(max_size=20)
values = st.recursive(plain, lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.text(), deeper))
names = st.sampled_from(["uplink", "ownership", "renewals", "a_b"])


def _nested(depth: int) -> Any:
    return 1 if depth == 0 else [_nested(depth - 1)]


def _depth(value: Any) -> int:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if parts is None else 1 + max(map(_depth, parts), default=0)


def _read(payload: dict[str, Any]) -> dict[str, Any]:
    records_from_payload(payload)
    return memory_from_payload(payload)


def reason(memory: Any, schema: int = 4) -> str:
    payload = {"schema": schema, "cameras": [], "account": raw(), "memory": memory}
    with pytest.raises(VaultError) as caught:
        _read(payload)
    return caught.value.reason


@given(st.dictionaries(names, values.filter(lambda value: value is not None and _depth(value) <= 8)))
def test_a_memory_comes_back_as_it_was(memory: dict[str, Any]) -> None:
    payload = records_to_payload([], account=ACCOUNT, memory=memory)
    assert repr(memory_from_payload(payload)) == repr(memory)
    assert account_from_payload(payload) == ACCOUNT
    assert records_from_payload(payload) == []


def test_an_empty_memory_is_written_as_before_there_were_any() -> None:
    payload = records_to_payload([], account=ACCOUNT, memory={})
    assert payload.keys() == {"schema", "cameras", "account"}
    assert payload["schema"] == 3
    assert memory_from_payload(payload) == {}


def test_an_older_program_leaves_a_vault_with_a_memory_alone() -> None:
    payload = records_to_payload([], account=ACCOUNT, memory={"uplink": {}})
    assert payload["schema"] == 4, "too new for it, and not damaged"


def test_without_an_account_there_is_no_memory() -> None:
    with pytest.raises(VaultError, match="vault damaged"):
        records_to_payload([], memory={"uplink": {}})
    with pytest.raises(VaultError, match="vault damaged"):
        records_from_payload({"schema": 4, "cameras": [], "memory": {"uplink": {}}})


@pytest.mark.parametrize("schema", [1, 2, 3])
def test_a_memory_in_an_older_schema_was_not_written_by_us(schema: int) -> None:
    assert reason({"uplink": {}}, schema) == "vault_damaged"


def test_the_memory_s_schema_without_a_memory_was_not_written_by_us() -> None:
    with pytest.raises(VaultError, match="vault damaged"):
        records_from_payload({"schema": 4, "cameras": [], "account": raw()})


@pytest.mark.parametrize(
    "memory",
    [
        {},
        None,
        [],
        "x",
        {"": 1},
        {"Uplink": 1},
        {"x" * 33: 1},
        {"uplink": None},
        {"uplink": 1.5},
        {"uplink": 1 << 53},
        {"uplink": [-(1 << 53)]},
        {"uplink": _nested(9)},
        {"uplink": "x" * (64 * 1024)},
    ],
)
def test_what_we_would_not_have_written_is_damage(memory: Any) -> None:
    assert reason(memory) == "vault_damaged"


def test_a_value_is_remembered_beside_the_others_and_forgotten() -> None:
    first = remembered({}, "uplink", {"tries": 1})
    both = remembered(first, "renewals", [1])
    assert both == {"uplink": {"tries": 1}, "renewals": [1]}
    assert remembered(both, "uplink", None) == {"renewals": [1]}
    assert remembered(first, "uplink", None) == {}


def test_what_is_known_already_is_no_change() -> None:
    memory = remembered({}, "uplink", {"b": 1, "a": [True, None]})
    assert remembered(memory, "uplink", {"a": [True, None], "b": 1}) is memory
    assert remembered(memory, "renewals", None) is memory
    assert remembered(memory, "uplink", {"a": [1, None], "b": 1}) is not memory, "to Python true is 1"


def test_a_value_that_changes_afterwards_changes_nothing() -> None:
    value: dict[str, Any] = {"tries": 1}
    memory = remembered({}, "uplink", value)
    value["tries"] = 2
    assert memory == {"uplink": {"tries": 1}}


def test_a_memory_has_an_end() -> None:
    half = remembered({}, "uplink", "x" * (32 * 1024))
    with pytest.raises(VaultError, match="vault too large"):
        remembered(half, "ownership", "x" * (32 * 1024))
    assert half.keys() == {"uplink"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("Uplink", 1), ("x" * 33, 1), ("uplink", 1.5), ("uplink", 1 << 53), ("uplink", _nested(9))],
)
def test_what_no_vault_holds_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the type is the message
        remembered({}, name, value)
