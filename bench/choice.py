"""Compare values for the numbers of `IntentConfig`, on training data only.

Prints the accuracy of each value, to compare with the defaults. 2,000 texts of each set's training
data are held out; a few examples and a pool of 3,000 texts are drawn from the rest. The kernel's
numbers are compared by five folds on 5,000 examples.
"""

from pathlib import Path

import numpy as np

from bench.intent_sets import Labelled, Sets, draw, say
from nlp.intents.config import DEFAULT, IntentConfig
from nlp.intents.folds import capped, folds_of
from nlp.intents.kernel import KernelRidge
from nlp.intents.pool import learn_with_pool
from nlp.intents.training import examples_of

_N_DEVELOPMENT = 2_000
_N_POOL = 3_000
_N_COMPARED = 5_000
_KERNEL = {
    "lexical": (0.05, 0.15, 0.3),
    "width": (2.0, 3.0, 5.0),
    "ridge": (0.05, 0.1, 0.2),
    "shrinkage": (0.1, 0.3, 0.5),
}
_POOL = {"pool_left_out": (0.0, 0.1, 0.3), "pool_weight": (0.1, 0.2, 0.4)}
_N_SEEDS = 2


def main(data: Path) -> None:
    """Print both tables."""
    sets = Sets(data)
    say("## Constants, chosen on training data\n")
    _kernel(sets)
    _pool(sets)


def _kernel(sets: Sets) -> None:
    say("Kernel: accuracy by five folds on 5,000 training examples; the other numbers as set.\n")
    say("| number | value | Banking77 | HWU64 | mean |\n|---|---|---|---|---|")
    for name, values in _KERNEL.items():
        for value in values:
            config = DEFAULT.model_copy(update={name: value})
            figures = [_by_folds(sets, one, config) for one in (sets.bank, sets.home)]
            say(_row(name, value, figures))


def _row(name: str, value: float, figures: list[float]) -> str:
    mark = " (set)" if value == getattr(DEFAULT, name) else ""
    cells = " | ".join(f"{f:.4f}" for f in [*figures, float(np.mean(figures))])
    return f"| `{name}` | {value}{mark} | {cells} |"


def _by_folds(sets: Sets, data: Labelled, config: IntentConfig) -> float:
    _, given, named = examples_of(data.inputs, data.labels, sets.described(data.labels))
    given = given.take(capped(given.y, most=_N_COMPARED, seed=0))
    scores = KernelRidge(config).study(given + named).held_out(folds_of(given.y, seed=0))
    return float((scores[: len(given.y)].argmax(axis=1) == given.y).mean())


def _pool(sets: Sets) -> None:
    say("\nPool: accuracy on 2,000 texts held out of training data, 10 and 5 examples an intent")
    say(f"and {_N_POOL:,} unlabelled texts, mean of {_N_SEEDS} draws.\n")
    say("| number | value | Banking77 10 | 5 | HWU64 10 | 5 | mean |")
    say("|---|---|---|---|---|---|---|")
    for name, values in _POOL.items():
        for value in values:
            config = DEFAULT.model_copy(update={name: value})
            figures = [_few(sets, s, n, config) for s in (sets.bank, sets.home) for n in (10, 5)]
            say(_row(name, value, figures))


def _few(sets: Sets, data: Labelled, n_each: int, config: IntentConfig) -> float:
    """Return the mean accuracy on the held-out texts."""
    order = np.random.default_rng(0).permutation(len(data.labels))
    requested, rest = data.take(order[:_N_DEVELOPMENT]), data.take(order[_N_DEVELOPMENT:])
    figures = []
    for seed in range(_N_SEEDS):
        rng = np.random.default_rng(seed)
        rows = draw(rest.labels, n_each, rng)
        others = rng.permutation(np.setdiff1d(np.arange(len(rest.labels)), rows))[:_N_POOL]
        few = rest.take(rows)
        names, given, named = examples_of(few.inputs, few.labels, sets.described(few.labels))
        learnt = given + named
        scorer, _ = learn_with_pool(
            KernelRidge(config).fit(learnt), learnt, rest.inputs.take(others)
        )
        guess = scorer.scores(requested.inputs).argmax(axis=1)
        right = [names[g] == t for g, t in zip(guess, requested.labels, strict=True)]
        figures.append(float(np.mean(right)))
    return float(np.mean(figures))
