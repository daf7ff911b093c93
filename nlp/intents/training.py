"""Train a model of intents: learn, calibrate, and tell the figures."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.errors import TrainingError
from nlp.intents.calibration import Calibration, HeldOut, calibrate
from nlp.intents.confidence import Confidence, Neighbours
from nlp.intents.config import DEFAULT, IntentConfig
from nlp.intents.data import Examples, Indices, Inputs, Scorer
from nlp.intents.figures import by_intent, metrics_of
from nlp.intents.folds import capped
from nlp.intents.kernel import KernelRidge
from nlp.intents.model import IntentModel
from nlp.intents.pool import helps, learn_with_pool

_MOST = 12_000
"""Most examples that a fit takes, each intent its share: the time grows with the cube."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A model with the figures measured during training."""

    model: IntentModel
    metrics: dict[str, float]
    """Held-out figures."""
    intents: dict[str, dict[str, float]]
    """Per intent: `n_examples`, `precision`, `recall`, `threshold`."""
    held_out: HeldOut


def train(
    inputs: Inputs,
    labels: Sequence[str],
    *,
    described: dict[str, Inputs],
    encoder: str,
    seed: int,
    precision: float = 0.95,
    pool: Inputs | None = None,
    config: IntentConfig = DEFAULT,
) -> Trained:
    """Learn from `inputs` and their `labels`.

    `described` holds the readable name and description of each intent as further examples of it;
    `pool` holds unlabelled messages, which are used when examples are few; `precision` is the
    share of answers that should be right. Raises TrainingError with fewer than two intents, or
    fewer than two examples of one.
    """
    started = time.perf_counter()
    names, given, named = examples_of(inputs, labels, described)
    given = given.take(capped(given.y, most=_MOST, seed=seed))
    examples = given + named
    study = KernelRidge(config).study(examples)
    known = calibrate(study, examples, n=len(given.y), seed=seed, precision=precision)
    scorer, n_pool = study.scorer(), 0
    if pool is not None and helps(given, pool, config):
        scorer, n_pool = learn_with_pool(scorer, examples, pool)
    recipe = [encoder, precision, seed, config.model_dump()]
    digest = _digest(inputs, labels, named, pool, recipe)
    version = f"{KernelRidge.name}-{digest}"
    model = _model(version, encoder, names, scorer, examples, known, strange=config.strange)
    metrics = metrics_of(known.held_out, known.thresholds)
    metrics |= {
        "n_examples": float(len(labels)),
        "n_intents": float(len(names)),
        "n_pool": float(n_pool),
        "seconds": time.perf_counter() - started,
    }
    return Trained(model, metrics, by_intent(known.held_out, model), known.held_out)


def examples_of(
    inputs: Inputs, labels: Sequence[str], described: dict[str, Inputs]
) -> tuple[list[str], Examples, Examples]:
    """Return the intents in order, the examples, and names and descriptions as examples.

    Raises TrainingError with too few examples.
    """
    names, y = np.unique(np.asarray(labels, dtype=object), return_inverse=True)
    _check(names, y)
    named = _named(described, names.tolist(), dimension=inputs.embeddings.shape[1])
    given = Examples(inputs, y, np.ones(len(y), np.float32), len(names))
    return [str(name) for name in names], given, named


def train_cold(described: dict[str, Inputs], *, encoder: str) -> Trained:
    """Learn from names and descriptions alone: similarity to them, with no calibration.

    Raises TrainingError with fewer than two intents.
    """
    names = sorted(described)
    if len(names) < 2:
        raise TrainingError(
            f"The taxonomy has {len(names)} intents and no example: at least 2 intents are needed"
        )
    dimension = described[names[0]].embeddings.shape[1]
    examples = _named(described, names, dimension=dimension)
    model = IntentModel(
        version=f"cold-{_digest(examples.inputs, names, examples, None, [encoder])}",
        encoder=encoder,
        intents=tuple(names),
        scorer=KernelRidge().fit(examples),
        neighbours=Neighbours.of(examples.inputs.embeddings, examples.y, len(names)),
        # Without examples nothing can be calibrated: a plain softmax, and every answer abstains.
        confidence=Confidence(0.1, np.array([1.0, 0, 0, 0]), 0.0, 1.0, 1.0, 0.0),
        thresholds=np.full(len(names), 1.01, np.float32),
        usual=1.0,
        is_cold=True,
    )
    metrics = {"n_examples": 0.0, "n_intents": float(len(names)), "cold_start": 1.0}
    nothing = np.zeros(0, dtype=np.intp)
    return Trained(model, metrics, {}, HeldOut(nothing, nothing, np.zeros(0), np.zeros(0)))


def _model(
    version: str,
    encoder: str,
    names: Sequence[str],
    scorer: Scorer,
    examples: Examples,
    known: Calibration,
    *,
    strange: float,
) -> IntentModel:
    rows = examples.inputs.embeddings.astype(np.float16).astype(np.float32)
    return IntentModel(
        version=version,
        encoder=encoder,
        intents=tuple(names),
        scorer=scorer,
        neighbours=Neighbours.of(rows, examples.y, len(names)),
        confidence=known.confidence,
        thresholds=known.thresholds,
        usual=known.usual,
        strange=strange,
    )


def _check(names: NDArray[np.object_], y: Indices) -> None:
    if not len(y):
        raise TrainingError(
            "There is no labelled example: at least 2 intents with 2 examples each are needed"
        )
    if len(names) < 2:
        raise TrainingError(f"All examples are of {str(names[0])!r}: at least 2 intents are needed")
    counts = np.bincount(y)
    if counts.min() < 2:
        lonely = ", ".join(repr(str(name)) for name in names[counts < 2][:5])
        raise TrainingError(
            f"One example is not enough: {lonely}. Label another, or deactivate the intent"
        )


def _named(described: dict[str, Inputs], names: list[str], *, dimension: int) -> Examples:
    have = [(i, described[name]) for i, name in enumerate(names) if name in described]
    texts = [text for _, one in have for text in one.texts]
    rows = [one.embeddings for _, one in have]
    stacked = np.concatenate(rows) if rows else np.zeros((0, dimension), np.float32)
    y = np.array([i for i, one in have for _ in one.texts], dtype=np.intp)
    return Examples(Inputs(texts, stacked), y, np.ones(len(y), np.float32), len(names))


def _digest(
    inputs: Inputs,
    labels: Sequence[str],
    named: Examples,
    pool: Inputs | None,
    recipe: Sequence[object],
) -> str:
    """Twelve hexadecimal digits of a hash over all training inputs and settings."""
    digest = hashlib.sha256(json.dumps([*recipe, list(labels)]).encode())
    for part in (inputs, named.inputs, pool):
        if part is not None:
            digest.update(json.dumps(list(part.texts)).encode())
            digest.update(np.ascontiguousarray(part.embeddings).tobytes())
    return digest.hexdigest()[:12]
