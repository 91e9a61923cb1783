"""What all tests share: nothing leaves this machine, runs repeat, long tests wait to be asked for."""

from typing import Any

import hypothesis
import pytest
import pytest_socket

# Before any test runs: Home Assistant's own test configuration holds a package of this name too.
import custom_components  # noqa: F401
from tests.support.fuzzing import IN_CI, ON_REQUEST, SEED, Fuzz
from tests.support.seen import SEEN, table

LOOPBACK = ["127.0.0.0/8", "::1"]

hypothesis.settings.register_profile("quick", deadline=None, max_examples=60, print_blob=True)
hypothesis.settings.register_profile("fuzz", deadline=None, max_examples=3000, print_blob=True)
hypothesis.settings.load_profile("quick")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that runs the tests of hours."""
    parser.addoption("--soak", action="store_true", help="also run the tests that take very long")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marks."""
    config.addinivalue_line("markers", "live: needs the real go2rtc, ffmpeg, Home Assistant or a browser")
    config.addinivalue_line("markers", "alone: measures, or runs a browser: nothing else may run beside it")
    config.addinivalue_line("markers", "soak: takes very long; runs with --soak only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the soak tests unless they were asked for."""
    if config.getoption("--soak"):
        return
    left_out = [item for item in items if item.get_closest_marker("soak")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Show what was seen by those who watched while the vendor failed."""
    reports = [one for some in terminalreporter.stats.values() for one in some]
    found = [value for one in reports for name, value in getattr(one, "user_properties", ()) if name == SEEN]
    if found:
        terminalreporter.section("seen while the cloud failed")
        terminalreporter.write_line("\n".join(table({str(one): one for one in found}.values())))


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup() -> None:
    """Refuse connections to anywhere but loopback; comes after the harness, which allows less."""
    pytest_socket.enable_socket()
    pytest_socket.socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.fixture
def fuzz(request: pytest.FixtureRequest) -> Fuzz:
    """Return how much to try: as the property tests, with their profile and their seed."""
    profile = request.config.getoption("--hypothesis-profile")
    seed = request.config.getoption("--hypothesis-seed")
    return Fuzz(SEED if seed is None else seed, ON_REQUEST if profile == "fuzz" else IN_CI)
