"""The phrases around the customers' requests in the mail streams."""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

VARIABLE = "TRIAGE_BENCH_PHRASES"
"""Environment variable with another phrase file; `--phrases` sets it."""
OWN_PHRASES = Path(__file__).with_name("mail_phrases.json")
_WORD = re.compile(r"[^\W\d_]{2,}")
"""Two or more letters, so not initials."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """Phrases by role; each role has at least one."""

    greeting: tuple[str, ...]
    """In mail, `{agent}` is replaced by a name."""
    remark: tuple[str, ...]
    connector: tuple[str, ...]
    """Stands before a second or third request."""
    closing: tuple[str, ...]
    name: tuple[str, ...]
    signature: tuple[str, ...]
    """`{name}` is replaced by the customer's name."""
    disclaimer: tuple[str, ...]
    quote_header: tuple[str, ...]
    """Headers of mail programs, `{name}` as above; after a leading `|`, quoted lines get `> `."""
    agent: tuple[str, ...]
    """Texts of the support team in the quoted history."""
    agent_close: tuple[str, ...]
    form: tuple[str, ...]
    """Fields of a web form, separated by `|`: name, number, message, and optionally a yes or no."""
    machine: tuple[str, ...]
    """Whole messages that no person wrote."""


def phrase_file() -> Path:
    """Return the requested phrase file, by default the bench's own."""
    return Path(os.environ.get(VARIABLE, OWN_PHRASES))


def load_phrases(file: Path) -> Phrases:
    """Read a phrase file: JSON with a list of strings per role.

    Raises ValueError with the name of the role if a role is missing or has no or an empty list, and
    if a form has fewer than three fields.
    """
    result = json.loads(file.read_text(encoding="utf-8"))
    for role in (f.name for f in fields(Phrases)):
        of_role = result.get(role)
        if not isinstance(of_role, list) or not of_role or not all(map(_is_phrase, of_role)):
            raise ValueError(f"{file}: {role} must be a list of phrases, was: {of_role!r}")
    if short := [form for form in result["form"] if form.count("|") < 2]:
        raise ValueError(f"{file}: a form must have at least 3 fields, was: {short[0]!r}")
    return Phrases(**{f.name: tuple(result[f.name]) for f in fields(Phrases)})


def boilerplate_words(phrases: Phrases, texts: Iterable[str]) -> frozenset[str]:
    """Return the words of names, signatures and closings that none of `texts` contains, casefolded.

    Signatures contain the firm's name. Words that customers also use are not boilerplate.
    """
    words = {word for text in texts for word in words_of(text)}
    around = (*phrases.name, *phrases.signature, *phrases.closing)
    return frozenset(w for phrase in around for w in words_of(phrase.replace("{name}", ""))) - words


def words_of(text: str) -> list[str]:
    """Return the casefolded words of a text that have at least two letters."""
    return _WORD.findall(text.casefold())


def _is_phrase(value: object) -> bool:
    return isinstance(value, str) and bool(value)
