"""How many customers wrote: one who writes often is no outbreak."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from nlp.records import DayTexts


def count_customers(
    window: DayTexts, topic_of: Sequence[int | None], *, day: dt.date | None = None
) -> Counter[int]:
    """Return the number of distinct customers of each topic in the window, or on `day` alone.

    `topic_of` (n,) follows the window; None = unclustered.
    """
    rows = zip(topic_of, window.customers, window.arrived_on, strict=True)
    wrote = {(t, c) for t, c, arrived_on in rows if t is not None and day in (None, arrived_on)}
    return Counter(topic for topic, _ in wrote)
