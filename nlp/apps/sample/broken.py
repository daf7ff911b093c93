"""Rows that break the contract of a message, each with the reason for its rejection.

The reasons are values of `nlp.states.Violation`: `empty_text`, `no_id`, `no_offset`,
`bad_created_at`, `future`, `id_conflict`, and on a few days `too_long` and `unreadable_row`.
"""

import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from nlp.apps.sample.rows import Row

_SHARE = 0.01
_TOO_LONG_DAYS = (2, 11, 19)
_BAD_BYTES_DAYS = (4,)
_TOO_LONG = 50_000  # characters a text may have
_NONSENSE = ("31/02/2026 25:61", "yesterday", "2026-02-30T10:00:00Z", "0000-00-00 00:00:00", "n/a")
_BLANKS = (" ", "   ", " \t ", "\n\n", "\u00a0\u2003")


def with_broken(
    rng: random.Random,
    rows: Sequence[Row],
    *,
    number: int,
    spare: Callable[[], Row],
    earlier: Sequence[Row],
) -> list[Row]:
    """Return the rows of day `number` (from 0) with about 1% broken rows added.

    `spare` yields further good rows with ids of their own, which are then broken. `earlier` are
    the rows of the previous file: an id of theirs, or one of today, may be repeated with another
    text.
    """
    delivered = list(rows)
    for reason in _reasons(rng, number, len(rows)):
        if reason == "id_conflict":
            _insert_conflict(rng, delivered, spare(), earlier)
        else:
            row = replace(_SPOIL[reason](rng, spare()), reason=reason, planted=())
            delivered.insert(rng.randrange(len(delivered) + 1), row)
    return delivered


def _reasons(rng: random.Random, number: int, n_rows: int) -> list[str]:
    """The usual reasons in turn, so that two days show all of them; on some days further ones."""
    n = max(3, round(_SHARE * n_rows) + rng.choice((-1, 0, 0, 1)))
    usual = ("empty_text", "no_id", "no_offset", "bad_created_at", "future", "id_conflict")
    reasons = [usual[(3 * number + k) % len(usual)] for k in range(n)]
    if number in _TOO_LONG_DAYS:
        reasons.append("too_long")
    if number in _BAD_BYTES_DAYS:
        reasons.append("unreadable_row")
    return reasons


def _insert_conflict(rng: random.Random, rows: list[Row], row: Row, earlier: Sequence[Row]) -> None:
    """Deliver `row` under the id of another text, of today or of the previous file."""
    good = [r for r in rows if r.reason is None and r.text != row.text]
    known = [r for r in earlier if r.text != row.text]
    is_from_before = bool(known) and rng.random() < 0.5
    victim = rng.choice(known if is_from_before else good)
    after = 0 if is_from_before else rows.index(victim) + 1
    conflict = replace(row, external_id=victim.external_id, reason="id_conflict", planted=())
    rows.insert(rng.randint(after, len(rows)), conflict)


def _empty(rng: random.Random, row: Row) -> Row:
    return replace(row, text=rng.choice(("", rng.choice(_BLANKS))))


def _without_id(rng: random.Random, row: Row) -> Row:
    return replace(row, external_id=rng.choice(("", "", " ")))


def _without_offset(_: random.Random, row: Row) -> Row:
    return replace(row, created_at=f"{row.moment:%Y-%m-%dT%H:%M:%S}")


def _nonsense_time(rng: random.Random, row: Row) -> Row:
    return replace(row, created_at=rng.choice(_NONSENSE))


def _far_future(rng: random.Random, row: Row) -> Row:
    days = dt.timedelta(rng.randrange(300, 30_000))
    return replace(row, created_at=(row.moment + days).isoformat())


def _too_long(rng: random.Random, row: Row) -> Row:
    """A whole chat, pasted into the form again and again."""
    words = row.raised[0][1]  # without markup, which does not count
    n = (_TOO_LONG + rng.randrange(500, 9_000)) // len(words) + 1
    return replace(row, text="\n".join([words] * n))


def _bad_bytes(_: random.Random, row: Row) -> Row:
    """A Latin-1 `é` in UTF-8 text: the single byte E9."""
    return replace(row, text=f"I was at the caf\udce9 next door. {row.text}")


_SPOIL: dict[str, Callable[[random.Random, Row], Row]] = {
    "empty_text": _empty,
    "no_id": _without_id,
    "no_offset": _without_offset,
    "bad_created_at": _nonsense_time,
    "future": _far_future,
    "too_long": _too_long,
    "unreadable_row": _bad_bytes,
}
