"""Markdown tables of medians over seeds."""

import os
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

PER_DAY = "TRIAGE_BENCH_PER_DAY"
"""Variable with the messages of a day of `volume`; 100,000 where it is not set."""
SEEDS = "TRIAGE_BENCH_SEEDS"
"""Environment variable with the number of seeds; `--seeds` sets it."""


def n_seeds(default: int) -> int:
    """Return the number of seeds to measure; raise ValueError if it is less than 1."""
    n = int(os.environ.get(SEEDS, default))
    if n < 1:
        raise ValueError(f"{SEEDS} must be at least 1, was: {n}")
    return n


def print_table(
    kinds: Sequence[str],
    scored: Callable[[str, int], Any],
    *,
    of: type[Any],
    default_seeds: int = 5,
) -> None:
    """Print a row per kind of stream: medians over the seeds, minimum and maximum in brackets.

    `scored` returns the scores of a kind and a seed: an instance of the dataclass `of`, whose
    fields are numbers and become the columns.
    """
    n = n_seeds(default_seeds)
    names = [f.name for f in fields(of)]
    print(f"Medians over {n} seed{'s' if n > 1 else ''}.\n")
    print(f"| stream | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for kind in kinds:
        scores = [scored(kind, seed) for seed in range(n)]
        cells = [cell([getattr(s, name) for s in scores]) for name in names]
        print(f"| {kind} | {' | '.join(cells)} |", flush=True)


def cell(values: Sequence[float]) -> str:
    """Return the median with the range, or `none` if every value is NaN."""
    known = [v for v in values if not np.isnan(v)]
    if not known:
        return "none"
    middle, least, most = np.median(known), min(known), max(known)
    return f"{middle:.3g}" if least == most else f"{middle:.3g} ({least:.3g} to {most:.3g})"
