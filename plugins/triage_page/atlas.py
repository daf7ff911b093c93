"""The position of each theme on the map."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from nlp.topics.atlas import lay_out
from sql.queries import board, figures
from triage_page.charts import Placed

_SMALLEST, _COVERED = 0.008, 0.34
"""Radius of the smallest disc, and the share of the square that all discs cover together."""


@lru_cache(maxsize=2)
def _laid_out(centroids: tuple[str, ...], radii: tuple[float, ...]) -> NDArray[np.float64]:
    """The layout of the same themes is always the same, so a day's map is computed once."""
    rows = np.array([c[1:-1].split(",") for c in centroids], dtype=np.float32)
    return lay_out(rows, np.array(radii))


def placed(db: Connection) -> list[Placed]:
    """The themes of the last day with position and radius, in units of the map's side."""
    themes = {t.topic_id: t for t in board.board(db, board.Choice(), most=5_000)}
    rows = [r for r in figures.places(db) if r.size and r.topic_id in themes]
    if not rows:
        return []
    weeks = np.array([max(themes[r.topic_id].n_week, 1) for r in rows], dtype=float)
    radii = np.maximum(np.sqrt(_COVERED * weeks / weeks.sum() / math.pi), _SMALLEST)
    places = _laid_out(tuple(r.centroid for r in rows), tuple(radii.tolist()))
    return [
        Placed(themes[row.topic_id], x, y, r)
        for row, (x, y), r in zip(rows, places.tolist(), radii.tolist(), strict=True)
    ]
