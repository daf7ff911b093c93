"""Learners that the product does not use, on the same folds as the kernel that it trains.

Logistic regression on the embedding and a linear support vector machine on embedding and words,
which earlier versions trained if they were better by cross-validation; a network with one hidden
layer on the embedding; and, if it is installed, LightGBM on the embedding (`pip install
lightgbm==4.7.0`; nothing else needs it).
"""

import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.intent_sets import Labelled, Sets, draw, say
from nlp.intents.data import Examples, Inputs, Refits, Study
from nlp.intents.folds import folds_of
from nlp.intents.kernel import KernelRidge
from nlp.intents.lexicon import Lexicon
from nlp.intents.training import examples_of
from nlp.records import Floats

_N_EACH = 10
_UNSEEN = -1e3


@dataclass(frozen=True)
class Head:
    """A learner made of one function; it can be measured but not stored."""

    name: str
    fit: Callable[[Examples], Any]

    def study(self, examples: Examples) -> Study:
        """Fit the examples."""
        return Refits(self.fit, examples)


@dataclass(frozen=True)
class Asked:
    """A fitted head, as a function."""

    scores: Callable[[Inputs], Floats]


def logistic(examples: Examples) -> Asked:
    """Multinomial logistic regression on the embedding."""
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(C=10.0, max_iter=1_000)
    # With two threads its many small products take 27 times as long as with one.
    with threadpool_limits(1, user_api="blas"):
        model.fit(examples.inputs.embeddings, examples.y)
    return Asked(lambda inputs: _spread(model, inputs.embeddings, examples.n_intents))


def svm(examples: Examples) -> Asked:
    """One-vs-rest, squared hinge loss, on embedding, words and character n-grams."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.svm import LinearSVC

    lexicon = Lexicon.of(examples.inputs.texts)

    def rows(inputs: Inputs) -> Any:
        dense = csr_matrix(inputs.embeddings * np.float32(2))
        return hstack([dense, lexicon.transform(inputs.texts)], format="csr")

    model = LinearSVC(C=0.5, random_state=0).fit(rows(examples.inputs), examples.y)
    return Asked(lambda inputs: _spread(model, rows(inputs), examples.n_intents))


def _spread(model: Any, rows: Any, n_intents: int) -> Floats:
    """Return scores (n, n_intents), even if only some intents were seen."""
    out = np.full((rows.shape[0], n_intents), _UNSEEN, dtype=np.float32)
    out[:, model.classes_] = model.decision_function(rows)
    return out


def network(examples: Examples) -> Asked:
    """512 hidden units, dropout, label smoothing, AdamW with one cycle of 60 epochs."""
    import torch
    from torch.nn import GELU, Dropout, Linear, Sequential
    from torch.nn.functional import cross_entropy

    torch.manual_seed(0)
    rows, y = torch.from_numpy(examples.inputs.embeddings), torch.from_numpy(examples.y)
    net = Sequential(
        Dropout(0.1), Linear(rows.shape[1], 512), GELU(), Dropout(0.3),
        Linear(512, examples.n_intents),
    )  # fmt: skip
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.02)
    n_steps = 60 * len(torch.arange(len(rows)).split(64))
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=n_steps)
    for _ in range(60):
        for part in torch.randperm(len(rows)).split(64):
            optimiser.zero_grad()
            cross_entropy(net(rows[part]), y[part], label_smoothing=0.1).backward()
            optimiser.step()
            cycle.step()
    net.eval()
    with torch.no_grad():
        return Asked(lambda inputs: net(torch.from_numpy(inputs.embeddings)).detach().numpy())


def trees(examples: Examples) -> Asked:
    """LightGBM, 60 rounds of trees with 7 leaves on a third of the dimensions each."""
    from lightgbm import LGBMClassifier

    seen, y = np.unique(examples.y, return_inverse=True)
    model = LGBMClassifier(
        n_estimators=60, num_leaves=7, min_child_samples=3, colsample_bytree=0.3, max_bin=63,
        n_jobs=1, verbosity=-1, random_state=0,
    ).fit(examples.inputs.embeddings, y)  # fmt: skip

    def scores(inputs: Inputs) -> Floats:
        out = np.full((len(inputs.texts), examples.n_intents), _UNSEEN, dtype=np.float32)
        out[:, seen] = model.booster_.predict(inputs.embeddings, raw_score=True)
        return out

    return Asked(scores)


def main(data: Path) -> None:
    """Print accuracy and cost of the product's learner and of these."""
    sets = Sets(data)
    heads = [Head("logistic", logistic), Head("svm", svm), Head("network", network)]
    if importlib.util.find_spec("lightgbm"):
        heads.append(Head("LightGBM", trees))
    say("## Learners that are left out\n")
    say(f"Five folds on {_N_EACH} training examples an intent, the folds the same for all.\n")
    say("| set | learner | accuracy | processor seconds |\n|---|---|---|---|")
    for name, one in (("Banking77", sets.bank), ("HWU64", sets.home)):
        for head in (KernelRidge(), *heads):
            accuracy, seconds = _compared(sets, one, head)
            say(f"| {name} | {head.name} | {accuracy:.4f} | {seconds:.1f} |")


def _compared(sets: Sets, data: Labelled, head: Head | KernelRidge) -> tuple[float, float]:
    few = data.take(draw(data.labels, _N_EACH, np.random.default_rng(0)))
    _, given, named = examples_of(few.inputs, few.labels, sets.described(few.labels))
    started = time.process_time()
    scores = head.study(given + named).held_out(folds_of(given.y, seed=0))[: len(given.y)]
    seconds = time.process_time() - started
    return float((scores.argmax(axis=1) == given.y).mean()), seconds
