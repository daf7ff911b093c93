"""The topics of the messages of a mail stream, and their match to intents."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.mail_streams import MailStream
from bench.stream_scores import rows_of

TopicsOf = Mapping[str, Set[str]]
"""The topics by `message_id`, without unclustered messages."""
_LOOSE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Matches:
    """Which intent each topic stands for; a topic without any raised intent has no match."""

    one_to_one: dict[str, str]
    """The match with the most messages; if there are more topics than intents, some have none."""
    many_to_one: dict[str, str]
    """The intent of most messages of each topic."""
    n_messages: Counter[str]
    """The number of messages of each topic."""
    loose: frozenset[str]
    """Topics with at least 80% noise or machine mail, which count as separated from requests."""


def topics_of_messages(out: Path) -> dict[str, set[str]]:
    """Read `message_topics.csv`, or `assignments.csv` if that is missing or empty."""
    several = out / "message_topics.csv"
    rows = rows_of(several) if several.exists() else []
    topics_of: dict[str, set[str]] = defaultdict(set)
    for row in rows or rows_of(out / "assignments.csv"):
        if row["topic_id"]:
            topics_of[row["message_id"]].add(row["topic_id"])
    return dict(topics_of)


def match(stream: MailStream, topics_of: TopicsOf) -> Matches:
    """Match topics to intents; a message in several topics counts in equal parts for each."""
    topics = sorted({t for own in topics_of.values() for t in own})
    intents = sorted({i for m in stream.messages if m.belongs for i in m.intents})
    counts = _counts(stream, topics_of, topics, intents)
    n_messages = Counter(t for own in topics_of.values() for t in own)
    n_loose = Counter(
        t for m in stream.messages if not m.belongs for t in topics_of.get(m.message_id, ())
    )
    return Matches(
        one_to_one=_one_to_one(counts, topics, intents),
        many_to_one={
            t: intents[row.argmax()] for t, row in zip(topics, counts, strict=True) if row.any()
        },
        n_messages=n_messages,
        loose=frozenset(t for t in topics if n_loose[t] >= _LOOSE_SHARE * n_messages[t]),
    )


def f1(stream: MailStream, topics_of: TopicsOf, intent_of: Mapping[str, str]) -> float:
    """Return the micro F1 of pairs of message and intent; unmatched topics count as wrong."""
    raised = {(m.message_id, i) for m in stream.messages if m.belongs for i in m.intents}
    pairs = [(m, t) for m, own in topics_of.items() for t in own]
    given = {(m, intent_of[t]) for m, t in pairs if t in intent_of}
    n_unmatched = sum(t not in intent_of for _, t in pairs)
    precision = len(given & raised) / max(len(given) + n_unmatched, 1)
    recall = len(given & raised) / max(len(raised), 1)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def share_given(
    pairs: Iterable[tuple[str, str]], topics_of: TopicsOf, intent_of: Mapping[str, str]
) -> float:
    """Return the share of pairs of message and intent for which a topic of the message matches.

    It is NaN without pairs.
    """
    are_given = [
        any(intent_of.get(t) == intent for t in topics_of.get(message, ()))
        for message, intent in pairs
    ]
    return float(np.mean(are_given)) if are_given else float("nan")


def _counts(
    stream: MailStream, topics_of: TopicsOf, topics: list[str], intents: list[str]
) -> NDArray[np.float64]:
    """The number of messages of each topic that raise each intent (topics, intents)."""
    row = {t: n for n, t in enumerate(topics)}
    column = {i: n for n, i in enumerate(intents)}
    counts = np.zeros((len(topics), len(intents)))
    raised = {m.message_id: m.intents for m in stream.messages if m.belongs}
    for message_id, own in topics_of.items():
        for topic in own:
            for intent in raised.get(message_id, ()):
                counts[row[topic], column[intent]] += 1 / len(own)
    return counts


def _one_to_one(
    counts: NDArray[np.float64], topics: list[str], intents: list[str]
) -> dict[str, str]:
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(-counts)
    return {topics[r]: intents[c] for r, c in zip(rows, columns, strict=True) if counts[r, c] > 0}
