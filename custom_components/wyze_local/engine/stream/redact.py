"""Takes keys and personal data out of a line of text: the last net under everything go2rtc prints.

Two nets, one over the other: the values that are known to be secret, in whatever encoding they may be
printed, and the shapes that secrets have, for those that nobody registered.
"""

import base64
import re
from collections import Counter
from collections.abc import Iterable

from ..model import Secret

MASK = "***"

MIN_LENGTH = 6
"""Shorter values are not looked for: they would blank innocent text. The shapes below still catch them."""

_KEYS = (
    r"uid|enr|mac|auth|authorization|access_token|refresh_token|token|secret|password|passwd|pass|pwd|"
    r"user|username|email|api_key|apikey|api_id|key_id|src"
)
# No shape may be slow on any text: what repeats is bounded, and begins nowhere twice.
_SCHEMES = "rtsps?|rtspx|rtmps?|https?|httpx|onvif|wyze"
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    # enr=…, also percent-encoded; up to whatever can end a query value or a word.
    (
        re.compile(
            rf"(?i)(?:(?<![a-z0-9])|(?<=%[0-9a-f][0-9a-f]))({_KEYS})(=|%3d|%253d)(?:(?!%(?:25)?26)[^\s&\"'#,;<>\\])+"
        ),
        rf"\1\2{MASK}",
    ),
    # "enr":"…", also with escaped quotes.
    (re.compile(rf"(?i)(\\?\"(?:{_KEYS})\\?\"\s*:\s*\\?\")[^\"\\]*"), rf"\1{MASK}"),
    # scheme://user:password@
    (re.compile(r"(?i)((?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,15}://)[^\s\"'<>]{0,256}@"), rf"\1{MASK}@"),
    # What follows the host of a camera's or a stream's URL.
    (
        re.compile(rf"(?i)((?:{_SCHEMES})://[^\s/?#\"'<>\\]{{0,256}}[/?#])[^\s\"'<>]+"),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)(?<![\w.+-])[\w.+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,63}(?![\w-])"), MASK),
    # Hardware addresses, with and without separators.
    (re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{2}([:-]|%3a)(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![0-9a-f])"), MASK),
    (re.compile(r"(?i)(?<![0-9a-z])[0-9a-f]{12}(?![0-9a-z])"), MASK),
    # IPv6 with a gap, or in full; a link-local one holds the hardware address.
    (re.compile(r"(?i)(?<![0-9a-z:.])(?=[0-9a-f:]*::)[0-9a-f:]{3,}(?:%[\w.-]+)?(?![0-9a-z:])"), MASK),
    (re.compile(r"(?i)(?<![0-9a-z:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![0-9a-z:])"), MASK),
    # P2P ids, and the random names of streams.
    (re.compile(r"(?<![0-9A-Za-z])[A-Z0-9]{20}(?![0-9A-Za-z])"), MASK),
    (re.compile(r"(?i)(?<![0-9a-z])[0-9a-f]{32,}(?![0-9a-z])"), MASK),
)
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d]|\.\d)")
_OWN = frozenset({"127.0.0.1", "0.0.0.0"})  # noqa: S104


class Redactor:
    """Knows the secrets of the moment and masks them."""

    def __init__(self) -> None:
        """Begin without any registered secret; the shapes always count."""
        self._known: Counter[Secret] = Counter()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secrets: Iterable[Secret]) -> None:
        """Look for these values from now on. Adding twice needs removing twice."""
        for secret in secrets:
            self._known[secret] += 1
        self._pattern = None

    def remove(self, secrets: Iterable[Secret]) -> None:
        """Look for these values no more, unless somebody else added them too."""
        for secret in secrets:
            self._known[secret] -= 1
            if self._known[secret] <= 0:
                del self._known[secret]
        self._pattern = None

    def redact(self, text: str) -> str:
        """Return the text without secrets and personal data."""
        if self._pattern is None:
            self._pattern = _compile(self._known)
        text = self._pattern.sub(MASK, text)
        for shape, replacement in _SHAPES:
            text = shape.sub(replacement, text)
        return _IPV4.sub(lambda match: match[0] if match[0] in _OWN else MASK, text)


def _compile(secrets: Iterable[Secret]) -> re.Pattern[str]:
    """Return one pattern for all values, the longest first so that none is masked by halves."""
    forms: set[str] = set()
    for secret in secrets:
        value = secret.reveal()
        if len(value) < MIN_LENGTH:
            continue
        forms.add("".join(_character(character) for character in value))
        raw = value.encode(errors="surrogatepass")
        for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
            forms.add(re.escape(encoded.decode().rstrip("=")))
        forms.add(raw.hex())
    if not forms:
        return re.compile(r"(?!)")
    return re.compile("|".join(sorted(forms, key=len, reverse=True)), re.IGNORECASE)


def _character(character: str) -> str:
    """Return a pattern for one character as any of the usual encoders may print it."""
    if character.isascii() and character.isalnum():
        return character
    also = _ALSO.get(character, "")
    if character.isascii():
        code = f"{ord(character):02x}"
        return rf"(?:\\?{re.escape(character)}|%(?:25)?{code}|\\(?:u00|x){code}{also})"
    raw = character.encode(errors="surrogatepass")
    units = character.encode("utf-16-be", errors="surrogatepass").hex()
    ways = [
        re.escape(character),
        "".join(f"%(?:25)?{byte:02x}" for byte in raw),
        "".join(rf"\\x{byte:02x}" for byte in raw),
        "".join(rf"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)),
    ]
    return f"(?:{'|'.join(ways)})"


_ALSO = {
    " ": r"|\+",
    "&": "|&amp;",
    "<": "|&lt;",
    ">": "|&gt;",
    '"': "|&#34;",
    "'": "|&#39;",
    "\n": r"|\\n",
    "\r": r"|\\r",
    "\t": r"|\\t",
}
