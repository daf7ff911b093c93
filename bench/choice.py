"""Compare values for the constants of the kernel and the unlabelled pool, on training data alone.

Prints the accuracy of each value, to compare with the constants in `nlp/intents`. Of each set's
training data 2,000 texts are held out; a few examples and a pool of 3,000 texts are drawn from the
rest. The kernel's constants are compared by five folds on 5,000 examples.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bench.intent_sets import Labelled, Sets, draw, say
from nlp.intents import kernel, pool
from nlp.intents.folds import capped, folds_of
from nlp.intents.kernel import KernelRidge
from nlp.intents.training import examples_of

_N_DEVELOPMENT = 2_000
_N_POOL = 3_000
_N_COMPARED = 5_000
_KERNEL = {
    "_LEXICAL": (0.05, 0.15, 0.3),
    "_WIDTH": (2.0, 3.0, 5.0),
    "_RIDGE": (0.05, 0.1, 0.2),
    "_SHRINKAGE": (0.1, 0.3, 0.5),
}
_ROUNDS = ((0.3, 0.15, 0.1), (0.5, 0.3, 0.1), (0.1, 0.1, 0.1), (0.0, 0.0, 0.0))
_WEIGHTS = (0.1, 0.2, 0.4)
_N_SEEDS = 2


def main(data: Path) -> None:
    """Print both tables."""
    sets = Sets(data)
    say("## Constants, chosen on training data\n")
    _kernel(sets)
    _pool(sets)


def _kernel(sets: Sets) -> None:
    say("Kernel: accuracy by five folds on 5,000 training examples; the other constants as set.\n")
    say("| constant | value | Banking77 | HWU64 | mean |\n|---|---|---|---|---|")
    for name, values in _KERNEL.items():
        for value in values:
            with _set_to(kernel, name, value):
                figures = [_by_folds(sets, one) for one in (sets.bank, sets.home)]
            mark = " (set)" if value == getattr(kernel, name) else ""
            cells = " | ".join(f"{f:.4f}" for f in [*figures, float(np.mean(figures))])
            say(f"| `{name}` | {value}{mark} | {cells} |")


def _by_folds(sets: Sets, data: Labelled) -> float:
    _, given, named = examples_of(data.inputs, data.labels, sets.described(data.labels))
    given = given.take(capped(given.y, most=_N_COMPARED, seed=0))
    scores = KernelRidge().study(given + named).held_out(folds_of(given.y, seed=0))
    return float((scores[: len(given.y)].argmax(axis=1) == given.y).mean())


def _pool(sets: Sets) -> None:
    say("\nPool: accuracy on 2,000 texts held out of training data, 10 and 5 examples an intent")
    say(f"and {_N_POOL:,} unlabelled texts, mean of {_N_SEEDS} draws.\n")
    say("| left out in each round | weight | Banking77 10 | 5 | HWU64 10 | 5 | mean |")
    say("|---|---|---|---|---|---|---|")
    options = [(r, pool._WEIGHT) for r in _ROUNDS] + [(pool._LEFT_OUT, w) for w in _WEIGHTS]
    for rounds, weight in dict.fromkeys(options):
        with _set_to(pool, "_LEFT_OUT", rounds), _set_to(pool, "_WEIGHT", weight):
            figures = [_few(sets, s, n) for s in (sets.bank, sets.home) for n in (10, 5)]
        is_set = (rounds, weight) == (pool._LEFT_OUT, pool._WEIGHT)
        cells = " | ".join(f"{f:.4f}" for f in [*figures, float(np.mean(figures))])
        say(f"| {rounds}{' (set)' if is_set else ''} | {weight} | {cells} |")


def _few(sets: Sets, data: Labelled, n_each: int) -> float:
    """Return the mean accuracy on the held-out texts."""
    order = np.random.default_rng(0).permutation(len(data.labels))
    asked, rest = data.take(order[:_N_DEVELOPMENT]), data.take(order[_N_DEVELOPMENT:])
    figures = []
    for seed in range(_N_SEEDS):
        rng = np.random.default_rng(seed)
        rows = draw(rest.labels, n_each, rng)
        others = rng.permutation(np.setdiff1d(np.arange(len(rest.labels)), rows))[:_N_POOL]
        few = rest.take(rows)
        names, given, named = examples_of(few.inputs, few.labels, sets.described(few.labels))
        learnt = given + named
        scorer, _ = pool.learn_with_pool(
            KernelRidge().study(learnt).scorer(), learnt, rest.inputs.take(others)
        )
        guess = scorer.scores(asked.inputs).argmax(axis=1)
        right = [names[g] == t for g, t in zip(guess, asked.labels, strict=True)]
        figures.append(float(np.mean(right)))
    return float(np.mean(figures))


@contextmanager
def _set_to(module: object, name: str, value: object) -> Iterator[None]:
    """Set a constant to another value for the duration of a block."""
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)
