"""Which files are those of a day: a pattern with the day in it, and wildcards."""

import datetime as dt
import re
from typing import Any

from nlp.errors import SettingError, SourceError, TransientError

_FIELD = re.compile(r"\{(?P<name>[a-z]*)(?::(?P<form>[^}]*))?\}")
_PARTS = {"year": "%Y", "month": "%m", "hour": "*"}


def pattern_of(pattern: str, day: dt.date) -> str:
    """Return a pattern with the day filled in.

    `{day}` is the ISO date, or the day of the month where `{month}` stands too; `{day:%Y/%m/%d}`
    is in a form of `strftime`. Raises SettingError for another field.
    """
    has_month = "{month}" in pattern

    def fill(match: re.Match[str]) -> str:
        name, form = match["name"], match["form"]
        if name == "day":
            return day.strftime(form or ("%d" if has_month else "%Y-%m-%d"))
        if name in _PARTS:
            return day.strftime(form or _PARTS[name])
        raise SettingError(
            f"TRIAGE_SOURCES: {match[0]} in {pattern!r} means nothing. Allowed are {{day}}, "
            "{year}, {month}, {hour} and {day:%Y/%m/%d}"
        )

    return _FIELD.sub(fill, pattern)


def files_of(fs: Any, pattern: str, *, source: str) -> list[str]:
    """Return the files that match a pattern, sorted.

    Names that begin with `_` or `.` are markers of other tools (`_SUCCESS`) and are left out.
    Brackets that match nothing as a wildcard are part of a name. Raises SourceError or
    TransientError where the store fails.
    """
    files = _glob(fs, pattern, source=source)
    if not files and "[" in pattern:
        files = _glob(fs, re.sub(r"\[", "[[]", pattern), source=source)
    return files


def base(path: str) -> str:
    """Return the name of a file without its folder."""
    return path.rsplit("/", 1)[-1]


def store_error(error: OSError, what: str) -> SourceError | TransientError:
    """Return an error of a store: missing rights are not retried, a lost connection is."""
    if isinstance(error, PermissionError):
        return SourceError(f"{what} may not be read. Give the connection the right to")
    return TransientError(f"{what} cannot be reached ({type(error).__name__})")


def _glob(fs: Any, pattern: str, *, source: str) -> list[str]:
    try:
        fs.invalidate_cache()  # a retry in the same process must see new files
        listing = fs.glob(pattern, detail=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise store_error(error, f"Source {source!r}: {pattern}") from error
    return sorted(
        path
        for path, info in listing.items()
        if info["type"] != "directory" and not base(path).startswith(("_", "."))
    )
