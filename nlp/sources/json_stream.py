"""The values of a JSON file one by one, so that a file of any size takes little memory."""

import json
import re
from collections.abc import Iterator
from typing import Any

from nlp.sources.csv_rows import NOT_UTF8, UnreadableError, is_utf8
from nlp.sources.limits import Limits
from nlp.sources.unpack import TooLargeError

_CHUNK = 1 << 16
_HEAD = 1 << 20
_BLANK = re.compile(r"[ \t\r\n]*")
_NOT_JSON = "The row is not JSON"
_decode = json.JSONDecoder().raw_decode


def values_of(stream: Any, limits: Limits) -> Iterator[tuple[Any, str | None]]:
    """Yield the values of a stream of UTF-8, and for one that cannot be read the reason.

    A file is read line by line where its first line is a value, else as one document. Of an array,
    and of a list in an object that is longer than a row may be, the elements are yielded.
    """
    head = stream.peek(_HEAD).decode("utf-8", "surrogateescape")
    if _is_document(head):
        yield from _Document(stream, limits).values()
    else:
        yield from _lines(stream, limits)


def _is_document(head: str) -> bool:
    text = head.lstrip(" \t\r\n\ufeff")
    line, newline, _ = text.partition("\n")
    if newline and _is_value(line):
        return False
    opens = re.match(r"\{|\[[ \t\r\n]*[{\]]", text)
    if not opens:
        return False
    if not newline or line.strip() in ("{", "[", "[{"):
        return True
    try:
        _decode(text)
    except RecursionError:
        return True
    except ValueError:
        return text.startswith("[")
    return True


def _is_value(line: str) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _lines(stream: Any, limits: Limits) -> Iterator[tuple[Any, str | None]]:
    while raw := stream.readline(limits.row + 1):
        if len(raw) > limits.row and not raw.endswith(b"\n"):
            while (rest := stream.readline(_HEAD)) and not rest.endswith(b"\n"):
                pass
            yield None, f"The row has more than {limits.row:,} bytes (TRIAGE_MAX_ROW_BYTES)"
            continue
        line = raw.strip()
        if not line:
            continue
        try:
            value = json.loads(line.decode("utf-8"))
        except UnicodeDecodeError:
            yield None, NOT_UTF8
        except (ValueError, RecursionError):  # not JSON, a number too long, nested too deep
            yield None, _NOT_JSON
        else:
            yield value, nesting_problem(value, line, limits)


def nesting_problem(value: Any, text: bytes | str, limits: Limits) -> str | None:
    """Return the sentence about a value with too many levels, else None."""
    opens = (
        text.count(b"{") + text.count(b"[")
        if isinstance(text, bytes)
        else (text.count("{") + text.count("["))
    )
    if opens <= limits.nesting:
        return None
    level, depth = [value], 0
    while level and depth <= limits.nesting:
        nested = [v for v in level if isinstance(v, dict | list)]
        level = [x for v in nested for x in (v.values() if isinstance(v, dict) else v)]
        depth += bool(nested)
    if depth <= limits.nesting:
        return None
    return f"The row has more than {limits.nesting} levels (TRIAGE_MAX_NESTING)"


class _Document:
    """Decodes values from a text that is read as it is needed."""

    def __init__(self, stream: Any, limits: Limits) -> None:
        self.stream, self.limits = stream, limits
        self.text, self.at, self.is_ended = "", 0, False
        self.rest = b""

    def values(self) -> Iterator[tuple[Any, str | None]]:
        """Yield the values of the file; see `values_of`."""
        while self._next():
            if self._next() == "[":
                yield from self._elements()
            elif (whole := self._whole()) is not None:
                yield whole
            else:
                yield from self._descend()

    def _elements(self) -> Iterator[tuple[Any, str | None]]:
        self.at += 1
        while self._next() not in ("]", ""):
            if self._next() == ",":
                self.at += 1
                continue
            whole = self._whole()
            if whole is None:
                raise TooLargeError(
                    f"an element has more than {self.limits.row:,} bytes. Correct the file, or "
                    "raise TRIAGE_MAX_ROW_BYTES"
                )
            yield whole
        self._expect("]")

    def _descend(self) -> Iterator[tuple[Any, str | None]]:
        """Yield the elements of the lists of objects in an object that is too long to be read."""
        self._expect("{")
        while self._next() not in ("}", ""):
            if self._next() == ",":
                self.at += 1
                continue
            self._whole()  # the key
            self._expect(":")
            if self._next() == "[":
                yield from self._elements()
            elif self._whole() is None:
                yield from self._descend()
        self._expect("}")

    def _whole(self) -> tuple[Any, str | None] | None:
        """Return the value at this place; None where it is longer than a row may be."""
        self._next()
        while True:
            try:
                value, end = _decode(self.text, self.at)
            except RecursionError as error:
                raise TooLargeError(
                    f"a value has more than {self.limits.nesting} levels. Correct the file, or "
                    "raise TRIAGE_MAX_NESTING"
                ) from error
            except ValueError as error:
                if len(self.text) - self.at > self.limits.row:
                    return None
                if not self._more():
                    raise UnreadableError("the JSON is cut short or damaged") from error
                continue
            if end == len(self.text) and self._more():  # a number may go on
                continue
            if end - self.at > self.limits.row:
                return None
            raw, self.at = self.text[self.at : end], end
            problem = None if is_utf8(raw) else NOT_UTF8
            return value, problem or nesting_problem(value, raw, self.limits)

    def _next(self) -> str:
        """Skip blanks; return the next character, empty at the end of the file."""
        while True:
            match = _BLANK.match(self.text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self._more():
                return ""

    def _expect(self, character: str) -> None:
        if self._next() != character:
            raise UnreadableError("the JSON is cut short or damaged")
        self.at += 1

    def _more(self) -> bool:
        """Read on: twice as much each time that a value does not end; whether there was any."""
        self.text, self.at = self.text[self.at :], 0
        data = self.stream.read(max(_CHUNK, len(self.text)))
        if not data:
            return False
        data = self.rest + data
        cut = _cut(data)
        self.rest, data = data[cut:], data[:cut]
        self.text += data.decode("utf-8", "surrogateescape")
        return True


def _cut(data: bytes) -> int:
    """Return where to cut bytes so that no character is split."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte >= 0xC0:
            n = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) if back >= n else len(data) - back
        if byte < 0x80:
            break
    return len(data)
