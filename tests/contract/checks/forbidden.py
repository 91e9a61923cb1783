"""What must not be in any file: leaks of habits, of places, of real hosts, and files that grew too large."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from .house import ENGINE, HALL, House, Module, docstring_lines, dotted, literal

__all__ = [
    "future_imports",
    "large_files",
    "large_functions",
    "loggers",
    "machine_places",
    "prints",
    "real_hosts",
    "revealing",
    "sleeps",
    "todo",
    "writes_to_streams",
]

MAX_FILE = 300
MAX_FUNCTION = 40

LARGE_FILES: dict[str, str] = {}
"""Files that may be longer, and why. Tables only."""

LARGE_FUNCTIONS: dict[str, str] = {}
"""Functions that may be longer, as `path:name`, and why."""

SLEEPS: dict[str, str] = {
    "tests/engine/stream/test_signalling.py:test_once_answered_a_session_may_last": "shows that nothing ends",
    "tests/live/test_stream_pictures.py:test_a_dead_source_is_healed_for_whoever_comes": "as above",
    "tests/simulator/test_camera.py:test_a_viewer_that_hangs_up_is_forgotten": "shows that nothing comes",
}
"""Tests that let time pass to show that nothing happens in it, as `path:name`."""

REVEALING: dict[str, str] = {
    "account_form.py": "masks an e-mail, and asks whether a password is plain ASCII",
    "account_proofs.py": "asks whether an address lies in the camera networks",
    "account_trust.py": "compares an e-mail address, and takes a hardware address for its keyed hash",
    "account_offers.py": "asks whether an address lies in the camera networks",
    "account_list.py": "takes a hardware address for its keyed hash",
    "engine/check/__main__.py": "lets the camera be where its link says",
    "engine/check/climb.py": "looks an address and its hardware up in the kernel's table of neighbours",
    "camera.py": "hands the restream to Home Assistant",
    "camera_flow.py": "asks whether an address lies in the camera networks",
    "camera_form.py": "fills empty fields with what is sealed",
    "coordinator.py": "asks whether an address lies in the camera networks",
    "externals.py": "hands a login to the stream room",
    "linking.py": "puts a hardware address into Home Assistant's registry, where the person wants that",
    "moving.py": "asks whether an address lies in the camera networks",
    "finding.py": "asks whether an address lies in the camera networks",
    "hints.py": "compares hardware addresses with those of the network",
    "installation.py": "makes the keyed hash of a hardware address or a stream's place",
    "surroundings.py": "asks whether an address lies behind a router",
    "server_fields.py": "shows the address that a person typed",
    "services.py": "tells an administrator a restream",
    "engine/cloud/pictures.py": "asks where a picture lies, and fetches it from there",
    "engine/cloud/requests.py": "sends keys to the vendor",
    "engine/cloud/values.py": "makes credentials of what the vendor listed",
    "engine/lan/finder.py": "asks where a camera may be that is not at its address",
    "engine/lan/keys.py": "derives what the camera's handshake is made with",
    "engine/lan/tunnel.py": "sends to the camera's address",
    "engine/model/secret.py": "is where it is defined",
    "engine/model/stream_address.py": "puts a URL together from its parts",
    "engine/child/codec.py": "hands keys to a child process, through a pipe",
    "engine/relay/channel.py": "compares the token of a reader",
    "engine/relay/child.py": "asks whether an address lies in the camera networks",
    "engine/relay/client.py": "builds the address of a camera",
    "engine/relay/login.py": "compares the login of another machine",
    "engine/relay/records.py": "checks the form of a token, and builds the address for another machine",
    "engine/stream/api.py": "signs requests to go2rtc",
    "engine/stream/config.py": "writes the child's configuration, in memory",
    "engine/stream/guest.py": "derives names from a token",
    "engine/stream/pool.py": "hands sources to the child",
    "engine/stream/process.py": "hands the configuration to the child",
    "engine/stream/redact.py": "must know what to hide",
    "engine/stream/remote.py": "takes the host out of an address",
    "engine/stream/source.py": "builds sources",
    "engine/watch/source.py": "opens a camera's stream",
    "engine/vault/accounts.py": "hands an account to the seal",
    "engine/vault/logins.py": "hands logins to the seal",
    "engine/vault/records.py": "hands keys to the seal",
    "engine/vault/slot.py": "derives what a passphrase opens",
}
"""The files that may look into a secret, and what for."""


def _of_us(house: House) -> list[Module]:
    return house.python("custom_components", "dev", "tests", "script")


def loggers(house: House) -> list[str]:
    """Loggers are made once per module, under its own name, and never configured by us."""
    found = []
    for module in house.python("custom_components"):
        allowed = {node.value for node in module.tree.body if isinstance(node, ast.Assign | ast.AnnAssign)}
        for node in module.nodes:
            name = dotted(node.func) if isinstance(node, ast.Call) else ""
            if name in {"logging.getLogger", "getLogger"}:
                arguments = [dotted(argument) for argument in node.args] if isinstance(node, ast.Call) else []
                if node not in allowed or arguments not in (["__name__"], ["__package__"]):
                    found.append(f"{module.at(node)}: a logger is LOGGER = logging.getLogger(__name__), once")
            elif re.fullmatch(
                r"logging\.(debug|info|warning|error|exception|critical|log|basicConfig)", name
            ):
                found.append(f"{module.at(node)}: {name} speaks for everybody")
            elif name.endswith((".addHandler", ".setLevel", ".addFilter")):
                found.append(f"{module.at(node)}: logging is configured by its owner, not by us")
    return found


def prints(house: House) -> list[str]:
    """The integration prints nothing, but for the check that a person runs in a terminal."""
    return [
        f"{module.at(node)}: prints"
        for module in house.python("custom_components")
        if module.path != ENGINE / "check/__main__.py"
        for node in module.nodes
        if isinstance(node, ast.Call)
        and dotted(node.func) in {"print", "sys.stdout.write", "sys.stderr.write"}
    ]


def writes_to_streams(house: House) -> list[str]:
    """Nothing is PUT to a stream server: it would write the keys into its configuration file."""
    found = []
    for module in house.python(ENGINE / "stream"):
        for node in module.nodes:
            text = literal(node)
            if text is not None and text.strip().upper() == "PUT":
                found.append(f"{module.at(node)}: says PUT")
            if (
                isinstance(node, ast.Call)
                and (name := dotted(node.func)).endswith(".put")
                and "queue" not in name
            ):
                found.append(f"{module.at(node)}: {name} puts")
    return found


_VENDOR = re.compile(r"\b(?:[a-z0-9-]+\.)*wyze[a-z0-9-]*\.(?:com|io|net|org|cn)\b", re.IGNORECASE)


def real_hosts(house: House) -> list[str]:
    """Only the engine's cloud room names real hosts of the vendor: no test, tool or page does."""
    found = []
    for path, text in house.texts():
        inside = path.parts[0] in {"tests", "dev", "docs", "script", "blueprints"} or len(path.parts) == 1
        code = (
            path.is_relative_to(HALL) and path.suffix == ".py" and not path.is_relative_to(ENGINE / "cloud")
        )
        if (inside or code) and path.suffix != ".lock":
            found += [f"{path}: names {match[0]}" for match in _VENDOR.finditer(text)]
    return found


_PLACES = re.compile(r"(?<![\w.~-])/(?:work|root|mnt/data)/|/home/(?!runner\b)[a-z]\w*/|file:///(?!path)")
_REGISTRY = re.compile(
    r"(?:--(?:extra-)?index-url|GOPROXY=\S|registry=|://[\w.:-]*(?:artifactory|nexus|registry|mirror)[\w.-]*)"
)
_HISTORY = re.compile(r"\b(?:LLM|ChatGPT|Claude|Copilot|Co-Authored-By)\b", re.IGNORECASE)


def machine_places(house: House) -> list[str]:
    """No file tells on which machine, from which registry or by whom it was made."""
    found = []
    for path, text in house.texts():
        if path == Path("tests/contract/checks/forbidden.py"):
            continue
        for pattern, what in (
            (_PLACES, "a place on one machine"),
            (_REGISTRY, "a registry"),
            (_HISTORY, "its history"),
        ):
            found += [f"{path}: names {what}: {match[0]}" for match in pattern.finditer(text)]
        if path.suffix == ".lock" and "://" in text:
            found.append(f"{path}: a lock names packages, not hosts")
    return found


_TODO = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")


def todo(house: House) -> list[str]:
    """Nothing is left for later in a file: that is what issues are for."""
    return [
        f"{path}: {match[0]}"
        for path, text in house.texts()
        if path.suffix not in {".lock", ".sum", ".json"}
        for match in _TODO.finditer(text)
    ]


def large_files(house: House) -> list[str]:
    """Files stay small; tests and tables may be longer."""
    found = []
    for module in house.python("custom_components", "dev", "script"):
        lines = module.text.count("\n")
        if lines > MAX_FILE and str(module.path) not in LARGE_FILES:
            found.append(f"{module.path}: {lines} lines, more than {MAX_FILE}")
    known = {str(module.path) for module in house.python("custom_components", "dev", "script")}
    found += [f"LARGE_FILES: there is no {path}" for path in LARGE_FILES if path not in known]
    return found


def large_functions(house: House) -> list[str]:
    """Functions stay small: what they do fits on a screen, their docstring not counted."""
    found = []
    seen = set()
    for module in house.python("custom_components", "dev"):
        for node in module.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{module.path}:{node.name}"
                seen.add(name)
                lines = (node.end_lineno or 0) - node.lineno + 1 - docstring_lines(node)
                if lines > MAX_FUNCTION and name not in LARGE_FUNCTIONS:
                    found.append(
                        f"{module.at(node)}: {node.name} has {lines} lines, more than {MAX_FUNCTION}"
                    )
    found += [f"LARGE_FUNCTIONS: there is no {name}" for name in LARGE_FUNCTIONS if name not in seen]
    return found


def future_imports(house: House) -> list[str]:
    """Python 3.14 needs no future, and Home Assistant's schemas come from probatio."""
    found = []
    for module in _of_us(house):
        for node in module.nodes:
            names = []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            found += [
                f"{module.at(node)}: imports {name}"
                for name in names
                if name in {"__future__", "voluptuous", "httpx"}
            ]
    return found


def revealing(house: House) -> list[str]:
    """Few files look into a secret, and each says what for."""
    found = []
    seen = set()
    for module in house.python(HALL):
        name = str(module.path.relative_to(HALL))
        calls = [node for node in module.nodes if isinstance(node, ast.Attribute) and node.attr == "reveal"]
        if calls or name == "engine/model/secret.py":
            seen.add(name)
        if calls and name not in REVEALING:
            found.append(f"{module.at(calls[0])}: looks into a secret; say what for in REVEALING")
    found += [f"REVEALING: {name} looks into nothing" for name in REVEALING if name not in seen]
    return found


def sleeps(house: House) -> list[str]:
    """Tests wait for something, never for some time."""
    return [sentence for module in house.python("tests") for sentence in _sleeps(module)]


def _sleeps(module: Module) -> Iterator[str]:
    if module.path.parts[1] in {"support", "contract"}:
        return
    parents = module.parents()
    for node in module.nodes:
        if not isinstance(node, ast.Call) or dotted(node.func) not in {"time.sleep", "asyncio.sleep"}:
            continue
        argument = node.args[0] if node.args else None
        # A variable is a window in which something is measured.
        if not isinstance(argument, ast.Constant) or argument.value == 0:
            continue
        above = list(_above(node, parents))
        names = {f"{module.path}:{getattr(parent, 'name', '')}" for parent in above}
        if not names & SLEEPS.keys() and not any(isinstance(parent, ast.While) for parent in above):
            yield f"{module.at(node)}: sleeps for some time instead of waiting for something"


def _above(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while (found := parents.get(node)) is not None:
        yield found
        node = found
