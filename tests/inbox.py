"""Ten days of messages with known content."""

import datetime as dt
from random import Random

from nlp.records import RawRow

EMPTY, FIRST, LAST = dt.date(2026, 3, 1), dt.date(2026, 3, 2), dt.date(2026, 3, 10)
PARTIAL, LATE, UNTOUCHED = dt.date(2026, 3, 3), dt.date(2026, 3, 6), dt.date(2026, 3, 11)
N_DAYS = (LAST - FIRST).days + 1
N_USUAL, N_SURGE, N_NEW = 10, 90, 30
SUBJECTS = {
    "card": ("I lost my card {}", "my card is gone, lost it {}", "card missing since {}"),
    "refund": ("where is my refund from {}", "refund not here, {}", "still no refund from {}"),
    "pin": ("how do I change my pin {}", "pin blocked {}", "forgot the pin code {}"),
    "app": ("the app crashes {}", "cannot open the app {}", "app shows an error {}"),
}
_NEW = ("mortgage rate for a house {}", "which mortgage rate do I pay {}", "fix my mortgage {}")
_PLACES = ("in London", "on the train", "at a shop", "on monday", "in the park", "in Berlin",
           "on my trip", "at work", "after lunch", "near the station", "this week", "last night",
           "in Leeds", "at home", "by post", "on the phone", "before noon")  # fmt: skip
_ODD = ("Do you sponsor cricket clubs", "The lamp in your lobby flickers", "Lovely brass band",
        "My nephew draws pelicans", "Is the moon landing on your calendar", "Who won at chess",
        "I dreamt of seventeen umbrellas", "Your parrot logo frightened our goat",
        "Is tap water hard up north")  # fmt: skip
_GERMAN = "Meine Karte wurde gestern leider abgelehnt und ich brauche Hilfe"


def raw_row(external_id: str, day: dt.date, words: str, channel: str | None) -> RawRow:
    """A row of that day, as a source would give it."""
    fields = {"external_id": external_id, "created_at": f"{day}T10:00:00Z", "text": words}
    return RawRow(external_id, {**fields, "channel": channel} if channel else fields)


def about(name: str, day: dt.date, n: int, rng: Random) -> list[RawRow]:
    """`n` rows about one subject, in as many wordings as its frames and places give."""
    frames = SUBJECTS.get(name, _NEW)
    channel = "email" if name == "refund" else "chat"
    words = [rng.choice(frames).format(rng.choice(_PLACES)) for _ in range(n)]
    return [raw_row(f"{name}-{day}-{i}", day, w, channel) for i, w in enumerate(words)]


def inbox() -> dict[dt.date, list[RawRow]]:
    """Four subjects per day; on the last day one of them surges and a fifth appears."""
    rng = Random(5)
    rows: dict[dt.date, list[RawRow]] = {EMPTY: []}
    for n in range(N_DAYS):
        day = FIRST + dt.timedelta(n)
        rows[day] = [
            raw_row(f"odd-{day}", day, _ODD[n], None),
            raw_row(f"german-{day}", day, _GERMAN, None),
            raw_row(f"bad-{day}", day, "  ", None),
        ]
        for name in SUBJECTS:
            surges = name == "app" and day == LAST
            rows[day] += about(name, day, N_SURGE if surges else N_USUAL, rng)
    rows[LAST] += about("mortgage", LAST, N_NEW, rng)
    for n, back in enumerate((1, 2, 2)):
        written = LATE - dt.timedelta(back)
        rows[LATE].append(raw_row(f"late-{n}", written, "I lost my card on a ship", "chat"))
    rows[UNTOUCHED] = [raw_row("untouched", UNTOUCHED, "I lost my card at sea", "chat")]
    return rows
