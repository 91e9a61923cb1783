"""A secret shows itself to nobody who does not ask by name."""

import asyncio
import copy
import json
import logging
import pickle
import traceback
from dataclasses import asdict, dataclass, replace

import pytest
from hypothesis import given, strategies as st

from engine.model import Camera, Credentials, Secret

CANARY = "CANARYUID0CANARYUID0"


@dataclass(frozen=True)
class Holder:
    """Something that keeps a secret, as dataclasses do."""

    secret: Secret


def test_nothing_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = Secret(CANARY)
    logging.getLogger("test").warning("%s %r %s", secret, secret, {"key": [secret]})
    shown = [
        str(secret),
        repr(secret),
        f"{secret}{secret!r}{secret!s}{secret!a}{secret:>40}{secret:d}",
        "{:s}".format(secret),  # noqa: UP032 - this is what is tested
        "%s" % secret,  # noqa: UP031
        repr(Holder(secret)),
        repr(asdict(Holder(secret))),
        repr([secret]),
        repr({"secret": secret}),
        str(ValueError(secret)),
        caplog.text,
    ]
    assert all(CANARY not in text for text in shown)
    assert secret.reveal() == CANARY


def test_a_traceback_does_not_show_it() -> None:
    secret = Secret(CANARY)
    try:
        raise ValueError(secret)
    except ValueError as err:
        text = "".join(traceback.TracebackException.from_exception(err, capture_locals=True).format())
    assert CANARY not in text.replace(f'CANARY = "{CANARY}"', "")


def test_it_cannot_be_taken_along() -> None:
    secret = Secret(CANARY)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError) as caught:
            pickle.dumps(secret, protocol)
        assert CANARY not in str(caught.value)
    with pytest.raises(TypeError):
        json.dumps({"secret": secret})
    assert not hasattr(secret, "__dict__")
    with pytest.raises(AttributeError):
        secret.other = 1  # type: ignore[attr-defined]


@given(st.text(), st.text())
def test_it_compares_by_value(one: str, other: str) -> None:
    assert (Secret(one) == Secret(other)) is (one == other)
    assert Secret(one) != one
    assert len({Secret(one), Secret(one)}) == 1
    assert bool(Secret(one)) is bool(one)


def test_copies_are_itself() -> None:
    secret = Secret(CANARY)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


def test_a_camera_does_not_show_its_keys() -> None:
    credentials = Credentials.parse(
        address="127.0.0.77", uid=CANARY, enr="canaryENRcanary0", mac="7C:78:B2:00:00:01", model="HL_CAM4"
    )
    camera = Camera("ab" * 16, "Porch", credentials)
    shown = f"{camera!r}{camera}{credentials!r}{replace(camera, proven=True)!r}"
    for key in (CANARY, "canaryENRcanary0", "7C78B2000001", "7C:78", "127.0.0.77"):
        assert key not in shown
    assert "HL_CAM4" in shown


async def test_the_names_of_tasks_do_not_show_it() -> None:
    secret = Secret(CANARY)

    async def use(value: Secret) -> bool:
        return bool(value)

    task = asyncio.create_task(use(secret), name=f"for {secret}")
    assert CANARY not in repr(task)
    assert await task
