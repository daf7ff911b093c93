"""Personal data out of a text, typed placeholders in.

Presidio's pattern recognisers find it (cards by Luhn, IBANs and SSNs by their rules, phone numbers
by libphonenumber), on no trained model. They are asked directly and only where a cheap sign of
their kind stands in the text, which is what makes a day of messages take seconds.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nlp.clean import PLACEHOLDER
from nlp.errors import SettingError

_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@]+@[^\s]+", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]+@[^\s@<>()\[\],;:\"]+\.[^\W\d_]{2,}")
_CARD = re.compile(r"(?<![\w])\d(?:[ \-.]?\d){11,18}(?![\w])")
_IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?:[ \-]?[A-Za-z0-9]){11,30}(?!\w)")
_SSN = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}[- ](?!00)\d{2}[- ](?!0000)\d{4}(?![\d-])")
# Written as only phone numbers are (a + or a leading 0, then groups), though no exchange has it.
_PHONE = re.compile(
    r"(?<![\w.+])(?:\+\d{1,3}[ -]?\(?\d|\(?0\d)\d{1,3}\)?(?:[ -]?\d{2,4}){2,4}(?![\w-])"
)
_DIGITS = re.compile(r"\d(?:\D{0,3}\d){6}")
_MONEY = re.compile(r"[£$€]\s?[\d.,]+|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b")
_RANK = ("URL", "IBAN", "CARD", "SSN", "EMAIL", "IP", "PHONE", "PERSON")


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without personal data, and the kinds that were in it (sorted, each once)."""

    text: str
    entities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    kind: str


class Redactor:
    """Finds and replaces personal data.

    `region` is the country whose national phone formats are known besides the international
    ones. `spacy_model` names an installed spaCy pipeline, or a folder, that finds person names.
    """

    def __init__(self, *, region: str = "GB", spacy_model: str | None = None) -> None:
        self.region = region
        self.spacy_model = spacy_model

    def redact(self, text: str) -> Redacted:
        """Replace what is found by `<CARD>`, `<EMAIL>`, …; redacting again changes nothing.

        Raises SettingError where `spacy_model` is not installed.
        """
        kept = [m.span() for m in PLACEHOLDER.finditer(text)]
        # Full-width digits and letters are read as what they look like; lengths stay the same.
        view = _same_length(text)
        spans = [s for s in self._find(view) if not any(s.start < b and a < s.end for a, b in kept)]
        out, at, kinds = [], 0, set()
        for span in _without_overlaps(spans):
            out += [text[at : span.start], f"<{span.kind}>"]
            at = span.end
            kinds.add(span.kind)
        return Redacted("".join([*out, text[at:]]), tuple(sorted(kinds)))

    def _find(self, text: str) -> list[_Span]:
        spans: list[_Span] = []
        if "://" in text:
            spans += [_Span(*m.span(), "URL") for m in _URL.finditer(text)]
        if "@" in text:
            spans += [_Span(*m.span(), "EMAIL") for m in _EMAIL.finditer(text)]
        if _DIGITS.search(text):
            spans += self._numbers(text)
        if text.count(".") >= 3 or text.count(":") >= 2:
            spans += self._ask("IpRecognizer", text, "IP")
        if self.spacy_model:
            spans += self._persons(text)
        return spans

    def _numbers(self, text: str) -> list[_Span]:
        spans = [
            _Span(*m.span(), "CARD")
            for m in _CARD.finditer(text)
            if self._valid_card(re.sub(r"\D", "", m.group()))
        ]
        for match in _IBAN.finditer(text):
            spans += self._iban(match)
        spans += [_Span(*m.span(), "SSN") for m in _SSN.finditer(text)]
        # Amounts and dates are not phone numbers, however they are spaced.
        hidden = _MONEY.sub(lambda m: "\0" * len(m.group()), text)
        spans += [_Span(*m.span(), "PHONE") for m in _PHONE.finditer(hidden)]
        if _DIGITS.search(hidden):
            spans += self._ask("PhoneRecognizer", hidden, "PHONE", supported_regions=self._regions)
        return spans

    @property
    def _regions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.region, "GB", "US")))

    def _valid_card(self, digits: str) -> bool:
        recogniser = self._recogniser("CreditCardRecognizer")
        return 13 <= len(digits) <= 19 and bool(recogniser.validate_result(digits))

    def _iban(self, match: re.Match[str]) -> list[_Span]:
        """The longest beginning of a match that is an IBAN: more words may follow one."""
        recogniser = self._recogniser("IbanRecognizer")
        for end in range(match.end(), match.start() + 14, -1):
            candidate = match.string[match.start() : end]
            if candidate[-1].isalnum() and recogniser.validate_result(candidate.upper()):
                return [_Span(match.start(), end, "IBAN")]
        return []

    def _ask(self, name: str, text: str, kind: str, **options: Any) -> list[_Span]:
        recogniser = self._recogniser(name, **options)
        found = recogniser.analyze(text, recogniser.supported_entities, None)
        return [_Span(r.start, r.end, kind) for r in found if r.score >= 0.3]

    def _recogniser(self, name: str, **options: Any) -> Any:
        from presidio_analyzer import predefined_recognizers

        if name not in self._recognisers:
            self._recognisers[name] = getattr(predefined_recognizers, name)(**options)
        return self._recognisers[name]

    @cached_property
    def _recognisers(self) -> dict[str, Any]:
        return {}

    def _persons(self, text: str) -> list[_Span]:
        return [
            _Span(e.start_char, e.end_char, "PERSON")
            for e in self._pipeline(text).ents
            if e.label_ in {"PERSON", "PER"}
        ]

    @cached_property
    def _pipeline(self) -> Callable[[str], Any]:
        import spacy

        assert self.spacy_model is not None
        try:
            pipeline: Callable[[str], Any] = spacy.load(self.spacy_model)
        except OSError as error:
            raise SettingError(
                f"TRIAGE_SPACY_MODEL names {self.spacy_model!r}, which is not installed. Install "
                "that spaCy pipeline or leave the setting empty"
            ) from error
        return pipeline


def _same_length(text: str) -> str:
    if text.isascii():
        return text
    folded = (unicodedata.normalize("NFKC", c) for c in text)
    return "".join(f if len(f) == 1 else c for c, f in zip(text, folded, strict=True))


def _without_overlaps(spans: list[_Span]) -> list[_Span]:
    """Of spans that overlap, keep the most specific kind, then the longest; in text order."""
    chosen: list[_Span] = []
    for span in sorted(spans, key=lambda s: (_RANK.index(s.kind), s.start - s.end, s.start)):
        if all(span.end <= c.start or c.end <= span.start for c in chosen):
            chosen.append(span)
    return sorted(chosen, key=lambda s: s.start)
