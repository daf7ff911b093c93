"""Replace personal data in a text with typed placeholders.

Presidio's recognisers, which need no trained model, validate the candidates: cards by Luhn, IBANs
by checksum and country, IP addresses, phone numbers by libphonenumber. They are called directly,
and only where the text has a cheap sign of their kind, so that a day of messages takes seconds and
nothing uses the network. The candidates are chosen here, because Presidio's own patterns miss a
card followed by its expiry date and an IBAN followed by a word.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from nlp.errors import SettingError
from nlp.text.clean import PLACEHOLDER
from nlp.text.phones import SIGN as DIGITS
from nlp.text.phones import PhoneFinder, blanked

_URL = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://(?:[^\s/?#]{1,300}@|[^\s/?#:@]{1,100}:\S{0,300}@)\S*"
    r"|\bhttps?://\S{1,500}[?&#](?:access_token|token|password|passwd|pwd|secret|api_?key)=\S*",
    re.IGNORECASE,
)
# The bounds are those of RFC 5321; without them a long word takes quadratic time.
_EMAIL = re.compile(
    r"[^\s@<>()\[\],;:\"]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]"
)
_DIGIT_RUN = re.compile(r"\d(?:[\s.\-]{0,2}\d){11,}")
_ISSUER = re.compile(  # length by issuer, because a tenth of all numbers pass Luhn
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[0689]\d{12,17}|35\d{14,17}"
    r"|(?:5[0678]|6\d)\d{10,17}|(?:1\d{3}|2131)\d{11}|9792\d{12}"
)
_IBAN = re.compile(r"(?=([A-Za-z]{2}\d{2}(?:[\s.\-]{0,2}[A-Za-z0-9]){11,30}))")
_SSN = re.compile(
    r"(?<!\d)(?<!\d-)(\d{3}-\d{2}-\d{4})(?!-?\d)"
    r"|(?:\bssn|social security)\D{0,30}(\d{3}[- .]?\d{2}[- .]?\d{4})(?!\d)",
    re.IGNORECASE,
)
_IP_SIGN = re.compile(r"\d\.\d{1,3}\.\d{1,3}\.\d|:[\da-f]{0,4}:", re.IGNORECASE)
_WORD_BREAK = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")
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

    `region` is the country whose national phone formats are recognised in addition to the British,
    American and international ones. `spacy_model` names an installed spaCy pipeline, or a folder,
    that finds person names.
    """

    def __init__(self, *, region: str = "GB", spacy_model: str | None = None) -> None:
        self.region = region
        self.spacy_model = spacy_model

    def redact(self, text: str) -> Redacted:
        """Replace personal data with `<CARD>`, `<EMAIL>`, …; redacting again changes nothing.

        `text` must be clean (`nlp.text.clean.clean`): a control character hides a card number.
        Raises SettingError where `spacy_model` is not installed.
        """
        kinds: set[str] = set()
        # A replacement may reveal a neighbour that it had hidden, so search until nothing is left.
        # The loop ends, because every replacement removes characters outside placeholders.
        while spans := _merged(self._find(_same_length(text))):
            kinds.update(span.kind for span in spans)
            text = _replaced(text, spans)
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

    def _find(self, text: str) -> list[_Span]:
        spans: list[_Span] = []
        if "://" in text:
            spans += [_Span(*m.span(), "URL") for m in _URL.finditer(text)]
        if "@" in text:
            spans += [_Span(*m.span(), "EMAIL") for m in _EMAIL.finditer(text)]
        if DIGITS.search(text):
            spans += self._cards(text)
            spans += [_Span(*m.span(1 if m[1] else 2), "SSN") for m in _SSN.finditer(text)]
        if any(map(str.isdigit, text)):
            spans += self._ibans(text)
        if _IP_SIGN.search(text):
            spans += self._ips(text)
        spans += self._phones(blanked(text, ((s.start, s.end) for s in spans)))
        if self.spacy_model:
            spans += self._persons(text)
        return spans

    def _cards(self, text: str) -> Iterator[_Span]:
        """Every series of whole digit groups that forms a card: an expiry date may follow it."""
        valid = self._recogniser("CreditCardRecognizer").validate_result
        for run in _DIGIT_RUN.finditer(text):
            groups = [m.span() for m in re.finditer(r"\d+", run.group())]
            for i, (start, _) in enumerate(groups):
                digits = ""
                for first, end in groups[i:]:
                    digits += run.group()[first:end]
                    if len(digits) > 19:
                        break
                    if _ISSUER.fullmatch(digits) and valid(digits):
                        yield _Span(run.start() + start, run.start() + end, "CARD")

    def _ibans(self, text: str) -> Iterator[_Span]:
        for match in _IBAN.finditer(text):
            if match[1][:2].upper() in self._iban_countries:
                yield from self._iban(match)

    def _iban(self, match: re.Match[str]) -> Iterator[_Span]:
        """The longest prefix of a match that is an IBAN: more words may follow it."""
        valid = self._recogniser("IbanRecognizer", exact_match=True).validate_result
        at = [i for i, c in enumerate(match[1]) if c.isalnum()]
        compact = "".join(match[1][i] for i in at).upper()
        for length in range(len(compact), 14, -1):
            if valid(compact[:length]):
                yield _Span(match.start(1), match.start(1) + at[length - 1] + 1, "IBAN")
                return

    def _ips(self, text: str) -> Iterator[_Span]:
        for start, end in self._ask("IpRecognizer", text):
            if any(map(str.isdigit, text[start:end])):  # `add::` is not an address
                yield _Span(start, end, "IP")

    def _phones(self, text: str) -> Iterator[_Span]:
        finder = PhoneFinder(self._regions, in_service=self._phones_in_service)
        for start, end in finder.find(text):
            yield _Span(start, end, "PHONE")

    def _phones_in_service(self, text: str) -> list[tuple[int, int]]:
        return self._ask("PhoneRecognizer", text, supported_regions=self._regions)

    def _persons(self, text: str) -> Iterator[_Span]:
        for entity in self._pipeline(text).ents:
            if entity.label_ in {"PERSON", "PER"}:
                hidden = PLACEHOLDER.sub(lambda m: "\n" * len(m.group()), entity.text)
                for piece in re.finditer(r"[^\s](?:[^\n]*[^\s])?", hidden):
                    start, end = (entity.start_char + i for i in piece.span())
                    yield _Span(start, end, "PERSON")

    @property
    def _regions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.region, "GB", "US")))

    def _ask(self, name: str, text: str, **options: Any) -> list[tuple[int, int]]:
        recogniser = self._recogniser(name, **options)
        results = recogniser.analyze(text, recogniser.supported_entities, None)
        return [(r.start, r.end) for r in results if r.score >= 0.3]

    def _recogniser(self, name: str, **options: Any) -> Any:
        if name not in self._recognisers:
            from presidio_analyzer import predefined_recognizers

            self._recognisers[name] = getattr(predefined_recognizers, name)(**options)
        return self._recognisers[name]

    @cached_property
    def _recognisers(self) -> dict[str, Any]:
        return {}

    @cached_property
    def _iban_countries(self) -> frozenset[str]:
        from presidio_analyzer.predefined_recognizers.generic import iban_patterns

        return frozenset(iban_patterns.regex_per_country)

    @cached_property
    def _pipeline(self) -> Callable[[str], Any]:
        assert self.spacy_model is not None
        return _load_pipeline(self.spacy_model)


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


def _same_length(text: str) -> str:
    """Map full-width characters, dashes and spaces to plain ones; the length is unchanged."""
    if text.isascii():
        return text
    return "".join(c if c.isascii() else _plain(c) for c in text)


def _plain(character: str) -> str:
    if unicodedata.category(character) == "Pd":
        return "-"
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    if character in "\u200c\u200d":  # joiners, invisible between digits
        return " "
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def _merged(spans: list[_Span]) -> list[_Span]:
    """Join overlapping spans under the most specific kind, so that nothing remains; in order."""
    merged: list[_Span] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        if not merged or merged[-1].end <= span.start:
            merged.append(span)
            continue
        last = merged[-1]
        kind = min(last.kind, span.kind, key=_RANK.index)
        merged[-1] = _Span(last.start, max(last.end, span.end), kind)
    return merged


def _replaced(text: str, spans: list[_Span]) -> str:
    pieces, at = [], 0
    for span in spans:
        pieces += [text[at : span.start], f"<{span.kind}>"]
        at = span.end
    return "".join([*pieces, text[at:]])
