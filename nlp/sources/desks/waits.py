"""How long a desk asks to wait."""

import datetime as dt
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_RESETS = ("x-ratelimit-reset", "ratelimit-reset")
_EPOCH = 1_000_000_000
"""A larger number is a time, a smaller one a number of seconds."""


def wait_of(headers: Mapping[str, str], *, now: dt.datetime) -> float | None:
    """Return the seconds that a desk asks to wait, None where it asks for none.

    `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3); `X-RateLimit-Reset` the time
    when the limit ends (Intercom), or the seconds until then (Zendesk's `ratelimit-reset`). A date
    is compared with the desk's own clock, its header `Date`, which may differ from ours.
    """
    clock = _date(headers.get("date", "")) or now
    header = headers.get("retry-after", "").strip()
    if (seconds := _number(header)) is not None:
        return seconds
    if date := _date(header):
        return max(0.0, (date - clock).total_seconds())
    for name in _RESETS:
        if (value := _number(headers.get(name, ""))) is not None:
            return max(0.0, value - clock.timestamp()) if value > _EPOCH else value
    return None


def _number(text: str) -> float | None:
    text = text.strip()
    is_plain = text.isascii() and text.replace(".", "", 1).isdigit() and len(text) < 20
    return float(text) if is_plain else None


def _date(text: str) -> dt.datetime | None:
    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=dt.UTC)
