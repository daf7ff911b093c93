"""Neighbour graphs of a few points, built as a day builds them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nlp.records import Floats
from nlp.topics.config import TopicConfig
from nlp.topics.graph import Graph, neighbour_graph

CONFIG = TopicConfig()
"""The numbers as they are unless a setting says otherwise."""


def config(**numbers: float) -> TopicConfig:
    """Return the config with some numbers of its own, checked like those of a setting."""
    return TopicConfig.model_validate(numbers)


def graph_of(points: Floats, topic_of: Sequence[int | None] | None = None, **options: Any) -> Graph:
    """Return the graph of `points` (n, d) in these topics, by default in none."""
    return neighbour_graph(
        points,
        [None] * len(points) if topic_of is None else topic_of,
        **{"sample_size": CONFIG.sample_size, "n_nearest": CONFIG.n_nearest, **options},
    )


def on_arc(*angles: float) -> Floats:
    """Return one point for each angle in radians: the nearest is the one at the next angle."""
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
