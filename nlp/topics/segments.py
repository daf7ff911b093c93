"""In which segment of customers a topic rises: the messages with one value of one attribute.

The messages of a topic on its last days are compared with what is usual: the topic's own share of
the segment before, moved as the share of the whole inbox moved, so that a version that everybody
installs this week explains nothing. A topic with little past is compared with the inbox, the more
so the less topics differ in that attribute: where complaints come by mail and questions by chat, a
new topic that comes by mail alone is nothing special. How far a share may vary by chance follows
the Dirichlet-multinomial distribution. Many segments are tested, so each must be as rare as its
share of the error that all may have together (Bonferroni).
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nlp.nearest import Indices
from nlp.records import Floats, Segment
from nlp.topics.config import TopicConfig

_LEAST_PRIOR = 0.5
"""Messages that the inbox is worth at least, so that no share is impossible (Jeffreys)."""
_RARE = "\0"
"""No text of a message has this sign, so no value is equal to it."""
Attributes = Mapping[str, str]
"""The attributes of a message, by name."""


def values_of(channel: str | None, attributes: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes of a message as text, and its channel as one of them.

    What has no value or a list of them is left out.
    """
    known = {"channel": channel, **attributes}
    return {
        str(name): str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in known.items()
        if isinstance(value, bool | int | float | str) and value != ""
    }


def renamed(attributes: Attributes, names: Mapping[str, str | None]) -> dict[str, str]:
    """Return the attributes of a message as `names` calls them; None hides one."""
    return {
        names.get(name, name) or name: value
        for name, value in attributes.items()
        if names.get(name, name) is not None
    }


@dataclass(frozen=True, slots=True)
class Rise:
    """A segment that has more of a topic's last messages than is usual."""

    segment: Segment
    p_value: float
    """Probability of such a share or a larger one by chance, times the number of tests."""


@dataclass(frozen=True, slots=True)
class Inbox:
    """The distinct messages of a window, m of them."""

    ages: Indices
    """(m,) days since each came, 0 = today."""
    attributes: Sequence[Attributes]
    """(m,)."""


def rises(
    inbox: Inbox, topic_of: Sequence[Collection[int]], *, config: TopicConfig
) -> dict[int, Rise]:
    """Return the segment that rises most surprisingly in each topic where one does.

    `topic_of` (m,) are the topics of each message. The probability of an error is at most
    `config.chance` for each topic.
    """
    rows: dict[int, list[int]] = {}
    for row, topics in enumerate(topic_of):
        for topic in topics:
            rows.setdefault(topic, []).append(row)
    names = sorted({name for own in inbox.attributes for name in own})
    members = {topic: np.array(own) for topic, own in rows.items()}
    columns = [_Column.of(name, inbox, list(members.values()), config) for name in names]
    rising = {}
    for topic, own in members.items():
        tested = [test for column in columns for test in column.tests(own, config)]
        best = min(tested, key=lambda rise: (rise.p_value, rise.segment.name), default=None)
        if best and (p_value := best.p_value * len(tested)) < config.chance:
            rising[topic] = Rise(best.segment, p_value)
    return rising


@dataclass(frozen=True)
class _Column:
    """One attribute of all messages; those without it are left out."""

    name: str
    values: Sequence[str]
    """(v,) those that may rise, and behind them `_RARE` for all others together, if there are any.

    So an attribute that has another value for each message, as a number of an order, costs nothing.
    """
    codes: Indices
    """(m,) the value of each message, -1 = none."""
    ages: Indices
    prior: float
    """Messages that the share in the inbox is worth against a topic's own past."""
    totals: Sequence[tuple[Floats, Floats]] = ()
    """The `counts` of all messages for the last one, two, … days."""

    @classmethod
    def of(
        cls, name: str, inbox: Inbox, topics: Sequence[Indices], config: TopicConfig
    ) -> "_Column":
        """The column of attribute `name`; `topics` are the messages of each topic."""
        held = [own.get(name) for own in inbox.attributes]
        recent = np.flatnonzero(inbox.ages < config.recent_days)
        n_recent = Counter(held[i] for i in recent.tolist())
        frequent = {v for v, n in n_recent.items() if v is not None and n >= config.fewest_recent}
        values = sorted(frequent)
        if not frequent.issuperset(v for v in held if v is not None):
            values.append(_RARE)
        code = {value: n for n, value in enumerate(values)}
        codes = np.array(
            [-1 if v is None else code.get(v, len(values) - 1) for v in held], dtype=np.intp
        )
        column = cls(name, values, codes, inbox.ages, 0.0)
        pasts = [column.counts(own, config.recent_days)[1] for own in topics]
        rows = np.arange(len(codes))
        return replace(
            column,
            prior=_prior(np.reshape(pasts, (-1, len(values)))),
            totals=[column.counts(rows, n + 1) for n in range(config.recent_days)],
        )

    def tests(self, own: Indices, config: TopicConfig) -> list[Rise]:
        """A rise for each value that enough of the last messages among `own` (k,) have."""
        from scipy.stats import betabinom

        if len(self.values) < 2:
            return []
        n_values = len(self.values) - (self.values[-1] == _RARE)
        segments, laws = [], []
        for n_days in range(1, config.recent_days + 1):
            last, _ = self.counts(own, n_days)
            a, b = self._usual(own, n_days)
            n_of = int(last.sum())
            for code in np.flatnonzero(last[:n_values] >= config.fewest_recent).tolist():
                usual = round(float(a[code] / (a[code] + b[code])), 4)
                n = int(last[code])
                segments.append(Segment(self.name, self.values[code], n, n_of, n_days, usual))
                laws.append((n - 1, n_of, a[code], b[code]))
        if not segments:
            return []
        p_values = betabinom.sf(*np.array(laws).T).tolist()
        return [Rise(segment, p) for segment, p in zip(segments, p_values, strict=True)]

    def counts(self, rows: Indices, n_days: int) -> tuple[Floats, Floats]:
        """Return the messages with each value (v,) among `rows`: of the last days, and before."""
        known = rows[self.codes[rows] >= 0]
        is_last = self.ages[known] < n_days
        last, before = (
            np.bincount(self.codes[known[days]], minlength=len(self.values)).astype(float)
            for days in (is_last, ~is_last)
        )
        return last, before

    def _usual(self, own: Indices, n_days: int) -> tuple[Floats, Floats]:
        """The beta distributions (v,) of the shares that are usual in a topic of messages `own`."""
        last, past = self.counts(own, n_days)
        all_now, all_then = self.totals[n_days - 1]
        n_now, n_then = all_now - last, all_then - past  # of the rest of the inbox
        now, then = (  # shares in the rest of the inbox; never 0 or 1
            (counts + 0.5) / (counts.sum() + 0.5 * len(counts)) for counts in (n_now, n_then)
        )
        prior = max(min(self.prior, float(n_now.sum())), _LEAST_PRIOR)
        # Where others turn away from a value, that explains nothing of a topic's own.
        a: Floats = past * np.maximum(now / then, 1.0) + prior * now
        b: Floats = np.maximum(past.sum() + prior - a, prior * (1 - now))
        return a, b


def _prior(pasts: Floats) -> float:
    """The concentration of the Dirichlet distribution of the topics' shares, by moments.

    `pasts` (topics, values) are counts of messages. It is 0 where each topic has a value of its
    own, and the number of all messages where topics differ by chance alone.
    """
    n = pasts.sum(axis=1)
    total = float(n.sum())
    share = pasts.sum(axis=0) / max(total, 1.0)
    mixed = 1 - float((share**2).sum())
    n_pairs = float((n * (n - 1)).sum())
    if mixed <= 0 or n_pairs <= 0:
        return total
    apart = float(((pasts - n[:, None] * share) ** 2).sum()) / mixed
    alike = max((apart - total) / n_pairs, 1 / (total + 1))
    return 1 / alike - 1
