"""Which segment of customers a theme rises in: 200 planted causes, and themes without one.

Needs no public set: a window of 14 days has messages of 40 themes at the rates of the mail streams,
each with four attributes. In one theme, over the last three days, the share of one value is three
to ten times what it is in the inbox; the number of messages stays as it is.
"""

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.mail_schedule import SEGMENTS, plan
from nlp.settings import load
from nlp.topics.config import topic_config
from nlp.topics.segments import Inbox, rises

_N_CAUSES = 200
_N_THEMES, _N_DAYS, _LAST = 40, 14, 3
_TIMES = (3.0, 10.0)
_MOST = 0.95
"""The largest share that a cause can have."""
_SIZES = (10, 20, 40)
"""Messages of the last days that part the themes of the table."""


def main(_: Path) -> None:
    """Print how many causes are named first, by the theme's messages, and what is named without."""
    config = topic_config(load(_env_file=None))
    of_size, named = Counter[int](), Counter[int]()
    n_without = n_false = 0
    for seed in range(_N_CAUSES):
        rng = np.random.default_rng(seed)
        ages, themes = _messages(rng)
        theme = int(rng.choice(np.unique(themes[ages < _LAST])))
        attributes = {
            name: rng.choice(list(v), len(ages), p=list(v.values())) for name, v in SEGMENTS.items()
        }
        cause = _plant(rng, attributes, (themes == theme) & (ages < _LAST))
        rows = [
            dict(zip(attributes, row, strict=True))
            for row in zip(*attributes.values(), strict=True)
        ]
        result = rises(Inbox(ages, rows), [(t,) for t in themes.tolist()], config=config)
        size = int(np.searchsorted(_SIZES, ((themes == theme) & (ages < _LAST)).sum(), "right"))
        of_size[size] += 1
        first = result.pop(theme, None)
        named[size] += first is not None and (first.segment.name, first.segment.value) == cause
        n_without += len(np.unique(themes)) - 1
        n_false += len(result)
    print("## The segment in which a theme rises\n")
    print("| messages of the theme in three days | causes | named first |\n|---|---|---|")
    for n, size in enumerate(("under 10", "10 to 19", "20 to 39", "40 and more")):
        share = f"{named[n] / of_size[n]:.2f}" if of_size[n] else "none"
        print(f"| {size} | {of_size[n]} | {share} |")
    print(f"| all | {of_size.total()} | {named.total() / of_size.total():.2f} |")
    print(f"\nOf {n_without} themes without a cause {1 - n_false / n_without:.3f} name none.")


def _messages(rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Ages in days and themes of the messages of a window (m,)."""
    rates = plan([str(n) for n in range(_N_THEMES)], rng).rates
    n = np.array([rng.poisson(r[:_N_DAYS]) for r in rates.values()])
    themes, days = (np.repeat(x.ravel(), n.ravel()) for x in np.indices(n.shape))
    return _N_DAYS - 1 - days, themes


def _plant(
    rng: np.random.Generator, attributes: dict[str, NDArray[np.str_]], where: NDArray[np.bool_]
) -> tuple[str, str]:
    """Raise the share of a value among the messages `where` (m,); return attribute and value."""
    name = str(rng.choice(list(SEGMENTS)))
    rare = {value: share for value, share in SEGMENTS[name].items() if share * _TIMES[0] <= _MOST}
    value = str(rng.choice(list(rare)))
    share = min(rare[value] * rng.uniform(*_TIMES), _MOST)
    others = {v: s for v, s in SEGMENTS[name].items() if v != value}
    left = np.array(list(others.values()))
    drawn = rng.choice(list(others), int(where.sum()), p=left / left.sum())
    is_value = rng.random(len(drawn)) < share
    attributes[name][where] = np.where(is_value, value, drawn)
    return name, value
