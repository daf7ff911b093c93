"""Replace personal data in a text with typed placeholders.

`nlp.text.personal` finds each kind, by its form, by check digits, or by the words beside it; names
by cues and a list. `phonenumbers` knows which phone numbers are in service. Nothing needs a trained
model or the network; a spaCy pipeline can be named that finds more names.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from nlp.errors import SettingError
from nlp.settings import Settings
from nlp.text.clean import PLACEHOLDER
from nlp.text.personal import net
from nlp.text.personal.addresses import addresses_in
from nlp.text.personal.cards import cards_in
from nlp.text.personal.context import DIGIT, context_in
from nlp.text.personal.fold import plain_of
from nlp.text.personal.ids import ibans_in, ids_in
from nlp.text.personal.names import could_be_name, names_in
from nlp.text.personal.packages import check_packages
from nlp.text.personal.patterns import read_patterns
from nlp.text.personal.spans import Finding, Kind, merged
from nlp.text.phones import SIGN as DIGITS
from nlp.text.phones import PhoneFinder, blanked

_WORD_BREAK = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")
_FEW_CHARS = 5_000
_FEW_PASSES = 4
"""How often a text longer than `_FEW_CHARS` is searched at most, so that time stays linear."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without personal data, and the kinds that were in it (sorted, each once)."""

    text: str
    entities: tuple[str, ...]


class Redactor:
    """Finds and replaces personal data.

    `region` is the country whose national phone formats are recognised in addition to the British,
    American and international ones. `spacy_model` names an installed spaCy pipeline, or a folder,
    that finds person names. `patterns` names a file of more patterns, as `read_patterns` reads it.
    Raises SettingError where a pattern is wrong, PackageError where a list of names is missing.
    """

    def __init__(
        self, *, region: str = "GB", spacy_model: str | None = None, patterns: Path | None = None
    ) -> None:
        self.region = region
        self.spacy_model = spacy_model
        self.patterns = read_patterns(patterns) if patterns else ()
        check_packages()  # before anything is stored, not at the first name

    def redact(self, text: str, *, is_around: bool = False) -> Redacted:
        """Replace personal data with `<CARD>`, `<EMAIL>`, …; redacting again changes nothing.

        `text` must be clean (`nlp.text.clean.clean`). `is_around`: it is a greeting, closing or
        signature, in which a line may be a name alone. Raises SettingError where `spacy_model` is
        not installed.
        """
        kinds: set[str] = set()
        # A replacement may reveal a neighbour that it had hidden, so search until nothing is left.
        # The loop ends, because every replacement removes characters outside placeholders.
        n_passes = 0
        while len(text) < _FEW_CHARS or n_passes < _FEW_PASSES:
            findings = self._find(text, is_around=is_around)
            if not findings:
                break
            kinds.update(one.kind for one in findings)
            text = _replaced(text, findings)
            n_passes += 1
        return Redacted(text, tuple(sorted(kinds)))

    def redact_named(self, name: str, value: str) -> str:
        """Replace personal data in a value; `name` is treated as the words before it.

        So digits are a phone number in `mobile_number` but not in `order_id`.
        """
        before = self.redact(_WORD_BREAK.sub(" ", name)).text + ": "
        redacted = self.redact(before + value).text
        if not redacted.startswith(before):  # one span covers parts of both
            return self.redact(value).text
        return redacted.removeprefix(before)

    def _find(self, text: str, *, is_around: bool) -> list[Finding]:
        """Return the places of personal data in `text`, apart from each other and in order."""
        plain, places = plain_of(text)
        hidden = PLACEHOLDER.sub(_barred, plain) if "<" in plain else plain
        findings = list(self._numbers(hidden, plain))
        findings += [Finding(*span, Kind.PERSON) for span in names_in(hidden, is_around=is_around)]
        if places is not None:
            findings = [Finding(places[f.start], places[f.end - 1] + 1, f.kind) for f in findings]
        if self.spacy_model:
            findings += self._persons(text)
        return merged(findings)

    def _numbers(self, text: str, plain: str) -> Iterator[Finding]:
        """Yield all but names; in `text` placeholders are barred, in `plain` they are not."""
        if "://" in text:
            yield from _as(Kind.URL, (m.span() for m in net.URL.finditer(text)))
        if "@" in text:
            yield from _as(Kind.EMAIL, net.emails_in(text))
        for pattern in self.patterns:
            spans = (m.span() for m in pattern.finditer(text) if m[0].strip("<|> \n\t"))
            yield from _as(Kind.PRIVATE, spans)
        findings = list(context_in(text))
        if DIGIT.search(text):
            findings += self._with_digits(text, plain, findings)
        yield from findings

    def _with_digits(self, text: str, plain: str, by_words: list[Finding]) -> Iterator[Finding]:
        """Yield what has digits; `told` is what words beside it tell already."""
        known = [(f.start, f.end) for f in by_words]
        rest = blanked(text, known)
        findings = list(_as(Kind.IBAN, ibans_in(text)))
        if "." in text or ":" in text:
            findings += _as(Kind.IP, net.ips_in(text))
        findings += _as(Kind.ID, net.macs_in(text))
        findings += ids_in(text)
        findings += _as(Kind.ADDRESS, addresses_in(text))
        if sum(map(str.isdigit, rest)) >= 12:
            findings += _as(Kind.CARD, cards_in(rest))
        if DIGITS.search(text):
            known += [(f.start, f.end) for f in findings]
            phones = PhoneFinder(self._regions, in_service=self._phones_in_service)
            findings += _as(Kind.PHONE, phones.find(blanked(plain, known)))
        yield from findings

    def _phones_in_service(self, text: str) -> set[tuple[int, int]]:
        from phonenumbers import PhoneNumberMatcher

        return {
            (match.start, match.end)
            for region in self._regions
            for match in PhoneNumberMatcher(text, region)
        }

    def _persons(self, text: str) -> Iterator[Finding]:
        for entity in self._pipeline(text).ents:
            if entity.label_ in {"PERSON", "PER"}:
                hidden = PLACEHOLDER.sub(lambda m: "\n" * len(m.group()), entity.text)
                for piece in re.finditer(r"[^\s](?:[^\n]*[^\s])?", hidden):
                    start, end = (entity.start_char + i for i in piece.span())
                    if could_be_name(piece[0]):
                        yield Finding(start, end, Kind.PERSON)

    @property
    def _regions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.region, "GB", "US")))

    @cached_property
    def _pipeline(self) -> Callable[[str], Any]:
        assert self.spacy_model is not None
        return _load_pipeline(self.spacy_model)


def redactor_of(settings: Settings) -> Redactor:
    """Return the redactor that the settings ask for. Raises as `Redactor` does."""
    return Redactor(
        region=settings.redact_region,
        spacy_model=settings.spacy_model,
        patterns=settings.redact_patterns,
    )


@lru_cache(maxsize=1)
def _load_pipeline(name: str) -> Callable[[str], Any]:
    """Load a spaCy pipeline, once per process: a replay needs it on every day."""
    import spacy

    try:
        pipeline: Callable[[str], Any] = spacy.load(name)
    except OSError as error:
        raise SettingError(
            f"TRIAGE_SPACY_MODEL names {name!r}, which is not installed. Install that spaCy "
            "pipeline or leave the setting empty"
        ) from error
    return pipeline


def _barred(placeholder: re.Match[str]) -> str:
    return f"<{'|' * (len(placeholder[0]) - 2)}>"


def _as(kind: Kind, spans: Iterator[tuple[int, int]] | list[tuple[int, int]]) -> Iterator[Finding]:
    return (Finding(*span, kind) for span in spans)


def _replaced(text: str, findings: list[Finding]) -> str:
    pieces, at = [], 0
    for one in findings:
        pieces += [text[at : one.start], f"<{one.kind}>"]
        at = one.end
    return "".join([*pieces, text[at:]])
