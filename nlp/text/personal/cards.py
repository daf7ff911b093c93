"""Find numbers of payment cards, however they are grouped, and with one wrong digit beside "card"."""

import re
from collections.abc import Iterator
from itertools import pairwise

_DIGITS = re.compile(r"\d+")
_GAP = re.compile(r"(?:[\s.,/_>|-]|&nbsp;|</?[a-zA-Z]{1,8}>){1,6}")
_MAX_GAP = 24
_MAX_GROUPS = 19
_MAX_DIGITS = 19
_MANY_GROUPS = 500
"""In a text of more figures, a card begins with at least three digits: this bounds the time."""
_ISSUER = re.compile(  # length by issuer, because a tenth of all numbers pass Luhn
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[0689]\d{12,17}|35\d{14,17}"
    r"|(?:5[0678]|6\d)\d{10,17}|(?:1\d{3}|2131)\d{11}|9792\d{12}"
)
_CONTEXT = re.compile(
    r"(?P<card>\bcards?\b|\bvisa\b|\bmaster ?card\b|\bamex\b|\bamerican express\b|\bmaestro\b|karte\b|\bcarte\b"
    r"|\btarjeta\b|\bdebit\b|\bcredit\b|\bcart[ao]\b|\bpan\b)"
    r"|\b(?:order|invoice|reference|ref|ticket|tracking|barcode|ean|upc|gtin|isbn|serial|imei|parcel|transaction)\b",
    re.IGNORECASE,
)
_BARCODE = re.compile(r"\b(?:bar ?codes?|ean|upc|gtin|isbn)\b[^\n]{0,20}\Z", re.IGNORECASE)
_BEFORE = 40
_AFTER = 20


def cards_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of card numbers: whole groups of digits, as an expiry date may follow."""
    groups = [m.span() for m in _DIGITS.finditer(text)]
    joins = [_joins(text, a[1], b[0]) for a, b in pairwise(groups)]
    is_table = len(groups) > _MANY_GROUPS
    for i, (start, end) in enumerate(groups):
        if end - start > _MAX_DIGITS or not _is_lead(text[start]) or (is_table and end - start < 3):
            continue
        yield from _card_at(text, groups, joins, i)


def luhn(digits: str) -> bool:
    """Whether the check digit of a row of digits is right."""
    odd = sum(map(int, digits[-1::-2]))
    even = sum(sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (odd + even) % 10 == 0


def _is_lead(digit: str) -> bool:
    return digit in "1234569"


def _joins(text: str, end: int, start: int) -> str | None:
    """Return what stands between two groups of one number; None where they are two numbers."""
    if start - end > _MAX_GAP:
        return None
    gap = text[end:start]
    return gap if _GAP.fullmatch(gap) else None


def _card_at(
    text: str, groups: list[tuple[int, int]], joins: list[str | None], i: int
) -> Iterator[tuple[int, int]]:
    start, digits, valid, wrong = groups[i][0], "", 0, 0
    for k in range(i, min(i + _MAX_GROUPS, len(groups))):
        a, b = groups[k]
        if k > i and not _goes_on(joins[k - 1], groups, k):
            break
        digits += text[a:b]
        if len(digits) > _MAX_DIGITS:
            break
        if len(digits) >= 12 and _ISSUER.fullmatch(digits):
            if luhn(digits):
                is_other = _is_barcode(text, start, digits) or (
                    k == i and _is_other(text, start, b)
                )
                valid = valid if is_other else b
            elif len(digits) >= 14 and not wrong and _is_called_card(text, start, b):
                wrong = b
    if valid or wrong:
        yield start, valid or wrong


def _goes_on(gap: str | None, groups: list[tuple[int, int]], k: int) -> bool:
    if gap is None:
        return False
    is_plain = len(gap) <= 3 and not gap.strip(" \t\n\u00a0.-_")
    # Amounts and dates have commas and slashes between shorter groups.
    return is_plain or groups[k - 1][1] - groups[k - 1][0] >= 4


def _is_barcode(text: str, start: int, digits: str) -> bool:
    return len(digits) == 13 and bool(_BARCODE.search(text, max(0, start - _BEFORE), start))


def _is_other(text: str, start: int, end: int) -> bool:
    """Whether a short row of digits is called an order, a parcel or the like."""
    before = [m.lastgroup for m in _CONTEXT.finditer(text, max(0, start - _BEFORE), start)]
    return end - start < 15 and bool(before) and before[-1] is None


def _is_called_card(text: str, start: int, end: int) -> bool:
    """Whether the nearest word that names a kind of number is about cards."""
    before = [m.lastgroup for m in _CONTEXT.finditer(text, max(0, start - _BEFORE), start)]
    if before:
        return before[-1] == "card"
    after = _CONTEXT.search(text, end, end + _AFTER)
    return after is not None and after.lastgroup == "card"
