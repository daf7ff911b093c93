"""The form of a column of times: inferred over the column, never from a row alone."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from nlp.sources.clock import Number, Order, Parts, read

UNITS = {"epoch_s": 1, "epoch_ms": 10**3, "epoch_us": 10**6, "epoch_ns": 10**9}
"""Names of the forms that count from 1970, and how many of each are a second."""
EXCEL = "excel"
FORMS = (*Order, *UNITS, EXCEL)
"""What the setting `time_format` may be, besides a pattern of `strptime`."""
_FIRST, _LAST = 631_152_000, 4_102_444_800  # 1990 to 2100, in seconds
_FIRST_DAY, _LAST_DAY = 32_874, 73_051  # the same in days of a spreadsheet
_DAY_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's times have no zone
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_ENOUGH = 500
"""Values after which a column whose times read themselves is known."""
_STRAY = 0.01
"""Share of a column that may contradict the rest: typing errors."""


class FormError(Exception):
    """The form of a column is not certain; the message is a sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the times of a column are written, beyond those that read themselves."""

    name: str | None = None
    """One of `FORMS`, a pattern of `strptime`, or None where each time reads itself."""
    is_naive: bool = False
    """Whether its times have no offset, so that a time without one is no error."""

    def time(self, value: Any, zone: dt.tzinfo | None) -> dt.datetime | None:
        """Return the time of a value; None where it has another form.

        A time without an offset is one of `zone`, and stays without where `zone` is None.
        """
        parsed = self._time(value)
        if parsed is None or parsed.tzinfo or zone is None:
            return parsed
        return parsed.replace(tzinfo=zone)

    def _time(self, value: Any) -> dt.datetime | None:
        if self.name and "%" in self.name:
            return _by_pattern(value, self.name)
        parsed = read(value)
        if isinstance(parsed, Parts):
            return parsed.read(Order(self.name)) if self.name in tuple(Order) else None
        if isinstance(parsed, Number):
            return _of_number(parsed, self.name)
        return parsed


def _by_pattern(value: Any, pattern: str) -> dt.datetime | None:
    if isinstance(value, dt.datetime):
        return value
    try:
        return dt.datetime.strptime(str(value).strip(), pattern)  # noqa: DTZ007 - see Form.time
    except ValueError:
        return None


def _of_number(number: Number, form: str | None) -> dt.datetime | None:
    if form is None or number.is_rounded:
        return None
    try:
        if form in UNITS:
            second = UNITS[form]
            if number.is_whole:
                micro = int(number.value) * 10**6 // second
                return _EPOCH + dt.timedelta(microseconds=micro)
            return _EPOCH + dt.timedelta(seconds=number.value / second)
        if form == EXCEL:
            return _DAY_ZERO + dt.timedelta(seconds=round(number.value * 86_400))
    except (OverflowError, ValueError):
        pass
    return None


@dataclass
class Evidence:
    """What the values of a column say about its form, counted."""

    n: int = 0
    n_read: int = 0
    n_naive: int = 0
    orders: Counter[str] = field(default_factory=Counter)
    """Dates with three numbers by the order that they have; `either` and `same` for both."""
    units: Counter[str] = field(default_factory=Counter)
    """Numbers by the unit that makes them a time of 1990 to 2100; `digits` for none."""
    has_fraction: bool = False
    example: Parts | None = None
    shape: str = ""
    """The first value that says nothing, with `9` for digits and `a` for letters."""

    def add(self, value: Any) -> None:
        """Count a value; an empty one says nothing."""
        if value is None or value == "":
            return
        self.n += 1
        parsed = read(value)
        if isinstance(parsed, Parts):
            self._add_parts(parsed)
        elif isinstance(parsed, Number):
            self._add_number(parsed, str(value))
        elif parsed is not None:
            self.n_read += 1
            self.n_naive += parsed.tzinfo is None
        else:
            self.shape = self.shape or _shape(str(value))

    @property
    def is_enough(self) -> bool:
        """Whether further values would change nothing: each so far reads itself."""
        return self.n >= _ENOUGH and not self.orders and not self.units

    def _add_parts(self, parts: Parts) -> None:
        self.n_naive += parts.zone is None
        dmy, mdy = parts.read(Order.DMY), parts.read(Order.MDY)
        if dmy and mdy:
            self.orders["same" if dmy == mdy else "either"] += 1
            if dmy != mdy:
                self.example = self.example or parts
        else:
            self.orders[Order.DMY if dmy else Order.MDY] += 1

    def _add_number(self, number: Number, value: str) -> None:
        unit = "rounded" if number.is_rounded else _unit(number.value)
        self.units[unit] += 1
        if unit == EXCEL:
            self.n_naive += 1
            self.has_fraction |= not number.value.is_integer()
        elif unit == "digits":
            self.shape = self.shape or _shape(value)

    def form(self) -> Form:
        """Return the form of the column. Raises FormError where it is not certain."""
        kinds = {"read": self.n_read, "parts": self.orders.total(), "number": self.units.total()}
        kind = max(kinds, key=lambda k: kinds[k])
        n = kinds[kind]
        is_naive = 2 * self.n_naive >= sum(kinds.values()) > 0
        if n == 0 or kind == "read":
            return Form(None, is_naive)
        return Form(self._order() if kind == "parts" else self._number(), is_naive)

    def _order(self) -> str:
        dmy, mdy = self.orders[Order.DMY], self.orders[Order.MDY]
        stray = _STRAY * self.orders.total()
        if dmy and mdy and min(dmy, mdy) > stray:
            raise FormError(
                f"created_at mixes day/month ({dmy:,} values) and month/day ({mdy:,} values). "
                "Export it in one form, best ISO 8601"
            )
        if dmy or mdy or not self.orders["either"]:
            return Order.DMY if dmy >= mdy else Order.MDY
        example = self.example
        assert example is not None
        one, other = example.read(Order.DMY), example.read(Order.MDY)
        assert one
        assert other
        raise FormError(
            f"created_at can be day/month or month/day in each of {self.orders.total():,} values: "
            f"one is {_day(one)} (dmy) or {_day(other)} (mdy). Say which: `time_format` in "
            "TRIAGE_SOURCES, or --time-format dmy or mdy"
        )

    def _number(self) -> str:
        unit, n = self.units.most_common(1)[0]
        if unit in UNITS and n >= (1 - _STRAY) * self.units.total():
            return unit
        if unit == EXCEL and n == self.units.total() and self.has_fraction:
            return EXCEL
        if unit == "rounded":
            raise FormError(
                "created_at was rounded by a spreadsheet, as 1.77263E+12: its last digits are "
                "lost. Export the column as text"
            )
        what = "may be days of a spreadsheet" if unit == EXCEL else f"is digits, as {self.shape}"
        if len(self.units) > 1:
            what = "mixes numbers of several units"
        raise FormError(
            f"created_at {what}: its form is not certain. Say which: `time_format` in "
            f"TRIAGE_SOURCES, or --time-format {', '.join(UNITS)}, {EXCEL}, or a pattern such as "
            "%Y%m%d%H%M%S"
        )


def _day(time: dt.datetime) -> str:
    return f"{time.day} {time:%B %Y}"


def _unit(number: float) -> str:
    """Return the unit in which a number is a time of 1990 to 2100; the ranges do not meet."""
    for name, second in UNITS.items():
        if _FIRST * second <= number < _LAST * second:
            return name
    return EXCEL if _FIRST_DAY <= number < _LAST_DAY else "digits"


def _shape(value: str) -> str:
    """Return the form of a value without what it says."""
    digits = re.sub(r"\d", "9", value.strip()[:40])
    return re.sub(r"[^\W\d_]", "a", digits)


def infer(values: Iterable[Any]) -> Evidence:
    """Read the values of a column until its form is known."""
    evidence = Evidence()
    for value in values:
        evidence.add(value)
        if evidence.is_enough:
            break
    return evidence
