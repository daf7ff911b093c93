"""Counting who wrote."""

import datetime as dt

import numpy as np

from nlp.records import DayTexts
from nlp.topics.customers import count_customers

DAY = dt.date(2026, 3, 20)
EVE = DAY - dt.timedelta(1)


def test_each_customer_counts_once_a_topic_whatever_they_wrote() -> None:
    """Several messages or passages of one are one; of a day, only what came on it counts."""
    ids = [str(n) for n in range(6)]
    days = [EVE, DAY, DAY, DAY, DAY, DAY]
    customers = ["ann", "ann", "ann", "ben", "ben", "eve"]
    rows = np.zeros((6, 2), dtype=np.float32)
    window = DayTexts(ids, ids, ids, days, ["inbox"] * 6, rows, customers)
    topic_of = [1, 2, 2, 2, 1, None]
    assert count_customers(window, topic_of) == {1: 2, 2: 2}
    assert count_customers(window, topic_of, day=DAY) == {1: 1, 2: 2}
    assert count_customers(window, topic_of, day=EVE) == {1: 1}
