"""A time as people and programs write it: one text to one reading, by a form that is known."""

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_TIME = (
    r"(?P<H>\d{1,2})[:.](?P<M>\d{2})(?:[:.](?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"(?:\s*(?P<ap>[ap])\.?m\.?)?"
)
_NAMES = {
    "Z": 0, "UTC": 0, "GMT": 0, "UT": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "MEZ": 60,
    "MESZ": 120, "EET": 120, "EEST": 180, "EST": -300, "EDT": -240, "CDT": -300, "MST": -420,
    "MDT": -360, "PST": -480, "PDT": -420, "AEST": 600, "AEDT": 660, "JST": 540, "NZST": 720,
    "NZDT": 780,
}  # fmt: skip
"""Minutes from UTC of the zone names that mean one zone only. CST, BST and IST mean several."""
_ZONE = (
    r"(?:\s*(?:\(?(?P<name>[A-Z]{1,4})\)?)?\s*(?P<off>[+-]\d{2}(?::?\d{2})?)?"
    r"(?:\s*\([^)]{1,40}\)|\[[A-Za-z_/+-]{1,40}\])?"
    r"|\s*\[?(?P<iana>[A-Za-z]+/[A-Za-z_/+-]+)\]?)"
)
_REST = rf"(?:(?:\s*,?\s*(?:at\s+)?|T){_TIME}{_ZONE})?"
_WEEKDAY = r"(?:[^\W\d_]{2,10}\.?,?\s+)?"
_MONTH = r"(?P<mon>[^\W\d_]{3,10})\.?"
_FIRST = re.compile(
    rf"(?P<y>\d{{4}})(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}}){_REST}", re.IGNORECASE
)
_NUMERIC = re.compile(
    rf"(?P<a>\d{{1,2}})(?P<s>[-/.])(?P<b>\d{{1,2}})(?P=s)(?P<y>\d{{4}}|\d{{2}}){_REST}",
    re.IGNORECASE,
)
_NAMED = tuple(
    re.compile(_WEEKDAY + date, re.IGNORECASE)
    for date in (
        rf"(?P<d>\d{{1,2}})\.?[\s-]+(?:de\s+)?{_MONTH}[\s,-]+(?P<y>\d{{4}}|\d{{2}}){_REST}",
        rf"{_MONTH}[\s-]+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[\s-]+(?P<y>\d{{4}}){_REST}",
        rf"{_MONTH}\s+(?P<d>\d{{1,2}})\s+{_TIME}{_ZONE}\s+(?P<y>\d{{4}})",
    )
)
_LARGEST = 10**20
"""Above it, a number counts nothing since 1970."""
_LONGEST = 80
"""Characters; what is longer is no time."""
_DIGITS = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_DOT_NET = re.compile(r"\\?/Date\((?P<ms>\d+)(?:[+-]\d{4})?\)\\?/")
_ROUNDED = re.compile(r"\d+(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)


class Order(StrEnum):
    """Which number of a date with three numbers is the day, where the year is last."""

    DMY = "dmy"
    MDY = "mdy"


@dataclass(frozen=True, slots=True)
class Parts:
    """A date with three numbers, the year last: which is the day is open."""

    a: int
    b: int
    year: int
    time: dt.time
    zone: dt.tzinfo | None

    def read(self, order: Order) -> dt.datetime | None:
        """Return the time in an order; None where there is no such day."""
        day, month = (self.a, self.b) if order == Order.DMY else (self.b, self.a)
        return _date(self.year, month, day, self.time, self.zone)


@dataclass(frozen=True, slots=True)
class Number:
    """A number, which may count seconds, or days as a spreadsheet does."""

    value: float
    is_whole: bool
    is_rounded: bool = False
    """It is written as `1.77263E+12`: its last digits are lost."""


Reading = dt.datetime | Parts | Number | None
"""What a value says: a time, one of several, or nothing."""


def read(value: object) -> Reading:
    """Return what a value says about a time. Digits alone are a number, never a date."""
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        is_small = -_LARGEST < value < _LARGEST  # False for NaN, too
        return Number(float(value), float(value).is_integer()) if is_small else None
    return _read_text(value.strip()) if isinstance(value, str) else None


def _read_text(text: str) -> Reading:
    if len(text) > _LONGEST:
        return None
    if (is_rounded := bool(_ROUNDED.fullmatch(text))) or _DIGITS.fullmatch(text):
        is_whole = is_rounded or ("." not in text and "," not in text)
        return Number(float(text.replace(",", ".")), is_whole, is_rounded)
    if match := _DOT_NET.fullmatch(text):  # the offset is only how it was shown
        return Number(float(match["ms"]), is_whole=True)
    if match := _FIRST.fullmatch(text):
        return _of(match, int(match["y"]), int(match["m"]), int(match["d"]))
    if match := _NUMERIC.fullmatch(text):
        return _parts(match)
    return _read_named(text)


def _read_named(text: str) -> dt.datetime | None:
    for pattern in _NAMED:
        if match := pattern.fullmatch(text):
            month = _months().get(match["mon"].casefold())
            return _of(match, _year(match["y"]), month, int(match["d"])) if month else None
    try:
        return dt.datetime.fromisoformat(text.upper())
    except ValueError:
        return None


def _year(digits: str) -> int:
    """Two digits are a year from 1970 to 2069, as in POSIX."""
    year = int(digits)
    return year if len(digits) == 4 else year + (1900 if year >= 70 else 2000)


def _parts(match: re.Match[str]) -> Parts | None:
    parsed = _clock(match)
    if parsed is None:
        return None
    a, b = int(match["a"]), int(match["b"])
    parts = Parts(a, b, _year(match["y"]), *parsed)
    return parts if parts.read(Order.DMY) or parts.read(Order.MDY) else None


def _of(match: re.Match[str], year: int, month: int, day: int) -> dt.datetime | None:
    parsed = _clock(match)
    return None if parsed is None else _date(year, month, day, *parsed)


def _date(
    year: int, month: int, day: int, time: dt.time, zone: dt.tzinfo | None
) -> dt.datetime | None:
    try:
        return dt.datetime.combine(dt.date(year, month, day), time, zone)
    except ValueError:
        return None


def _clock(match: re.Match[str]) -> tuple[dt.time, dt.tzinfo | None] | None:
    """Return the time of day and its zone; None where there is no such time or zone."""
    if match["H"] is None:
        return dt.time(), None
    hour, half = int(match["H"]), (match["ap"] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + 12 * (half == "p") if half else hour
    micro = int((match["f"] or "0").ljust(6, "0")[:6])
    zone = _zone(match)
    if isinstance(zone, bool):
        return None
    try:
        return dt.time(hour, int(match["M"]), int(match["S"] or 0), micro), zone
    except ValueError:
        return None


def _zone(match: re.Match[str]) -> dt.tzinfo | bool | None:
    """Return the zone, None for none, False for one that is not known."""
    if match["iana"]:
        name = match["iana"]
        return ZoneInfo(name) if name in available_timezones() else False
    if not match["name"] and not match["off"]:
        return None
    minutes = _NAMES.get((match["name"] or "Z").upper())
    if match["off"]:
        sign, digits = match["off"][0], match["off"][1:].replace(":", "").ljust(4, "0")
        if minutes not in (0, None) or int(digits[2:]) > 59:
            return False
        minutes = (int(digits[:2]) * 60 + int(digits[2:])) * (-1 if sign == "-" else 1)
    if minutes is None or abs(minutes) >= 1_440:
        return False
    return dt.timezone(dt.timedelta(minutes=minutes)) if minutes else dt.UTC


@cache
def _months() -> dict[str, int]:
    """The months by name, in the languages that desks write; a name of two months is left out."""
    from babel import Locale

    numbers_of: dict[str, set[int]] = {}
    for language in ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "pl"):
        months = Locale(language).months
        for context in ("format", "stand-alone"):
            for width in ("abbreviated", "wide"):
                for number, name in months[context][width].items():
                    numbers_of.setdefault(name.strip(".").casefold(), set()).add(int(number))
    numbers_of.setdefault("sept", set()).add(9)
    return {name: numbers.pop() for name, numbers in numbers_of.items() if len(numbers) == 1}
