"""Find links with secrets, e-mail addresses, IP and MAC addresses.

Four numbers with stops between are an address or a version: the words before decide, then the
size of the numbers.
"""

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv6Address

Span = tuple[int, int]

URL = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://(?:[^\s/?#]{1,300}@|[^\s/?#:@]{1,100}:\S{0,300}@)\S*"
    r"|\bhttps?://\S{1,500}[?&#](?:access_token|token|password|passwd|pwd|secret|api_?key)=\S*",
    re.IGNORECASE,
)
# The bounds are those of RFC 5321; without them a long word takes quadratic time.
_LOCAL = re.compile(r"[^\s@<>()\[\],;:\"]{1,64}\Z")
_DOMAIN = re.compile(r"@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")
_V4 = re.compile(r"(?<![\d.])(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_V6 = re.compile(r"(?<![\w:.])[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}(?![\w:])", re.IGNORECASE)
_MAC = re.compile(r"(?<![\w:-])[\da-f]{2}(?:([:-])[\da-f]{2})(?:\1[\da-f]{2}){4}(?![\w:-])", re.I)
_ADDRESS = re.compile(
    r"\bips?\b|\bipv4\b|\baddress\b|\blog(?:ged|ging)?[- ]?(?:in|on)\b|\bfrom\b|\bping\b|\bhost\b|\bserver\b|\bproxy\b"
    r"|\bvpn\b|\bsubnet\b|\bgateway\b|\bdns\b|\bblock(?:ed)?\b|\blocation\b|\bdevice at\b",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"\bv(?:er(?:sion)?s?)?\.?\b|\bupdate[ds]?\b|\bupgrade[ds]?\b|\brelease\b|\bbuild\b|\bfirmware\b|\bsection\b|\bclause\b"
    r"|\bparagraph\b|\bchapter\b|\bapp\b|\bbrowser\b|\bdriver\b|\bsoftware\b|\bios\b|\bandroid\b|\bwindows\b"
    r"|\bchrome\b|\bfirefox\b|\bedge\b|\bsafari\b|\bopera\b|\bmacos\b|\bkernel\b|\bsdk\b|\bpatch\b|§",
    re.IGNORECASE,
)
_BEFORE = 30


def emails_in(text: str) -> Iterator[Span]:
    """Yield the spans of e-mail addresses; linear time, also in a row of `@`."""
    at = text.find("@")
    last_end = 0
    while at >= 0:
        local = _LOCAL.search(text, max(last_end, at - 64), at)
        domain = _DOMAIN.match(text, at) if local else None
        if local and domain:
            yield local.start(), domain.end()
            last_end = domain.end()
        at = text.find("@", domain.end() if domain else at + 1)


def ips_in(text: str) -> Iterator[Span]:
    """Yield the spans of IP addresses, without versions, sections and times."""
    for match in _V4.finditer(text):
        numbers = [int(group) for group in match.groups()]
        if max(numbers) <= 255 and _is_address(text, match.start(), numbers):
            yield match.span()
    if ":" in text:
        yield from _v6(text)


def macs_in(text: str) -> Iterator[Span]:
    """Yield the spans of hardware addresses; one of digits alone may be a time."""
    for match in _MAC.finditer(text):
        if any(c.isalpha() for c in match[0]):
            yield match.span()


def _v6(text: str) -> Iterator[Span]:
    for match in _V6.finditer(text):
        groups = [group for group in match[0].split(":") if group]
        is_rare = any(len(group) >= 3 for group in groups) and len(groups) >= 3
        if not groups or not any(map(str.isdigit, match[0])):
            continue
        is_named = re.search(
            r"\bip(?:v6)?\b", text[max(0, match.start() - 20) : match.start()], re.I
        )
        if not (is_rare or len(groups) >= 6 or is_named):
            continue
        try:
            IPv6Address(match[0])
        except AddressValueError:
            continue
        yield match.span()


def _is_address(text: str, start: int, numbers: list[int]) -> bool:
    before = text[max(0, start - _BEFORE) : start]
    if before[-1:] in "/vV_-" and before[-1:]:
        return bool(re.search(r"//\Z|\s/\Z", before))
    cues = [(m.end(), True) for m in _ADDRESS.finditer(before)]
    cues += [(m.end(), False) for m in _VERSION.finditer(before)]
    if cues:
        return max(cues)[1]
    if numbers[3] == 0 or numbers[0] == 0:
        return False
    return numbers[0] == 10 or max(numbers) > 99
