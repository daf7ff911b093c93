"""Find telephone numbers in a text, whether they are in service or only look like one.

A number that is not in service can be private too: it may be one typing error away from the
customer's own. So length and spelling decide, not a list of area codes, and the words before a
number distinguish order numbers from phone numbers.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from nlp.text.clean import PLACEHOLDER

Span = tuple[int, int]

SIGN = re.compile(r"\d(?:[^\w\n]{0,3}\d){6}")
"""Seven digits close together: a text without them contains no phone number."""
_RUN = re.compile(  # `0.` begins a fraction, and a digit and a stop before the run continue one
    r"(?<![\w#])(?<!\d\.)(?!0\.)[+(]{0,3}\d(?:[ ()/-]{1,3}\d|\.?\d)*(?!\w)"
)
_GROUP = re.compile(r"[+(]*\d+")
_FRACTION = re.compile(r"\d\.")
_MAX_GROUPS = 7  # `+44 (0) 77 00 90 07 08`; more than that is a row of figures
_MAX_DIGITS = 15  # E.164
_MANY_DIGITS = 1_500
"""More than these in one text are tables: a number is then known by its form alone."""
_MIN_INTERNATIONAL = 8  # `+12345` may be points
_MIN_NATIONAL = 9  # `0900 1700` are opening hours
_SHAPE = re.compile(  # written as only phone numbers are, though too long for the country
    r"(?<![\w+])(?<!\d\.)(?:\+\d(?:[ .()-]{0,2}\d){7,14}"
    r"|\(?0\d{1,4}(?:\)[ -]?|[ -])\d{2,4}[ -]?\d{2,6}(?:[ -]\d{2,4})?"
    r"|\(\d{3}\) ?\d{3}[ .-]?\d{4}|\d{3}([.-])\d{3}\1\d{4})(?!\w|-\d)"
)
_DATES = "|".join(
    rf"(?<!\d{sep})\b(?:(?:19|20)\d\d{sep}\d\d?{sep}\d\d?|\d\d?{sep}\d\d?{sep}(?:19|20)\d\d)\b"
    rf"|(?<!\d{sep})\b\d\d?{sep}\d\d?{sep}\d\d\b(?!{sep}\d)"  # `06.39.98.12.34` is none
    for sep in ("-", "/", r"\.")
)
_OTHER = re.compile(  # amounts and dates; `07700900123 £20` is a number and then an amount
    r"(?<![\d.])[1-9]\d{4,6}\.\d\d(?![\d.])|[£$€]\s?\d[\d.,]{0,30}"
    rf"|(?<![\d.,])\d[\d.,]{{0,20}}\s?(?:[£$€](?!\s?\d)|(?:GBP|USD|EUR|PLN)\b)|{_DATES}"
)
_CONTEXT = re.compile(
    r"\b(?:(?P<phone>(?:tele)?phone[ds]?|call(?:s|ed|ing)?|tel|mob|mobile|cell|cellphone|whatsapp"
    r"|sms|text (?:me|us)|ring|contact|reach (?:me|us)|fax"
    r"|(?:my|his|her|our|their) (?:new |old |home |work )?number)"
    r"|order|transaction|reference|ref|invoice|ticket|case|tracking|confirmation"
    r"|booking|policy|claim|receipt|parcel|serial|complaint|barcode|ean|upc|gtin|isbn|imei)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+|\d+|#")
_LINKS = {"number", "numbers", "num", "no", "nr", "nos", "code", "is", "was"}
_NUMBERED = {
    *("#", "id", "order", "orders", "ord", "transaction", "txn", "reference", "ref", "refs"),
    *("invoice", "inv", "ticket", "case", "tracking", "confirmation", "booking", "policy"),
    *("claim", "receipt", "parcel", "serial", "complaint", "barcode", "ean", "upc", "gtin", "isbn"),
}
_ZERO_STAYS = {"IT", "SM", "VA", "CI", "CG", "GA"}
"""Regions whose numbers begin with 0; elsewhere 0 is only a prefix, and `00…` is padding."""


@dataclass(frozen=True, slots=True)
class PhoneFinder:
    """Finds phone numbers as they are written in `regions` (ISO 3166-1) and internationally.

    `in_service` gives the spans of a text that a list of area codes knows as numbers.
    """

    regions: tuple[str, ...]
    in_service: Callable[[str], Iterable[Span]]

    def find(self, text: str) -> list[Span]:
        """Return the spans of phone numbers in `text`, in order; spans may overlap."""
        if not SIGN.search(text):
            return []
        text = blanked(text, (m.span() for m in _OTHER.finditer(text)))
        if not SIGN.search(text):
            return []
        if _n_digits(text) > _MANY_DIGITS:
            return self._in_figures(text)
        spans = [s for s in self._of_right_length(text) if _reads_as_phone(text, s)]
        others = {m.span() for m in _SHAPE.finditer(text) if _is_long_enough(m[0])}
        for span in others.union(self.in_service(text)):
            # Spans of the right length already end correctly: `07700 900123 24 hours`.
            if not any(a <= span[0] < b for a, b in spans) and _reads_as_phone(text, span):
                spans.append(span)
        return sorted(spans)

    def _in_figures(self, text: str) -> list[Span]:
        """Return what looks like a number among many figures: to look each up takes seconds."""
        runs = (m for m in _RUN.finditer(text) if m[0].startswith(("+", "0", "(0")))
        spans = {m.span() for m in _SHAPE.finditer(text)} | {m.span() for m in runs}
        return sorted(s for s in spans if _is_long_enough(text[slice(*s)]))

    def _of_right_length(self, text: str) -> Iterator[Span]:
        """Whole groups of digits that form a number of some country's length."""
        for run in _RUN.finditer(text):
            groups = [m.span() for m in _GROUP.finditer(text, *run.span())]
            last_end = 0
            for i, (start, _) in enumerate(groups):
                if start < last_end or _FRACTION.fullmatch(text, max(0, start - 2), start):
                    continue
                possible = self._how_possible(text, groups[i])
                for _, end in reversed(groups[i : i + _MAX_GROUPS]):
                    if possible(text[start:end]):
                        yield start, end
                        last_end = end
                        break

    def _how_possible(self, text: str, first_group: Span) -> Callable[[str], bool]:
        """Return the test of length for a number that begins with `first_group`."""
        start, end = first_group
        if "+" in text[start:end]:
            return lambda number: _is_long_enough(number) and _is_possible(number, None)
        if text[start:end].lstrip("(").startswith("0"):
            return lambda number: (
                _is_long_enough(number)
                and any(_is_possible(number, region) for region in self.regions)
            )
        # Without + or 0, only a word before it distinguishes a phone number from other figures.
        if end - start >= 3 and _is_called(_before(text, start)):
            return lambda number: (
                not any(c in number for c in "./")
                and any(_is_possible(number, region, as_mobile=True) for region in self.regions)
            )
        return lambda _: False


def blanked(text: str, spans: Iterable[Span]) -> str:
    """Return `text` with a bar for each character of `spans`."""
    pieces, at = [], 0
    for start, end in sorted(spans):
        if end > at:
            pieces += [text[at : max(start, at)], "|" * (end - max(start, at))]
            at = end
    return "".join([*pieces, text[at:]]) if pieces else text


def _is_possible(number: str, region: str | None, *, as_mobile: bool = False) -> bool:
    """Whether it has the length of a number of its country, by default of `region`."""
    import phonenumbers as lib

    try:
        parsed = lib.parse(number, region)
    except lib.NumberParseException:
        return False
    if region and parsed.italian_leading_zero and region not in _ZERO_STAYS:
        return False
    kind = lib.PhoneNumberType.MOBILE if as_mobile else lib.PhoneNumberType.UNKNOWN
    length = lib.is_possible_number_for_type_with_reason(parsed, kind)
    return bool(length == lib.ValidationResult.IS_POSSIBLE)


def _reads_as_phone(text: str, span: Span) -> bool:
    """Whether a number is a phone number and not an order number, by the words before it."""
    number, before = text[slice(*span)], _before(text, span[0])
    if number.startswith(("+", "(+")):
        return True
    if _named(before) in _NUMBERED:
        return False
    return number.startswith(("0", "(")) or not number.isdigit() or _is_called(before)


def _before(text: str, start: int) -> str:
    return PLACEHOLDER.sub("", text[max(0, start - 40) : start])


def _is_called(before: str) -> bool:
    """Whether the nearest word that names a kind of number is about phones."""
    words = [m.lastgroup for m in _CONTEXT.finditer(before)]
    return bool(words) and words[-1] == "phone"


def _named(before: str) -> str:
    """The word that names a number: `order` in `order no. is`; empty where there is none."""
    words = [w for w in _WORD.findall(before.lower()) if w not in _LINKS]
    return words[-1] if words else ""


def _is_long_enough(number: str) -> bool:
    least = _MIN_INTERNATIONAL if "+" in number else _MIN_NATIONAL
    return least <= _n_digits(number.removeprefix("00")) <= _MAX_DIGITS


def _n_digits(text: str) -> int:
    return sum(map(str.isdigit, text))
