"""Decide what each fresh place is: the surge of a topic, or a new topic that leaves its old one.

Clustering finds a small new topic late, because a large topic near it absorbs it. So the messages
of a fresh place are compared with the older messages of the topic that has them. If the two mix,
that topic surges; if not, the messages of the place become a topic of their own. Unclustered
messages join them only if they belong to them.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.nearest import Indices
from nlp.topics.belonging import least_nearness
from nlp.topics.config import TopicConfig
from nlp.topics.graph import Graph, Labels, vote
from nlp.topics.mixing import mixing_of
from nlp.topics.scan import Fresh


@dataclass(frozen=True, slots=True)
class Emergence:
    """A fresh place, and whether it is a surge or a new topic."""

    fresh: Fresh
    topic: int | None
    """The standing topic that surges; None = a topic is born."""
    members: tuple[int, ...]
    """Indices of the messages of the newborn topic, or of those that join the standing one."""
    parent: int | None
    """The topic that a newborn topic leaves, if any."""


def emerge(
    graph: Graph,
    ages: Indices,
    topic_of: Sequence[int | None],
    places: Sequence[Fresh],
    *,
    config: TopicConfig,
    held: Collection[int] = (),
    weights: NDArray[np.float64] | None = None,
) -> list[Emergence]:
    """Classify each of `places`; `ages` is (n,) in days, `topic_of` (n,).

    A person decided about the topics in `held`: no message leaves them. `weights` (n,) says how
    many messages each stands for; None = itself.
    """
    emergences, surging, topics = list[Emergence](), set[int](), list(topic_of)
    least = _least(graph, topics, config)
    for place in places:
        holder = _holder(place, topics, config, weights)
        members = [i for i in place.members if topics[i] in (None, holder)]
        if holder is None and len(members) < len(place.members) / 2:
            members = list(place.members)  # of several topics, none of which has most
        members = _grown(graph, members, topics, holder, config)
        members = _belonging(graph, members, topics, least, config)
        is_same = holder in held or _is_same(graph, ages, place, members, topics, holder, config)
        if holder is not None and is_same:
            if holder in surging:
                continue
            surging.add(holder)
            joining = [] if holder in held else _joining(members, topics, holder, config)
            emergences.append(Emergence(place, holder, tuple(joining), None))
            for i in joining:
                topics[i] = holder
        elif len(members) >= config.majority * config.min_topic_size:
            young = _begun(place, topics, holder, held, config)
            emergences.append(Emergence(place, young, tuple(members), holder))
            for i in members:
                topics[i] = -len(emergences) if young is None else young
    return emergences


def _least(graph: Graph, topics: Sequence[int | None], config: TopicConfig) -> float:
    """The least nearness at which a message belongs, where `topics` (n,) are known."""
    code = {t: n for n, t in enumerate(sorted({t for t in topics if t is not None}))}
    labels = np.array([code.get(topics[i], -1) for i in graph.texts], dtype=np.intp)
    return least_nearness(graph, labels, config=config)


def _joining(
    members: Collection[int], topics: Sequence[int | None], holder: int, config: TopicConfig
) -> list[int]:
    """The unclustered messages that join a surging topic, which lies in the place."""
    if holder < 0 or not _lies_in(members, topics, holder, config):  # below 0: born in this call
        return []
    return [i for i in members if topics[i] is None]


def _holder(
    place: Fresh,
    topics: Sequence[int | None],
    config: TopicConfig,
    weights: NDArray[np.float64] | None,
) -> int | None:
    """The topic that has at least half of a place's recent messages, or else one that lies in it.

    A topic that was born yesterday is small, and has few of the messages that came since.
    """
    claimed: dict[int, float] = {}
    n = 0.0
    for i in place.recent:
        weight = 1.0 if weights is None else float(weights[i])
        n += weight
        if (topic := topics[i]) is not None:
            claimed[topic] = claimed.get(topic, 0.0) + weight
    ranked = sorted(claimed.items(), key=lambda item: (-item[1], item[0]))
    if ranked and 2 * ranked[0][1] >= n:
        return ranked[0][0]
    return next((t for t, _ in ranked if _lies_in(place.members, topics, t, config)), None)


def _begun(
    place: Fresh,
    topics: Sequence[int | None],
    holder: int | None,
    held: Collection[int],
    config: TopicConfig,
) -> int | None:
    """The topic beside `holder` that began in a place on one of its days, the largest first."""
    recent = Counter(t for i in place.recent if (t := topics[i]) is not None and t > 0)
    ranked = sorted(recent.keys() - {holder} - set(held), key=lambda t: (-recent[t], t))
    return next((t for t in ranked if _lies_in(place.recent, topics, t, config)), None)


def _lies_in(
    members: Collection[int], topics: Sequence[int | None], topic: int, config: TopicConfig
) -> bool:
    """Whether most messages of a topic are among `members`."""
    n_inside = sum(topics[i] == topic for i in members)
    return n_inside >= config.majority * topics.count(topic)


def _grown(
    graph: Graph,
    members: list[int],
    topics: Sequence[int | None],
    holder: int | None,
    config: TopicConfig,
) -> list[int]:
    """Add the messages that lie among `members`, by a vote of their nearest texts."""
    inside = set(members)
    candidates = np.array(
        [i for i, t in enumerate(topics) if t in (None, holder) and i not in inside], dtype=np.intp
    )
    labels = np.zeros(graph.n_texts, dtype=np.intp)
    labels[_texts(graph, members)] = 1
    n_voters = config.fewest_recent
    votes = vote(graph, labels, candidates, n_voters=n_voters)
    joins = (votes.winner == 1) & (votes.n_for >= config.majority * n_voters)
    return sorted([*members, *candidates[joins].tolist()])


def _belonging(
    graph: Graph,
    members: list[int],
    topics: Sequence[int | None],
    least: float,
    config: TopicConfig,
) -> list[int]:
    """Leave out unclustered messages whose nearness to the other members is below `least`."""
    labels = np.full(graph.n_texts, -1, dtype=np.intp)
    labels[_texts(graph, members)] = 0
    votes = vote(graph, labels, np.array(members), n_voters=config.fewest_recent)
    near = votes.nearness >= least
    return [i for i, is_near in zip(members, near, strict=True) if is_near or topics[i] is not None]


def _is_same(
    graph: Graph,
    ages: Indices,
    place: Fresh,
    members: list[int],
    topics: Sequence[int | None],
    holder: int | None,
    config: TopicConfig,
) -> bool:
    """Whether a fresh place is a surge of the topic that has it; never where none has.

    It is if it contains most of that topic, if the rest of the topic surges as well, or if the two
    mix.
    """
    from scipy.stats import binom

    if holder is None:
        return False
    inside = set(members)
    own = [i for i, t in enumerate(topics) if t == holder]
    rest = [i for i in own if i not in inside]
    if _lies_in(members, topics, holder, config):
        return True
    lived = float((ages <= ages[own].max()).mean())  # a young topic has recent messages only
    share = min(place.expected / len(place.members) / lived, 1.0)
    n_recent = int((ages[rest] < place.n_days).sum())
    if binom.sf(n_recent - 1, len(rest), share) < config.chance:
        return True
    labels = np.full(graph.n_texts, -1, dtype=np.intp)
    labels[_texts(graph, rest)] = 1
    labels[_texts(graph, members)] = 0
    return mixing_of(graph, labels) >= config.mixing + config.hysteresis


def _texts(graph: Graph, messages: Sequence[int]) -> Labels:
    texts = graph.text_of[np.array(messages, dtype=np.intp)]
    return texts[texts >= 0]
