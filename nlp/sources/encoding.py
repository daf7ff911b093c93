"""The encoding of a text file: by its byte-order mark, by its bytes, or said in a setting."""

import codecs
import io
import re
from collections.abc import Callable
from typing import Any

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NULLS = {
    "utf-32-le": (1, 2, 3),
    "utf-32-be": (0, 1, 2),
    "utf-16-le": (1, 3),
    "utf-16-be": (0, 2),
}
"""Which bytes of four are NUL where letters are Latin."""
_BLOCK = 1 << 16
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]")
_WORDS = re.compile(rb"[\x80-\xff]{3,}")
_CUT = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z")
_LATIN = ("cp1252", "cp1250", "mac_roman")
"""Encodings of Latin letters, the likeliest first: what Excel writes in Western and Central
Europe, and on old Macs."""
_ODD = re.compile(
    "[^\\W\\d_][\xa1-\xb6\xb8-\xbf\xd7\xf7\u201a\u201e\u2020\u2021\u02c6\u2030]+[^\\W\\d_]"
    "|[a-z\xdf-\xff][\xc0-\xd6\xd8-\xde\u0152\u0160\u0178\u017d]|[^\\W\\d_][\xb3\xb9\xbf]|[\x80-\x9f\ufffd]"
)
"""What text in the right encoding hardly has: signs within words, capitals after small letters,
controls."""
_IN_WORDS = 0.5
"""Share of the bytes above ASCII that stand together as words, above which a text is in another
script than the Latin one."""


def marked_encoding(head: bytes) -> str | None:
    """Return the encoding that a mark, or the NULs of UTF-16 and UTF-32, name; None for others."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    return _by_nulls(head[:400]) if b"\0" in head[:400] else None


def _by_nulls(sample: bytes) -> str | None:
    """Return the encoding in which the NULs of mostly Latin text lie as they do in `sample`."""
    shares = [sample[i::4].count(0) * 4 / len(sample) for i in range(4)]
    for name, places in _NULLS.items():
        if all((share > 0.5) == (i in places) for i, share in enumerate(shares)):
            return name
    return None


def guess_encoding(block: bytes) -> str:
    """Return the encoding of a block with bytes above ASCII: UTF-8 unless its bytes deny it.

    Where most of these bytes are UTF-8, the others are damage, which costs their rows alone.
    """
    rest, n_characters = _MULTIBYTE.subn(b"", block)
    n_other = len(_HIGH.findall(rest))
    if 2 * n_characters >= n_other:
        return "utf-8"
    if sum(map(len, _WORDS.findall(block))) > _IN_WORDS * len(_HIGH.findall(block)):
        return _other_script(block)
    return min(_LATIN, key=lambda name: (_oddness(block, name), _LATIN.index(name)))


def _oddness(block: bytes, encoding: str) -> int:
    return len(_ODD.findall(block.decode(encoding, "replace")))


def _other_script(block: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(block).best()
    return best.encoding if best else "cp1252"


class Utf8(io.RawIOBase):
    """The bytes of `stream` as UTF-8, whatever its encoding, without a byte-order mark.

    While all bytes are ASCII the encoding is open; the first block with others decides it.
    `on_guess` is then called with the name, unless it is UTF-8. What cannot be decoded stays as it
    is, and so spoils its row alone.
    """

    def __init__(
        self,
        stream: Any,
        *,
        encoding: str | None,
        may_guess: bool,
        on_guess: Callable[[str], None],
    ) -> None:
        self.stream, self.may_guess, self.on_guess = stream, may_guess, on_guess
        self.encoding = encoding or marked_encoding(stream.peek(400)[:400])
        self.decoder = self._decoder()
        self.ready = self.held = b""
        self.begins = True
        if not encoding and self.encoding and self.encoding != "utf-8":
            on_guess(self.encoding)

    def _decoder(self) -> Any:
        name = self.encoding or "utf-8"
        if name == "utf-8":
            return None
        errors = "replace" if name.startswith("utf") else "surrogateescape"
        return codecs.getincrementaldecoder(name)(errors)

    def readable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def readinto(self, buffer: Any) -> int:
        """See `io.RawIOBase`."""
        while not self.ready:
            block = self.stream.read1(_BLOCK)
            self.ready = self._converted(block)
            if not block:
                break
        n = min(len(buffer), len(self.ready))
        buffer[:n], self.ready = self.ready[:n], self.ready[n:]
        return n

    def _converted(self, block: bytes) -> bytes:
        is_last = not block
        if self.encoding is None and self.may_guess:
            block = self.held + block
            cut = None if is_last else _CUT.search(block)
            block, self.held = (block[: cut.start()], cut[0]) if cut else (block, b"")
        if self.encoding is None and self.may_guess and not block.isascii():
            block, self.held = block + self.held, b""
            self.encoding = guess_encoding(block)
            self.decoder = self._decoder()
            if self.encoding != "utf-8":
                self.on_guess(self.encoding)
        if self.decoder is not None:
            text = self.decoder.decode(block, is_last)
            block = text.encode("utf-8", "surrogateescape")
        if self.begins and block:
            block, self.begins = block.removeprefix(codecs.BOM_UTF8), False
        return block
