"""Read a file of patterns for what else is personal in one's own messages.

The file is TOML. Each pattern names what it finds, and is tested by its own examples whenever the
file is read:

    [[pattern]]
    name = "member number"
    regex = 'MB-\\d{6}'
    examples = ["my member number is MB-204711"]
    counterexamples = ["order MB-12"]
"""

import re
import time
import tomllib
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nlp.errors import SettingError

_KEY = "TRIAGE_REDACT_PATTERNS"
_ORDINARY = (
    "I am still waiting on my card, can you help me please?",
    "Why was I charged a fee of 2.50 for the transfer on 12 March?",
    "Hello, the app does not open any more. Thanks",
)
"""A pattern that finds most of these finds everything."""
_LONG = tuple(
    (unit * n)[:n]
    for n in (20, 24, 28, 200, 2_000, 6_000)
    for unit in ("a", "1", "a1 ", " ", "ab-")
)
"""The shortest first: a pattern of exponential time is noticed before it takes for ever."""
_SECONDS = 0.1
"""For each of `_LONG`; a pattern that takes longer could stop a day of messages."""


class Pattern(BaseModel):
    """One pattern of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    regex: str = Field(min_length=1)
    examples: tuple[str, ...] = Field(min_length=1)
    """Texts in which the pattern finds something."""
    counterexamples: tuple[str, ...] = ()
    """Texts in which it finds nothing."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pattern: tuple[Pattern, ...] = Field(min_length=1)


@lru_cache(maxsize=4)
def read_patterns(file: Path) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of a file, each tested.

    Raises SettingError, which names the pattern and what is wrong: no TOML, no regular expression,
    an example that is not found, a counterexample that is, a pattern that finds everything or
    nothing visible, one that takes long.
    """
    try:
        patterns = _File.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))).pattern
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(f"{_KEY}: {file} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise SettingError(f"{_KEY}: {file}, {where}: {first['msg']}") from error
    return tuple(_tested(pattern) for pattern in patterns)


def _tested(pattern: Pattern) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern.regex)
    except (re.error, RecursionError, OverflowError) as error:
        raise _wrong(pattern, f"is no regular expression: {error}") from error
    if any(not m[0].strip() for text in pattern.examples for m in compiled.finditer(text)):
        raise _wrong(pattern, "matches an empty text; it would redact nothing")
    if any(_share(compiled, text) > 0.5 for text in _ORDINARY) or (
        all(compiled.search(text) for text in _ORDINARY)
    ):
        raise _wrong(pattern, "finds ordinary words: everything would be redacted")
    for text in pattern.examples:
        if not compiled.search(text):
            raise _wrong(pattern, f"does not find its example {text!r}")
    for text in pattern.counterexamples:
        if compiled.search(text):
            raise _wrong(pattern, f"finds its counterexample {text!r}")
    for text in _LONG:
        started = time.process_time()
        compiled.search(text + "!")
        if time.process_time() - started > _SECONDS:
            raise _wrong(pattern, "takes too long on a long text: bound its repetitions")
    return compiled


def _share(compiled: re.Pattern[str], text: str) -> float:
    return sum(len(m[0]) for m in compiled.finditer(text)) / len(text)


def _wrong(pattern: Pattern, what: str) -> SettingError:
    return SettingError(f"{_KEY}: the pattern {pattern.name!r} {what}")
