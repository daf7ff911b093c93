"""A value as a cell of a CSV file that a spreadsheet reads and cannot be hurt by."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""What a cell may begin with that a spreadsheet would take for a formula or a command."""


def cell(value: Any) -> Any:
    """The value as text or number: nothing is empty, a time is in UTC, a list is joined by `; `."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float, Decimal)):
        return value
    text = _text(value)
    # An apostrophe makes it text; leading blanks would not stop a spreadsheet.
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def plain(value: Any) -> Any:
    """What JSON has for a value that it does not know: a time in ISO 8601, a number, or text."""
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else str(value)


def _text(value: Any) -> str:
    if isinstance(value, dt.datetime):
        in_utc = value.astimezone(dt.UTC) if value.tzinfo else value
        return f"{in_utc:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value):
        return "; ".join(value)
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value, default=plain, ensure_ascii=False)
    return str(value)
